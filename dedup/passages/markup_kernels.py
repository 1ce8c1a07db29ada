"""What is no prose in Markdown, HTML and TeX: code, tables, formulas, told by how lines begin."""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np

from taojin.core.arrow import Bytes
from taojin.core.utf8 import decode
from taojin.dedup.passages.characters import IS_UNSPACED, IS_WORD, Table

_TAB, _SPACE, _DOT = 9, 32, 46
PROSE, _HTML, _FORMULA, _BRACKET, ROWS, _FENCE, _BEGIN = 0, 1, 2, 3, 4, 100, 10_000
"""What a line is in: a fence adds its length, and 1,000 for tildes; an environment its depth."""


def bytes_of(word: str) -> Bytes:
    return np.frombuffer(word.encode(), np.uint8)


_TABLE, _TABLE_END = bytes_of("<table"), bytes_of("</table")
_PRE, _PRE_END = bytes_of("<pre"), bytes_of("</pre")
_CELLS = bytes_of("<t")
_MONEY, _OPEN, _CLOSE = bytes_of("$$"), bytes_of("\\["), bytes_of("\\]")
_BEGINS, _ENDS = bytes_of("\\begin{"), bytes_of("\\end{")


@nb.njit(nogil=True, cache=True)
def _holds(data: Bytes, at: int, end: int, word: Bytes) -> bool:
    """Whether a stretch holds a word, given in small letters; ASCII capitals count as small."""
    return _count(data, at, end, word) > 0


@nb.njit(nogil=True, cache=True)
def _count(data: Bytes, at: int, end: int, word: Bytes) -> int:
    count = 0
    for start in range(at, end - word.size + 1):
        count += begins(data, start, end, word)
    return count


@nb.njit(nogil=True, cache=True)
def begins(data: Bytes, at: int, end: int, word: Bytes) -> bool:
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


@nb.njit(nogil=True, cache=True)
def opening(data: Bytes, at: int, end: int) -> int:
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
        at = opening(data, at, end)
        own = _fence(data, at, end)
        same = own // 1_000 == state // 1_000 and own >= state
        return PROSE if same and _closes(data, at, end, data[at]) else state
    if state == _HTML:
        ended = _holds(data, at, end, _TABLE_END) or _holds(data, at, end, _PRE_END)
    elif state == _FORMULA:
        ended = _holds(data, at, end, _MONEY)
    else:
        ended = _holds(data, at, end, _CLOSE)
    return PROSE if ended else state


@nb.njit(nogil=True, cache=True)
def _deeper(depth: int, data: Bytes, at: int, end: int) -> int:
    """The state behind a line of TeX that begins and ends environments, `depth` before it."""
    depth += _count(data, at, end, _BEGINS) - _count(data, at, end, _ENDS)
    return _BEGIN + depth if depth > 0 else PROSE


@nb.njit(nogil=True, cache=True)
def tabbed(data: Bytes, at: int, end: int) -> bool:
    """Whether a tab stands between two texts of a line, as in a row of a table."""
    tab = False
    for i in range(at, end):
        if data[i] == _TAB:
            tab = True
        elif tab and data[i] > _SPACE:
            return True
    return False


@nb.njit(nogil=True, cache=True)
def delimits(data: Bytes, at: int, end: int) -> bool:
    """Whether a line parts the head of a table from its rows: dashes, colons and a bar."""
    dash = bar = False
    at = opening(data, at, end)
    for i in range(at, end):
        dash |= data[i] == 45  # -
        bar |= data[i] == 124  # |
        if data[i] > _SPACE and data[i] not in (45, 58, 124):
            return False
    return dash and bar


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
        code, size = decode(data, at)
        if code >= 0x2000 or folds[code] & IS_WORD:
            return code < 0x2000 and not folds[code] & IS_UNSPACED
        at += size
    return True


@nb.njit(nogil=True, cache=True)
def last_character(data: Bytes, at: int, stop: int) -> int:
    """The last visible character of a line, 0 if there is none."""
    stop -= 1
    while stop >= at and data[stop] <= _SPACE:
        stop -= 1
    if stop < at:
        return 0
    while (data[stop] & 0xC0) == 0x80:
        stop -= 1
    return decode(data, stop)[0]


@nb.njit(nogil=True, cache=True)
def _is_markup(data: Bytes, at: int, end: int) -> bool:
    """Whether a line begins with a tag or a comment and ends with one, or is a cell of a table."""
    following = data[at + 1] if at + 1 < end else 0
    tag = following in (33, 47) or 65 <= following <= 90 or 97 <= following <= 122  # ! /
    return tag and (last_character(data, at, end) == 62 or begins(data, at, end, _CELLS))


@nb.njit(nogil=True, cache=True)
def _block(data: Bytes, at: int, end: int) -> int:
    """The state behind a line that begins a block or is one by itself, as a table's row; -1 if the
    line, which begins at its own text, is none.
    """
    byte, state = data[at], -1
    if byte in (96, 126):  # ` ~
        state = _fence(data, at, end) or -1
    elif byte == 124 or (byte == 43 and at + 1 < end and data[at + 1] in (45, 61)):  # | +- +=
        state = PROSE
    elif begins(data, at, end, _TABLE) or begins(data, at, end, _PRE):
        state = _still(_HTML, data, at, end)
    elif byte == 60 and _is_markup(data, at, end):  # <
        state = PROSE
    elif begins(data, at, end, _MONEY):
        state = _still(_FORMULA, data, at + 2, end)
    elif begins(data, at, end, _OPEN):
        state = _still(_BRACKET, data, at, end)
    elif begins(data, at, end, _BEGINS):
        state = _deeper(0, data, at, end)
    return state


@nb.njit(nogil=True, cache=True)
def line_kind(
    state: int, data: Bytes, at: int, end: int, tab: bool, folds: Table
) -> tuple[bool, int]:
    """(whether a line is prose, the state behind it); `tab`: whether it holds one."""
    if state not in (PROSE, ROWS):
        return False, _still(state, data, at, end)
    own = opening(data, at, end)
    if own == end:
        return state == PROSE, PROSE
    block = _block(data, own, end)
    if state == ROWS:
        return False, max(block, PROSE) or ROWS
    if block >= 0:
        return False, block
    return not (_indented(data, at, end, folds) or (tab and tabbed(data, own, end))), PROSE
