"""Kept documents that are rows of labelled tables, as the parts that they were made of."""

import polars as pl

from taojin.core import schema
from taojin.pipeline.qa.labelled import is_row

PARTS = tuple(part for part in schema.LABELLED if part != "option")
ROW: schema.Schema = {
    "doc_id": pl.String,
    "content_hash": pl.String,
    "source": pl.String,
    "lang": pl.String,
    "is_cut": pl.Boolean,
    "options": pl.List(pl.String),
    **dict.fromkeys(PARTS, pl.String),
}
"""A row: its parts as they are kept, null for one that it does not have. `options` are none where
edits have left nothing of one, since a letter would name another. `is_cut`: a passage that other
documents hold too was cut out of it."""


def rows(documents: pl.DataFrame) -> pl.DataFrame:
    """The rows (ROW) among the documents, in their order."""
    found = documents.filter(is_row())
    parts = _parts(found)
    options = pl.col("said").filter(pl.col("role") == "option")
    grouped = parts.group_by("doc_id", maintain_order=True).agg(
        options.filter((options != "").all()).alias("options"),
        *(pl.col("said").filter(pl.col("role") == part).first().alias(part) for part in PARTS),
    )
    told = found.select(
        "doc_id",
        "content_hash",
        pl.col("source").struct.field("name").alias("source"),
        pl.col("lang").fill_null("und"),
        _is_cut(found),
    )
    joined = told.join(grouped, on="doc_id", how="left", maintain_order="left")
    return joined.select(*ROW).cast(pl.Schema(ROW))


def _parts(found: pl.DataFrame) -> pl.DataFrame:
    """(doc_id, role, said) of every part that edits have left something of, and of all options."""
    exploded = found.select("doc_id", "text", "conversation").explode(
        "conversation", empty_as_null=False, keep_nulls=False
    )
    part = pl.col("conversation").struct
    start, end = part.field("start"), part.field("end")
    said = pl.col("text").str.slice(start, end - start).str.strip_chars()
    told = exploded.select("doc_id", part.field("role"), said.alias("said"))
    return told.filter((pl.col("said") != "") | (pl.col("role") == "option"))


def _is_cut(found: pl.DataFrame) -> pl.Expr:
    if "passages" not in found.columns:
        return pl.lit(value=False).alias("is_cut")
    ratio = pl.col("passages").struct.field("cut_character_ratio")
    return (ratio > 0).fill_null(value=False).alias("is_cut")
