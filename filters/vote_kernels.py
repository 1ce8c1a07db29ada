"""The hot loop of the classifier: the votes of the words and word n-grams of spaced texts.

Words are named by fastText's own hash where n-grams are made of them, and by 64 bits of FNV-1a
where their own vote is looked up. The kernels share this file because Numba's cache goes stale
when a kernel calls one of another file.
"""
# mypy: disable-error-code="untyped-decorator"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets

Hashes = NDArray[np.uint64]
Votes = NDArray[np.float32]

_OFFSET_32, _PRIME_32 = np.uint64(2166136261), np.uint64(16777619)
_LOW, _HIGH = np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF00000000)
_OFFSET_64, _PRIME_64 = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_NGRAM = np.uint64(116049371)
_BLANKS = (0, 9, 10, 11, 12, 13, 32)
"""The bytes that end a word in fastText."""


@nb.njit(nogil=True, cache=True, inline="always")
def _hashed(short: np.uint64, byte: np.uint8) -> np.uint64:
    """One more byte of fastText's 32-bit FNV-1a; it takes bytes as signed, so 0x80 fills 32 bits.

    Numba makes 64 bits of a product of 32: the upper half is taken off again.
    """
    wide = np.uint64(byte) | np.uint64(0xFFFFFF00) if byte >= 0x80 else np.uint64(byte)
    return ((short ^ wide) * _PRIME_32) & _LOW


@nb.njit(nogil=True, cache=True, inline="always")
def _widened(short: np.uint64) -> np.uint64:
    """A hash as fastText adds it up: an `int32_t` that becomes a `uint64_t` keeps its sign."""
    return short | _HIGH if short >= np.uint64(0x80000000) else short


@nb.njit(nogil=True, cache=True)
def word_keys(offsets: Offsets, data: Bytes) -> Hashes:
    """uint64[n]: what each text, one word, is looked up by; never 0."""
    keys = np.empty(offsets.size - 1, np.uint64)
    for word in range(keys.size):
        key = _OFFSET_64
        for at in range(offsets[word], offsets[word + 1]):
            key = (key ^ np.uint64(data[at])) * _PRIME_64
        keys[word] = max(key, np.uint64(1))
    return keys


@nb.njit(nogil=True, cache=True)
def ngram_hash(offsets: Offsets, data: Bytes) -> np.uint64:
    """What the first text, one word, is within an n-gram: fastText's hash, below 2^32."""
    short = _OFFSET_32
    for at in range(offsets[0], offsets[1]):
        short = _hashed(short, data[at])
    return short


@nb.njit(nogil=True, cache=True)
def build_table(keys: Hashes, votes: Votes, bits: int) -> tuple[Hashes, Votes]:
    """(keys, votes), 2^bits slots each, more than there are keys; a slot of key 0 is free."""
    table, found = np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.float32)
    for index in range(keys.size):
        slot = np.int64((keys[index] * _MIX) >> np.uint64(64 - bits))
        while table[slot]:
            slot = (slot + 1) & (table.size - 1)
        table[slot], found[slot] = keys[index], votes[index]
    return table, found


@nb.njit(nogil=True, cache=True, inline="always")
def _find(key: np.uint64, table: Hashes, shift: np.uint64) -> np.int64:
    """The slot of a word, -1 for one that the model does not know."""
    slot = np.int64((key * _MIX) >> shift)
    while table[slot] != key:
        if table[slot] == 0:
            return np.int64(-1)
        slot = (slot + 1) & (table.size - 1)
    return slot


@nb.njit(nogil=True, cache=True)
def mean_votes(
    offsets: Offsets,
    data: Bytes,
    table: Hashes,
    votes: Votes,
    ngram_votes: Votes,
    longest_ngram: int,
    end: tuple[np.uint64, np.uint64],
) -> NDArray[np.float64]:
    """float64[n]: the mean vote of each text's known words and of all its n-grams of words.

    `end` holds both hashes of fastText's end of line, `</s>`, the last word of every text.
    """
    means = np.zeros(offsets.size - 1)
    shift = np.uint64(64)
    while (1 << np.int64(np.uint64(64) - shift)) < table.size:
        shift -= np.uint64(1)
    last = np.zeros(longest_ngram, np.uint64)
    for doc in range(means.size):
        total, count, seen = 0.0, 0, 0
        at, stop = offsets[doc], offsets[doc + 1]
        while at <= stop:
            short, key = _OFFSET_32, _OFFSET_64
            first = at
            while at < stop and data[at] not in _BLANKS:
                short = _hashed(short, data[at])
                key = (key ^ np.uint64(data[at])) * _PRIME_64
                at += 1
            if at == first:
                if at < stop:
                    at += 1
                    continue
                short, key = end
                at += 1
            slot = _find(max(key, np.uint64(1)), table, shift)
            if slot >= 0:
                total += votes[slot]
                count += 1
            for back in range(longest_ngram - 1, 0, -1):
                last[back] = last[back - 1] * _NGRAM + _widened(short)
            last[0] = _widened(short)
            seen += 1
            if ngram_votes.size:
                for size in range(1, min(seen, longest_ngram)):
                    total += ngram_votes[np.int64(last[size] % np.uint64(ngram_votes.size))]
                    count += 1
        means[doc] = total / max(count, 1)
    return means
