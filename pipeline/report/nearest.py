"""The documents nearest a filter's bounds, on either side: where a bound is right or wrong shows.

Each rule gives its nearest in turn, the more often the more it caught, and within a rule each
language and source, so that no language or source fills the page. Where many documents lie at the
far end of what was measured, none of them is nearer than another, and none is shown. Ties are
broken by doc_id, which is a hash.
"""

from collections.abc import Sequence

import polars as pl

from taojin.pipeline.report.bounds import Applied, Reason

COLUMNS = {"doc_id": pl.String, "source_name": pl.String, "near": pl.String}


def nearly_dropped(values: pl.DataFrame, applied: Applied, rules: Sequence[Reason]) -> pl.DataFrame:
    """COLUMNS of kept documents, in turns, each with the rule whose bound it is nearest to.

    `values` has doc_id, source (name and kind), lang, fate and the struct columns of the rules.
    A document at its bound is nearest.
    """
    kept = values.filter(pl.col("fate") == "kept")
    return _in_turns(
        [
            kept.filter(~_at_the_end(kept, applied, rule))
            .with_columns(margin=_margin(applied, rule), near=pl.lit(str(rule)))
            .filter(pl.col("margin") < 1)
            for rule in rules
        ],
        _caught(values),
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
        ],
        _caught(values),
    )


def _caught(values: pl.DataFrame) -> pl.DataFrame:
    """Per rule (`near`) the documents that it caught."""
    rules = values.select(near=pl.col("drop_reasons").explode().drop_nulls())
    return rules.group_by("near").agg(caught=pl.len().cast(pl.Int64))


def _in_turns(frames: list[pl.DataFrame], caught: pl.DataFrame) -> pl.DataFrame:
    """Each document once, where it comes first: each rule's nearest, then those of the n-th turn
    by (n + 1/2) / caught, so that rules share in proportion to what they caught (Sainte-Lague).

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
        .join(caught, on="near", how="left")
        .with_columns(due=(pl.col("turn") + 0.5) / pl.col("caught").fill_null(1))
        .sort(pl.col("turn") > 0, "due", "margin", "near", "doc_id")
    )
    return placed.unique("doc_id", keep="first", maintain_order=True).select(*COLUMNS)


def _at_the_end(kept: pl.DataFrame, applied: Applied, rule: Reason) -> pl.Expr:
    """Whether a value lies at the end farthest from its bound, where others lie too.

    A bound may be that end itself: 1 for a language that is allowed, and so for all that are kept.
    """
    value = _value(rule)
    end = kept.select(value.max() if rule.side == "min" else value.min()).item()
    heap = kept.filter(value == pl.lit(end)).height > 1
    at_bound = (value == applied.limit(rule)).fill_null(value=False)
    return (value == pl.lit(end)).fill_null(value=False) & (at_bound | pl.lit(heap))


def _margin(applied: Applied, rule: Reason) -> pl.Expr:
    """The distance to the bound as a share of the larger of the two; null without a bound."""
    value, bound = _value(rule), applied.limit(rule)
    larger = pl.max_horizontal(value.abs(), bound.abs())
    return pl.when(value == bound).then(0.0).otherwise((value - bound).abs() / larger)


def _value(rule: Reason) -> pl.Expr:
    return pl.col(rule.filter).struct.field(rule.metric).cast(pl.Float64)
