"""Values of personal data that stand in several documents, told apart by their keyed hashes."""

from typing import Any

import polars as pl

from taojin.pipeline.report.tables import Tables

SHARED = ("uri", "licence", "author")
"""Fields that all documents of a file, a source or an author share: that is no repetition."""
FEW, MANY = 2, 10


def repeated(tables: Tables) -> dict[str, Any]:
    """By kind: `values` found, `distinct` ones, those in FEW and in MANY documents and more, the
    most `documents` that hold one, and from how many `sources` these are.

    A document counts once for a value, however often it holds it. `recorded` is False where the
    run made no hashes, for want of a key.
    """
    values = tables.values.filter(~pl.col("field").is_in(SHARED))
    counted = values.group_by("kind").agg(values=pl.len())
    rows = (
        counted.join(_kinds(_holders(values, tables.ledger)), on="kind")
        .with_columns(pl.exclude("kind").cast(pl.Int64))
        .sort(pl.col("values").neg(), "kind")
        .collect()
    )
    return {
        "recorded": not tables.values.head(1).collect().is_empty(),
        "kinds": rows.to_dicts(),
    }


def _holders(values: pl.LazyFrame, ledger: pl.LazyFrame) -> pl.LazyFrame:
    """The documents that hold each value, and their sources."""
    value = ["kind", "value_hash"]
    return (
        values.select(*value, "doc_id")
        .unique()
        .join(ledger.select("doc_id", "source"), on="doc_id", how="left")
        .group_by(value)
        .agg(documents=pl.len(), sources=pl.col("source").n_unique())
    )


def _kinds(holders: pl.LazyFrame) -> pl.LazyFrame:
    documents, sources = pl.col("documents"), pl.col("sources")
    return holders.group_by("kind").agg(
        distinct=pl.len(),
        in_few=(documents >= FEW).sum(),
        in_many=(documents >= MANY).sum(),
        documents=documents.max(),
        sources=sources.filter(documents == documents.max()).max(),
    )
