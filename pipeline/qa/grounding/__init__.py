"""Whether a passage says what a pair claims: deterministic checks, each with a score, 0 to 1."""
