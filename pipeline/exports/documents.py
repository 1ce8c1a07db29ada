"""Kept documents for others: texts that `datasets.load_dataset` opens, in the run's splits."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from taojin.core.errors import UserError
from taojin.core.storage import write_table
from taojin.pipeline.exports.settings import Settings

ORIGIN = ("name", "kind", "uri", "url", "title", "fetched_at", "licence")
"""The fields of `source` that go along, as columns; the name is called `source`."""


def write_texts(run: Path, folder: Path, settings: Settings) -> Counter[str]:
    """Write `train/` and `validation/`, Parquet with the text of the kept documents; how many."""
    return write_splits(run, folder, settings, "parquet", write_table)


def write_splits(
    run: Path,
    folder: Path,
    settings: Settings,
    suffix: str,
    write: Callable[[pl.DataFrame, Path], object],
) -> Counter[str]:
    """Write each part of the kept documents as a file of each split; how many documents.

    The splits are those of the run's datasets. UserError where no document was kept.
    """
    counts: Counter[str] = Counter()
    for number, documents in enumerate(map(flat, kept(run))):
        drawn = settings.split_of(documents["content_hash"])
        for split in ("train", "validation"):
            part = documents.filter(drawn == split)
            counts[split] += part.height
            if part.height:
                (folder / split).mkdir(exist_ok=True)
                write(part, folder / split / f"part-{number:05d}.{suffix}")
    if not sum(counts.values()):
        raise UserError(f"{run}: no document was kept, so there is none to export")
    return counts


def kept(run: Path) -> Iterator[pl.DataFrame]:
    """The kept documents of a run, a part at a time."""
    for path in sorted((run / "documents").glob("*.parquet")):
        yield pl.read_parquet(path)


def flat(documents: pl.DataFrame) -> pl.DataFrame:
    """Text and origin of each document, one column a field."""
    origin = pl.col("source").struct
    named = [origin.field(one).alias("source" if one == "name" else one) for one in ORIGIN]
    return documents.select("doc_id", "content_hash", "text", "lang", *named)
