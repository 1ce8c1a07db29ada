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
from taojin.dedup.folds import IS_UNSPACED, IS_WORD

Lines = NDArray[np.int64]
Table = NDArray[np.uint32]

DOCUMENT, FIRST_BYTE, LAST_BYTE, PLACE, STRETCH, HEADING, COLON = range(7)
"""Columns of the lines: document; bytes; code points before it; stretch; whether it is a heading;
whether it ends in a colon."""

_NEWLINE, _TAB, _SPACE, _DOT = 10, 9, 32, 46
_PROSE, _HTML, _FORMULA, _BRACKET, _FENCE, _BEGIN = 0, 1, 2, 3, 100, 10_000
"""What a line is in: a fence adds its length, and 1,000 for tildes; an environment its depth."""


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


@nb.njit(nogil=True, cache=True)
def _characters(data: Bytes, at: int, end: int) -> int:
    """Code points of a stretch of UTF-8."""
    count = 0
    for i in range(at, end):
        count += (data[i] & 0xC0) != 0x80
    return count


@nb.njit(nogil=True, cache=True)
def _holds(data: Bytes, at: int, end: int, word: Bytes) -> bool:
    """Whether a stretch holds a word, given in small letters; ASCII capitals count as small."""
    return _count(data, at, end, word) > 0


@nb.njit(nogil=True, cache=True)
def _count(data: Bytes, at: int, end: int, word: Bytes) -> int:
    count = 0
    for start in range(at, end - word.size + 1):
        count += _begins(data, start, end, word)
    return count


@nb.njit(nogil=True, cache=True)
def _begins(data: Bytes, at: int, end: int, word: Bytes) -> bool:
    """Whether a word, given in small letters, stands at a place."""
    if end - at < word.size:
        return False
    for i in range(word.size):
        byte = data[at + i]
        if 65 <= byte <= 90:
            byte += np.uint8(32)
        if byte != word[i]:
            return False
    return True


def _bytes(word: str) -> Bytes:
    return np.frombuffer(word.encode(), np.uint8)


_TABLE, _TABLE_END = _bytes("<table"), _bytes("</table")
_PRE, _PRE_END = _bytes("<pre"), _bytes("</pre")
_CELLS = _bytes("<t")
_MONEY, _OPEN, _CLOSE = _bytes("$$"), _bytes("\\["), _bytes("\\]")
_BEGINS, _ENDS = _bytes("\\begin{"), _bytes("\\end{")
_BOLD = _bytes("**")
_DASHES, _PLUSES = _bytes("---"), _bytes("+++")


@nb.njit(nogil=True, cache=True)
def _front_matter(data: Bytes, at: int, end: int) -> int:
    """Where the text begins behind front matter; `at` if there is none.

    It is a first line of three dashes or pluses, a key in the second, and another such line.
    """
    if not (_begins(data, at, end, _DASHES) or _begins(data, at, end, _PLUSES)):
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
def _opening(data: Bytes, at: int, end: int) -> int:
    """Where a line's own text begins, behind white space, marks of a quotation and of a list."""
    while at < end:
        byte = data[at]
        if byte in (_SPACE, _TAB, 62):  # >
            at += 1
        elif byte in (45, 42) and at + 1 < end and data[at + 1] == _SPACE:  # - *
            at += 2
        else:
            break
    number = at
    while number < end and 48 <= data[number] <= 57:
        number += 1
    if at < number < end - 1 and data[number] in (41, _DOT) and data[number + 1] == _SPACE:
        return number + 2
    return at


@nb.njit(nogil=True, cache=True)
def _closes(data: Bytes, at: int, end: int, mark: int) -> bool:
    """Whether a line holds nothing but the marks of a fence."""
    while at < end and (data[at] == mark or data[at] <= _SPACE):
        at += 1
    return at == end


@nb.njit(nogil=True, cache=True)
def _fence(data: Bytes, at: int, end: int) -> int:
    """The state behind a line that opens a code block, or 0.

    A line with backticks behind its fence is code within a line (CommonMark 0.31, section 4.5).
    """
    mark = data[at] if at < end else 0
    if mark not in (96, 126):  # ` ~
        return 0
    size = 0
    while at + size < end and data[at + size] == mark:
        size += 1
    if size < 3:
        return 0
    if mark == 96:
        for i in range(at + size, end):
            if data[i] == 96:
                return 0
    return _FENCE + min(size, 99) + (1_000 if mark == 126 else 0)


@nb.njit(nogil=True, cache=True)
def _still(state: int, data: Bytes, at: int, end: int) -> int:
    """The state behind a line that is in a block: `state`, or prose where the line ends it."""
    if state >= _BEGIN:
        return _deeper(state - _BEGIN, data, at, end)
    if state >= _FENCE:
        at = _opening(data, at, end)
        own = _fence(data, at, end)
        same = own // 1_000 == state // 1_000 and own >= state
        return _PROSE if same and _closes(data, at, end, data[at]) else state
    if state == _HTML:
        ended = _holds(data, at, end, _TABLE_END) or _holds(data, at, end, _PRE_END)
    elif state == _FORMULA:
        ended = _holds(data, at, end, _MONEY)
    else:
        ended = _holds(data, at, end, _CLOSE)
    return _PROSE if ended else state


