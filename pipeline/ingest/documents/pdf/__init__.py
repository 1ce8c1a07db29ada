"""PDF: the text of pages with its structure, from characters and their places."""
