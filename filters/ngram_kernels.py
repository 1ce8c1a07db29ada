# mypy: disable-error-code="untyped-decorator, return-value, call-overload"
"""n-grams of units: how much of a text the most frequent and the repeated ones cover.

An n-gram that occurs twice begins and ends with (n-1)-grams that do. So each size looks only at
the places where the last one found repeats twice in a row, and knows an n-gram by the classes of
its two (n-1)-grams: after pairs, nothing is hashed but pairs of numbers, and nothing can collide.
Nine sizes cost 2 to 3 times as much as pairs alone.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Offsets

Matrix = NDArray[np.int64]
Places = NDArray[np.uint32]
Keys = NDArray[np.uint64] | Places
Apart = NDArray[np.uint8]
Sums = NDArray[np.int32]
Units = tuple[NDArray[np.uint64], Apart, Sums]
"""Hash, whether apart from the one before, and code points of all before, as in kernels.py."""
Room = tuple[Places, Places, Places, Places, Places]
"""Slots of a hash table (`4 * units`), classes of one size and of the next, counts, places."""

TOP_SIZES = (2, 3, 4)
DUPLICATE_SIZES = (5, 6, 7, 8, 9, 10)
"""n-gram sizes of `count_ngrams`, in the order of its columns."""

_LONGEST_TOP = TOP_SIZES[-1]
_LONGEST = DUPLICATE_SIZES[-1]
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@nb.njit(nogil=True, cache=True)
def _classify(places: Places, keys: Keys, slots: Places, classes: Places, counts: Places) -> None:
    """Give the pairs keys[at], keys[at + 1] at these places classes, and count each class.

    A class is the first place of its pair; `counts` counts it there.
    """
    size = 4
    while size < 2 * places.size:
        size *= 2
    mask = np.uint64(size - 1)
    slots[:size] = 0
    for index in range(places.size):
        at = places[index]
        left, right = keys[at], keys[at + 1]
        slot = (((np.uint64(left) * _MIX ^ np.uint64(right)) * _MIX) >> _HALF) & mask
        behind = slots[slot]
        while behind and (keys[behind - 1] != left or keys[behind] != right):
            slot = (slot + np.uint64(1)) & mask
            behind = slots[slot]
        if behind == 0:
            behind = at + 1
            slots[slot] = behind
            counts[at] = 0
        classes[at] = behind - 1
        counts[behind - 1] += 1


@nb.njit(nogil=True, cache=True)
def _repeated(places: Places, classes: Places, counts: Places) -> Places:
    """The places of n-grams that occur twice or more, in the same array."""
    kept = 0
    for index in range(places.size):
        at = places[index]
        places[kept] = at
        kept += counts[classes[at]] > 1
    return places[:kept]


@nb.njit(nogil=True, cache=True)
def _followed(places: Places) -> Places:
    """The places whose next place is there too, in the same array."""
    kept = 0
    for index in range(places.size - 1):
        at = places[index]
        places[kept] = at
        kept += places[index + 1] == at + 1
    return places[:kept]


@nb.njit(nogil=True, cache=True)
def _top_coverage(
    places: Places, classes: Places, counts: Places, size: int, apart: Apart, sums: Sums
) -> int:
    """Characters under the most frequent n-gram, the first of equals; a unit under two counts once.

    Where two of its units stand apart, the space between them is a character of it.
    """
    top = places[0]
    most = counts[top]
    for index in range(places.size):
        at = places[index]
        if counts[classes[at]] > most:
            top = classes[at]
            most = counts[top]
    covered = reach = 0
    for index in range(places.size):
        at = places[index]
        if classes[at] == top:
            covered += sums[at + size] - sums[max(at, reach)]
            for unit in range(max(at + 1, reach), at + size):
                covered += apart[unit]
            reach = at + size
    return covered


@nb.njit(nogil=True, cache=True)
def _duplicate_coverage(
    places: Places, classes: Places, counts: Places, size: int, sums: Sums
) -> int:
    """Characters of units under n-grams that occurred before; afterwards counts are 0.

    Taken from left to right without overlap, as datatrove does: after a duplicate the next n-gram
    begins behind it.
    """
    covered = reach = 0
    for at in places:
        if at < reach:
            continue
        if counts[classes[at]]:
            counts[classes[at]] = 0
        else:
            covered += sums[at + size] - sums[at]
            reach = at + size
    return covered


@nb.njit(nogil=True, cache=True)
def _count(units: Units, room: Room, covered: NDArray[np.int64]) -> None:
    """Fill one text's row of `count_ngrams`."""
    hashes, apart, sums = units
    slots, classes, shorter, counts, places = room
    places = places[: hashes.size - 1]
    for at in range(places.size):
        places[at] = at
    _classify(places, hashes, slots, classes, counts)
    for size in range(2, _LONGEST + 1):
        if size > 2:
            classes, shorter = shorter, classes
            _classify(places, shorter, slots, classes, counts)
        places = _repeated(places, classes, counts)
        if places.size == 0:
            return
        if size <= _LONGEST_TOP:
            covered[size - 2] = _top_coverage(places, classes, counts, size, apart, sums)
        else:
            covered[size - 2] = _duplicate_coverage(places, classes, counts, size, sums)
        places = _followed(places)


@nb.njit(nogil=True, cache=True)
def count_ngrams(unit_offsets: Offsets, units: Units, room: Room, covered: Matrix) -> None:
    """Fill int64[n, 9]: characters under the most frequent 2-, 3- and 4-gram, which occurs twice at
    least, then under repeats of 5- to 10-grams. All are 0 before.
    """
    hashes, apart, sums = units
    for doc in range(unit_offsets.size - 1):
        first, last = unit_offsets[doc], unit_offsets[doc + 1]
        if last - first > 1:
            own = (hashes[first:last], apart[first:last], sums[first : last + 1])
            _count(own, room, covered[doc])
