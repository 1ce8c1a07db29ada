"""What a run leaves of its kept documents for later runs to be deduplicated against.

A row of `schema.INDEX` holds a document's keys, and a file beside the rows says how they were made.
The signatures are datasketch's: `LeanMinHash(seed=1, scheme="affine32", hashvalues=signature)`.
"""

from collections.abc import Mapping
from dataclasses import asdict

import polars as pl

from taojin.core import schema
from taojin.dedup.documents.minhash import PERMUTATIONS, SEED, SHINGLE_SIZE, DedupKeys

FOLDER = "index"
DESCRIPTION = "index.json"
"""The file of the folder that says how its keys were made."""


def description(keys: DedupKeys, *, shingles: bool) -> dict[str, object]:
    """How keys were made: two that differ in anything but `shingles` cannot be compared."""
    made = {"scheme": "affine32", "seed": SEED, "permutations": PERMUTATIONS}
    return {**made, "shingle_size": SHINGLE_SIZE, **asdict(keys), "shingles": shingles}


def misfit(found: Mapping[str, object], keys: DedupKeys, *, shingles: bool) -> str:
    """What keeps an index from being compared with such keys; empty if nothing does."""
    wanted = description(keys, shingles=shingles)
    for name in (name for name in sorted({*found, *wanted}) if name != "shingles"):
        if found.get(name) != wanted.get(name):
            return f"its {name} is {found.get(name)}, this run's {wanted.get(name)}"
    if shingles and not found["shingles"]:
        return 'it holds no shingles, which only dedup.near.verify = "estimate" can do without'
    return ""


def rows(keys: pl.DataFrame, *, shingles: bool) -> pl.DataFrame:
    """`schema.INDEX` of documents with these keys, sorted by doc_id."""
    held = pl.col("shingles") if shingles else pl.lit(None, pl.List(pl.UInt32)).alias("shingles")
    return keys.with_columns(held).select(*schema.INDEX).sort("doc_id")
