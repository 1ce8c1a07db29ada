"""Overlap of documents with evaluation sets: how much of an item stands in a document, and where.

Compared are units (`core.text`) as `dedup.evaluation.characters` folds them: case, width,
punctuation, white space, traditional forms and blanks to fill hide nothing.

An item counts by the share of its units that stand in one stretch of the document: runs of 8 units
or more that follow each other in both, so that a changed number or word ends a run and not the
stretch. A stretch of less than 8 words (the least that Brown et al. 2020, appendix C, compare) or
13 characters of a script without spaces says nothing: names of laws and offences reach 12. A long
item counts as 125 units, so that two fifths of an item are never more than 50 units, which Lee et
al. 2022 (section 3) call a duplicate. An item shorter than the least stretch counts where it stands
by itself: as a line, sentence or passage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import list_buffers, list_column, string_buffers
from taojin.core.schema import Schema
from taojin.core.storage import write_table
from taojin.dedup.evaluation import ngram_kernels, stretch_kernels, unit_kernels
from taojin.dedup.evaluation.characters import folding
from taojin.dedup.evaluation.ngram_kernels import RUN_COLUMNS, Items

LEAST_WORDS, LEAST_CHARACTERS = 8, 13
"""Units of the shortest stretch that counts, of an item in words or in unspaced characters."""
WORDS, CHARACTERS = 13, 18
"""Units from which an option or an answer is searched for: about as much said in either."""
SHORTEST_KEY = 5
"""Units from which an item alone on its line counts: shorter ones are headings and names."""
WHOLE = 125
"""Units as which a longer item counts."""

DECONTAMINATION = pl.Struct({"overlap": pl.Float64, "item_count": pl.Int64})
CONTAMINATION = pl.List(
    pl.Struct({"item": pl.Int64, "start": pl.Int64, "end": pl.Int64, "overlap": pl.Float64})
)
"""Where items stand in a document, in code points of the text that was measured."""

_HIT: Schema = {
    "document": pl.Int64,
    "item": pl.Int64,
    "start": pl.Int64,
    "end": pl.Int64,
    "overlap": pl.Float64,
}
_INDEX: Schema = {
    "benchmark": pl.String,
    "id": pl.String,
    "field": pl.String,
    "search": pl.String,
    "least": pl.Int64,
    "units": pl.List(pl.UInt64),
}
BY_STRETCH, BY_KEY, NOT = "stretch", "key", ""
"""How an item is searched for."""


@dataclass(frozen=True)
class Item:
    """A question, an option or an answer of an evaluation set."""

    text: str
    benchmark: str = ""
    id: str = ""
    field: str = "question"


def build(items: Sequence[Item], path: Path) -> pl.Series:
    """Write the index of evaluation items as Parquet; how each is searched for.

    A row is an item: benchmark, id, field, search, the least stretch and the hashes of its units;
    no text.
    """
    texts = pl.Series([item.text for item in items], dtype=pl.String)
    folds, buffers = folding(), string_buffers(texts)
    offsets, hashes = unit_kernels.unit_hashes(*buffers, folds.table, folds.rest)
    unspaced = unit_kernels.unspaced_counts(*buffers, folds.table, folds.rest)
    lengths = np.diff(offsets)
    mostly_unspaced = 2 * unspaced > lengths
    table = pl.DataFrame(
        {
            "benchmark": [item.benchmark for item in items],
            "id": [item.id for item in items],
            "field": [item.field for item in items],
            "least": np.where(mostly_unspaced, LEAST_CHARACTERS, LEAST_WORDS),
            "full": np.where(mostly_unspaced, CHARACTERS, WORDS),
            "length": lengths,
            "units": list_column("units", offsets, hashes),
        },
    )
    named = table.with_columns(_search().alias("search"))
    write_table(named.select(*_INDEX).cast(pl.Schema(_INDEX)), path)
    return named["search"]


def _search() -> pl.Expr:
    """How an item is searched for, by its field and its length."""
    is_question = pl.col("field") == "question"
    long = pl.col("length") >= pl.when(is_question).then("least").otherwise("full")
    short = is_question & (pl.col("length") >= SHORTEST_KEY)
    found = pl.when(long).then(pl.lit(BY_STRETCH)).when(short).then(pl.lit(BY_KEY))
    return found.otherwise(pl.lit(NOT))


@dataclass(frozen=True)
class Index:
    """The items as `build` wrote them, and the tables in which a text's windows are looked up."""

    table: pl.DataFrame
    items: Items

    def hits(self, texts: pl.Series) -> pl.DataFrame:
        """Rows (document index, item, start, end, overlap in 0..1): where an item stands in a text.

        Start and end are code points; of stretches of one item that overlap, one is there.
        """
        if self.table.is_empty():
            return pl.DataFrame(schema=dict(_HIT))
        folds = folding()
        runs = ngram_kernels.shared_runs(
            *string_buffers(texts), folds.table, folds.rest, self.items
        )
        columns = dict(zip(RUN_COLUMNS, runs.T, strict=True))
        order = np.lexsort([-columns["units"], *(columns[n] for n in ("at", "item", "document"))])
        lengths = np.diff(self.items.offsets)
        found = pl.DataFrame(
            stretch_kernels.stretches(runs[order], lengths),
            schema=list(stretch_kernels.STRETCH_COLUMNS),
        )
        facts = self.table.select("search", "least", pl.Series("length", lengths))
        told = found.hstack(facts[found["item"]]).filter(
            (pl.col("covered") >= pl.col("least")) | (pl.col("search") == BY_KEY)
        )
        length = pl.col("length").clip(upper_bound=WHOLE)
        share = (pl.col("covered") / length).clip(upper_bound=1.0).alias("overlap")
        return told.with_columns(share).select(*_HIT).sort("document", "item", "start")


