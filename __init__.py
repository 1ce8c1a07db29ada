"""Taojin 淘金: raw web crawl and documents, Chinese and English, made into a training corpus."""

__version__ = "0.1.0"
