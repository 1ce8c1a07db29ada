"""Pairs without a model and without a network: every answer is a span of the final text."""
