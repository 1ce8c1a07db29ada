# mypy: disable-error-code="untyped-decorator, return-value, call-overload"
"""What the kernels of the filters count, by column, and the kernels that are a loop or two.

The pass over units and lines is in text_kernels.py, that over n-grams in ngram_kernels.py. Kernels
take `(offsets, data)` of `core.arrow.string_buffers` and the class bits of
`core.text.character_classes`. Those that call each other share a file, because Numba's cache goes
stale when a kernel calls one of another file.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.text import LETTER, WORD
from taojin.core.utf8 import decode

Matrix = NDArray[np.int64]
Row = NDArray[np.int64]
Classes = NDArray[np.uint8]
Units = tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.int32]]
"""Of the units of a few texts: hashes; 1 for each that stands apart from the one before; the code
points of all units before it. The last has one entry more."""
Stops = tuple[NDArray[np.uint8], NDArray[np.uint64], NDArray[np.uint64]]
"""Stop words by language: uint8[l, 2048], 1 where a hash may be that of one; uint64[l, m], their
hashes, sorted; uint64[l, m], the bit of the word that each hash stands for."""

UNITS, UNIT_CHARACTERS, LETTER_UNITS, STOP_UNITS, LONGEST_UNIT, WORDS = range(6)
"""Columns about units. WORDS: units and, where another tool's words are used, its other words."""

(
    LINES,
    CHARACTERS,
    DUPLICATES,
    DUPLICATE_CHARACTERS,
    END_LINES,
    SHORT_LINES,
    BULLET_LINES,
    ELLIPSIS_LINES,
    FEW_UNIT_LINES,
    UNTERMINATED_LINES,
    KEPT_SENTENCES,
    KEPT_BRACES,
) = range(12)
"""Columns about lines; the first four are those about paragraphs too."""

TEXT_CHARACTERS, NEWLINES, SENTENCES, HASHES, ELLIPSES, BRACES = range(6)
"""Columns about the signs of a text."""

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)
_STOP_BITS = np.uint64(53)
_NEWLINE, _RETURN, _HASH, _BRACE = 10, 13, 35, 123


@nb.njit(nogil=True, cache=True)
def count_classes(offsets: Offsets, data: Bytes, classes: Classes, number: int) -> Matrix:
    """int64[n, number]: code points of each class; `classes` gives each code point's one class."""
    counts = np.zeros((offsets.size - 1, number), np.int64)
    for doc in range(counts.shape[0]):
        at = offsets[doc]
        while at < offsets[doc + 1]:
            code, size = decode(data, at)
            counts[doc, classes[code]] += 1
            at += size
    return counts


@nb.njit(nogil=True, cache=True)
def _count_byte(text: Bytes, byte: int) -> int:
    count = 0
    for at in range(text.size):
        count += text[at] == byte
    return count


@nb.njit(nogil=True, cache=True)
def _count_characters(text: Bytes) -> int:
    """Code points, a line end of Windows as one."""
    count = 0
    for at in range(text.size):
        count += text[at] & 0xC0 != 0x80
    if _count_byte(text, _RETURN):
        for at in range(1, text.size):
            count -= (text[at] == _NEWLINE) & (text[at - 1] == _RETURN)
    return count


@nb.njit(nogil=True, cache=True)
def count_signs(offsets: Offsets, data: Bytes, signs: Matrix) -> None:
    """Fill the columns TEXT_CHARACTERS, NEWLINES, HASHES and BRACES of signs, int64[n, 6].

    A line end is one character, that of Windows too. Counting bytes is exact: UTF-8 never uses an
    ASCII byte inside a longer character. A loop over one thing runs at 8 GB/s, one over all
    of them at 1.
    """
    for doc in range(offsets.size - 1):
        text = data[offsets[doc] : offsets[doc + 1]]
        signs[doc, TEXT_CHARACTERS] = _count_characters(text)
        signs[doc, NEWLINES] = _count_byte(text, _NEWLINE)
        signs[doc, HASHES] = _count_byte(text, _HASH)
        signs[doc, BRACES] = _count_byte(text, _BRACE)


@nb.njit(nogil=True, cache=True)
def word_hashes(offsets: Offsets, data: Bytes) -> NDArray[np.uint64]:
    """uint64[n]: the hash that a unit of those bytes has (FNV-1a)."""
    hashes = np.full(offsets.size - 1, _FNV_OFFSET)
    for word in range(hashes.size):
        for at in range(offsets[word], offsets[word + 1]):
            hashes[word] = (hashes[word] ^ np.uint64(data[at])) * _FNV_PRIME
    return hashes


@nb.njit(nogil=True, cache=True)
def use_words(
    words: Offsets,
    offsets: Offsets,
    data: Bytes,
    classes: Classes,
    unit_offsets: Offsets,
    units: Units,
    counts: Matrix,
) -> None:
    """Take another tool's words as the units of texts: fill what `text_kernels.count_text` does.

    Text i has the words `words[i]` to `words[i + 1]`, strings of (offsets, data). A word without a
    word character, such as a comma, is in WORDS only. In place of their text, which is not known,
    the words stand one space apart.
    """
    hashes, apart, sums = units
    apart[:] = 1
    found = word_hashes(offsets[words[0] : words[-1] + 1], data)
    hashes[: found.size] = found
    unit_offsets[:] = words - words[0]
    sums[0] = 0
    for doc in range(words.size - 1):
        for word in range(words[doc], words[doc + 1]):
            length = bits = 0
            at = offsets[word]
            while at < offsets[word + 1]:
                code, size = decode(data, at)
                bits |= classes[code]
                length += 1
                at += size
            unit = word - words[0]
            sums[unit + 1] = sums[unit] + length
            if bits & WORD:
                counts[doc, UNITS] += 1
                counts[doc, UNIT_CHARACTERS] += length
            counts[doc, LETTER_UNITS] += (bits & LETTER) != 0
            counts[doc, LONGEST_UNIT] = max(counts[doc, LONGEST_UNIT], length)
        counts[doc, WORDS] = words[doc + 1] - words[doc]


@nb.njit(nogil=True, cache=True)
def count_stop_words(
    unit_offsets: Offsets,
    hashes: NDArray[np.uint64],
    langs: NDArray[np.uint8],
    stops: Stops,
    counts: Matrix,
) -> None:
    """Fill the column STOP_UNITS of counts: different stop words of each text's own language."""
    likely, keys, bits = stops
    for doc in range(unit_offsets.size - 1):
        lang = langs[doc]
        found = np.uint64(0)
        for hashed in hashes[unit_offsets[doc] : unit_offsets[doc + 1]]:
            if likely[lang, (hashed * _MIX) >> _STOP_BITS]:
                at = np.searchsorted(keys[lang], hashed)
                if at < keys.shape[1] and keys[lang, at] == hashed:
                    found |= bits[lang, at]
        while found:
            found &= found - _ONE
            counts[doc, STOP_UNITS] += 1
