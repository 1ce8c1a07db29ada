"""Files of which every row is a record."""
