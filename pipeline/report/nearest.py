"""The documents nearest a filter's bounds, on either side: where a bound is right or wrong shows.

Each rule gives its nearest in turn, and within a rule each language and source, so that no rule,
language or source fills the page. Ties are broken by doc_id, which is a hash.
"""

from collections.abc import Sequence

import polars as pl

from taojin.pipeline.report.bounds import Applied, Reason

COLUMNS = {"doc_id": pl.String, "source_name": pl.String, "near": pl.String}


def nearly_dropped(values: pl.DataFrame, applied: Applied, rules: Sequence[Reason]) -> pl.DataFrame:
    """COLUMNS of kept documents, in turns, each with the rule whose bound it is nearest to.

    `values` has doc_id, source (name and kind), lang, fate and the struct columns of the rules.
    A document at its bound is nearest, but not where the bound is the end of what was measured:
    then all that are kept may lie there.
    """
    return _in_turns(
        [
            values.filter(pl.col("fate") == "kept", ~_at_the_end(values, applied, rule))
            .with_columns(margin=_margin(applied, rule), near=pl.lit(str(rule)))
            .drop_nulls("margin")
            for rule in rules
        ]
    )


def nearly_kept(values: pl.DataFrame, applied: Applied, rules: Sequence[Reason]) -> pl.DataFrame:
    """COLUMNS of dropped documents that a rule caught, in turns, each with that rule."""
    dropped = values.filter(pl.col("fate") == "dropped")
    return _in_turns(
        [
            dropped.filter(pl.col("drop_reasons").list.contains(str(rule))).with_columns(
                margin=_margin(applied, rule).fill_null(float("inf")), near=pl.lit(str(rule))
            )
            for rule in rules
        ]
    )


def _in_turns(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Each document once, where it comes first: each rule's nearest, then each rule's second ...

    Within a rule: the nearest of each language and source, then their second ...
    """
    if not frames:
        return pl.DataFrame(schema=COLUMNS)
    columns = ("doc_id", pl.col("source").struct.field("name").alias("source_name"), "lang")
    every = pl.concat([frame.select(*columns, "near", "margin") for frame in frames])
    placed = (
        every.sort("margin", "doc_id")
        .with_columns(place=pl.int_range(pl.len()).over("near", "lang", "source_name"))
        .sort("place", "margin", "doc_id")
        .with_columns(turn=pl.int_range(pl.len()).over("near"))
        .sort("turn", "margin", "near", "doc_id")
    )
    return placed.unique("doc_id", keep="first", maintain_order=True).select(*COLUMNS)


def _at_the_end(values: pl.DataFrame, applied: Applied, rule: Reason) -> pl.Expr:
    """Whether a value lies at its bound and no document lies beyond on the side that is kept."""
    value = _value(rule)
    seen = values.select(least=value.min(), most=value.max()).row(0, named=True)
    end = seen["most"] if rule.side == "min" else seen["least"]
    return (value == applied.limit(rule)).fill_null(value=False) & (value == pl.lit(end))


def _margin(applied: Applied, rule: Reason) -> pl.Expr:
    """The distance to the bound as a share of the larger of the two; null without a bound."""
    value, bound = _value(rule), applied.limit(rule)
    larger = pl.max_horizontal(value.abs(), bound.abs())
    return pl.when(value == bound).then(0.0).otherwise((value - bound).abs() / larger)


def _value(rule: Reason) -> pl.Expr:
    return pl.col(rule.filter).struct.field(rule.metric).cast(pl.Float64)
