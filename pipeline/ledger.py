"""The ledger: one row per input record, and the check that kept + dropped + quarantined = input."""

from collections.abc import Sequence

import polars as pl

from taojin.core.schema import LEDGER
from taojin.pipeline.task import Checkpoint

FATES = ("kept", "dropped", "quarantined")


class LedgerError(Exception):
    """Records were lost or told twice: a bug, never the user's."""


def build(ingests: Sequence[Checkpoint], settled: Sequence[Checkpoint]) -> pl.DataFrame:
    """`schema.LEDGER` of a run, sorted by (source, doc_id); LedgerError if it is not whole."""
    documents = [one.read("ledger") for one in settled]
    skipped = [_skipped(one.read("skipped")) for one in ingests]
    damaged = [_damaged(one.read("quarantine")) for one in ingests]
    ledger = pl.concat([pl.DataFrame(schema=dict(LEDGER)), *documents, *skipped, *damaged])
    records = sum(
        one.counts["documents"] + one.counts["quarantined"] + one.counts["skipped"]
        for one in ingests
    )
    if ledger.height != records or ledger["doc_id"].n_unique() != records:
        raise LedgerError(
            f"{records} records were read, the ledger tells {ledger['doc_id'].n_unique()} "
            f"in {ledger.height} rows"
        )
    return ledger.sort("source", "doc_id")


def funnel(ledger: pl.DataFrame, sources: Sequence[str]) -> pl.DataFrame:
    """Per source, in the given order: records read, how many of each fate, and the units kept."""
    counts = [(pl.col("fate") == fate).sum().alias(fate) for fate in FATES]
    kept_units = pl.col("units").filter(pl.col("fate") == "kept").sum().alias("kept_units")
    found = ledger.group_by("source").agg(pl.len().alias("read"), *counts, kept_units)
    named = pl.DataFrame({"source": sources}, schema={"source": pl.String})
    return named.join(found, on="source", how="left", maintain_order="left").fill_null(0)


def _skipped(rows: pl.DataFrame) -> pl.DataFrame:
    reason = pl.concat_list(pl.lit("ingest.") + pl.col("kind"))
    return _left(rows, "dropped", reason)


def _damaged(rows: pl.DataFrame) -> pl.DataFrame:
    return _left(rows, "quarantined", pl.concat_list(pl.lit("ingest.") + pl.col("cause")))


def _left(rows: pl.DataFrame, fate: str, reasons: pl.Expr) -> pl.DataFrame:
    return rows.select(
        "doc_id",
        "source",
        pl.lit(None, pl.String).alias("lang"),
        pl.lit(fate).alias("fate"),
        pl.lit("ingest").alias("stage"),
        reasons.alias("reasons"),
        pl.lit(0, pl.Int64).alias("units"),
        "size_bytes",
    ).cast(pl.Schema(LEDGER))
