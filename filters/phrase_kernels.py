"""Phrases that come back where anything may stand around them, as stuffed keywords do.

A term of a law or a manual comes back as often as a keyword does, yet in few constructions: 法院
is followed by 应当, 的 and 依法 again and again. What was stuffed into a text has other neighbours
each time. So a phrase counts where it is frequent and what it makes with its neighbours is not.
"""
# mypy: disable-error-code="untyped-decorator"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.utf8 import decode
from taojin.filters.chinese_kernels import HAN, LETTER

WINDOW = 16_384
"""Word characters that are looked at together: their table fits the second-level cache, and the end
of a long text is judged like its beginning."""
FREQUENT, FEWEST = 0.008, 5
"""How often a frequent 3-gram occurs for each Han character of the window, and at least."""
RARER = 12
"""How many times rarer its 3-gram with a neighbour is where a phrase is scattered."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_BITS = np.uint64(21)


@nb.njit(nogil=True, cache=True)
def count_scattered(offsets: Offsets, data: Bytes, kinds: NDArray[np.uint8]) -> NDArray[np.int64]:
    """int64[n]: Han characters in scattered phrases.

    Only what words are written with is looked at, in windows: keywords may stand between commas or
    between lines. A scattered phrase is a stretch of Han of which every 3-gram is frequent, while
    the 3-grams that reach one character beyond either end are RARER times as rare as those inside.
    """
    counts = np.zeros(offsets.size - 1, np.int64)
    codes = np.empty(WINDOW, np.uint32)
    inside = np.empty(WINDOW, np.int32)
    keys = np.empty(2 * WINDOW, np.uint64)
    seen = np.empty(2 * WINDOW, np.int32)
    for doc in range(counts.size):
        at = offsets[doc]
        while at < offsets[doc + 1]:
            at, length, han = _letters(at, offsets[doc + 1], data, kinds, codes)
            size = 16
            while size < 2 * length:
                size *= 2
            if han > FEWEST:
                often = _often(codes[:length], keys[:size], seen[:size], inside)
                counts[doc] += _scattered(codes[:length], kinds, often, max(FEWEST, FREQUENT * han))
    return counts


@nb.njit(nogil=True, cache=True)
def _letters(
    at: int, end: int, data: Bytes, kinds: NDArray[np.uint8], codes: NDArray[np.uint32]
) -> tuple[int, int, int]:
    """Fill in the word characters of a window; where it ends, how many there are, and how many of
    them are Han.
    """
    length = han = 0
    while at < end and length < codes.size:
        code, size = decode(data, at)
        at += size
        if kinds[code] & LETTER:
            codes[length] = code
            length += 1
            han += (kinds[code] & HAN) != 0
    return at, length, han


@nb.njit(nogil=True, cache=True)
def _often(
    codes: NDArray[np.uint32],
    keys: NDArray[np.uint64],
    seen: NDArray[np.int32],
    often: NDArray[np.int32],
) -> NDArray[np.int32]:
    """int32[length - 2]: how often the 3-gram that begins at each character occurs.

    Three code points are 63 bits: the keys are exact. A slot that is free has seen nothing.
    """
    seen[:] = 0
    number = max(0, codes.size - 2)
    key = np.uint64(0)
    for at in range(codes.size):
        key = ((key << _BITS) | np.uint64(codes[at])) & np.uint64(0x7FFFFFFFFFFFFFFF)
        if at < 2:
            continue
        slot = np.int64((key * _MIX) >> np.uint64(32)) & (keys.size - 1)
        while seen[slot] and keys[slot] != key:
            slot = (slot + 1) & (keys.size - 1)
        keys[slot] = key
        seen[slot] += 1
        often[at - 2] = slot
    for at in range(number):
        often[at] = seen[often[at]]
    return often[:number]


@nb.njit(nogil=True, cache=True)
def _scattered(
    codes: NDArray[np.uint32], kinds: NDArray[np.uint8], often: NDArray[np.int32], frequent: float
) -> int:
    """Han characters in scattered phrases of one window."""
    found = 0
    start = -1  # the first 3-gram of the stretch that has begun
    for at in range(often.size + 1):
        hot = at < often.size and often[at] >= frequent
        if hot:
            three = kinds[codes[at]] & kinds[codes[at + 1]] & kinds[codes[at + 2]]
            hot = (three & HAN) != 0
        if hot and start < 0:
            start = at
        elif not hot and start >= 0:
            before = often[start - 1] if start else 0
            after = often[at] if at < often.size else 0
            if before * RARER <= often[start] and after * RARER <= often[at - 1]:
                found += at - start + 2
            start = -1
    return found