@nb.njit(nogil=True, cache=True)
def _deeper(depth: int, data: Bytes, at: int, end: int) -> int:
    """The state behind a line of TeX that begins and ends environments, `depth` before it."""
    depth += _count(data, at, end, _BEGINS) - _count(data, at, end, _ENDS)
    return _BEGIN + depth if depth > 0 else _PROSE


@nb.njit(nogil=True, cache=True)
def _tabbed(data: Bytes, at: int, end: int) -> bool:
    """Whether a tab stands between two texts of a line, as in a row of a table."""
    tab = False
    for i in range(at, end):
        if data[i] == _TAB:
            tab = True
        elif tab and data[i] > _SPACE:
            return True
    return False


@nb.njit(nogil=True, cache=True)
def _indented(data: Bytes, at: int, end: int, folds: Table) -> bool:
    """Whether a line is indented as Markdown's code is; text that begins with Han is not code."""
    width = 0
    while at < end and width < 4 and (data[at] == _SPACE or data[at] == _TAB):
        width += 4 if data[at] == _TAB else 1
        at += 1
    if width < 4:
        return False
    while at < end:
        code, size = _decode(data, at)
        if code >= 0x2000 or folds[code] & IS_WORD:
            return code < 0x2000 and not folds[code] & IS_UNSPACED
        at += size
    return True


@nb.njit(nogil=True, cache=True)
def _last(data: Bytes, at: int, stop: int) -> int:
    """The last visible character of a line, 0 if there is none."""
    stop -= 1
    while stop >= at and data[stop] <= _SPACE:
        stop -= 1
    if stop < at:
        return 0
    while (data[stop] & 0xC0) == 0x80:
        stop -= 1
    return _decode(data, stop)[0]


@nb.njit(nogil=True, cache=True)
def _is_markup(data: Bytes, at: int, end: int) -> bool:
    """Whether a line begins with a tag or a comment and ends with one, or is a cell of a table."""
    following = data[at + 1] if at + 1 < end else 0
    tag = following in (33, 47) or 65 <= following <= 90 or 97 <= following <= 122  # ! /
    return tag and (_last(data, at, end) == 62 or _begins(data, at, end, _CELLS))


@nb.njit(nogil=True, cache=True)
def _block(data: Bytes, at: int, end: int) -> int:
    """The state behind a line that begins a block or is one by itself, as a table's row; -1 if the
    line, which begins at its own text, is none.
    """
    byte, state = data[at], -1
    if byte in (96, 126):  # ` ~
        state = _fence(data, at, end) or -1
    elif byte == 124 or (byte == 43 and at + 1 < end and data[at + 1] in (45, 61)):  # | +- +=
        state = _PROSE
    elif _begins(data, at, end, _TABLE) or _begins(data, at, end, _PRE):
        state = _still(_HTML, data, at, end)
    elif byte == 60 and _is_markup(data, at, end):  # <
        state = _PROSE
    elif _begins(data, at, end, _MONEY):
        state = _still(_FORMULA, data, at + 2, end)
    elif _begins(data, at, end, _OPEN):
        state = _still(_BRACKET, data, at, end)
    elif _begins(data, at, end, _BEGINS):
        state = _deeper(0, data, at, end)
    return state


@nb.njit(nogil=True, cache=True)
def _line_kind(
    state: int, data: Bytes, at: int, end: int, tab: bool, folds: Table
) -> tuple[bool, int]:
    """(whether a line is prose, the state behind it); `tab`: whether it holds one."""
    if state != _PROSE:
        return False, _still(state, data, at, end)
    own = _opening(data, at, end)
    if own == end:
        return True, _PROSE
    block = _block(data, own, end)
    if block >= 0:
        return False, block
    return not (_indented(data, at, end, folds) or (tab and _tabbed(data, own, end))), _PROSE


@nb.njit(nogil=True, cache=True)
def _next_line(data: Bytes, stop: int, end: int) -> int:
    """Where the line that begins behind a line end ends."""
    stop += 1
    while stop < end and data[stop] != _NEWLINE:
        stop += 1
    return stop


@nb.njit(nogil=True, cache=True)
def _goes_on(data: Bytes, at: int, stop: int, end: int, folds: Table) -> bool:
    """Whether a line ends within a sentence: the next begins with a small letter."""
    following = stop + 1
    while following < end and data[following] == _SPACE:
        following += 1
    if following >= end or not 97 <= data[following] <= 122:
        return False
    if _tabbed(data, following, _next_line(data, stop, end)):
        return False
    last = _last(data, at, stop)
    return last == 44 or (last > 0 and np.int64(folds[last]) & IS_WORD != 0)


@nb.njit(nogil=True, cache=True)
def _is_heading(data: Bytes, at: int, stop: int) -> bool:
    """Whether a line is a heading of Markdown, or bold as a whole, which many use as one."""
    at = _opening(data, at, stop)
    while stop > at and data[stop - 1] <= _SPACE:
        stop -= 1
    if stop - at > 4 and _begins(data, at, stop, _BOLD):
        return _begins(data, stop - 2, stop, _BOLD)
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
        state, stretch, broken = _PROSE, 0, False
        while at < end:
            stop, tab = at, False
            while stop < end and data[stop] != _NEWLINE:
                tab |= data[stop] == _TAB
                stop += 1
            prose, state = _line_kind(state, data, at, stop, tab, folds)
            if prose:
                while _goes_on(data, at, stop, end, folds):
                    stop = _next_line(data, stop, end)
                last = _last(data, at, stop)
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
