"""Normalising: the loop of `core.normal` over UTF-8 bytes.

Every code point that stands for itself in any context is looked up in a table; a text with another
one is given back as it is, for the library to normalise.
"""
# mypy: disable-error-code="untyped-decorator, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets

Codes = NDArray[np.uint32]

EXPANDS = 1 << 24
"""Added to the number of an expansion, where a code point becomes several."""
DEPENDS = (1 << 32) - 1
"""Stands for a code point that its neighbours may change, or that may change them."""

_FULL, _UNFINISHED = -1, -2
_SPACE = 32
_ROOM = 128
"""More bytes than one code point can become (U+FDFA: 33)."""


@nb.njit(nogil=True, cache=True, inline="always")
def _decode(data: Bytes, at: int) -> tuple[int, int]:
    """(code point, bytes it takes) at a byte position of valid UTF-8."""
    lead = data[at]
    if lead < 0x80:
        return int(lead), 1
    if lead < 0xE0:
        return ((lead & 0x1F) << 6) | (data[at + 1] & 0x3F), 2
    if lead < 0xF0:
        return ((lead & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F), 3
    high = ((lead & 0x07) << 18) | ((data[at + 1] & 0x3F) << 12)
    return high | ((data[at + 2] & 0x3F) << 6) | (data[at + 3] & 0x3F), 4


@nb.njit(nogil=True, cache=True, inline="always")
def _encode(code: int, out: Bytes, at: int) -> int:
    """Write a code point as UTF-8; where the next one goes."""
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | (code >> 6)
        out[at + 1] = 0x80 | (code & 0x3F)
        return at + 2
    if code < 0x10000:
        out[at] = 0xE0 | (code >> 12)
        out[at + 1] = 0x80 | ((code >> 6) & 0x3F)
        out[at + 2] = 0x80 | (code & 0x3F)
        return at + 3
    out[at] = 0xF0 | (code >> 18)
    out[at + 1] = 0x80 | ((code >> 12) & 0x3F)
    out[at + 2] = 0x80 | ((code >> 6) & 0x3F)
    out[at + 3] = 0x80 | (code & 0x3F)
    return at + 4


@nb.njit(nogil=True, cache=True, inline="always")
def _put(code: int, before: int, out: Bytes, at: int) -> int:
    """Write a code point unless it is a space after a space; where the next one goes."""
    if code == _SPACE and before == _SPACE:
        return at
    return _encode(code, out, at)


@nb.njit(nogil=True, cache=True)
def _document(
    at: int,
    end: int,
    data: Bytes,
    table: Codes,
    starts: Offsets,
    expansions: Codes,
    out: Bytes,
    at_out: int,
) -> int:
    """Write the key of one text; where it ends, _UNFINISHED, or _FULL if `out` may be too small."""
    start = at_out
    before = np.uint32(_SPACE)
    while at < end:
        if end - at + _ROOM > out.size - at_out:
            return _FULL
        while at < end and data[at] < 0x80:  # nearly all of English: no branch but the loop's
            found = table[data[at]]
            out[at_out] = found
            at_out += not (found == _SPACE and before == _SPACE)
            before = found
            at += 1
        if at == end:
            break
        code, size = _decode(data, at)
        at += size
        found = table[code]
        if found < EXPANDS:
            at_out = _put(found, before, out, at_out)
            before = found
        elif found == DEPENDS:
            return _UNFINISHED
        else:
            number = found - EXPANDS
            for index in range(starts[number], starts[number + 1]):
                at_out = _put(expansions[index], before, out, at_out)
                before = expansions[index]
    return at_out - (at_out > start and before == _SPACE)


@nb.njit(nogil=True, cache=True)
def normalise(
    offsets: Offsets, data: Bytes, table: Codes, starts: Offsets, expansions: Codes
) -> tuple[Offsets, Bytes, NDArray[np.bool_]]:
    """(offsets int64[n + 1], UTF-8 bytes, bool[n]): the keys, and which texts are none yet.

    `table` holds for each code point what it becomes, DEPENDS, or EXPANDS and the number of a
    stretch of `expansions`, which begin at `starts`. White space is 32 there: a run of it is
    written once, at the ends of a text not at all. A text with DEPENDS is empty here.
    """
    ends = np.zeros(offsets.size, np.int64)
    unfinished = np.zeros(offsets.size - 1, np.bool_)
    out = np.empty(offsets[-1] - offsets[0] + _ROOM, np.uint8)
    for doc in range(unfinished.size):
        written = _FULL
        while written == _FULL:
            written = _document(
                offsets[doc], offsets[doc + 1], data, table, starts, expansions, out, ends[doc]
            )
            if written == _FULL:
                out = np.concatenate((out, np.empty(out.size // 4 + _ROOM, np.uint8)))
        unfinished[doc] = written == _UNFINISHED
        ends[doc + 1] = ends[doc] if unfinished[doc] else written
    return ends, out[: ends[-1]], unfinished
