"""What the words of a text are and how they recur: one loop over the UTF-8 bytes.

A token is a unit (`core.text`), or any other character that is not white space with those like it
that follow it: ... is one token, and the same as . is. Every kernel takes
`(offsets, data)` of `core.arrow.string_buffers` and the table of `filters.characters`.
"""
# mypy: disable-error-code="call-overload,return-value,untyped-decorator"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.utf8 import decode
from taojin.filters.character_kernels import (
    CAPITAL_BIT,
    CLASS,
    SMALL,
    SPACE,
    UNSPACED_CHARACTER,
    WORD,
    Matrix,
)

(
    UNITS,
    DOUBLE_MEDIAN,
    LONGEST,
    CAPITAL_UNITS,
    STOP_UNITS,
    DIFFERENT,
    NGRAMS,
    REPEATED_NGRAMS,
    TOKEN_CHARACTERS,
    RUN_CHARACTERS,
    LONGEST_RUN,
    MOST_REPEATS,
) = range(12)
"""Columns of `count_words`."""

NGRAM = 10
PREFIX = 2048
"""How many units, from the first, windows of 10 are counted in: few enough for the first cache."""

MAX_LENGTH = 255
"""A longer unit is one of this length where the median is looked for."""

MAX_PERIOD = 13
MIN_REPEATS = 3

_Index = np.uintp
"""An index without a sign, which Numba need not check for being negative: a quarter faster."""

_JOINED = WORD | UNSPACED_CHARACTER
_CASE = SMALL | CAPITAL_BIT
_OFFSET = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_FIRST_OUT = np.uint64(pow(0x9E3779B97F4A7C15, NGRAM, 2**64))
_MIX = np.uint64(0xD6E8FEB86659FD93)


@nb.njit(nogil=True, cache=True, inline="always")
def _hash(hashed: np.uint64, code: int) -> np.uint64:
    """FNV-1a over code points, with ASCII capitals read as small letters."""
    return (hashed ^ np.uint64(code + 32 if 65 <= code <= 90 else code)) * _PRIME


@nb.njit(nogil=True, cache=True)
def _tokens(
    start: int,
    end: int,
    data: Bytes,
    table: NDArray[np.uint8],
    hashes: NDArray[np.uint64],
    lengths: NDArray[np.int32],
    units: NDArray[np.int32],
    counts: NDArray[np.int64],
) -> int:
    """Fill in the hash and length of each token, and which of them are units; how many tokens."""
    count = number = characters = longest = capitals = 0
    at = start
    while at < end:
        code, size = decode(data, at)
        at += size
        bits = table[_Index(code)]
        if bits & CLASS == SPACE:
            continue
        hashed = _hash(_OFFSET, code)
        length = 1
        word = bits & WORD
        while bits & _JOINED != _JOINED and at < end:
            following, size = decode(data, at)
            more = table[_Index(following)]
            if (more & _JOINED != WORD) if word else (following != code):
                break
            at += size
            hashed = _hash(hashed, following) if word else hashed
            length += 1
            bits |= more & _CASE
        hashes[_Index(count)] = (hashed ^ (hashed >> np.uint64(29))) * _MIX
        lengths[_Index(count)] = length
        characters += length
        if word:
            units[_Index(number)] = count
            number += 1
            longest = max(longest, length)
            capitals += bits & _CASE == CAPITAL_BIT
        count += 1
    counts[UNITS], counts[LONGEST], counts[CAPITAL_UNITS] = number, longest, capitals
    counts[TOKEN_CHARACTERS] = characters
    return count


