"""Whole documents: keys, candidates, clusters, and which copy is kept."""
