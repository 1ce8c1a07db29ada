"""The keep rule: which of several copies stays, and why.

Documents of an earlier run or another data set (`against`) come before all others, whatever the
rule says: they are not this run's to remove. Among the others one that holds something of an
evaluation set comes last.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from taojin.core.schema import Schema

RANK: Schema = {
    "doc_id": pl.String,
    "contaminated": pl.Boolean,
    "priority": pl.Int64,
    "quality": pl.Float64,
    "length": pl.Int64,
    "date": pl.Int64,
}
"""What the keep rule orders by: first what holds nothing of an evaluation set, then smaller
priority, higher quality, greater length, later date (`seconds`), smaller doc_id."""

RANKED: Schema = {**RANK, "against": pl.Boolean}
"""RANK, and whether the document is one of an earlier run or another data set."""

_DESCENDING = {
    "against": True,
    "contaminated": False,
    "priority": False,
    "quality": True,
    "length": True,
    "date": True,
    "doc_id": False,
}
_ALWAYS = ("against", "contaminated")
KEEP_RULES = tuple(name for name in _DESCENDING if name not in _ALWAYS)


def keep_order(rank: pl.DataFrame, rule: Sequence[str]) -> pl.DataFrame:
    """Rows of RANKED in the order in which the keep rule prefers them; doc_id breaks ties."""
    columns = _keys(rule)
    return rank.sort(columns, descending=[_DESCENDING[name] for name in columns])


def why(pairs: pl.DataFrame, rank: pl.DataFrame, rule: Sequence[str]) -> pl.Series:
    """String: of each pair (doc_id, kept_id) the first key in which the kept one is better.

    Null where the two are the same document.
    """
    own = pairs.select("doc_id").join(rank, on="doc_id", how="left", maintain_order="left")
    kept = pairs.select(pl.col("kept_id").alias("doc_id"))
    theirs = kept.join(rank, on="doc_id", how="left", maintain_order="left")
    both = pl.concat([own, theirs.select(pl.all().name.suffix("_kept"))], how="horizontal")
    keys = [
        pl.when(pl.col(name).ne_missing(pl.col(f"{name}_kept"))).then(pl.lit(name))
        for name in _keys(rule)
    ]
    return both.select(pl.coalesce(keys).alias("why")).to_series()


def earlier_key(one: pl.Expr, other: pl.Expr, rule: Sequence[str]) -> pl.Expr:
    """Of two answers of `why` the one that comes first in the rule; nulls last.

    If B is better than A in the key i first, and C than B in the key j, C is better than A in the
    earlier of the two, and not worse before.
    """
    place: Mapping[str, int] = {name: at for at, name in enumerate(_keys(rule))}
    places = [
        name.replace_strict(place, default=None, return_dtype=pl.Int32) for name in (one, other)
    ]
    names = {at: name for name, at in place.items()}
    return pl.min_horizontal(places).replace_strict(names, default=None, return_dtype=pl.String)


def _keys(rule: Sequence[str]) -> list[str]:
    return [*_ALWAYS, *(name for name in rule if name != "doc_id"), "doc_id"]
