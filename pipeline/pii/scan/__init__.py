"""One pass over the bytes of all texts, before any regex: which lines may hold what."""
