"""Normalising: the loop of `core.normal` over UTF-8 bytes.

Every code point that stands for itself in any context is looked up in a table; a text with another
one is given back as it is, for the library to normalise.
"""
# mypy: disable-error-code="untyped-decorator, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.utf8 import Position, decode_unsigned

Codes = NDArray[np.uint32]

EXPANDS = np.uint64(1 << 24)
"""Added to the number of an expansion, where a code point becomes several."""
DEPENDS = np.uint64((1 << 32) - 1)
"""Stands for a code point that its neighbours may change, or that may change them."""

_1, _2, _3, _4 = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
_FULL, _UNFINISHED = -1, -2
_SPACE = np.uint64(32)
_ROOM = np.uint64(128)
"""More bytes than one code point can become (U+FDFA: 33)."""


@nb.njit(nogil=True, cache=True, inline="always")
def _encode(code: np.uint64, out: Bytes, at: Position) -> Position:
    """Write a code point as UTF-8; where the next one goes."""
    last = np.uint64(0x80) | (code & np.uint64(0x3F))
    if code < np.uint64(0x80):
        out[at] = code
        return at + _1
    if code < np.uint64(0x800):
        out[at] = np.uint64(0xC0) | code >> np.uint64(6)
        out[at + _1] = last
        return at + _2
    second = np.uint64(0x80) | (code >> np.uint64(6) & np.uint64(0x3F))
    if code < np.uint64(0x10000):
        out[at] = np.uint64(0xE0) | code >> np.uint64(12)
        out[at + _1] = second
        out[at + _2] = last
        return at + _3
    out[at] = np.uint64(0xF0) | code >> np.uint64(18)
    out[at + _1] = np.uint64(0x80) | (code >> np.uint64(12) & np.uint64(0x3F))
    out[at + _2] = second
    out[at + _3] = last
    return at + _4


@nb.njit(nogil=True, cache=True, inline="always")
def _put(code: np.uint64, before: np.uint64, out: Bytes, at: Position) -> Position:
    """Write a code point unless it is a space after a space; where the next one goes."""
    if code == _SPACE and before == _SPACE:
        return at
    return _encode(code, out, at)


@nb.njit(nogil=True, cache=True)
def _document(
    at: Position,
    end: Position,
    data: Bytes,
    table: Codes,
    starts: Offsets,
    expansions: Codes,
    out: Bytes,
    start: Position,
) -> int:
    """Write the key of one text; where it ends, _UNFINISHED, or _FULL if `out` may be too small."""
    at_out, before = start, _SPACE
    while at < end:
        if end - at + _ROOM > np.uint64(out.size) - at_out:
            return _FULL
        while at < end and data[at] < 0x80:  # nearly all of English: no branch but the loop's
            found = np.uint64(table[data[at]])
            out[at_out] = found
            at_out += np.uint64((found != _SPACE) | (before != _SPACE))
            before = found
            at += _1
        while at + _2 < end and data[at] & 0xF0 == 0xE0:  # nearly all of Chinese
            lead, second, third = data[at], data[at + _1], data[at + _2]
            code = (
                np.uint64(lead & 0x0F) << np.uint64(12)
                | np.uint64(second & 0x3F) << np.uint64(6)
                | np.uint64(third & 0x3F)
            )
            if table[code] != code:
                break
            out[at_out], out[at_out + _1], out[at_out + _2] = lead, second, third
            at_out += _3
            at += _3
            before = code
        if at == end:
            break
        code, at = decode_unsigned(data, at)
        found = np.uint64(table[code])
        if found < EXPANDS:
            at_out = _put(found, before, out, at_out)
            before = found
        elif found == DEPENDS:
            return _UNFINISHED
        else:
            number = found - EXPANDS
            for index in range(starts[number], starts[number + _1]):
                found = np.uint64(expansions[index])
                at_out = _put(found, before, out, at_out)
                before = found
    return int(at_out) - int(at_out > start and before == _SPACE)


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
    out = np.empty(offsets[-1] - offsets[0] + int(_ROOM), np.uint8)
    for doc in range(unfinished.size):
        start, end = np.uint64(offsets[doc]), np.uint64(offsets[doc + 1])
        written = _FULL
        while written == _FULL:
            at_out = np.uint64(ends[doc])
            written = _document(start, end, data, table, starts, expansions, out, at_out)
            if written == _FULL:
                out = np.concatenate((out, np.empty(out.size // 4 + int(_ROOM), np.uint8)))
        unfinished[doc] = written == _UNFINISHED
        ends[doc + 1] = ends[doc] if unfinished[doc] else written
    return ends, out[: ends[-1]], unfinished
