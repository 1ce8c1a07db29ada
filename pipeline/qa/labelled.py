"""Documents that are rows of labelled tables: they are put into words, and not asked about."""

import polars as pl

from taojin.core import schema


def is_row() -> pl.Expr:
    """Whether a document is a row: no conversation has a message of such a role but `system`."""
    roles = set(schema.LABELLED) - {"system"}
    first = pl.col("conversation").list.first().struct.field("role")
    return first.is_in(sorted(roles)).fill_null(value=False)
