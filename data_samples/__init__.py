"""The demo corpus: small, written for this project, with the expected fate of every record."""
