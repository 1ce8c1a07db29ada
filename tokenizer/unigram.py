"""Encoding with a unigram model: SentencePiece's own best path, around U+2581.

SentencePiece reads U+2581 as a space. So a text is cut there, its parts are encoded, and the
character is written as its three bytes, as the kernel does it for the other models.
"""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Offsets

SPACE = "\u2581"


def processor(model: Path) -> Any:
    """SentencePiece with that model."""
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_file=str(model))


def encode(texts: pl.Series, using: Any) -> tuple[Offsets, NDArray[np.uint32]]:
    """(offsets int64[n + 1], ids uint32) of each text; a null reads as an empty text."""
    rows = using.encode(texts.fill_null("").to_list(), num_threads=1) if len(texts) else []
    marked = texts.str.contains(SPACE, literal=True).fill_null(value=False).arg_true()
    for index in marked:
        rows[index] = _around(texts[index].split(SPACE), using)
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    ids = np.fromiter(chain.from_iterable(rows), np.uint32, offsets[-1])
    return offsets, ids


def _around(parts: Sequence[str], using: Any) -> list[int]:
    mark = [using.piece_to_id(f"<0x{byte:02X}>") for byte in SPACE.encode()]
    first, *others = using.encode(list(parts), num_threads=1)
    return first + [token for ids in others for token in (*mark, *ids)]
