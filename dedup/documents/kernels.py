"""Hot loops of near-duplicates: shingles, MinHash signatures, band keys, similarity."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.mixing import mix
from taojin.core.text import SPACE, UNSPACED_CHARACTER, WORD
from taojin.core.utf8 import Position, decode_unsigned

Hashes = NDArray[np.uint32]
Tokens = NDArray[np.uint64]

_LARGEST = np.uint32(0xFFFFFFFF)
_1, _2, _3, _4 = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
_BASE = np.uint64(0xD1342543DE82EF95)
_ADDEND = np.uint64(0x2545F4914F6CDD1D)
_BLOCK = 2048
"""Hashes that are permuted at a time: 8 KB of them."""
_LANES = 64
"""The compiler's vectors take so many hashes at a time: no loop over the last few is left."""
_FEW = 64
"""Hashes that insertion sorts faster than counting bytes."""


@nb.njit(nogil=True, cache=True)
def is_unspaced(offsets: Offsets, data: Bytes, classes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """bool[n]: whether a text holds a character of a script written without spaces."""
    found = np.zeros(offsets.size - 1, np.bool_)
    for doc in range(found.size):
        at, end = np.uint64(offsets[doc]), np.uint64(offsets[doc + 1])
        while at < end and not found[doc]:
            if data[at] < 0x80:  # none of them
                at += _1
                continue
            code, at = decode_unsigned(data, at)
            found[doc] = (classes[code] & UNSPACED_CHARACTER) != 0
    return found


@nb.njit(nogil=True, cache=True)
def _characters(
    at: Position, end: Position, data: Bytes, classes: NDArray[np.uint8], tokens: Tokens
) -> int:
    """Fill the code point of each character that is no white space; how many."""
    count = np.uint64(0)
    while at < end:
        code, at = decode_unsigned(data, at)
        tokens[count] = code
        count += np.uint64((classes[code] & SPACE) == 0)
    return int(count)


@nb.njit(nogil=True, cache=True)
def _words(
    at: Position, end: Position, data: Bytes, classes: NDArray[np.uint8], tokens: Tokens
) -> int:
    """Fill the hash of each run of word characters; how many.

    There is no branch at the ends of words, since nothing could foresee it.
    """
    count = inside = hashed = np.uint64(0)
    while at < end:
        code, at = decode_unsigned(data, at)
        is_word = np.uint64(classes[code] & WORD)
        tokens[count] = hashed
        count += inside & (is_word ^ _1)
        hashed = _roll(hashed, code) & (np.uint64(0) - is_word)
        inside = is_word
    tokens[count] = hashed
    return int(count + inside)


@nb.njit(nogil=True, cache=True, inline="always")
def _roll(hashed: np.uint64, code: np.uint64) -> np.uint64:
    """A cyclic polynomial's next value (Cohen 1997): nothing slow depends on the last one."""
    turned = hashed << np.uint64(5) | hashed >> np.uint64(59)
    return turned ^ (code + _ADDEND) * _BASE


@nb.njit(nogil=True, cache=True)
def _windows(tokens: Tokens, size: int, found: Hashes) -> None:
    """Fill the hash of each window: a polynomial that rolls on (Karp and Rabin 1987), mixed."""
    highest = rolled = np.uint64(0)
    for at in range(size):
        rolled = rolled * _BASE + tokens[at] + _ADDEND
        highest = highest * _BASE if at else _1
    highest *= _BASE
    found[0] = np.uint32(mix(rolled) >> np.uint64(32))
    for at in range(1, tokens.size - size + 1):
        changed = tokens[at + size - 1] + _ADDEND - (tokens[at - 1] + _ADDEND) * highest
        rolled = rolled * _BASE + changed
        found[at] = np.uint32(mix(rolled) >> np.uint64(32))


@nb.njit(nogil=True, cache=True)
def shingles(
    offsets: Offsets, data: Bytes, classes: NDArray[np.uint8], size: int
) -> tuple[Offsets, Hashes]:
    """(offsets int64[n + 1], 32-bit hashes) of each text's windows of tokens, in their order.

    Characters without white space where the text is unspaced, words elsewhere. A text of fewer
    tokens than `size` has none.
    """
    unspaced = is_unspaced(offsets, data, classes)
    ends = np.zeros(offsets.size, np.int64)
    longest = 0
    for doc in range(unspaced.size):
        longest = max(longest, offsets[doc + 1] - offsets[doc])
    tokens = np.empty(longest + 1, np.uint64)
    found = np.empty(offsets[-1] - offsets[0], np.uint32)
    for doc in range(unspaced.size):
        start, end = np.uint64(offsets[doc]), np.uint64(offsets[doc + 1])
        if unspaced[doc]:
            count = _characters(start, end, data, classes, tokens)
        else:
            count = _words(start, end, data, classes, tokens)
        ends[doc + 1] = ends[doc] + max(count - size + 1, 0)
        if count >= size:
            _windows(tokens[:count], size, found[ends[doc] :])
    return ends, found[: ends[-1]]


@nb.njit(nogil=True, cache=True)
def _sort(hashes: Hashes, spare: Hashes, counts: NDArray[np.int64]) -> None:
    """Sort in place, a byte at a time from the lowest; insertion where there are few."""
    if hashes.size < _FEW:
        for first in range(1, hashes.size):
            at, value = first, hashes[first]
            while at > 0 and hashes[at - 1] > value:
                hashes[at] = hashes[at - 1]
                at -= 1
            hashes[at] = value
        return
    counts[:] = 0
    for value in hashes:
        for digit in range(4):
            counts[digit, (value >> np.uint32(8 * digit)) & np.uint32(255)] += 1
    for digit in range(4):
        start = 0
        for value in range(256):
            start, counts[digit, value] = start + counts[digit, value], start
        source, target = (hashes, spare) if digit % 2 == 0 else (spare, hashes)
        for value in source[: hashes.size]:
            place = (value >> np.uint32(8 * digit)) & np.uint32(255)
            target[counts[digit, place]] = value
            counts[digit, place] += 1


@nb.njit(nogil=True, cache=True)
def distinct(offsets: Offsets, hashes: Hashes) -> tuple[Offsets, Hashes]:
    """(offsets int64[n + 1], hashes): each row's different hashes, sorted."""
    ends = np.zeros(offsets.size, np.int64)
    found = hashes[offsets[0] : offsets[-1]].copy()
    spare = np.empty(np.max(np.diff(offsets)) if offsets.size > 1 else 0, np.uint32)
    counts = np.empty((4, 256), np.int64)
    for row in range(offsets.size - 1):
        values = found[offsets[row] - offsets[0] : offsets[row + 1] - offsets[0]]
        _sort(values, spare, counts)
        at = ends[row]
        for value in values:
            if at == ends[row] or value != found[at - 1]:
                found[at] = value
                at += 1
        ends[row + 1] = at
    return ends, found[: ends[-1]]


@nb.njit(nogil=True, cache=True)
def _premixed(hashes: Hashes, mixed: Hashes) -> None:
    """Fill the finaliser of MurmurHash3 for 32 bits of each hash."""
    for at in range(hashes.size):
        value = hashes[at]
        value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
        value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
        mixed[at] = value ^ (value >> np.uint32(16))


@nb.njit(nogil=True, cache=True)
def signatures(
    offsets: Offsets, hashes: Hashes, factors: Hashes, addends: Hashes
) -> NDArray[np.uint32]:
    """uint32[n, k]: the least of `factors * fmix32(hash) + addends` (mod 2^32) over a row's hashes.

    Equal, bit for bit, to datasketch 2.0's scheme `affine32`. A row without hashes is all ones.
    A block of hashes stays in the first-level cache while every permutation passes over it: the
    inner loop is a minimum over consecutive values, which the compiler makes vectors of.
    """
    found = np.full((offsets.size - 1, factors.size), _LARGEST, np.uint32)
    mixed = np.empty(_BLOCK, np.uint32)
    for doc in range(found.shape[0]):
        for start in range(offsets[doc], offsets[doc + 1], _BLOCK):
            count = min(_BLOCK, offsets[doc + 1] - start)
            _premixed(hashes[start : start + count], mixed)
            count, rest = -(-count // _LANES) * _LANES, count
            mixed[rest:count] = mixed[0]  # the least of more of the same is the same
            for k in range(factors.size):
                least, factor, addend = found[doc, k], factors[k], addends[k]
                for at in range(count):
                    least = min(least, np.uint32(factor * mixed[at] + addend))
                found[doc, k] = least
    return found


@nb.njit(nogil=True, cache=True)
def band_keys(signature: NDArray[np.uint32], bands: int, rows: int) -> NDArray[np.uint64]:
    """uint64[n, bands]: one key per band of `rows` values; the band's number is part of it."""
    keys = np.empty((signature.shape[0], bands), np.uint64)
    for doc in range(keys.shape[0]):
        for band in range(bands):
            hashed = mix(np.uint64(band + 1))
            for row in range(band * rows, (band + 1) * rows):
                hashed = mix((hashed ^ np.uint64(signature[doc, row])) * _BASE)
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
