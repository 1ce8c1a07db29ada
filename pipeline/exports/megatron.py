"""Megatron-LM's indexed dataset: token ids in `.bin`, lengths and places in `.idx`.

Published in megatron/core/datasets/indexed_dataset.py (Megatron-Core 0.16): a magic of nine bytes,
version 1, a code of the type of the ids, how many sequences and document borders there are, the
length of each sequence (int32), its byte in `.bin` (int64), and the borders (int64). Here each
document is one sequence with its end token, as `tools/preprocess_data.py --append-eod` writes it.
"""

import struct
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from taojin.core.errors import UserError
from taojin.pipeline.exports import tokens
from taojin.pipeline.exports.settings import Settings

MAGIC = b"MMIDIDX\x00\x00"
VERSION = 1
CODES = {"uint16": 8, "int32": 4}


def write_megatron(run: Path, folder: Path, settings: Settings) -> Counter[str]:
    """Write `train` and `validation`, each a `.bin` and an `.idx`, if they hold a document.

    What was counted: documents of each split, and `tokens`, their end tokens among them. Held in
    memory are a batch of rows and eight bytes for each document.
    """
    counts: Counter[str] = Counter()
    for split in tokens.SPLITS:
        shards = tokens.filled(run, split)
        if not shards:
            continue
        kind = _kind(tokens.token_type(shards[0]))
        lengths = _write_ids(run, shards, folder / f"{split}.bin", kind, settings.packing)
        _write_index(folder / f"{split}.idx", lengths, kind)
        counts[split] = lengths.size
        counts["tokens"] += int(lengths.sum())
    if not counts:
        raise UserError(f"{run}: no document was kept, so there is none to export")
    return counts


def _kind(held: np.dtype[np.generic]) -> np.dtype[np.generic]:
    """Megatron has no uint32; ids are far below 2^31."""
    return held if held == np.uint16 else np.dtype(np.int32)


def _write_ids(
    run: Path, shards: list[Path], path: Path, kind: np.dtype[np.generic], packing: str
) -> NDArray[np.int64]:
    """The lengths of the documents, whose ids are written one behind the other."""
    ends = [np.zeros(1, np.int64)]
    written = 0
    with path.open("wb") as file:
        for shard in shards:
            for one in tokens.stretches(run, shard, packing):
                file.write(one.ids.astype(kind.newbyteorder("<")).tobytes())
                ends.append(written + one.ends)
                written += one.ids.size
    found: NDArray[np.int64] = np.diff(np.concatenate(ends)).astype(np.int64)
    return found


def _write_index(path: Path, lengths: NDArray[np.int64], kind: np.dtype[np.generic]) -> None:
    starts = np.cumsum(lengths) - lengths
    with path.open("wb") as file:
        file.write(MAGIC)
        sizes = lengths.size, lengths.size + 1
        file.write(struct.pack("<QBQQ", VERSION, CODES[kind.name], *sizes))
        file.write(lengths.astype("<i4").tobytes())
        file.write((starts * kind.itemsize).astype("<i8").tobytes())
        file.write(np.arange(lengths.size + 1, dtype="<i8").tobytes())
