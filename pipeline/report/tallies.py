"""Counts of what was done and found on the way: edits, evaluation items."""

import polars as pl

from taojin.pipeline.report.tables import Rows, Tables


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
