"""Deduplication of a table of documents, by the functions that the pipeline's steps call."""

from dataclasses import dataclass

import polars as pl

from taojin.core import stage
from taojin.core.arrow import Bytes, Offsets, blocks
from taojin.core.normal import key_buffers
from taojin.core.text import character_classes
from taojin.dedup.documents import kernels, minhash
from taojin.dedup.documents.candidates import candidates
from taojin.dedup.documents.clusters import exact_duplicates, near_duplicates, removed
from taojin.dedup.documents.components import labels, stars
from taojin.dedup.documents.keep import RANKED
from taojin.dedup.documents.minhash import DedupKeys, band_rows
from taojin.pipeline.settings.dedup import Dedup

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
    return table.select("doc_id", minhash.exact_keys(*key_buffers(table["text"])))


def signatures(offsets: Offsets, data: Bytes) -> None:
    """The signatures of normalised texts alone, in the blocks in which DedupKeys makes them."""
    for first, end in blocks(offsets, minhash.BLOCK_BYTES):
        found = kernels.shingles(
            offsets[first : end + 1], data, character_classes(), minhash.SHINGLE_SIZE
        )
        kernels.signatures(*found, *minhash.permutations())


def rank(table: pl.DataFrame) -> pl.DataFrame:
    """What the keep rule orders by: of one source and without a classifier, the longer first.

    A run has the units of each document from *measure*; here characters stand for them.
    """
    return table.select(
        "doc_id",
        pl.lit(value=False).alias("contaminated"),
        pl.lit(1, pl.Int64).alias("priority"),
        pl.lit(1.0).alias("quality"),
        pl.col("text").str.len_chars().cast(pl.Int64).alias("length"),
        pl.lit(0, pl.Int64).alias("date"),
        pl.lit(False).alias("against"),
    ).select(*RANKED)


def exact(keyed: pl.DataFrame, ranked: pl.DataFrame) -> dict[str, str]:
    """The exact copies with the document that stands for each."""
    rows = ranked.join(keyed.select("doc_id", "exact_key"), on="doc_id", maintain_order="left")
    return _copies(exact_duplicates(rows, RULE))


def near(
    keyed: pl.DataFrame,
    ranked: pl.DataFrame,
    threshold: float = THRESHOLD,
    *,
    estimate: bool = False,
) -> dict[str, str]:
    """The near copies among these documents with the document that stands for each."""
    found = labels(stars(band_rows(keyed, threshold)))
    chosen = candidates(keyed, ranked, found, threshold, estimate=estimate)
    return _copies(near_duplicates(chosen, RULE, threshold, estimate=estimate).clusters)


def remove(table: pl.DataFrame, threshold: float = THRESHOLD) -> Removed:
    """What the pipeline would remove of these documents: exact copies first, then near ones."""
    keyed, ranked = keys(table), rank(table)
    copies = exact(keyed, ranked)
    left = ~pl.col("doc_id").is_in(list(copies))
    return Removed(copies, near(keyed.filter(left), ranked.filter(left), threshold))


def _copies(clusters: pl.DataFrame) -> dict[str, str]:
    pairs = clusters.join(removed(clusters), on="doc_id", how="semi")
    return dict(pairs.select("doc_id", "kept_id").iter_rows())
