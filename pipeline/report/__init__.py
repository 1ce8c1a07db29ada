"""The report a data engineer reads: one self-contained page and the numbers it is drawn from."""
