"""Personal data of every country, and of English-speaking ones."""
