"""Candidates: what is stored of the documents that share a band key, brought to where components
are verified.
"""

from collections.abc import Iterator

import polars as pl

from taojin.dedup.documents.clusters import CANDIDATE
from taojin.dedup.documents.components import node_key
from taojin.dedup.documents.keep import RANKED
from taojin.dedup.documents.minhash import bands


def candidates(
    keys: pl.DataFrame,
    rank: pl.DataFrame,
    labels: pl.DataFrame,
    threshold: float,
    *,
    estimate: bool,
) -> pl.DataFrame:
    """(component, CANDIDATE) of those documents of keys and rank that have a label."""
    own = keys.join(labels, on="doc_id", how="inner", maintain_order="left")
    found = own.join(rank.select(*RANKED), on="doc_id", how="inner", maintain_order="left")
    evidence = found["signature"].arr.to_list() if estimate else found["shingles"]
    return found.with_columns(
        bands(found["signature"].to_numpy(), threshold).alias("bands"), evidence.alias("evidence")
    ).select("component", *CANDIDATE)


def by_bucket(found: pl.DataFrame, buckets: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """The candidates of each bucket that has some; a component is in one bucket."""
    bucket = node_key(pl.col("component")) % buckets
    table = found.with_columns(bucket.alias("bucket"))
    for (number,), rows in sorted(table.partition_by("bucket", as_dict=True).items()):
        yield int(number), rows.drop("bucket")
