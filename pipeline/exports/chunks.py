"""Chunks of kept documents for a vector database: texts that fit an embedding model, with places.

They are cut as `pipeline/qa/chunks.py` cuts them; the run's tokenizer counts.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from taojin.core import schema
from taojin.core.errors import UserError
from taojin.core.storage import write_table
from taojin.pipeline.exports.dialogues import line
from taojin.pipeline.exports.documents import kept
from taojin.pipeline.exports.settings import Settings
from taojin.pipeline.qa.chunks import chunks, token_counts
from taojin.tokenizer.encode import load

FILE = "chunks.jsonl"
ORIGIN = ("uri", "url", "licence")
"""Fields of a document's `source` that go along; its name is the chunk's own."""


def write_lines(run: Path, folder: Path, settings: Settings) -> Counter[str]:
    """Write `chunks.jsonl`, one a line, `chunk_id` as `id`; how many documents and chunks."""
    counts: Counter[str] = Counter()
    with (folder / FILE).open("w", encoding="utf-8", newline="\n") as file:
        for part in _chunks(run, settings, counts):
            file.writelines(map(line, part.iter_rows(named=True)))
    return counts


def write_tables(run: Path, folder: Path, settings: Settings) -> Counter[str]:
    """Write the same columns as Parquet, one file for each part of the documents."""
    counts: Counter[str] = Counter()
    for number, part in enumerate(_chunks(run, settings, counts)):
        write_table(part, folder / f"part-{number:05d}.parquet")
    return counts


def _chunks(run: Path, settings: Settings, counts: Counter[str]) -> Iterator[pl.DataFrame]:
    """The chunks of each part that has any, in the order of the documents."""
    if not (run / "tokenizer" / "tokenizer.model").is_file():
        raise UserError(
            f"{run}: no tokenizer here to count with; `taojin run --out {run}` makes one once it "
            "gets to its end"
        )
    count = token_counts(load(run / "tokenizer"))
    for documents in kept(run):
        found = chunks(documents.select(*schema.DOCUMENT), settings.chunk_tokens, count)
        counts["documents"] += documents.height
        counts["chunks"] += found.height
        source = pl.col("source").struct
        origin = documents.select("doc_id", *(source.field(one) for one in ORIGIN))
        told = found.join(origin, on="doc_id", how="left", maintain_order="left")
        if told.height:
            yield told.rename({"chunk_id": "id"})
