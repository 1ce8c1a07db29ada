"""Hot loops over n-grams of units: those of evaluation items, and where a text holds one."""

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
def is_unspaced(offsets: Offsets, data: Bytes, classes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """bool[n]: whether a text holds a character of a script written without spaces."""
    found = np.zeros(offsets.size - 1, np.bool_)
    for doc in range(found.size):
        at = offsets[doc]
        while at < offsets[doc + 1] and not found[doc]:
            code, size = _decode(data, at)
            found[doc] = (classes[code] & UNSPACED_CHARACTER) != 0
            at += size
    return found


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
def ngram_hits(
    offsets: Offsets,
    data: Bytes,
    classes: NDArray[np.uint8],
    size: int,
    wanted: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """int64[hits, 2]: document and index into the sorted `wanted` of every window that is wanted.

    White space and punctuation do not count: tokens are units (`core.text`).
    """
    hashes = np.empty(_longest(offsets), np.uint64)
    hits = np.empty((64, 2), np.int64)
    used = 0
    filter_bits = np.zeros(1 << 16, np.bool_)
    for key in wanted:
        filter_bits[key >> np.uint64(48)] = True
    for doc in range(offsets.size - 1):
        count = _units(offsets[doc], offsets[doc + 1], data, classes, hashes)
        for at in range(count - size + 1):
            key = _window(hashes, at, size)
            if not filter_bits[key >> np.uint64(48)]:
                continue
            index = np.searchsorted(wanted, key)
            if index < wanted.size and wanted[index] == key:
                if used == hits.shape[0]:
                    hits = np.concatenate((hits, np.empty_like(hits)))
                hits[used, 0], hits[used, 1] = doc, index
                used += 1
    return hits[:used].copy()


@nb.njit(nogil=True, cache=True)
def ngrams(
    offsets: Offsets, data: Bytes, classes: NDArray[np.uint8], size: int
) -> tuple[Offsets, NDArray[np.uint64]]:
    """(offsets int64[n + 1], hashes) of each text's windows of units, for `ngram_hits`."""
    hashes = np.empty(_longest(offsets), np.uint64)
    ends = np.zeros(offsets.size, np.int64)
    found = np.empty(data.size, np.uint64)
    for doc in range(offsets.size - 1):
        count = _units(offsets[doc], offsets[doc + 1], data, classes, hashes)
        ends[doc + 1] = ends[doc] + max(count - size + 1, 0)
        for at in range(max(count - size + 1, 0)):
            found[ends[doc] + at] = _window(hashes, at, size)
    return ends, found[: ends[-1]].copy()
