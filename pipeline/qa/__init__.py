"""Question-answer pairs from documents: every answer is a span of the document's final text."""
