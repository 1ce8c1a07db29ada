"""Passages: lines that stand in many documents, counted across the corpus and cut out of them.

A line is known by its units (case, punctuation and white space aside). One that more than `most`
documents hold is boilerplate of a site or a template, which document-level deduplication never
sees (Lee et al. 2022, "Deduplicating Training Data Makes Language Models Better", section 4). One
document keeps it, so that no sentence is lost to the corpus.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from taojin.core.arrow import string_buffers
from taojin.core.schema import EDITS, Schema
from taojin.core.text import character_classes, normalised
from taojin.dedup import passage_kernels

SHORTEST_UNITS = 8
"""A shorter line, such as a heading, may well stand in many documents."""

PASSAGES = pl.Struct({"cut_line_count": pl.Int64, "cut_character_ratio": pl.Float64})


def line_keys(documents: pl.DataFrame) -> pl.DataFrame:
    """(key UInt64, doc_id) of every different line of at least 8 units of each document."""
    keys = documents.select(normalised_lines(pl.col("text")).alias("text"))["text"]
    offsets, data = string_buffers(keys)
    found, hashes = passage_kernels.line_hashes(offsets, data, character_classes(), SHORTEST_UNITS)
    rows = pl.DataFrame({"key": hashes, "row": found})
    ids = documents.select("doc_id").with_row_index("row").cast({"row": pl.Int64})
    return rows.unique().join(ids, on="row").select("key", "doc_id").sort("key", "doc_id")


def normalised_lines(text: pl.Expr) -> pl.Expr:
    """The key of each line of a text, the line ends kept."""
    return text.str.split("\n").list.eval(normalised(pl.element())).list.join("\n")


def repeated(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """(key, keeper) of the keys that more than `most` documents have; `keeper` keeps the line."""
    counted = rows.group_by("key").agg(pl.len().alias("documents"), pl.col("doc_id").min())
    many = counted.filter(pl.col("documents") > most)
    return many.select("key", pl.col("doc_id").alias("keeper"), "documents").sort("key")


@dataclass(frozen=True)
class CutPassages:
    """Edits that cut repeated lines; `passages`: how many there are, what share they would take.

    A document of `whole` keeps its lines for the others, so that it passes what it has passed; one
    that would lose more than `most_removed` of its characters is left whole too. No line is cut out
    of a code block or a table.
    """

    keys: frozenset[int] = field(repr=False)
    whole: frozenset[str] = field(repr=False)
    most_removed: float
    name: str = "passages"
    version: int = 1

    @property
    def adds(self) -> Schema:
        return {"edits": EDITS, "passages": PASSAGES}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        rows = line_keys(documents)
        wanted = pl.Series(sorted(self.keys), dtype=pl.UInt64)
        hits = set(rows.filter(pl.col("key").is_in(wanted.implode()))["doc_id"])
        edits, measures = [], []
        for doc_id, text in documents.select("doc_id", "text").iter_rows():
            cuttable = doc_id in hits and doc_id not in self.whole
            found = list(self._cuts(text)) if cuttable else []
            share = sum(end - start for start, end in found) / max(len(text), 1)
            cut = found if share <= self.most_removed else []
            edits.append([_edit(start, end) for start, end in cut])
            measures.append({"cut_line_count": len(found), "cut_character_ratio": share})
        return documents.with_columns(
            pl.Series("edits", edits, EDITS), pl.Series("passages", measures, PASSAGES)
        )

    def _cuts(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end, line end included, of the lines that another document keeps."""
        lines = pl.DataFrame({"text": text.split("\n")}).with_columns(
            pl.int_range(pl.len()).cast(pl.String).alias("doc_id")
        )
        keys = {int(line): key for key, line in line_keys(lines).iter_rows()}
        start, fenced = 0, False
        for number, line in enumerate(lines["text"]):
            end = min(start + len(line) + 1, len(text))
            fenced ^= line.lstrip().startswith("```")
            shared = keys.get(number, -1) in self.keys
            if shared and not fenced and not line.lstrip().startswith("|"):
                yield start, end
            start = end


def _edit(start: int, end: int) -> dict[str, object]:
    return {"field": "text", "kind": "passage", "start": start, "end": end, "replacement": ""}
