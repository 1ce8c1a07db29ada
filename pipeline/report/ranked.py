"""A table by one key or a few: the rows with most of their own, the rest added up."""

from collections.abc import Sequence
from typing import Any

import polars as pl

ROWS = 12


def ranked(
    table: pl.LazyFrame, keys: Sequence[str], count: str, *measures: pl.Expr, most: int = ROWS
) -> dict[str, Any]:
    """`rows` of the table by `keys` with their number as `count` and the measures, most first.

    `others` is one row of all that stand behind the first `most`, with how many `rows` they would
    have been; None if there are none. A missing key is the empty string.
    """
    named = table.with_columns(pl.col(keys).fill_null(""))
    order = [pl.col(count).neg(), *map(pl.col, keys)]
    counted = named.group_by(keys).agg(_rows().alias(count)).collect(engine="streaming").sort(order)
    shown = most if counted.height > most + 1 else counted.height  # one alone is shown, not summed
    first = counted[:shown].select(*keys, is_shown=True).lazy()
    measured = (
        named.join(first, on=keys, how="left")
        .with_columns(pl.when("is_shown").then(pl.col(key)).alias(key) for key in keys)
        .group_by(keys)
        .agg(_rows().alias(count), *measures)
        .collect(engine="streaming")
        .sort(order)
    )
    is_other = pl.col(keys[0]).is_null()
    rest = measured.filter(is_other).drop(keys).with_columns(rows=counted.height - shown)
    return {
        "rows": measured.filter(~is_other).to_dicts(),
        "others": rest.row(0, named=True) if rest.height else None,
    }


def summed(table: pl.LazyFrame, count: str, *measures: pl.Expr) -> dict[str, Any]:
    """The number of rows as `count` and the measures of the whole table."""
    whole = table.select(_rows().alias(count), *measures)
    return whole.collect(engine="streaming").row(0, named=True)


def documents() -> pl.Expr:
    """How many documents the rows are of."""
    return pl.col("doc_id").n_unique().cast(pl.Int64).alias("documents")


def mean(column: str) -> pl.Expr:
    """The mean to six decimals, so that the order of adding does not show; null of nothing."""
    return pl.col(column).cast(pl.Float64).mean().round(6).alias(f"mean_{column}")


def _rows() -> pl.Expr:
    return pl.len().cast(pl.Int64)
