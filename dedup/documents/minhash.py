"""MinHash signatures (Broder 1997) in datasketch 2.0's scheme `affine32`, and their bands.

Shingles: windows of five characters of the key without white space where it holds an unspaced
script, five words elsewhere. Bands are chosen for recall, 25 of 5 rows for Jaccard 0.8 (16 x 8
finds 95 % of the pairs there, datasketch's own optimum only 40 %); verification on the stored
shingles gives back the precision.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray
from xxhash import xxh3_128_hexdigest

from taojin.core.arrow import Bytes, Offsets, blocks, list_buffers, list_column
from taojin.core.normal import key_buffers
from taojin.core.schema import Schema
from taojin.core.text import character_classes
from taojin.dedup.documents import kernels

SHINGLE_SIZE = 5
PERMUTATIONS = 128
SEED = 1
BLOCK_BYTES = 1 << 20
RECALL = 0.999
"""The share of pairs exactly at the threshold that must share a band."""


SIGNATURE = pl.Array(pl.UInt32, PERMUTATIONS)


@dataclass(frozen=True)
class DedupKeys:
    """Adds the exact key (128-bit hash of the normalised text), the shingles and the signature."""

    simplified: bool = False
    """Whether traditional and simplified Chinese have one key."""
    name: str = "dedup_keys"
    version: int = 3

    @property
    def adds(self) -> Schema:
        return {
            "exact_key": pl.String,
            "shingles": pl.List(pl.UInt32),
            "signature": SIGNATURE,
        }

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        offsets, data = key_buffers(documents["text"], simplified=self.simplified)
        parts = [
            _sketches(offsets[first : end + 1], data) for first, end in blocks(offsets, BLOCK_BYTES)
        ]
        empty = pl.DataFrame(schema={"shingles": pl.List(pl.UInt32), "signature": SIGNATURE})
        return documents.with_columns(exact_keys(offsets, data), *pl.concat([empty, *parts]))


def _sketches(offsets: Offsets, data: Bytes) -> pl.DataFrame:
    """(shingles, signature) of the keys of some documents."""
    found = kernels.shingles(offsets, data, character_classes(), SHINGLE_SIZE)
    signature = kernels.signatures(*found, *permutations())
    shingles = list_column("shingles", *kernels.distinct(*found))
    return pl.DataFrame([shingles, pl.Series("signature", signature, SIGNATURE)])


def exact_keys(offsets: Offsets, data: Bytes) -> pl.Series:
    """String `exact_key`: 32 hex digits of each key's bytes, as `core.hashing.content_hash`."""
    found = [xxh3_128_hexdigest(data[start:end].data) for start, end in pairwise(offsets.tolist())]
    return pl.Series("exact_key", found, pl.String)


def signatures(shingles: pl.Series) -> NDArray[np.uint32]:
    """uint32[n, 128]: what datasketch's MinHash(scheme="affine32", seed=1) holds."""
    offsets, hashes = list_buffers(shingles)
    return kernels.signatures(offsets, hashes, *permutations())


def banding(threshold: float) -> tuple[int, int]:
    """(bands, rows): the longest bands that a pair at the threshold shares one of.

    A pair of similarity s shares a band with a probability of 1 - (1 - s^rows)^bands; the longer
    the bands, the fewer candidates. 32 of 4 rows for 0.7, 25 of 5 for 0.8, 16 of 8 for 0.9.
    """
    for rows in range(PERMUTATIONS, 1, -1):
        bands = PERMUTATIONS // rows
        if 1 - (1 - threshold**rows) ** bands >= RECALL:
            return bands, rows
    return PERMUTATIONS, 1


def bands(signature: NDArray[np.uint32], threshold: float) -> pl.Series:
    """List(UInt64) `bands`: documents that share a key are candidates. No shingle, no key."""
    count, rows = banding(threshold)
    keys = kernels.band_keys(signature, count, rows)
    empty = (signature == np.uint32(0xFFFFFFFF)).all(axis=1)
    offsets = np.concatenate(([0], np.cumsum(np.where(empty, 0, count))))
    return list_column("bands", offsets, keys[~empty].ravel())


def band_rows(keys: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """(key, doc_id): every band key of documents with a `signature`."""
    found = bands(keys["signature"].to_numpy(), threshold)
    table = pl.DataFrame({"key": found, "doc_id": keys["doc_id"]})
    return table.explode("key").drop_nulls("key")


@cache
def permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """(odd factors, addends), drawn as datasketch draws them."""
    generator = np.random.RandomState(SEED)  # the scheme's own generator
    factors = generator.randint(0, 1 << 31, size=PERMUTATIONS, dtype=np.uint32) * np.uint32(2)
    factors += np.uint32(1)
    addends = generator.randint(0, 1 << 32, size=PERMUTATIONS, dtype=np.uint32)
    for array in (factors, addends):
        array.flags.writeable = False
    return factors, addends
