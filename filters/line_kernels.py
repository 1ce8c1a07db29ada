"""Lines by what they are made of: the line rules that need no words, in one pass over UTF-8."""

from functools import cache

import numba as nb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.text import CLOSERS, SENTENCE_ENDS, UNSPACED
from taojin.core.utf8 import decode

UPPERCASE, NUMERIC, ONE_WORD, FEW_WORDS, UNTERMINATED = (1 << bit for bit in range(5))
"""Bits of the flags of `flag_lines`."""

_SPACE, _WORD, _UNSPACED, _END, _CLOSER, _UPPER, _DIGIT, _SIGN = (1 << bit for bit in range(8))
_CLASSES = {
    _SPACE: r"\s",
    _WORD: r"\w",
    _UNSPACED: rf"[{UNSPACED}&&\w]",
    _END: "[" + "".join(f"\\{end}" if end in ".?" else end for end in SENTENCE_ENDS) + "]",
    _CLOSER: "[" + "".join(f"\\{mark}" for mark in CLOSERS if mark.isascii())
    + "".join(mark for mark in CLOSERS if not mark.isascii()) + "]",
    _UPPER: r"\p{Uppercase}",
    _DIGIT: r"\p{Nd}",
    _SIGN: r"[.,:%+\-－．，：％]",
}  # fmt: skip


@cache
def line_classes() -> NDArray[np.uint8]:
    """uint8[0x110000]: the class bits of every code point, read-only."""
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    characters = pl.Series([chr(code) for code in codes])
    classes = np.zeros(0x110000, np.uint8)
    for bit, pattern in _CLASSES.items():
        classes[codes] |= characters.str.contains(pattern).to_numpy() * np.uint8(bit)
    classes.flags.writeable = False
    return classes


@nb.njit(nogil=True, cache=True)
def flag_lines(
    offsets: Offsets, data: Bytes, classes: NDArray[np.uint8], wanted: int, few: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """(int64[m, 3], uint8[m]): document, start and end in code points of each line that has one of
    the `wanted` flags, its line end included, and its flags among them. Blank lines have none.

    UPPERCASE: more than half of the characters other than white space are capitals. NUMERIC: digits
    and the signs within numbers, nothing else. ONE_WORD, FEW_WORDS: a single unit, fewer than `few`
    units. UNTERMINATED: does not end a sentence.
    """
    lines = offsets.size - 1
    for at in range(offsets[0], offsets[-1]):
        lines += data[at] == 10
    spans = np.empty((lines, 3), np.int64)
    flags = np.empty(lines, np.uint8)
    found = 0
    for doc in range(offsets.size - 1):
        at, character = offsets[doc], 0
        while at < offsets[doc + 1]:
            start = character
            at, character, flag = _line(at, offsets[doc + 1], character, data, classes, few)
            flag &= wanted
            if flag:
                spans[found, 0] = doc
                spans[found, 1] = start
                spans[found, 2] = character
                flags[found] = flag
                found += 1
    return spans[:found], flags[:found]


@nb.njit(nogil=True, cache=True)
def _line(
    at: int, end: int, character: int, data: Bytes, classes: NDArray[np.uint8], few: int
) -> tuple[int, int, int]:
    """Where the next line starts, in bytes and in code points, and the flags of this one."""
    filled = upper = digits = signs = units = 0
    inside = terminated = False
    while at < end:
        code, size = decode(data, at)
        at += size
        character += 1
        if code == 10:
            break
        bits = classes[code]
        if bits & _SPACE:
            inside = False
            continue
        filled += 1
        upper += (bits & _UPPER) != 0
        digits += (bits & _DIGIT) != 0
        signs += (bits & _SIGN) != 0
        if bits & _WORD and (not inside or bits & _UNSPACED):
            units += 1
        inside = bits & _WORD != 0 and not bits & _UNSPACED
        if not bits & _CLOSER:
            terminated = (bits & _END) != 0
    if filled == 0:
        return at, character, 0
    flags = UPPERCASE if 2 * upper > filled else 0
    flags |= NUMERIC if digits and digits + signs == filled else 0
    flags |= ONE_WORD if units == 1 else 0
    flags |= FEW_WORDS if units < few else 0
    flags |= 0 if terminated else UNTERMINATED
    return at, character, flags
