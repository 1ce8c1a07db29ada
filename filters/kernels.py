"""The hot loops of the filters: one pass over the UTF-8 bytes of a batch each.

Every kernel takes `(offsets, data)` of `core.arrow.string_buffers` and the class bits of
`core.text.character_classes`. They share this file because Numba's cache goes stale when a kernel
calls one of another file.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.text import BULLET, CLOSER, END, LETTER, SPACE, UNSPACED_CHARACTER, WIDE, WORD

Matrix = NDArray[np.int64]

UNITS, UNIT_CHARACTERS, LETTER_UNITS, STOP_UNITS = range(4)
"""Columns of `count_units`."""

(
    LINES,
    CHARACTERS,
    DUPLICATES,
    DUPLICATE_CHARACTERS,
    END_LINES,
    SHORT_LINES,
    BULLET_LINES,
    ELLIPSIS_LINES,
) = range(8)
"""Columns of `count_lines`."""

TOP_SIZES = (2, 3, 4)
DUPLICATE_SIZES = (5, 6, 7, 8, 9, 10)
"""n-gram sizes of `count_ngrams`, in the order of its columns."""

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_TOP_SIZES = np.array(TOP_SIZES)
_DUPLICATE_SIZES = np.array(DUPLICATE_SIZES)
_NEWLINE = 10
_SPACE = 32


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
def _hash_byte(hashed: np.uint64, byte: np.uint8) -> np.uint64:
    """FNV-1a, with ASCII capitals read as small letters."""
    lower = byte + np.uint8(32) if 65 <= byte <= 90 else byte
    return (hashed ^ np.uint64(lower)) * _FNV_PRIME


@nb.njit(nogil=True, cache=True, inline="always")
def _slot(key: np.uint64, mask: np.int64) -> np.int64:
    """Where a key starts looking in a table of mask + 1 slots."""
    return np.int64((key * _MIX) >> np.uint64(33)) & mask


@nb.njit(nogil=True, cache=True)
def _units(
    start: int,
    end: int,
    data: Bytes,
    classes: NDArray[np.uint8],
    hashes: NDArray[np.uint64],
    characters: NDArray[np.int64],
    letters: NDArray[np.uint8],
) -> int:
    """Fill the hash, length in code points and letter flag of each unit; how many there are."""
    count = 0
    inside = False
    at = start
    while at < end:
        code, size = _decode(data, at)
        bits = classes[code]
        if not bits & WORD:
            inside = False
            at += size
            continue
        if not inside or bits & UNSPACED_CHARACTER:
            hashes[count] = _FNV_OFFSET
            characters[count] = 0
            letters[count] = 0
            count += 1
        for step in range(size):
            hashes[count - 1] = _hash_byte(hashes[count - 1], data[at + step])
        characters[count - 1] += 1
        letters[count - 1] |= bits & LETTER
        inside = not bits & UNSPACED_CHARACTER
        at += size
    return count


@nb.njit(nogil=True, cache=True)
def _longest(offsets: Offsets) -> int:
    longest = 0
    for doc in range(offsets.size - 1):
        longest = max(longest, offsets[doc + 1] - offsets[doc])
    return longest


@nb.njit(nogil=True, cache=True)
def word_hashes(offsets: Offsets, data: Bytes, classes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """uint64[n]: the hash that `count_units` gives to the first unit of each text."""
    found = np.zeros(offsets.size - 1, np.uint64)
    size = _longest(offsets)
    hashes = np.empty(size, np.uint64)
    characters = np.empty(size, np.int64)
    letters = np.empty(size, np.uint8)
    for doc in range(found.size):
        start, end = offsets[doc], offsets[doc + 1]
        if _units(start, end, data, classes, hashes, characters, letters):
            found[doc] = hashes[0]
    return found


@nb.njit(nogil=True, cache=True)
def count_units(
    offsets: Offsets, data: Bytes, classes: NDArray[np.uint8], stops: NDArray[np.uint64]
) -> Matrix:
    """int64[n, 4]: units, their code points, units with a letter, different stop words.

    `stops` holds the sorted hashes of at most 63 stop words (`word_hashes`).
    """
    counts = np.zeros((offsets.size - 1, 4), np.int64)
    size = _longest(offsets)
    hashes = np.empty(size, np.uint64)
    characters = np.empty(size, np.int64)
    letters = np.empty(size, np.uint8)
    for doc in range(counts.shape[0]):
        start, end = offsets[doc], offsets[doc + 1]
        found = np.zeros(stops.size, np.bool_)
        counts[doc, UNITS] = _units(start, end, data, classes, hashes, characters, letters)
        for unit in range(counts[doc, UNITS]):
            counts[doc, UNIT_CHARACTERS] += characters[unit]
            counts[doc, LETTER_UNITS] += letters[unit] != 0
            at = np.searchsorted(stops, hashes[unit])
            if at < stops.size and stops[at] == hashes[unit]:
                found[at] = True
        counts[doc, STOP_UNITS] = found.sum()
    return counts


@nb.njit(nogil=True, cache=True)
def _insert(key: np.uint64, keys: NDArray[np.uint64], counts: NDArray[np.int64]) -> int:
    """Count a key in an open-addressing table; the slot that holds it. Free slots count 0."""
    mask = keys.size - 1
    slot = _slot(key, mask)
    while counts[slot] and keys[slot] != key:
        slot = (slot + 1) & mask
    keys[slot] = key
    counts[slot] += 1
    return slot


@nb.njit(nogil=True, cache=True)
def _table_size(entries: int) -> int:
    """The power of two that keeps a table at most half full."""
    size = 16
    while size < 2 * entries:
        size *= 2
    return size


@nb.njit(nogil=True, cache=True)
def count_lines(
    offsets: Offsets, data: Bytes, classes: NDArray[np.uint8], blank_ends: bool, short: int
) -> Matrix:
    """int64[n, 8]: non-blank lines, their code points, repeats and the repeats' code points, lines
    that end a sentence, that are narrower than `short` columns, that start with a bullet, that end
    in an ellipsis.

    A line has its white space at both ends taken off. With `blank_ends` a blank line is needed to
    end one: then the lines are paragraphs. A repeat is every occurrence after the first, ASCII case
    and the length of inner white space aside. A wide character (Han, kana, Hangul, full-width)
    takes two columns.
    """
    counts = np.zeros((offsets.size - 1, 8), np.int64)
    size = _table_size(_longest(offsets) + 1)
    keys = np.empty(size, np.uint64)
    seen = np.zeros(size, np.int64)
    for doc in range(counts.shape[0]):
        used = _table_size(offsets[doc + 1] - offsets[doc] + 1)
        table = keys[:used]
        occurrences = seen[:used]
        occurrences[:] = 0
        at = offsets[doc]
        while at < offsets[doc + 1]:
            at = _count_line(
                at,
                offsets[doc + 1],
                data,
                classes,
                blank_ends,
                short,
                table,
                occurrences,
                counts[doc],
            )
    return counts


@nb.njit(nogil=True, cache=True)
def _count_line(
    at: int,
    end: int,
    data: Bytes,
    classes: NDArray[np.uint8],
    blank_ends: bool,
    short: int,
    keys: NDArray[np.uint64],
    seen: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> int:
    """Add the line that starts at `at` to the document's counts; where the next one starts."""
    hashed = _FNV_OFFSET
    characters = width = pending_characters = pending_width = 0
    bullet = closes = False
    last = second = third = 0
    newlines = 0
    while at < end:
        code, size = _decode(data, at)
        bits = classes[code]
        if code == _NEWLINE:
            newlines += 1
            if newlines > blank_ends:
                at += 1
                break
        elif not bits & SPACE:
            newlines = 0
        if bits & SPACE:
            pending_characters += 1
            pending_width += 1 + ((bits & WIDE) != 0)
            at += size
            continue
        if characters == 0:
            bullet = (bits & BULLET) != 0
        else:
            characters += pending_characters
            width += pending_width
            if pending_characters:
                hashed = _hash_byte(hashed, np.uint8(_SPACE))
        pending_characters = pending_width = 0
        for step in range(size):
            hashed = _hash_byte(hashed, data[at + step])
        characters += 1
        width += 1 + ((bits & WIDE) != 0)
        if not bits & CLOSER:
            closes = (bits & END) != 0
        third, second, last = second, last, code
        at += size
    if characters == 0:
        return at
    counts[LINES] += 1
    counts[CHARACTERS] += characters
    counts[END_LINES] += closes
    counts[SHORT_LINES] += width < short
    counts[BULLET_LINES] += bullet
    counts[ELLIPSIS_LINES] += last == 0x2026 or (last == 46 and second == 46 and third == 46)
    if seen[_insert(hashed, keys, seen)] > 1:
        counts[DUPLICATES] += 1
        counts[DUPLICATE_CHARACTERS] += characters
    return at


