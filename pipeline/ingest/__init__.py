"""Readers: files of every format to entries."""