@nb.njit(nogil=True, cache=True)
def word_hashes(offsets: Offsets, data: Bytes, table: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """uint64[n]: the hash that `count_words` gives to the first token of each text."""
    found = np.zeros(offsets.size - 1, np.uint64)
    for doc in range(found.size):
        start, end = offsets[doc], offsets[doc + 1]
        hashes = np.zeros(end - start + 1, np.uint64)
        rest = np.empty((2, end - start), np.int32)
        counts = np.zeros(MOST_REPEATS + 1, np.int64)
        _tokens(start, end, data, table, hashes, rest[0], rest[1], counts)
        found[doc] = hashes[0]
    return found


@nb.njit(nogil=True, cache=True)
def count_words(
    offsets: Offsets, data: Bytes, table: NDArray[np.uint8], stops: NDArray[np.uint64]
) -> tuple[Matrix, NDArray[np.float64]]:
    """(int64[n, 12], float64[n]): units, twice the median of their lengths, the longest one's
    length, those all in capitals, stop words, different units, windows of 10 of the first 2,048
    units, those of them that occur twice or more; characters of tokens, those in stretches that
    repeat themselves, in the longest of these, the most repeats in one; and the entropy of the
    units in nats.

    Units that differ in ASCII case are the same. `stops` is a table of hashes (`stop_table`). For
    stretches that repeat themselves see `_count_runs`.
    """
    counts = np.zeros((offsets.size - 1, 12), np.int64)
    entropy = np.zeros(offsets.size - 1)
    longest = np.int64(0)
    for doc in range(counts.shape[0]):
        longest = max(longest, offsets[doc + 1] - offsets[doc])
    hashes = np.empty(longest, np.uint64)
    lengths = np.empty(longest, np.int32)
    units = np.empty(longest, np.int32)
    covered = np.empty(longest, np.bool_)
    keys = np.empty(_table_size(longest), np.uint64)
    seen = np.empty(_table_size(longest), np.int32)
    slots = np.empty(longest, np.int32)
    windows = np.empty(_table_size(PREFIX), np.uint64)
    for doc in range(counts.shape[0]):
        start, end = offsets[doc], offsets[doc + 1]
        found = _tokens(start, end, data, table, hashes, lengths, units, counts[doc])
        _count_runs(hashes[:found], lengths, covered[:found], counts[doc])
        number = counts[doc, UNITS]
        size = _table_size(number)
        counts[doc, DOUBLE_MEDIAN] = _double_median(lengths, units[:number])
        counts[doc, STOP_UNITS] = _stop_words(hashes, units[:number], stops)
        entropy[doc] = _recur(hashes, units[:number], keys[:size], seen[:size], slots, counts[doc])
        first = units[: min(number, PREFIX)]
        _count_ngrams(hashes, first, windows[: _table_size(first.size)], counts[doc])
    return counts, entropy


@nb.njit(nogil=True, cache=True)
def _count_runs(
    hashes: NDArray[np.uint64],
    lengths: NDArray[np.int32],
    covered: NDArray[np.bool_],
    counts: NDArray[np.int64],
) -> None:
    """Find the stretches in which every token but the first `period` equals the one `period`
    before, and which are at least three periods long, for periods up to 13.

    In such a stretch two periods of tokens equal the one a period before, and one of those stands
    at a multiple of two periods: only there is it looked for, 1.6 places per token in all.
    """
    covered[:] = False
    for period in range(1, min(MAX_PERIOD, hashes.size // MIN_REPEATS) + 1):
        stride = (MIN_REPEATS - 1) * period
        at = stride
        while at < hashes.size:
            if hashes[at] != hashes[at - period]:
                at += stride
                continue
            start, end = at, at + 1
            while start > period and hashes[start - 1] == hashes[start - 1 - period]:
                start -= 1
            while end < hashes.size and hashes[end] == hashes[end - period]:
                end += 1
            start -= period
            if end - start >= MIN_REPEATS * period:
                covered[start:end] = True
                counts[LONGEST_RUN] = max(counts[LONGEST_RUN], lengths[start:end].sum())
                counts[MOST_REPEATS] = max(counts[MOST_REPEATS], (end - start) // period)
            at = end + stride - end % stride
    if counts[LONGEST_RUN]:
        counts[RUN_CHARACTERS] = (covered * lengths[: hashes.size]).sum()


@nb.njit(nogil=True, cache=True)
def _double_median(lengths: NDArray[np.int32], units: NDArray[np.int32]) -> int:
    """Twice the median of the lengths, a whole number; 0 without units."""
    occurrences = np.zeros(MAX_LENGTH + 1, np.int64)
    for unit in units:
        occurrences[_Index(min(lengths[_Index(unit)], MAX_LENGTH))] += 1
    return _ranked(occurrences, (units.size - 1) // 2) + _ranked(occurrences, units.size // 2)


@nb.njit(nogil=True, cache=True)
def _ranked(occurrences: NDArray[np.int64], rank: int) -> int:
    """The length of that rank, from 0; 0 if there is none."""
    below = 0
    for length in range(occurrences.size):
        below += occurrences[length]
        if below > rank >= 0:
            return length
    return 0


@nb.njit(nogil=True, cache=True)
def _stop_words(
    hashes: NDArray[np.uint64], units: NDArray[np.int32], stops: NDArray[np.uint64]
) -> int:
    count = 0
    for unit in units:
        key = hashes[_Index(unit)]
        slot = _Index(key) & _Index(stops.size - 1)
        while stops[slot] != 0 and stops[slot] != key:
            slot = (slot + _Index(1)) & _Index(stops.size - 1)
        count += stops[slot] != 0
    return count


@nb.njit(nogil=True, cache=True)
def stop_table(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hashes in an open-addressing table of a power of two of slots, 0 where it is free."""
    stops = np.zeros(4 * _table_size(hashes.size), np.uint64)
    for hashed in hashes:
        slot = np.int64(hashed & np.uint64(stops.size - 1))
        while stops[slot] != 0:
            slot = (slot + 1) & (stops.size - 1)
        stops[slot] = hashed
    return stops


@nb.njit(nogil=True, cache=True)
def _table_size(entries: int) -> int:
    """The power of two that keeps a table at most half full."""
    size = 16
    while size < 2 * entries:
        size *= 2
    return size


@nb.njit(nogil=True, cache=True)
def _recur(
    hashes: NDArray[np.uint64],
    units: NDArray[np.int32],
    keys: NDArray[np.uint64],
    seen: NDArray[np.int32],
    slots: NDArray[np.int32],
    counts: NDArray[np.int64],
) -> float:
    """Count different units; the entropy of all, log(n) - sum(count * log(count)) / n."""
    seen[:] = 0
    different = 0
    for unit in units:
        key = hashes[_Index(unit)]
        slot = _Index(key) & _Index(keys.size - 1)
        while seen[slot] and keys[slot] != key:
            slot = (slot + _Index(1)) & _Index(keys.size - 1)
        if not seen[slot]:
            keys[slot] = key
            slots[different] = slot
            different += 1
        seen[slot] += 1
    total = 0.0
    for slot in slots[:different]:
        if seen[slot] > 1:
            total += seen[slot] * np.log(seen[slot])
    counts[DIFFERENT] = different
    return max(0.0, np.log(units.size) - total / units.size) if units.size else 0.0


@nb.njit(nogil=True, cache=True)
def _count_ngrams(
    hashes: NDArray[np.uint64],
    units: NDArray[np.int32],
    table: NDArray[np.uint64],
    counts: NDArray[np.int64],
) -> None:
    """Count windows of 10 units, and those that occur twice or more.

    A slot of the table holds a window's hash, its lowest bit set once it has occurred again, and 0
    where it is free.
    """
    table[:] = 0
    rolling = np.uint64(0)
    once = 0
    for at in range(units.size):
        rolling = rolling * _BASE + hashes[_Index(units[at])]
        if at >= NGRAM:
            rolling -= hashes[_Index(units[at - NGRAM])] * _FIRST_OUT
        if at < NGRAM - 1:
            continue
        key = (rolling ^ (rolling >> np.uint64(31))) * _MIX | np.uint64(1)
        slot = _Index(key >> np.uint64(8)) & _Index(table.size - 1)
        while table[slot] and table[slot] | np.uint64(1) != key:
            slot = (slot + _Index(1)) & _Index(table.size - 1)
        if not table[slot]:
            table[slot] = key - np.uint64(1)
            once += 1
        elif table[slot] != key:
            table[slot] = key
            once -= 1
    counts[NGRAMS] = max(0, units.size - NGRAM + 1)
    counts[REPEATED_NGRAMS] = counts[NGRAMS] - once
