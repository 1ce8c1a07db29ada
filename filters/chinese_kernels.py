"""What words and phrases of Chinese text tell, counted over the UTF-8 bytes."""
# mypy: disable-error-code="untyped-decorator"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.utf8 import decode

Matrix = NDArray[np.int64]

HAN, BOUND, SEPARATOR, SIGN, END, MARK, LETTER = 1, 2, 4, 8, 16, 32, 64
"""Bits of the kinds of characters: a Han letter; one that seldom is a word by itself; what sets
keywords apart; a sign such as = or <; what ends a sentence; what prose does not put between two
Han letters; what words of any script are written with."""

LOOSE, TOP = range(2)
"""Columns of `count_words`."""

LISTED, SIGNS, UNENDED, EMBEDDED = range(4)
"""Columns of `count_phrases`."""

TOP_WORDS, TOP_FEWEST = 5, 5
"""How many words are the most frequent, and how often each of them occurs at least."""

LONGEST_PHRASE, FEWEST_PHRASES, FEWEST_UNENDED = 12, 10, 25
"""Han characters of a keyword phrase, and how many phrases make a list: between separators, and
between anything that ends no sentence."""

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HAN_LEAD = 0xE2  # no Han character below U+2000


@nb.njit(nogil=True, cache=True)
def count_words(first: Offsets, starts: Offsets, data: Bytes, kinds: NDArray[np.uint8]) -> Matrix:
    """int64[n, 2]: Han characters that are words by themselves though they seldom are, and the Han
    characters of the most frequent words of two or more characters of which the first is Han.

    Most frequent are the TOP_WORDS that have most Han characters in all, of those that occur
    TOP_FEWEST times or more.
    """
    counts = np.zeros((first.size - 1, 2), np.int64)
    most = 1
    for doc in range(counts.shape[0]):
        most = max(most, first[doc + 1] - first[doc])
    size = 16
    while size < 2 * most:
        size *= 2
    keys = np.empty(size, np.uint64)
    seen = np.zeros(size, np.int32)
    lengths = np.empty(size, np.int32)
    used = np.empty(most, np.int64)
    for doc in range(counts.shape[0]):
        number = 0
        for word in range(first[doc], first[doc + 1]):
            start, end = starts[word], starts[word + 1]
            if data[start] < _HAN_LEAD:
                continue
            code, width = decode(data, start)
            if not kinds[code] & HAN:
                continue
            if start + width == end:
                counts[doc, LOOSE] += (kinds[code] & BOUND) != 0
                continue
            hashed, length = _FNV_OFFSET, 0
            for at in range(start, end):
                hashed = (hashed ^ np.uint64(data[at])) * _FNV_PRIME
                length += data[at] >= 0xC0  # in a longer word what is not ASCII is Han
            slot = np.int64((hashed * _MIX) >> np.uint64(33)) & (size - 1)
            while seen[slot] and keys[slot] != hashed:
                slot = (slot + 1) & (size - 1)
            if seen[slot] == 0:
                keys[slot], lengths[slot], used[number] = hashed, length, slot
                number += 1
            seen[slot] += 1
        counts[doc, TOP] = _top(used[:number], seen, lengths)
        for slot in used[:number]:
            seen[slot] = 0
    return counts


@nb.njit(nogil=True, cache=True)
def _top(used: NDArray[np.int64], seen: NDArray[np.int32], lengths: NDArray[np.int32]) -> int:
    """The Han characters of the words that have most of them."""
    best = np.zeros(TOP_WORDS, np.int64)
    for slot in used:
        if seen[slot] >= TOP_FEWEST:
            lowest = best.argmin()
            best[lowest] = max(best[lowest], seen[slot] * lengths[slot])
    return int(best.sum())


@nb.njit(nogil=True, cache=True)
def count_phrases(offsets: Offsets, data: Bytes, kinds: NDArray[np.uint8]) -> Matrix:
    """int64[n, 4]: Han characters in keyword lists; signs, of which a run of one counts once: a
    line under a heading is no noise; Han characters in lists without a sentence end; and runs of
    marks with a Han character on either side.

    A keyword list is FEWEST_PHRASES or more phrases of at most LONGEST_PHRASE Han characters with
    nothing but separators between them; a longer stretch of Han is prose and ends it, as does every
    other character. A list without a sentence end is FEWEST_UNENDED or more such phrases, whatever
    stands between them, line ends too; Latin words belong to a phrase and do not lengthen it.
    """
    counts = np.zeros((offsets.size - 1, 4), np.int64)
    for doc in range(counts.shape[0]):
        phrase = phrases = characters = last = 0
        joined = several = many = 0  # the phrase with its Latin words; phrases, characters of those
        marked = False
        at, end = offsets[doc], offsets[doc + 1]
        while at <= end:
            code, size = decode(data, at) if at < end else (0, 1)
            kind = kinds[code] if at < end else END
            at += size
            if kind & HAN:
                counts[doc, EMBEDDED] += marked
                marked = False
                phrase += 1
                joined += 1
                last = code
                continue
            marked = (kind & MARK) != 0 and (marked or (kinds[last] & HAN) != 0)
            if 0 < phrase <= LONGEST_PHRASE:
                phrases += 1
                characters += phrase
            if phrase > LONGEST_PHRASE or not kind & SEPARATOR:
                counts[doc, LISTED] += characters if phrases >= FEWEST_PHRASES else 0
                phrases = characters = 0
            phrase = 0
            counts[doc, SIGNS] += (kind & SIGN) != 0 and code != last
            last = code
            if kind & LETTER:
                continue
            if 0 < joined <= LONGEST_PHRASE:
                several += 1
                many += joined
            if joined > LONGEST_PHRASE or kind & END:
                counts[doc, UNENDED] += many if several >= FEWEST_UNENDED else 0
                several = many = 0
            joined = 0
    return counts
