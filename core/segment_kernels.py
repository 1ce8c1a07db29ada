"""Cutting by a dictionary: the loops of `core.segment` over UTF-8 bytes.

The dictionary is a trie in one open-addressing table: a node is a slot, its key its parent's slot
and the number of its character, 0 for a free slot. The parent of a first character is -1. Most
characters lead nowhere, and 4 million bits that fit the second-level cache say so for seven of
eight of them: that makes cutting half as fast again.
"""
# mypy: disable-error-code="untyped-decorator, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.utf8 import decode

Keys = NDArray[np.uint64]
Weights = NDArray[np.float64]

_MIX = np.uint64(0x9E3779B97F4A7C15)
_MARK_BITS = 22
_CARRIAGE_RETURN, _NEWLINE, _SPACE = 13, 10, 32


@nb.njit(nogil=True, cache=True, inline="always")
def _key(parent: int, number: int) -> np.uint64:
    return (np.uint64(parent + 1) << np.uint64(16)) | np.uint64(number)


@nb.njit(nogil=True, cache=True, inline="always")
def _slot(keys: Keys, key: np.uint64) -> int:
    """Where a key is, or the free slot where it would be put."""
    mask = keys.size - 1
    slot = np.int64((key * _MIX) >> np.uint64(32)) & mask
    while keys[slot] != key and keys[slot] != 0:
        slot = (slot + 1) & mask
    return slot


@nb.njit(nogil=True, cache=True, inline="always")
def _mark(key: np.uint64) -> tuple[np.int64, np.uint8]:
    """The byte and the bit that are set for a key."""
    mark = (key * _MIX) >> np.uint64(64 - _MARK_BITS)
    return np.int64(mark >> np.uint64(3)), np.uint8(1) << np.uint8(mark & np.uint64(7))


@nb.njit(nogil=True, cache=True)
def plant(
    offsets: Offsets, data: Bytes, numbers: NDArray[np.uint16], weights: Weights, size: int
) -> tuple[Keys, Bytes, Weights]:
    """(keys, marks, weights) of a table of `size` slots, a power of two above the number of nodes:
    a weight is -inf where no word ends. Of equal words the last counts; words with a character of
    number 0 are left out.
    """
    keys = np.zeros(size, np.uint64)
    marks = np.zeros(1 << (_MARK_BITS - 3), np.uint8)
    found = np.full(size, -np.inf)
    for word in range(weights.size):
        at, node = offsets[word], -1
        while at < offsets[word + 1]:
            code, width = decode(data, at)
            if numbers[code] == 0:
                node = -1
                break
            key = _key(node, numbers[code])
            node = _slot(keys, key)
            keys[node] = key
            byte, bit = _mark(key)
            marks[byte] |= bit
            at += width
        if node >= 0:
            found[node] = weights[word]
    return keys, marks, found


@nb.njit(nogil=True, cache=True)
def first_level(keys: Keys, weights: Weights, number: int) -> tuple[NDArray[np.int32], Weights]:
    """(roots, alone) by a character's number: its node if longer words begin with it, else -1; its
    weight as a word, -inf if it is none.
    """
    roots = np.full(number, -1, np.int32)
    alone = np.full(number, -np.inf)
    parents = np.zeros(keys.size, np.bool_)
    for slot in range(keys.size):
        if keys[slot] >> np.uint64(16):
            parents[np.int64(keys[slot] >> np.uint64(16)) - 1] = True
    for slot in range(keys.size):
        if keys[slot] and keys[slot] >> np.uint64(16) == 0:
            alone[keys[slot]] = weights[slot]
            if parents[slot]:
                roots[keys[slot]] = slot
    return roots, alone


@nb.njit(nogil=True, cache=True)
def cut(
    offsets: Offsets,
    data: Bytes,
    numbers: NDArray[np.uint16],
    roots: NDArray[np.int32],
    alone: Weights,
    keys: Keys,
    marks: Bytes,
    weights: Weights,
    unknown: float,
    letters: int,
) -> tuple[Offsets, Offsets]:
    """(first int64[n + 1], starts int64[m + 1]) of `core.segment.cut`.

    A character of number 0 is a word, a carriage return with its line feed too; what lies between
    is cut by the dictionary. Words of one letter in a row, numbers 1 to `letters`, become one.
    """
    first = np.zeros(offsets.size, np.int64)
    starts = np.empty(offsets[-1] - offsets[0] + 1, np.int64)
    longest = 1 + (offsets[1:] - offsets[:-1]).max() if offsets.size > 1 else 1
    block = np.empty(longest, np.uint16)
    places = np.empty(longest, np.int64)
    route = np.empty(longest, np.float64)
    ends = np.empty(longest, np.int64)
    count = 0
    for doc in range(first.size - 1):
        at, end = offsets[doc], offsets[doc + 1]
        while at < end:
            length, size = 0, 0
            while at < end:
                code, size = decode(data, at)
                if numbers[code] == 0:
                    break
                block[length] = numbers[code]
                places[length] = at
                length += 1
                at += size
            _route(block[:length], roots, alone, keys, marks, weights, unknown, route, ends)
            here, joined = 0, False
            while here < length:
                letter = block[here] <= letters and ends[here] == here + 1
                if not (letter and joined):
                    starts[count] = places[here]
                    count += 1
                joined = letter
                here = ends[here]
            if at < end:
                starts[count] = at
                count += 1
                pair = data[at] == _CARRIAGE_RETURN and at + 1 < end and data[at + 1] == _NEWLINE
                at += 2 if pair else size
        first[doc + 1] = count
    starts[count] = offsets[-1]
    return first, starts[: count + 1]


@nb.njit(nogil=True, cache=True)
def _route(
    block: NDArray[np.uint16],
    roots: NDArray[np.int32],
    alone: Weights,
    keys: Keys,
    marks: Bytes,
    weights: Weights,
    unknown: float,
    route: Weights,
    ends: Offsets,
) -> None:
    """Fill, from the last character back, the greatest weight of cutting from each one on, and
    where the first word of that cut ends; of equal cuts the one with the longest first word.
    """
    route[block.size] = 0.0
    for start in range(block.size - 1, -1, -1):
        best = alone[block[start]] + route[start + 1]
        ends[start] = start + 1
        node = np.int64(roots[block[start]])
        after = start + 1
        while node >= 0 and after < block.size:
            key = _key(node, block[after])
            byte, bit = _mark(key)
            if not marks[byte] & bit:
                break
            node = _slot(keys, key)
            if keys[node] == 0:
                break
            after += 1
            weight = weights[node] + route[after]
            if weight >= best and weight > -np.inf:
                best = weight
                ends[start] = after
        route[start] = best if best > -np.inf else unknown + route[start + 1]


@nb.njit(nogil=True, cache=True)
def space(
    first: Offsets, starts: Offsets, data: Bytes, white: NDArray[np.bool_]
) -> tuple[Offsets, Bytes]:
    """(offsets, bytes): the words of each text with a space between two, white space left out.

    `white` tells white space among the first code points.
    """
    offsets = np.zeros(first.size, np.int64)
    spaced = np.empty(starts[-1] - starts[0] + starts.size, np.uint8)
    size = 0
    for doc in range(first.size - 1):
        begun = size
        for word in range(first[doc], first[doc + 1]):
            code, _ = decode(data, starts[word])
            if code < white.size and white[code]:
                continue
            if size > begun:
                spaced[size] = _SPACE
                size += 1
            for at in range(starts[word], starts[word + 1]):
                spaced[size] = data[at]
                size += 1
        offsets[doc + 1] = size
    return offsets, spaced[:size]
