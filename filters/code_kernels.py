"""Which lines of a program are comments: one loop over the UTF-8 bytes, whatever the language."""
# mypy: disable-error-code="call-overload,return-value,untyped-decorator"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets

LINES, COMMENT_LINES = range(2)
"""Columns of `count_comment_lines`."""

_CODE, _LINE, _STARS, _MARKUP, _QUOTES, _APOSTROPHES, _TEXT_QUOTES, _TEXT_APOSTROPHES = range(8)
"""What a byte stands in: code, a comment of one line, `/* */`, `<!-- -->`, a documentation string
in triple quotes or apostrophes, another string in these."""

_SPACE, _NEWLINE = 32, 10
_EXCLAMATION, _QUOTE, _HASH, _PERCENT, _APOSTROPHE = 33, 34, 35, 37, 39
_STAR, _DASH, _SLASH, _SEMICOLON, _LESS, _MORE = 42, 45, 47, 59, 60, 62


@nb.njit(nogil=True, cache=True)
def count_comment_lines(offsets: Offsets, data: Bytes) -> NDArray[np.int64]:
    """int64[n, 2]: lines that are not blank, and those of them that start with or in a comment.

    Blank is what holds no byte above the space. What starts a comment says `_opened`; one that
    starts behind code is not looked for, because `/*` stands in file patterns and `#` in colours.
    """
    counts = np.zeros((offsets.size - 1, 2), np.int64)
    for doc in range(counts.shape[0]):
        at, end = offsets[doc], offsets[doc + 1]
        within = _CODE
        while at < end:
            stop = at
            while stop < end and data[stop] != _NEWLINE:
                stop += 1
            while at < stop and data[at] <= _SPACE:
                at += 1
            if at < stop:
                if within == _CODE:
                    within, at = _opened(data, at, stop)
                counts[doc, LINES] += 1
                counts[doc, COMMENT_LINES] += _LINE <= within <= _APOSTROPHES
                within = _after(data, at, stop, within)
            at = stop + 1
    return counts


@nb.njit(nogil=True, cache=True, inline="always")
def _byte(data: Bytes, at: int, stop: int) -> int:
    """The byte there; a space beyond the end of the line."""
    return int(data[at]) if at < stop else _SPACE


@nb.njit(nogil=True, cache=True, inline="always")
def _triple(data: Bytes, at: int, stop: int, byte: int) -> bool:
    return at + 2 < stop and data[at] == byte and data[at + 1] == byte and data[at + 2] == byte


@nb.njit(nogil=True, cache=True)
def _opened(data: Bytes, at: int, stop: int) -> tuple[int, int]:
    """(what starts at the first byte of a line, where its inside begins).

    A comment starts with `//`, `/*`, `<!--`, or with `#`, `;`, `%` or `--` before white space, the
    same sign or an `!`: `#include`, `--option` and `%d` are none. A documentation string starts
    with three quotes or apostrophes, behind at most one letter.
    """
    first, second = _byte(data, at, stop), _byte(data, at + 1, stop)
    third = _byte(data, at + 2, stop)
    if first == _SLASH and second in (_SLASH, _STAR):
        return (_LINE if second == _SLASH else _STARS), at + 2
    if first == _LESS and second == _EXCLAMATION and third == _DASH:
        return _MARKUP, at + 3
    if first in (_HASH, _SEMICOLON, _PERCENT) and (second <= _EXCLAMATION or second == first):
        return _LINE, stop
    if first == _DASH and second == _DASH and (third <= _EXCLAMATION or third == _DASH):
        return _LINE, stop
    letter = 65 <= (first & 0xDF) <= 90
    for start in range(at, at + 1 + letter):
        if _triple(data, start, stop, _QUOTE) or _triple(data, start, stop, _APOSTROPHE):
            return (_QUOTES if data[start] == _QUOTE else _APOSTROPHES), start + 3
    return _CODE, at


@nb.njit(nogil=True, cache=True)
def _after(data: Bytes, at: int, stop: int, within: int) -> int:
    """What the next line starts in, if this one is `within` that from `at` on."""
    if within == _LINE:
        return _CODE
    while at < stop:
        byte = data[at]
        taken = 0
        if byte == _STAR and within == _STARS:
            taken = 2 * (_byte(data, at + 1, stop) == _SLASH)
        elif byte == _DASH and within == _MARKUP:
            arrow = _byte(data, at + 1, stop) == _DASH and _byte(data, at + 2, stop) == _MORE
            taken = 3 * arrow
        elif byte == _QUOTE and within in (_CODE, _QUOTES, _TEXT_QUOTES):
            taken = 3 * _triple(data, at, stop, _QUOTE)
        elif byte == _APOSTROPHE and within in (_CODE, _APOSTROPHES, _TEXT_APOSTROPHES):
            taken = 3 * _triple(data, at, stop, _APOSTROPHE)
        if taken and within == _CODE:
            within = _TEXT_QUOTES if byte == _QUOTE else _TEXT_APOSTROPHES
        elif taken:
            within = _CODE
        at += max(taken, 1)
    return within
