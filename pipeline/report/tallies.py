"""Counts of what was found on the way: personal data, edits, evaluation items."""

import polars as pl

from taojin.pipeline.pii.stage import FORBIDDEN
from taojin.pipeline.report.tables import Rows, Tables


def personal_data(tables: Tables) -> Rows | None:
    """What the `pii` column counted, per kind, source and language; never a value.

    `documents` are those with at least one. None if the run has no such column.
    """
    names = (name for name in tables.metrics("pii") if name.endswith("_count"))
    metrics = [name for name in names if name != FORBIDDEN]
    if not metrics:
        return None
    counts = tables.documents.select(
        pl.col("source").struct.field("name").fill_null("").alias("source"),
        pl.col("lang").fill_null(""),
        *(tables.field("pii", metric).cast(pl.Int64).alias(metric) for metric in metrics),
    )
    return (
        counts.unpivot(metrics, index=["source", "lang"], variable_name="kind", value_name="found")
        .filter(pl.col("found") > 0)
        .group_by(pl.col("kind").str.strip_suffix("_count"), "source", "lang")
        .agg(pl.col("found").sum(), pl.len().alias("documents"))
        .sort("kind", "source", "lang")
        .collect()
        .to_dicts()
    )


def edits(tables: Tables) -> Rows:
    """Applied edits per stage and kind, the documents they touched, code points out and in."""
    return (
        tables.edits.group_by("stage", "kind")
        .agg(
            pl.len().alias("edits"),
            pl.col("doc_id").n_unique().alias("documents"),
            (pl.col("end") - pl.col("start")).sum().alias("removed"),
            pl.col("inserted").sum(),
        )
        .sort(pl.col("edits").cast(pl.Int64).neg(), "stage", "kind")
        .collect()
        .to_dicts()
    )


def contamination(tables: Tables) -> Rows:
    """Items of each evaluation set that stand in documents of each source, in how many, how many of
    these were dropped for it and how many have lost a stretch; most documents first.
    """
    ledger = tables.ledger.select(
        "doc_id",
        "source",
        pl.col("reasons").list.contains("decontamination.overlap.max").alias("dropped"),
    )
    documents = pl.col("doc_id")
    return (
        tables.contamination.join(ledger, on="doc_id", how="left")
        .group_by("benchmark", "field", pl.col("source").fill_null(""))
        .agg(
            pl.col("item").n_unique().alias("item_count"),
            documents.n_unique().alias("documents"),
            documents.filter(pl.col("dropped")).n_unique().alias("dropped"),
            documents.filter(pl.col("cut")).n_unique().alias("cut"),
        )
        .sort(pl.col("documents").cast(pl.Int64).neg(), "benchmark", "field", "source")
        .collect()
        .to_dicts()
    )