@nb.njit(nogil=True, cache=True)
def count_classes(offsets: Offsets, data: Bytes, classes: NDArray[np.uint8], number: int) -> Matrix:
    """int64[n, number]: code points of each class; `classes` gives each code point's one class."""
    counts = np.zeros((offsets.size - 1, number), np.int64)
    for doc in range(counts.shape[0]):
        at = offsets[doc]
        while at < offsets[doc + 1]:
            code, size = _decode(data, at)
            counts[doc, classes[code]] += 1
            at += size
    return counts


@nb.njit(nogil=True, cache=True, inline="always")
def _hash_ngram(hashes: NDArray[np.uint64], at: int, size: int) -> np.uint64:
    hashed = np.uint64(size)
    for unit in range(at, at + size):
        hashed = (hashed ^ hashes[unit]) * _MIX
        hashed ^= hashed >> np.uint64(29)
    return hashed


@nb.njit(nogil=True, cache=True)
def count_ngrams(offsets: Offsets, data: Bytes, classes: NDArray[np.uint8]) -> Matrix:
    """int64[n, 9]: code points of units covered by the most frequent 2-, 3- and 4-gram, then by
    repeats of 5- to 10-grams.

    Coverage is by position: a unit under two overlapping n-grams counts once, so a share of
    `UNIT_CHARACTERS` never exceeds 1. An n-gram that occurs once is no repetition: its coverage is
    0. Of equally frequent n-grams the one with most coverage is taken, whatever their order.
    """
    tops, sizes = _TOP_SIZES.size, _DUPLICATE_SIZES.size
    covered = np.zeros((offsets.size - 1, tops + sizes), np.int64)
    longest = _longest(offsets)
    hashes = np.empty(longest, np.uint64)
    characters = np.empty(longest, np.int64)
    letters = np.empty(longest, np.uint8)
    slots = np.empty(longest, np.int64)
    keys = np.empty(_table_size(longest), np.uint64)
    seen = np.zeros(_table_size(longest), np.int64)
    reach = np.zeros(_table_size(longest), np.int64)
    for doc in range(covered.shape[0]):
        units = _units(offsets[doc], offsets[doc + 1], data, classes, hashes, characters, letters)
        used = _table_size(units)
        for index in range(tops):
            covered[doc, index] = _top_coverage(
                hashes,
                characters,
                units,
                _TOP_SIZES[index],
                keys[:used],
                seen[:used],
                reach[:used],
                slots,
            )
        for index in range(sizes):
            covered[doc, tops + index] = _repeat_coverage(
                hashes, characters, units, _DUPLICATE_SIZES[index], keys[:used], seen[:used]
            )
    return covered


