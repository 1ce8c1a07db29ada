"""Windows of units that documents share, found by winnowing.

Of every `size - gram + 1` neighbouring grams the one with the smallest hash is an anchor
(Schleimer, Wilkerson and Aiken 2003, "Winnowing: Local Algorithms for Document Fingerprinting"), so
two documents that share `size` units in a row share an anchor there. Only windows around anchors
that several documents have are hashed as a whole, and only within one stretch of text.
"""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Offsets
from taojin.core.mixing import mix

Spans = NDArray[np.int64]
Keys = NDArray[np.uint64]

_DOCUMENT, _START, _END, _FIRST, _LAST, _STRETCH = range(6)
_BASE = np.uint64(0x9E3779B97F4A7C15)


@nb.njit(nogil=True, cache=True)
def _power(size: int) -> np.uint64:
    """What the unit that leaves a window has been multiplied by."""
    power = np.uint64(1)
    for _ in range(size):
        power *= _BASE
    return power


@nb.njit(nogil=True, cache=True)
def _hash(units: Keys, at: int, size: int) -> np.uint64:
    """The polynomial of `size` units, which the next window's follows from."""
    value = np.uint64(0)
    for i in range(at, at + size):
        value = value * _BASE + units[i]
    return value


@nb.njit(nogil=True, cache=True)
def _stretch_end(spans: Spans, at: int) -> int:
    """The first span behind those of one stretch of one document."""
    end = at + 1
    while (
        end < len(spans)
        and spans[end, _DOCUMENT] == spans[at, _DOCUMENT]
        and spans[end, _STRETCH] == spans[at, _STRETCH]
    ):
        end += 1
    return end


@nb.njit(nogil=True, cache=True)
def stretches(spans: Spans, firsts: Offsets, size: int) -> Spans:
    """int64[s, 3]: document, first and last unit (places in the array of all) of each stretch that
    holds a window.
    """
    found = np.empty((len(spans), 3), np.int64)
    count, at = 0, 0
    while at < len(spans):
        end = _stretch_end(spans, at)
        doc = spans[at, _DOCUMENT]
        if spans[end - 1, _LAST] - spans[at, _FIRST] >= size:
            found[count, 0] = doc
            found[count, 1] = firsts[doc] + spans[at, _FIRST]
            found[count, 2] = firsts[doc] + spans[end - 1, _LAST]
            count += 1
        at = end
    return found[:count].copy()


@nb.njit(nogil=True, cache=True)
def anchors(found: Spans, units: Keys, gram: int, size: int) -> tuple[Spans, Keys]:
    """(int64[m, 2]: stretch and the unit at which an anchor begins; their hashes).

    Of equal hashes the last one counts, so that equal windows choose the same.
    """
    total = 0
    for i in range(len(found)):
        total += found[i, 2] - found[i, 1]
    places = np.empty((total, 2), np.int64)
    keys = np.empty(total, np.uint64)
    hashes = np.empty(total, np.uint64)
    power, width, count = _power(gram), size - gram + 1, 0
    for i in range(len(found)):
        low, grams = found[i, 1], found[i, 2] - found[i, 1] - gram + 1
        value = _hash(units, low, gram)
        best = -1
        for at in range(grams):
            if at:
                value = value * _BASE + units[low + at + gram - 1] - power * units[low + at - 1]
            hashes[at] = mix(value)
            if at < width - 1:
                continue
            before = best
            if best < at - width + 1:
                best = at - width + 1
                for other in range(best + 1, at + 1):
                    if hashes[other] <= hashes[best]:
                        best = other
            elif hashes[at] <= hashes[best]:
                best = at
            if best != before:
                places[count, 0], places[count, 1] = i, low + best
                keys[count] = hashes[best]
                count += 1
    return places[:count].copy(), keys[:count].copy()


@nb.njit(nogil=True, cache=True)
def windows(
    found: Spans, chosen: Spans, units: Keys, firsts: Offsets, gram: int, size: int
) -> tuple[Spans, Keys]:
    """(int64[m, 2]: document and the unit of it at which a window begins; their hashes): every
    window that holds a chosen anchor, once each, in order.
    """
    most = len(chosen) * (size - gram + 1)
    places = np.empty((most, 2), np.int64)
    keys = np.empty(most, np.uint64)
    power, count, last, stretch, value = _power(size), 0, -2, -1, np.uint64(0)
    for i in range(len(chosen)):
        if chosen[i, 0] != stretch:
            stretch, last = chosen[i, 0], -2
        doc, low, high = found[stretch, 0], found[stretch, 1], found[stretch, 2]
        start = max(low, chosen[i, 1] + gram - size, last + 1)
        for at in range(start, min(chosen[i, 1], high - size) + 1):
            if at == last + 1:
                value = value * _BASE + units[at + size - 1] - power * units[at - 1]
            else:
                value = _hash(units, at, size)
            places[count, 0], places[count, 1] = doc, at - firsts[doc]
            keys[count] = mix(value ^ np.uint64(size))
            count += 1
            last = at
    return places[:count].copy(), keys[:count].copy()


