"""Overlap of documents with evaluation sets: n-grams of the questions found in a document.

13 words (Brown et al. 2020, appendix C) or 18 Han characters, which say about as much; an item
shorter than that counts when it stands in the document whole. Units are compared after
normalisation, so punctuation, case, width and white space hide nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import string_buffers
from taojin.core.schema import Schema
from taojin.core.storage import write_table
from taojin.core.text import character_classes, normalised
from taojin.dedup import ngram_kernels

WORDS, CHARACTERS = 13, 18
SHORTEST_WORDS, SHORTEST_CHARACTERS = 8, 12

DECONTAMINATION = pl.Struct({"overlap": pl.Float64, "item_count": pl.Int64})


@dataclass(frozen=True)
class Index:
    """The windows of evaluation items.

    `hashes`: sorted, by window size. `items`: (size, index into its hashes, item, windows of it).
    """

    hashes: dict[int, NDArray[np.uint64]]
    items: pl.DataFrame

    def hits(self, texts: pl.Series) -> pl.DataFrame:
        """Rows (document index, item, overlap in 0..1) of every item with a window in a text."""
        offsets, data = string_buffers(pl.select(normalised(pl.lit(texts))).to_series())
        none = pl.DataFrame(schema={"document": pl.Int64, "index": pl.Int64, "size": pl.Int32})
        found = [
            pl.DataFrame(
                ngram_kernels.ngram_hits(offsets, data, character_classes(), size, wanted),
                schema=["document", "index"],
            ).with_columns(pl.lit(size, pl.Int32).alias("size"))
            for size, wanted in self.hashes.items()
        ]
        rows = pl.concat([none, *found]).unique().join(self.items, on=["size", "index"])
        overlap = (pl.len() / pl.col("windows").first()).alias("overlap")
        return rows.group_by("document", "item").agg(overlap).sort("document", "item")


@dataclass(frozen=True)
class Overlap:
    """Adds `decontamination`: the largest share of an item's windows, the items that share one."""

    index: Path
    name: str = "decontamination"
    version: int = 1

    @property
    def adds(self) -> Schema:
        return {"decontamination": DECONTAMINATION}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        hits = load(self.index).hits(documents["text"])
        found = hits.group_by("document").agg(
            pl.col("overlap").max(), pl.len().cast(pl.Int64).alias("item_count")
        )
        rows = pl.DataFrame({"document": pl.int_range(documents.height, eager=True)})
        values = rows.join(found, on="document", how="left", maintain_order="left")
        filled = values.select(pl.col("overlap").fill_null(0.0), pl.col("item_count").fill_null(0))
        return documents.with_columns(filled.to_struct("decontamination"))


def build(items: Sequence[str], path: Path) -> NDArray[np.bool_]:
    """Write the index of evaluation items as Parquet; bool[n]: which items are in it.

    Columns: size, hash, item number, windows of the item. An item of fewer than 8 words or 12
    unspaced characters is too common to be told and left out.
    """
    texts = pl.select(normalised(pl.lit(pl.Series(items, dtype=pl.String)))).to_series()
    buffers = string_buffers(texts)
    unspaced = ngram_kernels.is_unspaced(*buffers, character_classes())
    lengths = np.diff(ngram_kernels.ngrams(*buffers, character_classes(), 1)[0])
    full = np.where(unspaced, CHARACTERS, WORDS)
    shortest = np.where(unspaced, SHORTEST_CHARACTERS, SHORTEST_WORDS)
    sizes = np.where(lengths >= shortest, np.minimum(lengths, full), 0)
    tables = [_windows(texts, sizes, int(size)) for size in np.unique(sizes[sizes > 0])]
    write_table(pl.concat([_no_windows(), *tables]), path)
    return sizes > 0


def _no_windows() -> pl.DataFrame:
    return pl.DataFrame(
        schema={"size": pl.Int32, "hash": pl.UInt64, "item": pl.Int64, "windows": pl.Int64}
    )


def _windows(texts: pl.Series, sizes: NDArray[np.int64], size: int) -> pl.DataFrame:
    chosen = np.flatnonzero(sizes == size)
    offsets, hashes = ngram_kernels.ngrams(
        *string_buffers(texts.gather(chosen)), character_classes(), size
    )
    items = np.repeat(chosen, np.diff(offsets))
    table = pl.DataFrame({"hash": hashes, "item": items}).unique().sort("hash", "item")
    return table.select(
        pl.lit(size, pl.Int32).alias("size"),
        "hash",
        pl.col("item").cast(pl.Int64),
        pl.len().over("item").cast(pl.Int64).alias("windows"),
    )


@cache
def load(path: Path) -> Index:
    """The index as `build` wrote it."""
    table = pl.read_parquet(path)
    numbered = table.with_columns(
        (pl.col("hash").rank("dense").over("size").cast(pl.Int64) - 1).alias("index")
    )
    hashes = {
        int(size): np.unique(table.filter(size=size)["hash"].to_numpy())
        for size in table["size"].unique().sort()
    }
    return Index(hashes, numbered.select("size", "index", "item", "windows"))
