"""What the characters of a text are, and how they recur: loops over the UTF-8 bytes.

Every kernel takes `(offsets, data)` of `core.arrow.string_buffers` and the table of
`filters.characters`. A character is a code point; a carriage return before a line feed is none, so
that line ends of Windows change nothing.
"""
# mypy: disable-error-code="call-overload,return-value,untyped-decorator"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.utf8 import decode

Matrix = NDArray[np.int64]

(
    SPACE,
    DIGIT,
    NUMBER,
    CAPITAL,
    LETTER,
    PARENTHESIS,
    BRACE,
    PUNCTUATION,
    SIGN,
    SYMBOL,
    OTHER,
) = range(11)
"""The class of a character, of which it has one: the low four bits of the table, and the first
columns of `count_characters`."""

CLASSES = 11
CLASS = 15
WORD, UNSPACED_CHARACTER, SMALL, CAPITAL_BIT = 16, 32, 64, 128
"""Bits of the table."""

(
    LINES,
    FILLED_LINES,
    LINE_CHARACTERS,
    LONGEST_LINE,
    CAPITAL_LINES,
    DIGIT_LINES,
    ENCODED,
    LONGEST_ENCODED,
) = range(CLASSES, CLASSES + 8)
"""The columns of `count_characters` after the classes."""

PREFIX, NGRAMS, REPEATED, TOP = range(4)
"""Columns of `count_character_ngrams`."""

MIN_ENCODED = 64

_Index = np.uintp
"""An index without a sign, which Numba need not check for being negative: a quarter faster."""

_CARRIAGE_RETURN, _NEWLINE, _SPACE = 13, 10, 32
_HIGH = 2**31
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)


