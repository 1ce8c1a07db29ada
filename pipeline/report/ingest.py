"""The ingest page: what each source held, what was read of it and how.

Every number is a sum over the run's tables; lists are cut to those with most, and what is left out
is added up, so that each still has all of its source's documents.
"""

from collections.abc import Iterator
from functools import reduce
from typing import Any

import polars as pl

from taojin.pipeline.report.tables import Rows, Tables

DETAILED = 30
"""Sources with lists of their own, those with most records; `left_out` counts the others."""
ROWS = 12
"""Rows of a list, those with most documents; `others` is the sum of the rest."""
CHARACTERS = 100
"""Of a type, which a table's column may say."""
LISTS = {
    "charsets": ("charset", "charset_from"),
    "types": ("mime", "kind"),
    "languages": ("lang",),
}
"""What documents are listed by, with the columns of `reading/`."""
UNICODE = ("utf-8",)
"""Encodings that are not converted."""
NOT_RECORDED = (
    "files", "without_records", "read_again", "size_bytes", "characters", "empty", "replaced",
    "replacements", "converted", "repaired", "pages",
)  # fmt: skip
"""What an older run has no tables for."""


def ingest(tables: Tables) -> dict[str, Any]:
    """Sums per source and of all; pages by engine; the lists of each source, all together first.

    `recorded` is False for a run without the tables of how files and documents were read.
    """
    found = _sources(tables)
    if not tables.has_readings:
        found = found.with_columns(pl.lit(None).alias(name) for name in (*NOT_RECORDED, "adds_up"))
    rows = found.to_dicts()
    wanted = [row["source"] for row in rows[:DETAILED]]
    together = [None] if len(wanted) > 1 else []
    return {
        "recorded": tables.has_readings,
        "sources": rows,
        "total": found.select(pl.exclude("source", "adds_up").sum()).row(0, named=True),
        "engines": _engines(tables.reading),
        "lists": list(_lists(tables, [*together, *wanted])),
        "left_out": max(0, len(rows) - DETAILED),
    }


def _sources(tables: Tables) -> pl.DataFrame:
    """One row per source, those with most records first.

    `adds_up`: the ledger tells as many records of each fate as the tables of files and documents.
    """
    parts = [_records(tables.ledger), _files(tables.files), _texts(tables.reading)]
    lost = tables.quarantine.group_by("source").agg(rows=pl.len(), parts=is_part().sum())
    counts = ("documents", "quarantined", "skipped")
    agrees = [pl.col(name) == pl.col(f"{name}_of_files") for name in counts]
    beside = pl.col("read") == pl.col("documents"), pl.col("rows") == pl.col("quarantined")
    return (
        reduce(
            lambda left, right: left.join(right, on="source", how="full", coalesce=True),
            [*parts, lost],
        )
        .fill_null(0)
        .with_columns(adds_up=pl.all_horizontal(*agrees, *beside))
        .drop("rows", "read", *(f"{name}_of_files" for name in counts))
        .with_columns(pl.exclude("source", "adds_up").cast(pl.Int64))
        .sort(pl.col("records").neg(), "source")
        .collect()
    )


def is_part() -> pl.Expr:
    """Whether a row of the quarantine is a part of a document: pages that could not be read."""
    return (pl.col("position") < 0) & pl.col("cause").is_in(("needs_ocr", "ocr_failed"))


def _records(ledger: pl.LazyFrame) -> pl.LazyFrame:
    is_ingest = pl.col("stage").eq_missing("ingest")
    is_quarantined = pl.col("fate") == "quarantined"
    return ledger.group_by(pl.col("source").fill_null("")).agg(
        records=pl.len(),
        documents=(~is_ingest & ~is_quarantined).sum(),
        quarantined=is_quarantined.sum(),
        skipped=(is_ingest & ~is_quarantined).sum(),
    )


def _files(files: pl.LazyFrame) -> pl.LazyFrame:
    """Files, those without a record and those that were read more than once; records in them."""
    counts = [pl.col(name).sum() for name in ("documents", "quarantined", "skipped")]
    records = pl.sum_horizontal("documents", "quarantined", "skipped")
    return files.group_by("source").agg(
        pl.len().alias("files"),
        (records == 0).sum().alias("without_records"),
        (pl.col("attempt") > 1).sum().alias("read_again"),
        pl.col("size_bytes").sum(),
        *(count.name.suffix("_of_files") for count in counts),
    )


def _texts(reading: pl.LazyFrame) -> pl.LazyFrame:
    return reading.group_by("source").agg(
        *_amounts("read"),
        repaired=(pl.col("repaired_line_count") > 0).sum().cast(pl.Int64),
        converted=(~pl.col("charset").is_in(UNICODE)).sum(),
        pages=pl.col("extractor").count(),
    )


def _amounts(documents: str = "documents") -> list[pl.Expr]:
    """Documents, their characters, those without any; those with U+FFFD, and how many of these."""
    characters, replacements = pl.col("character_count"), pl.col("replacement_count")
    return [
        pl.len().cast(pl.Int64).alias(documents),
        characters.sum().alias("characters"),
        (characters == 0).sum().cast(pl.Int64).alias("empty"),
        (replacements > 0).sum().cast(pl.Int64).alias("replaced"),
        replacements.sum().alias("replacements"),
    ]


def _engines(reading: pl.LazyFrame) -> Rows:
    """Pages of each source by the engine that found their main content, most first."""
    return (
        reading.filter(pl.col("extractor").is_not_null())
        .group_by("source", "extractor")
        .agg(*_amounts("pages"))
        .sort(pl.col("pages").neg(), "source", "extractor")
        .collect()
        .to_dicts()
    )


def _lists(tables: Tables, sources: list[str | None]) -> Iterator[dict[str, Any]]:
    """The lists of each source, of all sources for None."""
    mime = pl.col("mime").str.slice(0, CHARACTERS)
    reading = tables.reading.with_columns(mime)
    counted = {
        name: reading.group_by("source", *keys).agg(*_amounts()).collect()
        for name, keys in LISTS.items()
    }
    kinds = _no_documents(tables.ledger)
    for source in sources:
        lists = {
            name: _cut(counted[name], source, keys, "documents") for name, keys in LISTS.items()
        }
        yield {"source": source, **lists, "skipped": _cut(kinds, source, ("reason",), "records")}


def _no_documents(ledger: pl.LazyFrame) -> pl.DataFrame:
    """Records that hold no document, by source and kind."""
    skipped = ledger.filter(pl.col("stage") == "ingest", pl.col("fate") == "dropped")
    reason = pl.col("reasons").list.first().str.strip_prefix("ingest.")
    grouped = skipped.group_by(pl.col("source").fill_null(""), reason=reason)
    return grouped.agg(
        records=pl.len().cast(pl.Int64), size_bytes=pl.col("size_bytes").sum()
    ).collect()


def _cut(
    counted: pl.DataFrame, source: str | None, keys: tuple[str, ...], most: str
) -> dict[str, Any]:
    """The first rows of a list, and the sum of the `others` with how many rows that are."""
    own = counted if source is None else counted.filter(source=source)
    amounts = [name for name in counted.columns if name not in ("source", *keys)]
    rows = own.group_by(keys).agg(pl.col(amounts).sum()).sort(pl.col(most).neg(), *keys)
    shown = ROWS if rows.height > ROWS + 1 else rows.height  # one alone is shown, not summed
    rest = rows[shown:].select(pl.col(amounts).sum(), rows=pl.len())
    others = rest.row(0, named=True) if rows.height > shown else None
    return {"rows": rows[:shown].to_dicts(), "others": others}
