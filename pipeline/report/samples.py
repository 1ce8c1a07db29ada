"""Documents to look at, and how one is shown: its text cut short, its rules with value and bound.

A doc_id is a hash, so its order is a fair draw and the same in every run.
"""

from collections.abc import Collection
from typing import Any

import polars as pl

from taojin.pipeline.report.bounds import Applied, parse
from taojin.pipeline.report.tables import Rows, Tables

SHOWN = 10
"""Documents shown per source and fate; fewer where there are many sources (TOTAL)."""
TOTAL = 200
CHARACTERS = 600


def samples(tables: Tables, applied: Applied) -> Rows:
    """Up to 10 kept and 10 dropped documents per source, drawn by id; sources in their order."""
    sources = tables.ledger.select(pl.col("source").n_unique()).collect().item()
    shown = max(1, min(SHOWN, TOTAL // max(1, sources)))
    texts = tables.dropped_with_text().implode()
    drawn = (
        tables.documents.select("doc_id", "fate", source=pl.col("source").struct.field("name"))
        .filter((pl.col("fate") == "kept") | pl.col("doc_id").is_in(texts))
        .sort("source", pl.col("fate") != "kept", "doc_id")
        .group_by("source", "fate", maintain_order=True)
        .head(shown)
        .collect()
    )
    rows = read_documents(tables, drawn["doc_id"], CHARACTERS)
    return [sample(rows[doc_id], None, applied) for doc_id in drawn["doc_id"]]


def read_documents(
    tables: Tables, doc_ids: Collection[str], characters: int
) -> dict[str, dict[str, Any]]:
    """The rows of these documents by id, each text cut; `characters` tells its whole length."""
    found = (
        tables.documents.filter(pl.col("doc_id").is_in(list(doc_ids)))
        .with_columns(
            pl.col("text").str.slice(0, characters), characters=pl.col("text").str.len_chars()
        )
        .collect()
    )
    return {row["doc_id"]: row for row in found.iter_rows(named=True)}


def sample(row: dict[str, Any], near: str | None, applied: Applied) -> dict[str, Any]:
    """One document as the page shows it; `near` is the rule that it is shown for, if any."""
    source = row["source"]
    first = [near] if near else []
    reasons = [*first, *(reason for reason in row["drop_reasons"] if reason != near)]
    return {
        "doc_id": row["doc_id"],
        "source": source["name"],
        "fate": row["fate"],
        "lang": row["lang"],
        "title": source["title"],
        "uri": source["url"] or source["uri"],
        "position": source["position"],
        "near": near,
        "rules": [_measured(row, reason, applied) for reason in reasons],
        "duplicate_of": row["duplicate_of"],
        "text": row["text"] or "",
        "characters": row["characters"] or 0,
    }


def _measured(row: dict[str, Any], reason: str, applied: Applied) -> dict[str, Any]:
    """A rule with the document's value and the bound that applied to it."""
    rule = parse(reason)
    metrics = row.get(rule.filter) if rule else None
    return {
        "rule": reason,
        "value": metrics.get(rule.metric) if rule and metrics else None,
        "bound": applied.side(rule, row["lang"], row["source"]["kind"]) if rule else None,
    }