@nb.njit(nogil=True, cache=True)
def _top_coverage(
    hashes: NDArray[np.uint64],
    characters: NDArray[np.int64],
    units: int,
    size: int,
    keys: NDArray[np.uint64],
    seen: NDArray[np.int64],
    covered: NDArray[np.int64],
    slots: NDArray[np.int64],
) -> int:
    """Code points under the most frequent n-gram; 0 if none occurs twice."""
    seen[:] = 0
    most = 0
    for at in range(units - size + 1):
        slots[at] = _insert(_hash_ngram(hashes, at, size), keys, seen)
        most = max(most, seen[slots[at]])
    if most < 2:
        return 0
    covered[:] = 0
    reach = keys  # the keys are no longer needed: reuse their room for "covered up to this unit"
    reach[:] = np.uint64(0)
    best = 0
    for at in range(units - size + 1):
        slot = slots[at]
        if seen[slot] < most:
            continue
        for unit in range(max(at, np.int64(reach[slot])), at + size):
            covered[slot] += characters[unit]
        reach[slot] = np.uint64(at + size)
        best = max(best, covered[slot])
    return best


@nb.njit(nogil=True, cache=True)
def _repeat_coverage(
    hashes: NDArray[np.uint64],
    characters: NDArray[np.int64],
    units: int,
    size: int,
    keys: NDArray[np.uint64],
    seen: NDArray[np.int64],
) -> int:
    """Code points under n-grams that occurred before in the document."""
    seen[:] = 0
    covered = 0
    reach = 0
    for at in range(units - size + 1):
        if seen[_insert(_hash_ngram(hashes, at, size), keys, seen)] == 1:
            continue
        for unit in range(max(at, reach), at + size):
            covered += characters[unit]
        reach = at + size
    return covered
