"""Deduplication of a table of documents, by the functions that the pipeline's steps call."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core import stage
from taojin.core.arrow import list_buffers
from taojin.core.hashing import content_hash
from taojin.core.text import normalised, unit_count
from taojin.dedup.clusters import RANK, exact_duplicates, near_duplicates, shared_bands
from taojin.dedup.minhash import DedupKeys, band_rows
from taojin.pipeline.recipe import Dedup

RULE = Dedup().keep
THRESHOLD = 0.8


@dataclass(frozen=True)
class Removed:
    """Each removed document with the one that it was found to copy, by kind."""

    exact: dict[str, str]
    near: dict[str, str]

    def survivors(self) -> dict[str, str]:
        """Each removed document with the kept one at the end of its chain."""
        copies = {**self.exact, **self.near}
        return {doc_id: _end(doc_id, copies) for doc_id in copies}


def _end(doc_id: str, copies: dict[str, str]) -> str:
    while doc_id in copies:
        doc_id = copies[doc_id]
    return doc_id


def keys(table: pl.DataFrame) -> pl.DataFrame:
    """The documents' exact keys, shingles and bands, as *measure* stores them."""
    found = DedupKeys()
    return stage.run(found, table).select("doc_id", *found.adds)


def exact_keys(table: pl.DataFrame) -> pl.DataFrame:
    """The exact keys alone; DedupKeys makes them on the way to the others."""
    texts = table.select(normalised(pl.col("text"))).to_series()
    hashes = pl.Series("exact_key", [content_hash(text) for text in texts], pl.String)
    return table.select("doc_id", hashes)


def rank(table: pl.DataFrame) -> pl.DataFrame:
    """What the keep rule orders by: of one source and without a classifier, the longer first."""
    return table.select(
        "doc_id",
        pl.lit(value=False).alias("contaminated"),
        pl.lit(1, pl.Int64).alias("priority"),
        pl.lit(1.0).alias("quality"),
        unit_count(pl.col("text")).cast(pl.Int64).alias("length"),
    ).select(*RANK)


def exact(keyed: pl.DataFrame, ranked: pl.DataFrame) -> dict[str, str]:
    """The exact copies with the document that stands for each."""
    rows = ranked.join(keyed.select("doc_id", "exact_key"), on="doc_id", maintain_order="left")
    return _copies(exact_duplicates(rows, RULE))


def near(keyed: pl.DataFrame, ranked: pl.DataFrame) -> dict[str, str]:
    """The near copies among these documents with the document that stands for each."""
    shared = shared_bands(band_rows(keyed, THRESHOLD).sort("key", "doc_id"))
    candidates = keyed.join(shared.select("doc_id").unique(), on="doc_id", how="semi")
    chosen = ranked.join(candidates.select("doc_id"), on="doc_id", how="semi")
    return _copies(near_duplicates(shared, chosen, _shingles(candidates), RULE, THRESHOLD))


def remove(table: pl.DataFrame) -> Removed:
    """What the pipeline would remove of these documents: exact copies first, then near ones."""
    keyed, ranked = keys(table), rank(table)
    copies = exact(keyed, ranked)
    left = ~pl.col("doc_id").is_in(list(copies))
    return Removed(copies, near(keyed.filter(left), ranked.filter(left)))


def _copies(clusters: pl.DataFrame) -> dict[str, str]:
    removed = clusters.filter(pl.col("doc_id") != pl.col("kept_id"))
    return dict(removed.select("doc_id", "kept_id").iter_rows())


def _shingles(table: pl.DataFrame) -> dict[str, NDArray[np.uint32]]:
    offsets, hashes = list_buffers(table["shingles"])
    return {
        doc_id: hashes[offsets[row] : offsets[row + 1]].astype(np.uint32, copy=False)
        for row, doc_id in enumerate(table["doc_id"])
    }
