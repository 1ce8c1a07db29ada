"""LaTeX: passes over the text that are linear in it, without TeX and without files it names."""
