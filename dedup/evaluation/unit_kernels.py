"""Hot loops over the units of a text: a hash of each, of windows and of whole items."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.mixing import mix
from taojin.core.utf8 import decode
from taojin.dedup.evaluation.characters import (
    ALONE,
    BREAK,
    CLOSE,
    LABEL,
    MANY,
    MARK,
    NOTHING,
    OPEN,
    SOFT_BREAK,
    WORD,
)

Hashes = NDArray[np.uint64]
Integers = NDArray[np.int64]
Flags = NDArray[np.uint32]
Places = NDArray[np.int32]
Breaks = NDArray[np.bool_]

BASE = np.uint64(0x9E3779B97F4A7C15)
"""Of the polynomial that is a window's hash."""

_CODE = np.uint32((1 << 21) - 1)
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_PLACE = np.uint32(BREAK | SOFT_BREAK | LABEL | OPEN | CLOSE)


@nb.njit(nogil=True, cache=True)
def _breaks_here(
    flags: np.uint32, data: Bytes, at: int, end: int, table: Flags, on_line: int, since_open: int
) -> bool:
    """Whether what follows this character stands by itself; `at` is the byte behind it."""
    if flags & np.uint32(BREAK):
        return True
    if flags & np.uint32(LABEL) and on_line == 1:
        return True
    if flags & np.uint32(CLOSE):
        return since_open == 0
    if not flags & np.uint32(SOFT_BREAK):
        return False
    if at == end:
        return True
    code, _ = decode(data, at)
    return not table[code] & np.uint32(WORD)


@nb.njit(nogil=True, cache=True)
def fill_units(
    start: int,
    end: int,
    data: Bytes,
    table: Flags,
    rest: Flags,
    hashes: Hashes,
    places: Places,
    breaks: Breaks,
) -> int:
    """Fill each unit's hash, the code points where it starts and ends (places[2i], places[2i + 1])
    and whether it stands at the beginning of something; how many units there are.
    """
    count, at, place = 0, start, 0
    inside = touching = False
    line, opened = 0, -1  # units before this line, and before the last bracket that opened
    breaks[0] = True
    while at < end:
        code, size = decode(data, at)
        at += size
        flags = table[code]
        if flags & np.uint32(NOTHING):
            place += 1
            continue
        first, last = 0, 0
        if flags & np.uint32(MANY):
            first = int(flags & _CODE) + 1
            last = first + int(rest[first - 1]) - 1
        for part in range(first, last + 1):
            one = rest[part] if first else flags
            if not one & np.uint32(WORD):
                inside = touching = False
                continue
            alone = one & np.uint32(ALONE) != 0
            mark = touching and one & np.uint32(MARK) != 0
            if not mark and (alone or not inside):
                hashes[count] = _FNV_OFFSET
                places[2 * count] = place
                count += 1
                breaks[count] = False
            hashes[count - 1] = (hashes[count - 1] ^ np.uint64(one & _CODE)) * _FNV_PRIME
            places[2 * count - 1] = place + 1
            inside = inside if mark else not alone
            touching = True
        place += 1
        if flags & _PLACE:
            if _breaks_here(flags, data, at, end, table, count - line, count - opened):
                breaks[count] = True
            if flags & np.uint32(OPEN):
                opened = count
            if code in (0x0A, 0x0D):
                line = count
    breaks[count] = True
    for unit in range(count):
        hashes[unit] = mix(hashes[unit])
    return count


@nb.njit(nogil=True, cache=True)
def room(offsets: Offsets) -> tuple[Hashes, Places, Breaks]:
    """Arrays for `fill_units` of the longest text: a byte stands for less than 2 units."""
    longest = 0
    for doc in range(offsets.size - 1):
        longest = max(longest, offsets[doc + 1] - offsets[doc])
    most = 2 * longest + 2
    return np.empty(most, np.uint64), np.empty(2 * most, np.int32), np.empty(most, np.bool_)


@nb.njit(nogil=True, cache=True)
def unit_hashes(
    offsets: Offsets, data: Bytes, table: Flags, rest: Flags
) -> tuple[Integers, Hashes]:
    """(offsets int64[n + 1], hashes): those of text i are `hashes[offsets[i]:offsets[i + 1]]`."""
    hashes, places, breaks = room(offsets)
    ends = np.zeros(offsets.size, np.int64)
    found = np.empty(2 * data.size, np.uint64)
    for doc in range(offsets.size - 1):
        count = fill_units(
            offsets[doc], offsets[doc + 1], data, table, rest, hashes, places, breaks
        )
        found[ends[doc] : ends[doc] + count] = hashes[:count]
        ends[doc + 1] = ends[doc] + count
    return ends, found[: ends[-1]].copy()


@nb.njit(nogil=True, cache=True)
def unspaced_counts(offsets: Offsets, data: Bytes, table: Flags, rest: Flags) -> Integers:
    """int64[n]: characters of each text that are a unit by themselves."""
    counts = np.zeros(offsets.size - 1, np.int64)
    for doc in range(counts.size):
        at = offsets[doc]
        while at < offsets[doc + 1]:
            code, size = decode(data, at)
            at += size
            flags = table[code]
            if not flags & np.uint32(MANY):
                counts[doc] += flags & np.uint32(ALONE) != 0
                continue
            first = int(flags & _CODE) + 1
            for part in range(first, first + int(rest[first - 1])):
                counts[doc] += rest[part] & np.uint32(ALONE) != 0
    return counts


@nb.njit(nogil=True, cache=True)
def window_hashes(offsets: Integers, hashes: Hashes, size: int) -> tuple[Integers, Hashes]:
    """(offsets int64[n + 1], hashes) of the windows of `size` units in each row of hashes."""
    ends = np.zeros(offsets.size, np.int64)
    found = np.empty(hashes.size, np.uint64)
    for row in range(offsets.size - 1):
        windows = max(offsets[row + 1] - offsets[row] - size + 1, 0)
        ends[row + 1] = ends[row] + windows
        for at in range(windows):
            value = np.uint64(0)
            for unit in range(offsets[row] + at, offsets[row] + at + size):
                value = value * BASE + hashes[unit]
            found[ends[row] + at] = mix(value)
    return ends, found[: ends[-1]].copy()


@nb.njit(nogil=True, cache=True)
def whole_hashes(offsets: Integers, hashes: Hashes) -> Hashes:
    """uint64[n]: the hash of all units of each row."""
    found = np.empty(offsets.size - 1, np.uint64)
    for row in range(found.size):
        value = np.uint64(0)
        for unit in range(offsets[row], offsets[row + 1]):
            value = value * BASE + hashes[unit]
        found[row] = mix(value)
    return found
