"""Hot loops over passages: a key for each that is long enough."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.text import UNSPACED_CHARACTER, WORD

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)


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
def _mix(value: np.uint64) -> np.uint64:
    """The finaliser of MurmurHash3 for 64 bits: a bijection whose every bit depends on all."""
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@nb.njit(nogil=True, cache=True)
def _longest(offsets: Offsets) -> int:
    """Bytes of the longest text."""
    longest = 0
    for doc in range(offsets.size - 1):
        longest = max(longest, offsets[doc + 1] - offsets[doc])
    return longest


@nb.njit(nogil=True, cache=True)
def _units(
    start: int, end: int, data: Bytes, classes: NDArray[np.uint8], hashes: NDArray[np.uint64]
) -> int:
    """Fill the hash of each unit (`core.text`); how many."""
    count = 0
    inside = False
    at = start
    while at < end:
        code, size = _decode(data, at)
        at += size
        bits = classes[code]
        if not bits & WORD:
            inside = False
            continue
        if not inside or bits & UNSPACED_CHARACTER:
            hashes[count] = _FNV_OFFSET
            count += 1
        hashes[count - 1] = (hashes[count - 1] ^ np.uint64(code)) * _FNV_PRIME
        inside = not bits & UNSPACED_CHARACTER
    return count


@nb.njit(nogil=True, cache=True, inline="always")
def _window(hashes: NDArray[np.uint64], at: int, size: int) -> np.uint64:
    hashed = np.uint64(size)
    for token in range(at, at + size):
        hashed = (hashed ^ hashes[token]) * _MIX
        hashed ^= hashed >> np.uint64(29)
    return _mix(hashed)


@nb.njit(nogil=True, cache=True)
def line_hashes(
    offsets: Offsets, data: Bytes, classes: NDArray[np.uint8], shortest: int
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """(text, hash) of every line of at least `shortest` units, in order."""
    lines = offsets.size - 1
    for byte in data[offsets[0] : offsets[-1]]:
        lines += byte == 10
    found = np.empty(lines, np.int64)
    keys = np.empty(lines, np.uint64)
    used = 0
    hashes = np.empty(_longest(offsets), np.uint64)
    for doc in range(offsets.size - 1):
        at = offsets[doc]
        while at < offsets[doc + 1]:
            end = at
            while end < offsets[doc + 1] and data[end] != 10:
                end += 1
            count = _units(at, end, data, classes, hashes)
            if count >= shortest:
                found[used], keys[used] = doc, _window(hashes, 0, count)
                used += 1
            at = end + 1
    return found[:used].copy(), keys[:used].copy()
