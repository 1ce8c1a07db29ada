"""How often each source is read: weights to epochs, epochs to copies of each document.

A weight multiplies a source: 1 is its natural size, 3 asks for three times its tokens, 0.25 for a
quarter of its documents. So epochs = weight, but at most `max_epochs`: up to about four epochs are
worth as much as new text, later ones fade (Muennighoff et al. 2023, "Scaling Data-Constrained
Language Models"). What the limit takes away is shown as `shortfall_tokens`.
"""

import math
from collections.abc import Mapping

import polars as pl

from taojin.core.errors import UserError, unknown
from taojin.pipeline.shards.keys import uniform

MAX_EPOCHS = 4.0


def plan_mix(
    sources: pl.DataFrame, weights: Mapping[str, float], max_epochs: float = MAX_EPOCHS
) -> pl.DataFrame:
    """One row per source (source, documents, tokens: before repetition), in the given order, with

    weight, asked_share (weight * tokens over their sum), epochs, expected_tokens, achieved_share,
    shortfall_tokens (asked but beyond max_epochs). A source without a weight has weight 1; shares
    are 0 where nothing is asked of any source. UserError for a weight of a source that does not
    exist, or below 0 or not finite.
    """
    _check_weights(sources["source"].to_list(), weights)
    asked = pl.col("weight") * pl.col("tokens")
    return (
        sources.select("source", "documents", "tokens")
        .with_columns(weight=_weight_column(sources["source"], weights))
        .with_columns(
            asked_share=_share(asked), epochs=pl.col("weight").clip(upper_bound=max_epochs)
        )
        .with_columns(expected_tokens=pl.col("epochs") * pl.col("tokens"))
        .with_columns(
            achieved_share=_share(pl.col("expected_tokens")),
            shortfall_tokens=asked - pl.col("expected_tokens"),
        )
    )


def _weight_column(sources: pl.Series, weights: Mapping[str, float]) -> pl.Series:
    values = [float(weights.get(source, 1.0)) for source in sources]
    return pl.Series("weight", values, pl.Float64)


def _share(tokens: pl.Expr) -> pl.Expr:
    return pl.when(tokens.sum() > 0).then(tokens / tokens.sum()).otherwise(0.0)


def _check_weights(known: list[str], weights: Mapping[str, float]) -> None:
    for source, weight in weights.items():
        if source not in known:
            raise unknown("mix", "source", source, known)
        if not math.isfinite(weight) or weight < 0:
            raise UserError(
                f"sources.{source}.weight: {weight} is not allowed; give 0 or more, 1 is the "
                "source's natural size"
            )


def copies(documents: pl.DataFrame, epochs: Mapping[str, float], seed: int) -> pl.Series:
    """int64 `copies`: how often each document (content_hash, source: its name) is written.

    floor(epochs) of its source, and one more for the share of documents that the fraction asks for,
    drawn by content hash: the same in every process, order and partition. Raising the epochs never
    takes a copy away. KeyError for a source without epochs.
    """
    if documents.is_empty():  # replace_strict has no type without a value
        return pl.Series("copies", [], pl.Int64)
    names = documents["source"].unique()
    each = [float(epochs[name]) for name in names]
    wanted = documents["source"].replace_strict(names, each, return_dtype=pl.Float64)
    drawn = uniform(documents["content_hash"], "copies", seed) < wanted - wanted.floor()
    return (wanted.floor().cast(pl.Int64) + drawn.cast(pl.Int64)).alias("copies")
