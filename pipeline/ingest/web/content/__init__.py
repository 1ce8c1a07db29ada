"""The main content of a page: its blocks, what is known of them, and a model that judges them."""
