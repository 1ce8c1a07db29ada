"""What each filter took: documents, units and bytes, in all and by source and language.

Filters are applied side by side to the same documents, so each has the same documents in, and what
one took the others may have taken too: `alone` is what no other did.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from taojin.pipeline.report.tables import Rows

SHOWN = 20
"""Rows by source and language: those that lost most; `left_out` counts the others."""
LEAST_BYTES = 20_000_000
"""Text of a run whose speeds are told: dictionaries and compiled code take a second to load."""
AFTER_DECIDE = ("dedup",)
"""What looks only at documents that have passed the filters."""
AMOUNTS = ("in", "caught", "alone", "units", "alone_units", "size_bytes", "alone_bytes")


def losses(ledger: pl.LazyFrame, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By filter: AMOUNTS of all documents, and the same by source and language.

    `in` is documents; `caught`, `units` and `size_bytes` what the filter took with or without the
    others, `alone`, `alone_units` and `alone_bytes` what it took by itself.
    """
    by = pl.col("reasons").list.eval(pl.element().str.split(".").list.first()).list.unique()
    documents = ledger.filter(pl.col("stage").ne_missing("ingest")).select(
        pl.col("source", "lang").fill_null(""),
        "units",
        "size_bytes",
        by=by,
        decided=pl.col("stage").eq_missing("decide"),
    )
    wanted = [amount for name in names for amount in _amounts(name)]
    cells = documents.group_by("source", "lang").agg(wanted).sort("source", "lang").collect()
    return {name: _filter(cells, name) for name in names}


def _amounts(name: str) -> list[pl.Expr]:
    """AMOUNTS of one filter in a group, named `<filter>.<amount>`."""
    caught = pl.col("by").list.contains(name)
    alone = caught & (pl.col("by").list.len() == 1)
    reached = ~pl.col("decided") if name in AFTER_DECIDE else pl.lit(value=True)
    amounts = {
        "in": (pl.col("units").is_not_null() & reached).sum(),
        "caught": caught.sum(),
        "alone": alone.sum(),
        "units": pl.col("units").filter(caught).sum(),
        "alone_units": pl.col("units").filter(alone).sum(),
        "size_bytes": pl.col("size_bytes").filter(caught).sum(),
        "alone_bytes": pl.col("size_bytes").filter(alone).sum(),
    }
    return [amounts[one].cast(pl.Int64).alias(f"{name}.{one}") for one in AMOUNTS]


def _filter(cells: pl.DataFrame, name: str) -> dict[str, Any]:
    own = cells.select("source", "lang", *(pl.col(f"{name}.{one}").alias(one) for one in AMOUNTS))
    rows = own.filter(pl.col("caught") > 0).sort(pl.col("caught").neg(), "source", "lang")
    return {
        **own.select(pl.col(AMOUNTS).sum()).row(0, named=True),
        "cells": rows.head(SHOWN).to_dicts(),
        "left_out": max(0, rows.height - SHOWN),
    }


def costs(recorded: Rows | None) -> Mapping[str, dict[str, Any]]:
    """By filter: the seconds that measuring took, and megabytes of text a second.

    The speed is None below LEAST_BYTES of text, where most of the seconds were for loading.
    """
    return {
        row["filter"]: {
            "seconds": row["seconds"],
            "mb_s": (
                row["size_bytes"] / 1e6 / row["seconds"]
                if row["seconds"] and row["size_bytes"] >= LEAST_BYTES
                else None
            ),
        }
        for row in recorded or []
    }
