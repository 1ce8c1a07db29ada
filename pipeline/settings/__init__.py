"""The tables of a recipe: their keys, what they default to, and what is refused."""
