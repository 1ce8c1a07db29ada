"""Lines of a text that are prose, as one reads them: what is code, table or formula is left out.

A line that ends within a sentence, by a word or a comma before a line that begins with a small
letter, is one with the next. What is no prose is a border: what lies before and behind it is in
different *stretches*. It is told by its first characters, as Markdown, HTML and TeX have it.
"""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.dedup.passages.characters import IS_WORD, Table
from taojin.dedup.passages.markup_kernels import (
    PROSE,
    ROWS,
    begins,
    bytes_of,
    delimits,
    last_character,
    line_kind,
    opening,
    tabbed,
)

Lines = NDArray[np.int64]

DOCUMENT, FIRST_BYTE, LAST_BYTE, PLACE, STRETCH, HEADING, COLON = range(7)
"""Columns of the lines: document; bytes; code points before it; stretch; whether it is a heading;
whether it ends in a colon."""

_NEWLINE, _TAB, _SPACE, _BAR = 10, 9, 32, 124
_BOLD = bytes_of("**")
_DASHES, _PLUSES = bytes_of("---"), bytes_of("+++")


@nb.njit(nogil=True, cache=True)
def _characters(data: Bytes, at: int, end: int) -> int:
    """Code points of a stretch of UTF-8."""
    count = 0
    for i in range(at, end):
        count += (data[i] & 0xC0) != 0x80
    return count


@nb.njit(nogil=True, cache=True)
def _front_matter(data: Bytes, at: int, end: int) -> int:
    """Where the text begins behind front matter; `at` if there is none.

    It is a first line of three dashes or pluses, a key in the second, and another such line.
    """
    if not (begins(data, at, end, _DASHES) or begins(data, at, end, _PLUSES)):
        return at
    mark = data[at]
    line, number = at, 0
    while line < end:
        stop = line
        keyed = False
        while stop < end and data[stop] != _NEWLINE:
            keyed |= data[stop] == 58 or data[stop] == 61  # : or =
            stop += 1
        size = stop - line - (stop > line and data[stop - 1] == 13)
        fence = size == 3 and data[line] == mark and data[line + 1] == mark
        fence = fence and data[line + 2] == mark
        if (number == 0 and not fence) or (number == 1 and not keyed):
            return at
        if number > 1 and fence:
            return min(stop + 1, end)
        line = stop + 1
        number += 1
    return at


@nb.njit(nogil=True, cache=True)
def _next_line(data: Bytes, stop: int, end: int) -> int:
    """Where the line that begins behind a line end ends."""
    stop += 1
    while stop < end and data[stop] != _NEWLINE:
        stop += 1
    return stop


@nb.njit(nogil=True, cache=True)
def _heads_table(data: Bytes, at: int, stop: int, end: int) -> bool:
    """Whether a line is the head of a table: it holds a bar, and the next is its delimiter row
    (GitHub Flavored Markdown 0.29, section 4.10).
    """
    bar = at
    while bar < stop and data[bar] != _BAR:
        bar += 1
    return bar < stop < end and delimits(data, stop + 1, _next_line(data, stop, end))


@nb.njit(nogil=True, cache=True)
def _goes_on(data: Bytes, at: int, stop: int, end: int, folds: Table) -> bool:
    """Whether a line ends within a sentence: the next begins with a small letter."""
    following = stop + 1
    while following < end and data[following] == _SPACE:
        following += 1
    if following >= end or not 97 <= data[following] <= 122:
        return False
    behind = _next_line(data, stop, end)
    if tabbed(data, following, behind) or _heads_table(data, following, behind, end):
        return False
    last = last_character(data, at, stop)
    return last == 44 or (last > 0 and np.int64(folds[last]) & IS_WORD != 0)


@nb.njit(nogil=True, cache=True)
def _is_heading(data: Bytes, at: int, stop: int) -> bool:
    """Whether a line is a heading of Markdown, or bold as a whole, which many use as one."""
    at = opening(data, at, stop)
    while stop > at and data[stop - 1] <= _SPACE:
        stop -= 1
    if stop - at > 4 and begins(data, at, stop, _BOLD):
        return begins(data, stop - 2, stop, _BOLD)
    mark = at
    while mark < stop and data[mark] == 35:  # #
        mark += 1
    return at < mark < stop and data[mark] == _SPACE


@nb.njit(nogil=True, cache=True)
def lines(offsets: Offsets, data: Bytes, folds: Table) -> Lines:
    """int64[m, 7]: the lines of prose of each document, in order."""
    most = offsets.size - 1
    for i in range(offsets[0], offsets[-1]):
        most += data[i] == _NEWLINE
    found = np.empty((most, 7), np.int64)
    used = 0
    for doc in range(offsets.size - 1):
        at, end = _front_matter(data, offsets[doc], offsets[doc + 1]), offsets[doc + 1]
        place = _characters(data, offsets[doc], at)
        state, stretch, broken = PROSE, 0, False
        while at < end:
            stop, tab = at, False
            while stop < end and data[stop] != _NEWLINE:
                tab |= data[stop] == _TAB
                stop += 1
            prose, state = line_kind(state, data, at, stop, tab, folds)
            if prose and _heads_table(data, at, stop, end):
                prose, state = False, ROWS
            if prose:
                while _goes_on(data, at, stop, end, folds):
                    stop = _next_line(data, stop, end)
                last = last_character(data, at, stop)
                stretch += broken
                found[used, DOCUMENT], found[used, PLACE] = doc, place
                found[used, FIRST_BYTE], found[used, LAST_BYTE] = at, stop
                found[used, STRETCH] = stretch
                found[used, HEADING] = _is_heading(data, at, stop)
                found[used, COLON] = last in (58, 0xFF1A)  # :
                used += last > 0
            broken = not prose
            place += _characters(data, at, stop) + 1
            at = stop + 1
    return found[:used]
