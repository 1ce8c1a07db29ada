"""The guard: a step that removes far more of a source than expected stops the run and says why."""

import polars as pl

from taojin.core.errors import UserError
from taojin.pipeline.recipe import Guard

STEPS = ("ingest", "decide", "dedup")
"""Where documents leave, in order; at ingest, what could not be read."""

_ADVICE = {
    "ingest": "check the files and the recipe's `columns`",
    "decide": "change the bounds",
    "dedup": "look at clusters.parquet",
}


LARGEST = 3
"""Clusters that are shown where deduplication has removed too much."""


def check(ledger: pl.DataFrame, guard: Guard, clusters: pl.DataFrame) -> None:
    """UserError if a step removed more of a source of enough documents than the recipe expects.

    A record that is no document by its nature does not count. After deduplication the largest of
    the clusters are told.
    """
    documents = ledger.filter((pl.col("stage") != "ingest") | (pl.col("fate") == "quarantined"))
    for source in documents["source"].unique().sort():
        left = documents.filter(source=source)
        for step in STEPS:
            shown = _largest(clusters, ledger) if step == "dedup" else ""
            _check_step(step, source, left, guard, shown)
            left = left.filter(pl.col("stage") != step)


def _check_step(step: str, source: str, before: pl.DataFrame, guard: Guard, shown: str) -> None:
    removed = before.filter(stage=step)
    expected = guard.expected.get(source, guard.most_removed)
    share = removed.height / max(before.height, 1)
    if before.height < guard.from_documents or share <= expected:
        return
    raise UserError(
        f"{step}: {share:.1%} of source '{source}' would be removed ({before.height:,} documents, "
        f"{before.height - removed.height:,} left), more than the expected {expected:.0%}, mostly "
        f"by {_most_frequent(removed)}{shown}; {_ADVICE[step]}, or state the share: "
        f"[guard] expected.{source} = {min(1.0, share + 0.01):.2f}"
    )


def _most_frequent(removed: pl.DataFrame) -> str:
    """The three reasons that caught most documents."""
    counts = removed["reasons"].explode().drop_nulls().value_counts()
    most = counts.sort(["count", "reasons"], descending=[True, False]).head(3)
    return ", ".join(f"{reason} ({count:,})" for reason, count in most.iter_rows())


def _largest(clusters: pl.DataFrame, ledger: pl.DataFrame) -> str:
    """The largest clusters: what they are named after, their members by source, who is kept."""
    removed = clusters.filter(
        (pl.col("doc_id") != pl.col("kept_id")) | pl.col("kept_in").is_not_null()
    )
    named = removed.join(ledger.select("doc_id", "source"), on="doc_id", how="left")
    by_source = named.group_by("kind", "cluster_id", "kept_id", "source").agg(
        pl.len().cast(pl.Int64).alias("documents")
    )
    told = pl.format("{} {}", "documents", "source").sort_by("source").str.join(", ")
    sizes = by_source.group_by("kind", "cluster_id", "kept_id").agg(
        pl.col("documents").sum().alias("size"), told.alias("sources")
    )
    order = ["size", "kind", "cluster_id", "kept_id"]
    largest = sizes.sort(order, descending=[True, False, False, False]).head(LARGEST)
    shown = [
        f"{row['kind']} {row['cluster_id']} (removed {row['sources']}; kept {row['kept_id']})"
        for row in largest.iter_rows(named=True)
    ]
    return f"; largest clusters: {', '.join(shown)}" if shown else ""
