"""Filters: metrics over documents, and the bounds that are applied to stored metrics."""