@nb.njit(nogil=True, cache=True)
def _table(keys: Keys) -> NDArray[np.int64]:
    """An open-addressing table of the places of keys, at most half full; -1 for a free slot."""
    size = 16
    while size < 2 * keys.size:
        size *= 2
    slots = np.full(size, -1, np.int64)
    for at in range(keys.size):
        slot = np.int64((keys[at] * _BASE) >> np.uint64(32)) & (size - 1)
        while slots[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        slots[slot] = at
    return slots


@nb.njit(nogil=True, cache=True)
def known_windows(
    found: Spans, units: Keys, firsts: Offsets, size: int, keys: Keys, kind: int
) -> Spans:
    """int64[m, 3]: document, unit and place among `keys`, which differ, of every window whose key,
    tagged by its kind, is there; in order.
    """
    total = 1
    for i in range(len(found)):
        total += found[i, 2] - found[i, 1] - size + 1
    places = np.empty((total, 3), np.int64)
    slots = _table(keys)
    power, count, mask = _power(size), 0, slots.size - 1
    tag = np.uint64(kind) << np.uint64(62)
    for i in range(len(found)):
        doc, low = found[i, 0], found[i, 1]
        value = _hash(units, low, size)
        for at in range(low, found[i, 2] - size + 1):
            if at > low:
                value = value * _BASE + units[at + size - 1] - power * units[at - 1]
            key = (mix(value ^ np.uint64(size)) >> np.uint64(2)) | tag
            slot = np.int64((key * _BASE) >> np.uint64(32)) & mask
            while slots[slot] >= 0 and keys[slots[slot]] != key:
                slot = (slot + 1) & mask
            if slots[slot] >= 0:
                places[count, 0], places[count, 1] = doc, at - firsts[doc]
                places[count, 2] = slots[slot]
                count += 1
    return places[:count].copy()


@nb.njit(nogil=True, cache=True)
def held(
    spans: Spans, hits: Spans, keepers: NDArray[np.int64], positions: NDArray[np.int64], size: int
) -> NDArray[np.bool_]:
    """Which passages another document holds as a whole, in runs of at least `size` units.

    `hits` has document and first unit of each window that another document keeps, in order, with
    the number of that one and the unit at which the window begins there. A passage shorter than a
    window lies in one; in a longer one each window follows the one before in the same document.
    """
    whole = np.zeros(len(spans), np.bool_)
    at = 0
    for i in range(len(spans)):
        doc, first, last = spans[i, _DOCUMENT], spans[i, _FIRST], spans[i, _LAST]
        lowest = first if last - first >= size else max(last - size, 0)
        while at < len(hits) and (
            hits[at, 0] < doc or (hits[at, 0] == doc and hits[at, 1] < lowest)
        ):
            at += 1
        if last - first < size:
            whole[i] = at < len(hits) and hits[at, 0] == doc and hits[at, 1] <= first
            continue
        steps = last - size - first
        whole[i] = at + steps < len(hits) and hits[at, 0] == doc and hits[at, 1] == first
        for step in range(1, steps + 1):
            if not whole[i]:
                break
            whole[i] = (
                hits[at + step, 0] == doc
                and hits[at + step, 1] == first + step
                and keepers[at + step] == keepers[at]
                and positions[at + step] == positions[at] + step
            )
    return _long_runs(spans, whole, size)


@nb.njit(nogil=True, cache=True)
def _long_runs(spans: Spans, whole: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Those that stand in a row, in one stretch, of at least so many units."""
    start = 0
    while start < len(spans):
        end, stretch = start, _stretch_end(spans, start)
        while end < stretch and whole[end]:
            end += 1
        if end > start and spans[end - 1, _LAST] - spans[start, _FIRST] < size:
            whole[start:end] = False
        start = max(end, start + 1)
    return whole


@nb.njit(nogil=True, cache=True)
def touching(spans: Spans, cut: NDArray[np.bool_], hits: Spans, size: int) -> NDArray[np.bool_]:
    """Which windows (document and first unit, in order) overlap a passage that is cut."""
    found = np.zeros(len(hits), np.bool_)
    at = 0
    for i in range(len(spans)):
        if not cut[i]:
            continue
        doc, first, last = spans[i, _DOCUMENT], spans[i, _FIRST], spans[i, _LAST]
        while at < len(hits) and (
            hits[at, 0] < doc or (hits[at, 0] == doc and hits[at, 1] + size <= first)
        ):
            at += 1
        other = at
        while other < len(hits) and hits[other, 0] == doc and hits[other, 1] < last:
            found[other] = True
            other += 1
    return found