@nb.njit(nogil=True, cache=True)
def count_characters(offsets: Offsets, data: Bytes, table: NDArray[np.uint8]) -> Matrix:
    """int64[n, 19]: characters of each class; lines, those not blank, characters of lines without
    their ends, of the longest line; lines of which more than half is capitals, or digits;
    characters in encoded stretches, and of the longest one.

    White space counts to the length of a line, not to what capitals and digits are a share of. An
    encoded stretch is one of 64 or more characters that base64 is written in, with the stretches
    of 64 or more that begin the next lines.

    ASCII characters are counted one by one: two in a row are seldom the same, two classes often,
    and a counter is slow to be raised twice in a row. Capitals and digits are counted in one sum,
    the capitals in its upper half. All in one loop: a call for each line takes as long again.
    """
    counts = np.zeros((offsets.size - 1, CLASSES + 8), np.int64)
    ascii_ = np.zeros(128, np.int64)
    both = np.zeros(CLASS + 1, np.int64)
    both[CAPITAL], both[DIGIT] = _HIGH, 1
    for doc in range(counts.shape[0]):
        tally = counts[doc]
        ascii_[:] = 0
        at, end = offsets[doc], offsets[doc + 1]
        while at < end:
            length = spaces = sums = 0
            while at < end:
                lead = data[_Index(at)]
                if lead < 0x80:
                    at += 1
                    if lead == _NEWLINE:
                        ascii_[_NEWLINE] += 1
                        break
                    if lead == _CARRIAGE_RETURN and at < end and data[at] == _NEWLINE:
                        continue
                    ascii_[_Index(lead)] += 1
                    class_ = table[_Index(lead)] & CLASS
                else:
                    code, size = decode(data, at)
                    at += size
                    class_ = table[_Index(code)] & CLASS
                    tally[_Index(class_)] += 1
                length += 1
                spaces += class_ == SPACE
                sums += both[_Index(class_)]
            filled = length - spaces
            tally[LINES] += 1
            tally[FILLED_LINES] += filled > 0
            tally[LINE_CHARACTERS] += length
            tally[LONGEST_LINE] = max(tally[LONGEST_LINE], length)
            tally[CAPITAL_LINES] += 2 * (sums // _HIGH) > filled
            tally[DIGIT_LINES] += 2 * (sums % _HIGH) > filled
        for code in range(128):
            tally[table[code] & CLASS] += ascii_[code]
        _count_encoded(data[offsets[doc] : end], tally)
    return counts


@nb.njit(nogil=True, cache=True, inline="always")
def _encodes(byte: np.uint8) -> bool:
    """Whether base64 is written in it: a letter, a digit, + / or =."""
    return 97 <= byte | 32 <= 122 or 47 <= byte <= 57 or byte in (43, 61)


@nb.njit(nogil=True, cache=True)
def _count_encoded(data: Bytes, tally: NDArray[np.int64]) -> None:
    """Count encoded stretches; one of 64 holds a byte whose place is a multiple of 64."""
    joined = 0
    goes_on = -1
    at = MIN_ENCODED - 1
    while at < data.size:
        start = stop = at
        while stop < data.size and _encodes(data[stop]):
            stop += 1
        while start > 0 and stop > at and _encodes(data[start - 1]):
            start -= 1
        if stop - start >= MIN_ENCODED:
            joined = stop - start + (joined if start == goes_on else 0)
            tally[ENCODED] += stop - start
            tally[LONGEST_ENCODED] = max(tally[LONGEST_ENCODED], joined)
            feed = stop + (stop < data.size and data[stop] == _CARRIAGE_RETURN)
            goes_on = feed + 1 if feed < data.size and data[feed] == _NEWLINE else -1
        at = stop + MIN_ENCODED


@nb.njit(nogil=True, cache=True)
def count_character_ngrams(
    offsets: Offsets, data: Bytes, table: NDArray[np.uint8], ngram: int, prefix: int
) -> Matrix:
    """int64[n, 4]: among the first `prefix` characters, and windows of `ngram` of them: characters,
    windows, windows that occur twice or more, and those of the most frequent: of those that occur
    twice or more, as many as the square root of the number of different ones.

    Each run of white space is one character here: indentation is no repetition.
    """
    counts = np.zeros((offsets.size - 1, 4), np.int64)
    codes = np.empty(prefix, np.uint32)
    keys = np.empty(_table_size(prefix), np.uint64)
    seen = np.empty(_table_size(prefix), np.int32)
    repeated = np.empty(prefix // 2 + 1, np.int32)
    for doc in range(counts.shape[0]):
        length = _collapse(offsets[doc], offsets[doc + 1], data, table, codes)
        counts[doc, PREFIX] = length
        counts[doc, NGRAMS] = max(0, length - ngram + 1)
        if length > ngram:
            slots = _table_size(length)
            number, different = _count_windows(
                codes[:length], ngram, keys[:slots], seen[:slots], repeated
            )
            frequencies = seen[repeated[:number]]
            counts[doc, REPEATED] = frequencies.sum()
            counts[doc, TOP] = _sum_of_highest(frequencies, int(np.sqrt(different)))
    return counts


@nb.njit(nogil=True, cache=True)
def _table_size(entries: int) -> int:
    """The power of two that keeps a table at most half full."""
    size = 16
    while size < 2 * entries:
        size *= 2
    return size


@nb.njit(nogil=True, cache=True)
def _sum_of_highest(frequencies: NDArray[np.int32], number: int) -> int:
    """The sum of the `number` highest, by counting how often each frequency occurs."""
    if frequencies.size <= number:
        return frequencies.sum()
    occurrences = np.zeros(frequencies.max() + 1, np.int64)
    for frequency in frequencies:
        occurrences[frequency] += 1
    total = 0
    for frequency in range(occurrences.size - 1, 0, -1):
        taken = min(number, occurrences[frequency])
        total += taken * frequency
        number -= taken
    return total


@nb.njit(nogil=True, cache=True)
def _collapse(
    start: int, end: int, data: Bytes, table: NDArray[np.uint8], codes: NDArray[np.uint32]
) -> int:
    """Fill in code points, a space for each run of white space, until full; how many there are."""
    count = 0
    after_space = False
    at = start
    while at < end and count < codes.size:
        code, size = decode(data, at)
        at += size
        space = table[_Index(code)] & CLASS == SPACE
        if not space or not after_space:
            codes[count] = _SPACE if space else code
            count += 1
        after_space = space
    return count


@nb.njit(nogil=True, cache=True)
def _count_windows(
    codes: NDArray[np.uint32],
    ngram: int,
    keys: NDArray[np.uint64],
    seen: NDArray[np.int32],
    repeated: NDArray[np.int32],
) -> tuple[int, int]:
    """Fill in the slots of windows that occur twice or more; their number and that of all."""
    seen[:] = 0
    first_out = _BASE
    for _ in range(ngram - 1):
        first_out *= _BASE
    hashed = np.uint64(0)
    number = different = 0
    for at in range(codes.size):
        hashed = hashed * _BASE + np.uint64(codes[at])
        if at >= ngram:
            hashed -= np.uint64(codes[at - ngram]) * first_out
        if at < ngram - 1:
            continue
        key = (hashed ^ (hashed >> np.uint64(32))) * _MIX
        slot = _Index(key >> np.uint64(40)) & _Index(keys.size - 1)
        while seen[slot] and keys[slot] != key:
            slot = (slot + _Index(1)) & _Index(keys.size - 1)
        keys[slot] = key
        seen[slot] += 1
        if seen[slot] == 1:
            different += 1
        elif seen[slot] == 2:
            repeated[number] = slot
            number += 1
    return number, different
