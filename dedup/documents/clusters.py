"""Which documents are removed as duplicates, and of which kept one.

Documents of one URL, then those of one text, then those that share a band key and are verified. In
the order of the keep rule, each document is compared with the kept ones that share a key with it,
and is removed only if it is itself similar to one that stays. A chain of versions A ~ B ~ C
therefore never loses C to an A that it does not resemble, as connected components alone would.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from taojin.core import schema
from taojin.core.arrow import list_buffers
from taojin.core.schema import Schema
from taojin.dedup.documents import verify_kernels
from taojin.dedup.documents.keep import RANKED, earlier_key, keep_order, why

MOST_CANDIDATES = 64
"""Kept documents that one document is verified against: those sharing most bands."""
MOST_HOLDERS = 4_096
"""Kept documents that are found by one band key: the first in the order of the keep rule."""
KINDS = ("url", "exact", "near")
"""In the order in which duplicates are looked for, each among what the one before has left."""

CANDIDATE: Schema = {
    **RANKED,
    "bands": pl.List(pl.UInt64),
    "evidence": pl.List(pl.UInt32),
}
"""What is verified: `evidence` is the shingles, or the signature where an estimate is enough."""


@dataclass(frozen=True)
class Verified:
    """Clusters of kind `near`, and how many documents had more candidates than are looked at."""

    clusters: pl.DataFrame
    capped: int


def exact_duplicates(rows: pl.DataFrame, rule: Sequence[str]) -> pl.DataFrame:
    """Clusters of kind `exact` among rows of (exact_key, RANKED)."""
    return _of_one_key(rows, "exact_key", rule, "exact", 1.0)


def url_duplicates(rows: pl.DataFrame, rule: Sequence[str]) -> pl.DataFrame:
    """Clusters of kind `url` among rows of (url_key, RANKED); their texts are not compared."""
    return _of_one_key(rows, "url_key", rule, "url", None)


def _of_one_key(
    rows: pl.DataFrame, key: str, rule: Sequence[str], kind: str, jaccard: float | None
) -> pl.DataFrame:
    """The first of each key in the order of the rule stands for the others."""
    shared = rows.filter(pl.len().over(key) > 1)
    ordered = keep_order(shared, rule)
    pairs = ordered.select("doc_id", "against", pl.col("doc_id").first().over(key).alias("kept_id"))
    members = pairs.filter(~pl.col("against")).with_columns(
        pl.lit(jaccard, pl.Float64).alias("jaccard")
    )
    return _clusters(members, shared, rule, kind)


def near_duplicates(
    candidates: pl.DataFrame, rule: Sequence[str], threshold: float, *, estimate: bool = False
) -> Verified:
    """Every removed one of the candidates with the kept one that it is most similar to.

    Whatever shares a band key must be among the candidates (CANDIDATE), such as whole components.
    """
    rows = candidates.select(*RANKED, pl.int_range(pl.len()).alias("row"))
    order = keep_order(rows, rule)["row"].to_numpy()
    kept, similarity, capped = verify_kernels.greedy(
        order,
        int(rows["against"].sum()),
        *list_buffers(candidates["bands"]),
        *list_buffers(candidates["evidence"]),
        threshold,
        estimate,
        MOST_CANDIDATES,
        MOST_HOLDERS,
    )
    found = np.flatnonzero(kept >= 0)
    ids = rows["doc_id"]
    removed = pl.DataFrame(
        {
            "doc_id": ids.gather(found),
            "kept_id": ids.gather(kept[found]),
            "jaccard": similarity[found],
        }
    )
    own = rows.filter(~pl.col("against")).select(kept_id="doc_id")
    survivors = removed.select("kept_id").unique().join(own, on="kept_id", how="semi")
    stars = survivors.select(pl.col("kept_id").alias("doc_id"), "kept_id", jaccard=1.0)
    members = pl.concat([removed, stars])
    return Verified(_clusters(members, rows, rule, "near"), int(np.count_nonzero(capped)))


def removed(clusters: pl.DataFrame) -> pl.DataFrame:
    """The doc_ids of the documents that a kept one stands for."""
    return clusters.filter(_is_removed()).select("doc_id")


def follow(tables: Sequence[pl.DataFrame], rule: Sequence[str]) -> pl.DataFrame:
    """The clusters of all kinds, given in their order, with every `kept_id` one that is kept.

    The survivor of one kind may itself fall to another: then its copies stand for that one. Exact
    copies resemble it as much as it does.
    """
    followed: list[pl.DataFrame] = []
    fallen = schema.empty(schema.CLUSTER)
    for table in reversed(tables):
        followed.insert(0, _followed(table, fallen, rule))
        fallen = pl.concat([fallen, followed[0].filter(_is_removed())]).unique(
            "doc_id", keep="first", maintain_order=True
        )
    return pl.concat([schema.empty(schema.CLUSTER), *followed])


def _followed(clusters: pl.DataFrame, fallen: pl.DataFrame, rule: Sequence[str]) -> pl.DataFrame:
    later = fallen.select(
        pl.col("doc_id").alias("kept_id"),
        pl.col("kept_id").alias("kept_instead"),
        pl.col("jaccard").alias("resemblance"),
        pl.col("why").alias("why_instead"),
    )
    joined = clusters.join(later, on="kept_id", how="left", maintain_order="left")
    exact = pl.col("kind") == "exact"
    return joined.with_columns(
        pl.coalesce("kept_instead", "kept_id").alias("kept_id"),
        pl.when(exact)
        .then(pl.coalesce("resemblance", "jaccard"))
        .otherwise("jaccard")
        .alias("jaccard"),
        pl.when(pl.col("kind") == "url")  # by a rule of its own
        .then("why")
        .otherwise(earlier_key(pl.col("why"), pl.col("why_instead"), rule))
        .alias("why"),
    ).select(*schema.CLUSTER)


def placed(clusters: pl.DataFrame, places: Sequence[str]) -> pl.DataFrame:
    """The clusters with `kept_in` where the kept one is none of this run's.

    The doc_id of such a one begins with the number of its place (`foreign`); it is taken off.
    """
    split = pl.col("kept_id").str.extract_groups(r"^(?:(\d+)/)?(.*)$").struct
    names = {str(number): place for number, place in enumerate(places)}
    place = split.field("1").replace_strict(names, default=None, return_dtype=pl.String)
    cluster = pl.col("cluster_id").str.replace(r"^\d+/", "")
    return clusters.with_columns(
        split.field("2").alias("kept_id"), place.alias("kept_in"), cluster.alias("cluster_id")
    )


def foreign(doc_ids: pl.Expr, place: int) -> pl.Expr:
    """The ids of documents of another run, which may be those of this run's, told apart."""
    return pl.lit(f"{place}/") + doc_ids


def _is_removed() -> pl.Expr:
    return (pl.col("doc_id") != pl.col("kept_id")) | pl.col("kept_in").is_not_null()


def _clusters(
    members: pl.DataFrame, rank: pl.DataFrame, rule: Sequence[str], kind: str
) -> pl.DataFrame:
    """`schema.CLUSTER` rows; a cluster is named after the document that it keeps."""
    return (
        members.select(
            pl.lit(kind).alias("kind"),
            pl.col("kept_id").alias("cluster_id"),
            "doc_id",
            "kept_id",
            pl.col("jaccard").cast(pl.Float32),
            why(members, rank.select(*RANKED), rule),
            pl.lit(None, pl.String).alias("kept_in"),
        )
        .cast(pl.Schema(schema.CLUSTER))
        .sort("cluster_id", "doc_id")
    )
