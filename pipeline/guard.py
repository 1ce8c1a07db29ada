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


def check(ledger: pl.DataFrame, guard: Guard) -> None:
    """UserError if a step removed more of a source of enough documents than the recipe expects.

    A record that is no document by its nature does not count.
    """
    documents = ledger.filter((pl.col("stage") != "ingest") | (pl.col("fate") == "quarantined"))
    for source in documents["source"].unique().sort():
        left = documents.filter(source=source)
        for step in STEPS:
            _check_step(step, source, left, guard)
            left = left.filter(pl.col("stage") != step)


def _check_step(step: str, source: str, before: pl.DataFrame, guard: Guard) -> None:
    removed = before.filter(stage=step)
    expected = guard.expected.get(source, guard.most_removed)
    share = removed.height / max(before.height, 1)
    if before.height < guard.from_documents or share <= expected:
        return
    raise UserError(
        f"{step}: {share:.1%} of source '{source}' would be removed ({before.height:,} documents, "
        f"{before.height - removed.height:,} left), more than the expected {expected:.0%}, mostly "
        f"by {_most_frequent(removed)}; {_ADVICE[step]}, or state the share: "
        f"[guard] expected.{source} = {min(1.0, share + 0.01):.2f}"
    )


def _most_frequent(removed: pl.DataFrame) -> str:
    """The three reasons that caught most documents."""
    counts = removed["reasons"].explode().drop_nulls().value_counts()
    most = counts.sort(["count", "reasons"], descending=[True, False]).head(3)
    return ", ".join(f"{reason} ({count:,})" for reason, count in most.iter_rows())
