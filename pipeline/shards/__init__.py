"""Documents to packed datasets that open with `datasets.load_from_disk`."""
