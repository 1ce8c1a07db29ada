"""Which documents a classifier is trained on: each text once, languages and sources alike.

What is chosen depends on the documents alone, never on their order: content hashes decide.
"""

from collections.abc import Sequence

import polars as pl

from taojin.core.schema import Schema

EXAMPLE: Schema = {
    "content_hash": pl.String,
    "text": pl.String,
    "positive": pl.Boolean,
    "source": pl.String,
    "lang": pl.String,
}
"""One labelled document."""

TIMES_SMALLER = 2
"""The larger class is thinned to this many times the smaller, so that a score is not its size."""
_CELL = ("source", "lang")


def choose(examples: pl.DataFrame, most: int) -> pl.DataFrame:
    """The rows to train on, at most `most` of each class, sorted by content hash.

    Needs content_hash, positive, source and lang; other columns pass through. A text that is found
    in both classes is no negative example; one that is found twice counts for the source and
    language that come first.
    """
    unique = examples.sort("content_hash", *_CELL).unique(
        ["content_hash", "positive"], keep="first", maintain_order=True
    )
    good = unique.filter("positive")
    bad = unique.filter(~pl.col("positive")).join(good, on="content_hash", how="anti")
    most = min(most, TIMES_SMALLER * min(good.height, bad.height))
    chosen = pl.concat([balanced(good, most), balanced(bad, most)])
    return chosen.sort("content_hash")


def balanced(examples: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most `most` rows: of every source and language as many, as far as there are.

    Of each the smallest content hashes.
    """
    cells = examples.group_by(_CELL).len().sort(_CELL)
    quotas = cells.with_columns(
        pl.Series("quota", shares(cells["len"].to_list(), most), dtype=pl.Int64)
    )
    place = pl.int_range(pl.len()).over(_CELL).alias("place")
    ranked = examples.sort("content_hash").with_columns(place)
    kept = ranked.join(quotas.drop("len"), on=_CELL, how="left", maintain_order="left")
    return kept.filter(pl.col("place") < pl.col("quota")).drop("place", "quota")


def shares(sizes: Sequence[int], most: int) -> list[int]:
    """How many of each size to take so that they are `most` in all: equal, up to what is there.

    What a small one leaves goes to the larger ones; what cannot be split, to the first.
    """
    taken = [0] * len(sizes)
    open_, left = list(range(len(sizes))), most
    while open_:
        each, rest = divmod(left, len(open_))
        small = [place for place in open_ if sizes[place] <= each]
        if not small:
            for order, place in enumerate(open_):
                taken[place] = each + (order < rest)
            break
        for place in small:
            taken[place] = sizes[place]
            left -= sizes[place]
        open_ = [place for place in open_ if place not in small]
    return taken
