"""Passages of a text and their keys: lines, cut into sentences.

A passage is a line of prose (`dedup.passages.line_kernels`) or, where lines are cut into sentences,
a run of whole sentences of one line with at least so many units; what is too short goes with its
neighbour. Its key is the sequence of its units, folded (`dedup.passages.characters`). One thread
parses 120 MB/s of English and 115 MB/s of Chinese.
"""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.mixing import mix
from taojin.core.utf8 import decode
from taojin.dedup.passages import line_kernels as lines
from taojin.dedup.passages.characters import (
    CODE,
    IS_CLOSER,
    IS_END,
    IS_INVISIBLE,
    IS_MARK,
    IS_SPACE,
    IS_UNSPACED,
    IS_WORD,
    SEVERAL,
    Table,
)
from taojin.dedup.passages.line_kernels import Lines

Spans = NDArray[np.int64]
Keys = NDArray[np.uint64]

DOCUMENT, START, END, FIRST, LAST, STRETCH, WHOLE, LEADS, NTH = range(9)
"""Columns of the spans: document; code points; units in it; stretch; whether it is a whole line;
whether it leads to what follows, 1 what ends in a colon and 2 or more a heading; which occurrence
of its key in the document it is, from 1."""

_DOC, _FIRST_BYTE, _LAST_BYTE, _PLACE = (
    lines.DOCUMENT,
    lines.FIRST_BYTE,
    lines.LAST_BYTE,
    lines.PLACE,
)
_LINE_STRETCH, _HEADING, _COLON = lines.STRETCH, lines.HEADING, lines.COLON
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_SEQUENCE = np.uint64(0x9E3779B97F4A7C15)
_DOT = 46
_SOFT, _STRONG, _ELLIPSIS, _HARD = 1, 2, 3, 4
"""How a sentence may end: by a full stop; by ! or ?; by dots; by a sign that is always an end."""


@nb.njit(nogil=True, cache=True, inline="always")
def _and(state: np.uint64, unit: np.uint64) -> np.uint64:
    """The hash of a sequence and one more unit."""
    state = (state ^ unit) * _SEQUENCE
    return state ^ (state >> np.uint64(29))


@nb.njit(nogil=True, cache=True, inline="always")
def _end_kind(code: int, last: int, length: int, unit: np.uint64, short: Keys) -> int:
    """How a sign may end a sentence, 0 if not; `last` is the character before it, `length` and
    `unit` the characters and the hash of the word that it follows directly (0: none).
    """
    if code in (33, 63):  # ! ?
        return _STRONG
    if code == 0x2026:  # ...
        return _ELLIPSIS
    if code not in (_DOT, 0xFF0E):
        return _HARD
    if length == 1 or 48 <= last <= 57:  # an initial, e.g., 3.
        return 0
    if length:
        for word in short:
            if word == unit:
                return 0
    return _SOFT


@nb.njit(nogil=True, cache=True, inline="always")
def _is_end(kind: int, spaced: bool, code: int, fold: int) -> bool:
    """Whether a sentence that may end ends before a character."""
    if kind == _HARD or fold & IS_UNSPACED:
        return True
    return spaced and not 97 <= code <= 122


@nb.njit(nogil=True, cache=True)
def _fold(unit: np.uint64, fold: int, starts: NDArray[np.int32], codes: Table) -> np.uint64:
    """The hash of a unit and one more character."""
    if not fold & SEVERAL:
        return (unit ^ np.uint64(fold & CODE)) * _FNV_PRIME
    for i in range(starts[fold & CODE], starts[(fold & CODE) + 1]):
        unit = (unit ^ np.uint64(codes[i])) * _FNV_PRIME
    return unit


