"""Files that hold one document each: a reader for each format."""
