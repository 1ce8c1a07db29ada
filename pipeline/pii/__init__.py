"""Personal data: found, and replaced by typed placeholders before anything is written."""
