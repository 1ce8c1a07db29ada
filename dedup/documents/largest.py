"""The clusters that lost most documents, with the member of each that is worth a look."""

import polars as pl

LARGEST = 10
"""Clusters that the report shows."""


def largest(clusters: pl.DataFrame, count: int = LARGEST) -> pl.DataFrame:
    """(kind, cluster_id, kept_id, size, shown_id, jaccard) of the clusters with most members, among
    those whose kept document is one of this run.

    `shown_id` is the removed member that is least like the one kept for it: if that one is rightly
    gone, all are. Equals are in the order of their ids.
    """
    removed = clusters.filter(pl.col("doc_id") != pl.col("kept_id"), pl.col("kept_in").is_null())
    found = (
        removed.sort("jaccard", "doc_id")
        .group_by("kind", "cluster_id", maintain_order=True)
        .agg(
            pl.col("kept_id").first(),
            (pl.len() + 1).cast(pl.Int64).alias("size"),
            pl.col("doc_id").first().alias("shown_id"),
            pl.col("jaccard").first(),
        )
    )
    return found.sort("size", "kind", "cluster_id", descending=[True, False, False]).head(count)
