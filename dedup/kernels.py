"""Hot loops of near-duplicates: shingles, MinHash signatures, band keys, similarity."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.text import SPACE, UNSPACED_CHARACTER, WORD

Hashes = NDArray[np.uint32]

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_LARGEST = np.uint32(0xFFFFFFFF)


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
def _tokens(
    start: int,
    end: int,
    data: Bytes,
    classes: NDArray[np.uint8],
    by_character: bool,
    hashes: NDArray[np.uint64],
) -> int:
    """Fill the hash of each token; how many. Tokens are the characters that are no white space, or
    the runs of word characters (a character of an unspaced script is a run by itself).
    """
    count = 0
    inside = False
    at = start
    while at < end:
        code, size = _decode(data, at)
        at += size
        bits = classes[code]
        if by_character:
            if not bits & SPACE:
                hashes[count] = _mix(np.uint64(code) + _MIX)
                count += 1
            continue
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
def shingles(
    offsets: Offsets, data: Bytes, classes: NDArray[np.uint8], size: int
) -> tuple[Offsets, Hashes]:
    """(offsets int64[n + 1], sorted different 32-bit hashes) of each text's windows of tokens.

    Characters without white space where the text is unspaced, words elsewhere. A text of fewer
    tokens than `size` has none.
    """
    unspaced = is_unspaced(offsets, data, classes)
    ends = np.zeros(offsets.size, np.int64)
    hashes = np.empty(_longest(offsets), np.uint64)
    found = np.empty(data.size, np.uint32)
    for doc in range(unspaced.size):
        count = _tokens(offsets[doc], offsets[doc + 1], data, classes, unspaced[doc], hashes)
        at = ends[doc]
        for window in range(max(count - size + 1, 0)):
            found[at + window] = np.uint32(_window(hashes, window, size) >> np.uint64(32))
        ends[doc + 1] = at + _keep_different(found[at : at + max(count - size + 1, 0)])
    return ends, found[: ends[-1]].copy()


@nb.njit(nogil=True, cache=True)
def _keep_different(hashes: Hashes) -> int:
    """Sort in place and move the different values to the front; how many there are."""
    hashes.sort()
    count = 0
    for at in range(hashes.size):
        if count == 0 or hashes[at] != hashes[count - 1]:
            hashes[count] = hashes[at]
            count += 1
    return count


@nb.njit(nogil=True, cache=True)
def signatures(
    offsets: Offsets, hashes: Hashes, factors: Hashes, addends: Hashes
) -> NDArray[np.uint32]:
    """uint32[n, k]: the least of `factors * fmix32(hash) + addends` (mod 2^32) over a row's hashes.

    Equal, bit for bit, to datasketch 2.0's scheme `affine32`. A row without hashes is all ones.
    """
    found = np.full((offsets.size - 1, factors.size), _LARGEST, np.uint32)
    for doc in range(found.shape[0]):
        least = found[doc]
        for at in range(offsets[doc], offsets[doc + 1]):
            mixed = hashes[at]
            mixed = np.uint32((mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x85EBCA6B))
            mixed = np.uint32((mixed ^ (mixed >> np.uint32(13))) * np.uint32(0xC2B2AE35))
            mixed = np.uint32(mixed ^ (mixed >> np.uint32(16)))
            for k in range(factors.size):
                value = np.uint32(factors[k] * mixed + addends[k])
                least[k] = min(least[k], value)
    return found


@nb.njit(nogil=True, cache=True)
def band_keys(signature: NDArray[np.uint32], bands: int, rows: int) -> NDArray[np.uint64]:
    """uint64[n, bands]: one key per band of `rows` values; the band's number is part of it."""
    keys = np.empty((signature.shape[0], bands), np.uint64)
    for doc in range(keys.shape[0]):
        for band in range(bands):
            hashed = _mix(np.uint64(band + 1))
            for row in range(band * rows, (band + 1) * rows):
                hashed = _mix((hashed ^ np.uint64(signature[doc, row])) * _MIX)
            keys[doc, band] = hashed
    return keys


@nb.njit(nogil=True, cache=True)
def jaccard(left: Hashes, right: Hashes) -> float:
    """Shared over all of two sorted sets of different hashes; 0 for two empty ones."""
    shared = i = j = 0
    while i < left.size and j < right.size:
        if left[i] == right[j]:
            shared += 1
            i += 1
            j += 1
        elif left[i] < right[j]:
            i += 1
        else:
            j += 1
    total = left.size + right.size - shared
    return shared / total if total else 0.0
