"""The packed token ids of a run, read back as documents one behind the other, a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taojin.core.errors import UserError
from taojin.tokenizer.encode import load as load_encoder

SPLITS = ("train", "validation")
Ids = NDArray[np.generic]


@dataclass(frozen=True)
class Stretch:
    """Tokens without padding; `ends` are the places in `ids` behind which a document ends.

    What stands behind the last of them goes on in the next stretch of the same shard.
    """

    ids: Ids
    ends: NDArray[np.int64]


def shards(run: Path, split: str) -> list[Path]:
    """The shards of a split, in order; UserError where there is none."""
    folder = run / "dataset" / "pretrain" / split
    if not folder.is_dir():
        raise UserError(
            f"{run}: no pretrain dataset here; `taojin run --out {run}` makes one once it gets to "
            "its end"
        )
    return sorted(folder.glob("*.arrow"))


def filled(run: Path, split: str) -> list[Path]:
    """The shards of a split that hold a row."""
    return [path for path in shards(run, split) if next(batches(path), None) is not None]


def batches(shard: Path) -> Iterator[pa.RecordBatch]:
    """The record batches of a shard that hold rows, memory-mapped."""
    with pa.memory_map(str(shard)) as file:
        yield from (batch for batch in pa.ipc.open_stream(file) if batch.num_rows)


def token_type(shard: Path) -> np.dtype[np.generic]:
    """uint16 or uint32: how the shard holds an id."""
    with pa.memory_map(str(shard)) as file:
        lists = pa.ipc.open_stream(file).schema.field("input_ids").type
    return np.dtype(lists.value_type.to_pandas_dtype())


def matrix(batch: pa.RecordBatch, column: str) -> Ids:
    """The column's lists of one length, [rows, length]."""
    lists = batch.column(column)
    values: Ids = lists.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(batch.num_rows, -1)


def stretches(run: Path, shard: Path, packing: str) -> Iterator[Stretch]:
    """The tokens of a shard in order.

    Documents end behind their end tokens, not where a row does. Only `best_fit` parts a document
    for good: its pieces may stand far apart, and each of them is a document here.
    """
    eos_id = load_encoder(run / "tokenizer").eos_id
    for batch in batches(shard):
        ids = matrix(batch, "input_ids")
        counts = batch.column("token_count").to_numpy()
        real = np.arange(ids.shape[1]) < counts[:, None]
        flat = ids[real]
        ends = flat == eos_id
        if packing == "best_fit":
            ends |= np.append(matrix(batch, "position_ids")[real][1:] == 0, True)
        yield Stretch(flat, np.flatnonzero(ends) + 1)
