"""The batch job: recipe in, curated dataset, ledger and report out."""
