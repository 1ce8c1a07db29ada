"""reStructuredText: a pass over the lines, which is linear in them whatever they hold."""
