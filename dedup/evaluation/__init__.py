"""Items of evaluation sets: where they stand in documents, and what is cut."""
