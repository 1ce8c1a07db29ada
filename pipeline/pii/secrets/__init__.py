"""Secrets: what opens a door, such as keys, tokens and passwords."""
