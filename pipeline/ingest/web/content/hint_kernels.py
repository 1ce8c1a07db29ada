"""The hints in the attributes of elements, and whether they are shown."""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes
from taojin.pipeline.ingest.markup.tree_kernels import INSIDE, START, Table

UNSHOWN = 1 << 62
"""Bit of an element that a browser does not show."""


def _word(word: str) -> Bytes:
    return np.frombuffer(word.encode(), np.uint8)


_NAMES = tuple(map(_word, ("class", "id", "role", "itemprop", "style", "hidden", "aria-hidden")))
_STYLE, _HIDDEN, _ARIA = 4, 5, 6
_NONE, _TRUE = _word("none"), _word("true")
_VISIBILITY = _word("hidden")


@nb.njit(nogil=True, cache=True)
def _is(data: Bytes, at: int, end: int, word: Bytes) -> bool:
    if end - at != word.size:
        return False
    for i in range(word.size):
        if data[at + i] | 32 != word[i] and data[at + i] != word[i]:
            return False
    return True


@nb.njit(nogil=True, cache=True)
def _which(data: Bytes, at: int, end: int) -> int:
    """Which of the attributes that are looked at a name is, or -1."""
    first = data[at] | 32
    if first not in (99, 105, 114, 115, 104, 97):  # c i r s h a
        return -1
    for which in range(7):
        if _is(data, at, end, _NAMES[which]):
            return which
    return -1


@nb.njit(nogil=True, cache=True)
def _holds(data: Bytes, at: int, end: int, word: Bytes) -> bool:
    for start in range(at, end - word.size + 1):
        if _is(data, start, start + word.size, word):
            return True
    return False


@nb.njit(nogil=True, cache=True)
def _hints(data: Bytes, at: int, end: int, steps: NDArray[np.int32], found: Table) -> int:
    """The groups of hints in the value of an attribute, as bits."""
    bits, small = np.int64(0), False
    state = np.int64(steps[0, 0])
    for i in range(at, end):
        byte = data[i]
        if 97 <= byte <= 122:
            symbol, small = byte - 96, True
        elif 65 <= byte <= 90:
            if small:
                state = np.int64(steps[state, 0])
                bits |= found[state]
            symbol, small = byte - 64, False
        else:
            symbol, small = 0, False
        state = np.int64(steps[state, symbol])
        bits |= found[state]
    return bits | found[steps[state, 0]]


@nb.njit(nogil=True, cache=True)
def _value(data: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """(where the value of an attribute begins, where it ends, where the next attribute may begin),
    from behind its name.
    """
    while at < end and data[at] <= 32:
        at += 1
    if at >= end or data[at] != 61:  # =
        return at, at, at
    at += 1
    while at < end and data[at] <= 32:
        at += 1
    if at < end and data[at] in (34, 39):
        quote = data[at]
        value = at + 1
        at = value
        while at < end and data[at] != quote:
            at += 1
        return value, at, at + 1
    value = at
    while at < end and data[at] > 32:
        at += 1
    return value, at, at


@nb.njit(nogil=True, cache=True)
def _bits(
    data: Bytes, which: int, value: int, stop: int, steps: NDArray[np.int32], found: Table
) -> int:
    """What an attribute says."""
    if which < _STYLE:
        return _hints(data, value, stop, steps, found)
    if which == _HIDDEN or (which == _ARIA and _is(data, value, stop, _TRUE)):
        return UNSHOWN
    if which == _STYLE and (
        _holds(data, value, stop, _NONE) or _holds(data, value, stop, _VISIBILITY)
    ):
        return UNSHOWN
    return 0


@nb.njit(nogil=True, cache=True)
def hints(data: Bytes, elements: Table, steps: NDArray[np.int32], found: Table) -> Table:
    """int64[m]: the groups of hints of each element, and UNSHOWN, as bits."""
    bits = np.zeros(len(elements), np.int64)
    for one in range(1, len(elements)):
        at, end = elements[one, START] + 1, elements[one, INSIDE] - 1
        while at < end and data[at] > 32:
            at += 1
        while at < end:
            while at < end and (data[at] <= 32 or data[at] in (47, 61)):
                at += 1
            name = at
            while at < end and data[at] > 32 and data[at] not in (47, 61):
                at += 1
            which = _which(data, name, at) if at > name else -1
            value, stop, at = _value(data, at, end)
            if which >= 0:
                bits[one] |= _bits(data, which, value, stop, steps, found)
    return bits