@dataclass(frozen=True)
class Overlap:
    """Adds `decontamination`: the largest share of an item, and how many items say something;
    and `contamination`, where they stand.
    """

    index: Path
    name: str = "decontamination"
    version: int = 2

    @property
    def adds(self) -> Schema:
        return {"decontamination": DECONTAMINATION, "contamination": CONTAMINATION}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        hits = load(self.index).hits(documents["text"])
        place = pl.struct("item", "start", "end", "overlap")
        found = hits.group_by("document", maintain_order=True).agg(
            pl.col("overlap").max(),
            pl.col("item").n_unique().cast(pl.Int64).alias("item_count"),
            place.alias("contamination"),
        )
        rows = pl.DataFrame({"document": pl.int_range(documents.height, eager=True)})
        values = rows.join(found, on="document", how="left", maintain_order="left").with_columns(
            pl.col("overlap").fill_null(0.0),
            pl.col("item_count").fill_null(0),
            pl.col("contamination").fill_null([]),
        )
        return documents.with_columns(
            values.select("overlap", "item_count").to_struct("decontamination"),
            values["contamination"].cast(CONTAMINATION),
        )


@cache
def load(path: Path) -> Index:
    """The index as `build` wrote it."""
    table = pl.read_parquet(path)
    offsets, values = list_buffers(table["units"])
    hashes = values.astype(np.uint64, copy=False)
    by_stretch = (table["search"] == BY_STRETCH).to_numpy()
    window_offsets, windows = unit_kernels.window_hashes(offsets, hashes, ngram_kernels.SEED)
    counts = np.diff(window_offsets)
    item = np.repeat(np.arange(table.height), counts)
    unit = np.arange(windows.size) - np.repeat(window_offsets[:-1], counts)
    wanted = by_stretch[item]
    seeds, posted, order = _grouped(windows[wanted])
    postings = np.stack([item[wanted][order], unit[wanted][order]], axis=1).astype(np.int64)
    short = (table["search"] == BY_KEY).arg_true().to_numpy().astype(np.int64)
    wholes, whole_posted, whole_order = _grouped(unit_kernels.whole_hashes(offsets, hashes)[short])
    items = Items(
        offsets,
        hashes,
        seeds,
        ngram_kernels.bits_of(seeds),
        posted,
        np.ascontiguousarray(postings),
        wholes,
        ngram_kernels.bits_of(wholes),
        whole_posted,
        short[whole_order],
        int(np.diff(offsets)[short].max(initial=0)),
    )
    return Index(table.drop("units"), items)


def _grouped(
    hashes: NDArray[np.uint64],
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """(different hashes, sorted; where each begins in the order and the end; that order)."""
    order = np.argsort(hashes, kind="stable")
    different, first = np.unique(hashes[order], return_index=True)
    return different, np.append(first, hashes.size).astype(np.int64), order
