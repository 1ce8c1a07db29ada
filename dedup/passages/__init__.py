"""Lines, sentences and long spans that many documents hold, kept in one of them."""
