"""Which documents are removed as duplicates, and of which kept one.

Documents that share a band key are candidates. Star edges (the first of a group to each other one,
never all pairs) join them into components; within one, in the order of the keep rule, each document
is verified against the kept ones that share a band with it and is removed only if it is itself
similar to one that stays. A chain of versions A ~ B ~ C therefore never loses C to an A that it
does not resemble, as connected components alone would.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core import schema
from taojin.core.schema import Schema
from taojin.dedup.kernels import jaccard

MOST_CANDIDATES = 64
"""Kept documents that one document is verified against: those sharing most bands."""

RANK: Schema = {
    "doc_id": pl.String,
    "priority": pl.Int64,
    "quality": pl.Float64,
    "length": pl.Int64,
    "contaminated": pl.Boolean,
}
"""The keep rule's order: first what holds nothing of an evaluation set, then smaller priority,
higher quality, greater length, smaller doc_id."""

_DESCENDING = {"priority": False, "quality": True, "length": True, "doc_id": False}
KEEP_RULES = tuple(_DESCENDING)


def keep_order(rank: pl.DataFrame, rule: Sequence[str]) -> pl.DataFrame:
    """The documents in the order in which the keep rule prefers them; doc_id breaks ties.

    Whatever the rule, a document that holds something of an evaluation set comes last.
    """
    columns = [*(name for name in rule if name != "doc_id"), "doc_id"]
    descending = [False, *(_DESCENDING[name] for name in columns)]
    return rank.sort("contaminated", *columns, descending=descending)


def exact_duplicates(rows: pl.DataFrame, rule: Sequence[str]) -> pl.DataFrame:
    """Clusters of kind `exact` among rows of (exact_key, RANK); the kept document is a member."""
    ordered = keep_order(rows, rule)
    kept = pl.col("doc_id").first().over("exact_key")
    members = ordered.filter(pl.len().over("exact_key") > 1)
    return _clusters(members.select("doc_id", kept.alias("kept_id"), jaccard=1.0), "exact")


def shared_bands(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of (key, doc_id) whose key more than one document has."""
    return rows.filter(pl.len().over("key") > 1)


def components(shared: pl.DataFrame) -> list[list[str]]:
    """The doc_ids of each connected component of documents that share keys, sorted."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ids = shared["doc_id"].unique().sort()
    if ids.is_empty():
        return []
    stars = shared.select("doc_id", pl.col("doc_id").min().over("key").alias("first")).unique()
    ends = [ids.search_sorted(stars[name]).to_numpy() for name in ("first", "doc_id")]
    edges = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(len(ids), len(ids)))
    labels = connected_components(edges, directed=False)[1]
    grouped = pl.DataFrame({"label": labels, "doc_id": ids}).group_by("label", maintain_order=True)
    return sorted(members.sort().to_list() for members in grouped.agg("doc_id")["doc_id"])


@dataclass
class _Kept:
    """The documents of a component that stay, found by the band keys that they have."""

    by_key: dict[int, list[str]] = field(default_factory=dict)

    def candidates(self, keys: Sequence[int], order: Mapping[str, int]) -> list[str]:
        shared = Counter(kept for key in keys for kept in self.by_key.get(key, ()))
        ranked = sorted(shared, key=lambda kept: (-shared[kept], order[kept]))
        return ranked[:MOST_CANDIDATES]

    def add(self, doc_id: str, keys: Sequence[int]) -> None:
        for key in keys:
            self.by_key.setdefault(key, []).append(doc_id)


def near_duplicates(
    shared: pl.DataFrame,
    rank: pl.DataFrame,
    shingles: Mapping[str, NDArray[np.uint32]],
    rule: Sequence[str],
    threshold: float,
) -> pl.DataFrame:
    """Clusters of kind `near`: every removed document with the kept one it is most similar to.

    `shared` has (key, doc_id) of the documents that share a key with another (`shared_bands`),
    `rank` RANK and `shingles` the stored shingle hashes of each of them.
    """
    order = {doc_id: at for at, doc_id in enumerate(keep_order(rank, rule)["doc_id"])}
    keys = dict(shared.group_by("doc_id").agg(pl.col("key").sort()).iter_rows())
    rows: list[tuple[str, str, float]] = []
    for members in components(shared):
        rows += _verify(sorted(members, key=order.__getitem__), keys, order, shingles, threshold)
    table = pl.DataFrame(
        rows,
        schema={"doc_id": pl.String, "kept_id": pl.String, "jaccard": pl.Float64},
        orient="row",
    )
    return _clusters(table, "near")


def _verify(
    members: Iterable[str],
    keys: Mapping[str, Sequence[int]],
    order: Mapping[str, int],
    shingles: Mapping[str, NDArray[np.uint32]],
    threshold: float,
) -> list[tuple[str, str, float]]:
    """(removed, kept, jaccard) within one component; a kept one with copies stands for itself."""
    kept = _Kept()
    removed: list[tuple[str, str, float]] = []
    for doc_id in members:
        best, similarity = "", 0.0
        for candidate in kept.candidates(keys[doc_id], order):
            found = jaccard(shingles[doc_id], shingles[candidate])
            if found > similarity:
                best, similarity = candidate, found
        if similarity >= threshold:
            removed.append((doc_id, best, similarity))
        else:
            kept.add(doc_id, keys[doc_id])
    stars = sorted({kept_id for _, kept_id, _ in removed})
    return [*((kept_id, kept_id, 1.0) for kept_id in stars), *removed]


def follow(clusters: pl.DataFrame) -> pl.DataFrame:
    """The clusters with every `kept_id` one that is kept.

    The survivor of exact copies may itself fall to a near one: then its copies stand for that one,
    which they resemble exactly as much.
    """
    near = clusters.filter(pl.col("kind") == "near", pl.col("doc_id") != pl.col("kept_id")).select(
        pl.col("doc_id").alias("kept_id"),
        pl.col("kept_id").alias("kept_instead"),
        pl.col("jaccard").alias("resemblance"),
    )
    followed = clusters.join(near, on="kept_id", how="left", maintain_order="left")
    return followed.with_columns(
        pl.coalesce("kept_instead", "kept_id").alias("kept_id"),
        pl.coalesce("resemblance", "jaccard").alias("jaccard"),
    ).drop("kept_instead", "resemblance")


def _clusters(members: pl.DataFrame, kind: str) -> pl.DataFrame:
    """`schema.CLUSTER` rows; a cluster is named after the document that it keeps."""
    return (
        members.select(
            pl.lit(kind).alias("kind"),
            pl.col("kept_id").alias("cluster_id"),
            "doc_id",
            "kept_id",
            pl.col("jaccard").cast(pl.Float32),
        )
        .cast(pl.Schema(schema.CLUSTER))
        .sort("cluster_id", "doc_id")
    )
