"""What could not be read, by cause and source, with a few rows of each to look at.

A doc_id is a hash, so its order is a fair draw and the same in every run. The rows hold no text of
a record, and the names of files are masked in them.
"""

from typing import Any

import polars as pl

from taojin.pipeline.report.ingest import is_part
from taojin.pipeline.report.tables import Rows, Tables

SHOWN = 5
"""Rows shown of a cause and source; fewer where there are many of these (TOTAL)."""
TOTAL = 200
CHARACTERS = 200
"""Of a detail."""


def failures(tables: Tables) -> dict[str, Rows]:
    """`records` that could not be read, and `parts` of documents, such as pages; most first."""
    groups = tables.quarantine.select("cause", "source").unique().select(pl.len()).collect().item()
    shown = max(1, min(SHOWN, TOTAL // max(1, groups)))
    return {
        "records": _grouped(tables.quarantine.filter(~is_part()), shown),
        "parts": _with_documents(tables, _grouped(tables.quarantine.filter(is_part()), shown)),
    }


def _grouped(quarantine: pl.LazyFrame, shown: int) -> Rows:
    detail = pl.col("detail").str.slice(0, CHARACTERS)
    sample = pl.struct("doc_id", "uri", "position", detail)
    return (
        quarantine.group_by("cause", "source")
        .agg(
            pl.len().cast(pl.Int64).alias("records"),
            pl.col("size_bytes").sum(),
            sample.sort_by("doc_id").head(shown).alias("samples"),
        )
        .sort(pl.col("records").neg(), "cause", "source")
        .collect()
        .to_dicts()
    )


def _with_documents(tables: Tables, rows: Rows) -> Rows:
    """The rows with the position and the doc_id of the documents whose parts were not read."""
    uris = {sample["uri"] for row in rows for sample in row["samples"]}
    source = pl.col("source").struct
    place = source.field("uri"), source.field("position")
    found = tables.documents.filter(place[0].is_in(list(uris))).select(*place, "doc_id").collect()
    known = {(uri, position): doc_id for uri, position, doc_id in found.iter_rows()}
    return [{**row, "samples": [_of(sample, known) for sample in row["samples"]]} for row in rows]


def _of(sample: dict[str, Any], known: dict[tuple[str, int], str]) -> dict[str, Any]:
    position = ~sample["position"]
    return {
        **sample,
        "position": position,
        "document": known.get((sample["uri"], position)),
    }
