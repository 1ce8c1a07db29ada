"""Where a document goes: order, shard and split, drawn by hash of its content and nothing else.

So they do not depend on partitions, workers or other documents. The hash is our own arithmetic,
because Polars' may change between releases.
"""

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from taojin.core.arrow import string_buffers

HEX_DIGITS = 32


def order_key(content_hash: pl.Series, copy: pl.Series, seed: int) -> pl.Series:
    """uint64 `key`: sorting by (key, doc_id) is the global shuffle; copies land far apart."""
    mixed = _hash(content_hash, "order", seed) ^ _mix(copy.to_numpy().astype(np.uint64))
    return pl.Series("key", _mix(mixed))


def split_of(
    content_hash: pl.Series,
    validation_share: float,
    seed: int = 0,
    together: pl.DataFrame | None = None,
) -> pl.Series:
    """`split`, "train" or "validation": all copies of a text, and its QA, share one.

    So do the texts of a cluster, if `together` (schema.TOGETHER) tells of any; a large one is for
    training.
    """
    drawn = uniform(content_hash, "split", seed) < validation_share
    if together is not None and together.height:
        texts = content_hash.rename("content_hash").to_frame()
        found = texts.join(together, on="content_hash", how="left", maintain_order="left")
        key = found.select(pl.coalesce("cluster", "content_hash")).to_series()
        large = found["large"].fill_null(value=False)
        drawn = (uniform(key, "split", seed) < validation_share) & ~large
    labels = pl.Series("split", ["train", "validation"])
    return labels.gather(drawn.cast(pl.UInt32))


def shard_count(total_tokens: int, tokens_per_shard: int) -> int:
    """How many shards so many tokens fill; at least one."""
    return max(1, -(-total_tokens // tokens_per_shard))


def shard_of(key: pl.Series, shards: int) -> pl.Series:
    """int64 `shard` 0 to shards - 1 by the top bits of the key: shard after shard is key order."""
    top = key.to_numpy() >> np.uint64(32)
    return pl.Series("shard", (top * np.uint64(shards) >> np.uint64(32)).astype(np.int64))


def uniform(content_hash: pl.Series, purpose: str, seed: int) -> pl.Series:
    """float64 in [0, 1): one draw per text; draws for different purposes are independent."""
    return pl.Series((_hash(content_hash, purpose, seed) >> np.uint64(11)) * 2.0**-53)


def _hash(content_hash: pl.Series, purpose: str, seed: int) -> NDArray[np.uint64]:
    """uint64[n] of both halves of each content hash, the purpose and the seed."""
    halves = _halves(content_hash)
    salt = np.uint64(xxhash.xxh3_64_intdigest(f"{purpose}\0{seed}".encode()))
    return _mix(_mix(halves[:, 0] ^ salt) ^ halves[:, 1])


def _halves(content_hash: pl.Series) -> NDArray[np.uint64]:
    """uint64[n, 2] of 32 hex digits each; ValueError for anything else."""
    offsets, data = string_buffers(content_hash)
    if (np.diff(offsets) != HEX_DIGITS).any():
        raise ValueError(f"a content hash has {HEX_DIGITS} hex digits")
    packed = bytes.fromhex(data[offsets[0] : offsets[-1]].tobytes().decode("ascii"))
    return np.frombuffer(packed, ">u8").astype(np.uint64).reshape(-1, 2)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of splitmix64 (Steele et al. 2014): every bit of a value reaches every bit."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
