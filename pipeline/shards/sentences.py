"""Behind which token a text may be cut: where a sentence or a line ends.

Told by the tokens alone, since a shard has no text: a piece of the vocabulary ends with a mark, or
with a mark and what closes it. The marks of scripts with spaces (`.`, `!`, `?`) count where white
space follows; none counts where a closing mark follows.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from taojin.core.text import CLOSERS, SENTENCE_ENDS
from taojin.tokenizer.encode import Encoder

NEEDS_SPACE = ".!?"
ENDS, ENDS_BEFORE_SPACE, SPACE, CLOSER = 1, 2, 4, 8

Ids = NDArray[np.uint32]


def breaks_of(encoder: Encoder) -> Callable[[Ids], NDArray[np.bool_]]:
    """Of ids, whether a sentence or a line ends with each."""
    table = np.array([_flags(encoder.decode([one])) for one in range(encoder.size)], np.uint8)

    def breaks(ids: Ids) -> NDArray[np.bool_]:
        flags = table[ids]
        following = np.append(flags[1:], np.uint8(SPACE))
        spaced = (flags & ENDS_BEFORE_SPACE != 0) & (following & SPACE != 0)
        ends: NDArray[np.bool_] = ((flags & ENDS != 0) | spaced) & (following & CLOSER == 0)
        return ends

    return breaks


def _flags(piece: str) -> int:
    """What a piece tells of the place behind it, and of the one before it."""
    mark = piece.rstrip(CLOSERS)[-1:]
    flags = SPACE * piece[:1].isspace() | CLOSER * bool(piece and piece[0] in CLOSERS)
    if piece.endswith("\n"):
        return flags | ENDS
    if mark and mark in NEEDS_SPACE:
        return flags | ENDS_BEFORE_SPACE
    return flags | ENDS * bool(mark and mark in SENTENCE_ENDS)