@nb.njit(nogil=True, cache=True)
def _line(  # noqa: PLR0912, PLR0915  # one loop over characters
    data: Bytes,
    at: int,
    end: int,
    place: int,
    folds: Table,
    starts: NDArray[np.int32],
    codes: Table,
    short: Keys,
    least: int,
    spans: Spans,
    keys: Keys,
    used: int,
    units: Keys,
    count: int,
) -> tuple[int, int]:
    """(used, count) behind a line whose passages and units are written to the arrays.

    `state` is the sequence of the passage at hand, `joined` of the one before it and this one.
    """
    first = used
    state = joined = _FNV_OFFSET
    begin, begin_unit = place, count
    unit, inside, length, last = _FNV_OFFSET, 0, 0, 0  # inside: 1 a word, 2 behind a character
    pending, spaced = 0, False
    while at < end:
        code, size = decode(data, at)
        fold = np.int64(folds[code])
        at += size
        place += 1
        if fold & IS_INVISIBLE:
            continue
        joins = inside == 1 or (inside == 2 and fold & IS_MARK)
        if joins and fold & IS_WORD and not fold & IS_UNSPACED:
            unit = _fold(unit, fold, starts, codes)
            length += 1
            last = code
            continue
        if inside:
            units[count] = mix(unit)
            state, joined = _and(state, units[count]), _and(joined, units[count])
            count += 1
        if fold & IS_END:
            kind = _end_kind(code, last, length if inside == 1 else 0, unit, short)
            pending, spaced = max(pending, kind), False
        elif pending and (spaced or not fold & IS_CLOSER):
            if fold & IS_SPACE:
                spaced = True
            else:
                if count - begin_unit >= least and _is_end(pending, spaced, code, fold):
                    spans[used, START], spans[used, END] = begin, place - 1
                    spans[used, FIRST], spans[used, LAST] = begin_unit, count
                    keys[used] = mix(state ^ np.uint64(count - begin_unit))
                    used += 1
                    joined, state = state, _FNV_OFFSET
                    begin, begin_unit = place - 1, count
                pending, spaced = 0, False
        inside = 0
        if fold & IS_WORD:
            inside = 2 if fold & IS_UNSPACED else 1
            unit, length = _fold(_FNV_OFFSET, fold, starts, codes), 1
        last = code
        while inside == 1 and at < end and data[at] < 0x80:
            fold = np.int64(folds[data[at]])
            if not fold & IS_WORD:
                break
            unit = (unit ^ np.uint64(fold & CODE)) * _FNV_PRIME
            last = int(data[at])
            length += 1
            place += 1
            at += 1
    if inside:
        units[count] = mix(unit)
        state, joined = _and(state, units[count]), _and(joined, units[count])
        count += 1
    if used > first and count - begin_unit < least:
        used -= 1
        begin, begin_unit, state = spans[used, START], spans[used, FIRST], joined
    if count > begin_unit:
        spans[used, START], spans[used, END] = begin, place
        spans[used, FIRST], spans[used, LAST] = begin_unit, count
        keys[used] = mix(state ^ np.uint64(count - begin_unit))
        used += 1
    return used, count


@nb.njit(nogil=True, cache=True)
def _number(spans: Spans, keys: Keys, first: int, used: int) -> None:
    """Fill which occurrence of its key each passage of a document is."""
    size = 16
    while size < 2 * (used - first):
        size *= 2
    slots = np.full(size, -1, np.int64)
    seen = np.zeros(size, np.int64)
    for at in range(first, used):
        slot = np.int64(keys[at] & np.uint64(size - 1))
        while slots[slot] >= 0 and keys[slots[slot]] != keys[at]:
            slot = (slot + 1) & (size - 1)
        slots[slot] = at
        seen[slot] += 1
        spans[at, NTH] = seen[slot]


@nb.njit(nogil=True, cache=True)
def passages(
    found: Lines,
    documents: int,
    data: Bytes,
    folds: Table,
    starts: NDArray[np.int32],
    codes: Table,
    short: Keys,
    least: int,
) -> tuple[Spans, Keys, Keys, Offsets]:
    """(spans int64[m, 9], their keys, hashes of the units, where each document's units begin).

    Passages in the order of the text; `least` is the units of a passage that is not a whole line,
    `short` the hashes of words whose full stop ends no sentence.
    """
    size = 0
    for i in range(len(found)):
        size += found[i, _LAST_BYTE] - found[i, _FIRST_BYTE]
    most = len(found) + size // max(least, 1)
    spans = np.empty((most, 9), np.int64)
    keys = np.empty(most, np.uint64)
    units = np.empty(size, np.uint64)
    firsts = np.zeros(documents + 1, np.int64)
    used, count, doc, begin = 0, 0, 0, 0
    for i in range(len(found)):
        while doc < found[i, _DOC]:
            _number(spans, keys, begin, used)
            doc, begin = doc + 1, used
            firsts[doc] = count
        line = used
        used, count = _line(
            data, found[i, _FIRST_BYTE], found[i, _LAST_BYTE], found[i, _PLACE],
            folds, starts, codes, short, least, spans, keys, used, units, count,
        )  # fmt: skip
        for at in range(line, used):
            spans[at, DOCUMENT], spans[at, STRETCH] = doc, found[i, _LINE_STRETCH]
            spans[at, WHOLE], spans[at, LEADS] = used == line + 1, 2 * found[i, _HEADING]
            spans[at, FIRST] -= firsts[doc]
            spans[at, LAST] -= firsts[doc]
        if used > line:
            spans[used - 1, LEADS] |= found[i, _COLON]
    _number(spans, keys, begin, used)
    firsts[doc + 1 :] = count
    return spans[:used], keys[:used], units[:count], firsts
