"""HTML as a tree, its blocks, and blocks as Markdown: what pages of the web and of books share."""
