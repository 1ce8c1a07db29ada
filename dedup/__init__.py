"""Deduplication and decontamination: keys measured per document, decided over all."""
