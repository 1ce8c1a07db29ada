"""The web: archives of pages, what was sent over HTTP, and the main content of a page."""
