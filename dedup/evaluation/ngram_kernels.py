"""Hot loops of the search for evaluation items: units of a text, runs that it shares with an item.

One pass over a text: each window of 8 units is looked up, by a bit in a table that the cache holds
and then by bisection, and grown to the whole run where an item holds it too.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from taojin.core.arrow import Bytes, Offsets
from taojin.core.mixing import mix
from taojin.dedup.evaluation.unit_kernels import (
    BASE,
    Breaks,
    Flags,
    Hashes,
    Integers,
    Places,
    fill_units,
    room,
)

SEED = 8
"""Units of the window that is looked up; a shorter common run tells nothing."""
RUN_COLUMNS = ("document", "item", "at", "item_at", "units", "start", "end")
"""Columns of `shared_runs`: first unit of the run in text and item, and its code points."""


class Items(NamedTuple):
    """What is searched for. Item i has the units `hashes[offsets[i]:offsets[i + 1]]`.

    `seeds`: the sorted hashes of windows of SEED units; seed s is that at the places `postings`
    (item, unit of it) from `posted[s]` to `posted[s + 1]`. `wholes` likewise, of short items as a
    whole, at most `longest_whole` units. The bits (`bits_of`) say of most hashes that they are none
    of these. A hash alone decides nothing: the units are compared.
    """

    offsets: Integers
    hashes: Hashes
    seeds: Hashes
    seed_bits: Hashes
    posted: Integers
    postings: Integers
    wholes: Hashes
    whole_bits: Hashes
    whole_posted: Integers
    whole_postings: Integers
    longest_whole: int


@nb.njit(nogil=True, cache=True)
def bits_of(wanted: Hashes) -> Hashes:
    """A power of two of bits, at least 32 for each hash: that of its upper bits is set."""
    power = 16
    while (1 << power) < 32 * wanted.size and power < 30:
        power += 1
    bits = np.zeros((1 << power) // 64, np.uint64)
    for value in wanted:
        place = value >> np.uint64(64 - power)
        bits[place >> np.uint64(6)] |= np.uint64(1) << (place & np.uint64(63))
    return bits


@nb.njit(nogil=True, cache=True, inline="always")
def _find(value: np.uint64, bits: Hashes, shift: np.uint64, wanted: Hashes) -> int:
    """Where the hash stands in the sorted `wanted`, or -1."""
    place = value >> shift
    if not (bits[place >> np.uint64(6)] >> (place & np.uint64(63))) & np.uint64(1):
        return -1
    at = np.searchsorted(wanted, value)
    return at if at < wanted.size and wanted[at] == value else -1


@nb.njit(nogil=True, cache=True)
def _shift(bits: Hashes) -> np.uint64:
    power = 6
    while (1 << power) < 64 * bits.size:
        power += 1
    return np.uint64(64 - power)


@nb.njit(nogil=True, cache=True)
def _append(
    runs: Integers,
    used: int,
    doc: int,
    item: int,
    at: int,
    item_at: int,
    units: int,
    places: Places,
) -> Integers:
    """The runs with one more, in a larger array where this one is full."""
    if used == runs.shape[0]:
        runs = np.concatenate((runs, np.empty_like(runs)))
    row = runs[used]
    row[0], row[1], row[2], row[3], row[4] = doc, item, at, item_at, units
    row[5], row[6] = places[2 * at], places[2 * (at + units) - 1]
    return runs


@nb.njit(nogil=True, cache=True)
def _same(hashes: Hashes, at: int, count: int, items: Items, first: int, end: int) -> int:
    """Units that the text from `at` and the items' from `first` to `end` have in common."""
    units = 0
    most = min(count - at, end - first)
    while units < most and items.hashes[first + units] == hashes[at + units]:
        units += 1
    return units


@nb.njit(nogil=True, cache=True)
def _seeded(
    runs: Integers,
    used: int,
    doc: int,
    at: int,
    hashes: Hashes,
    places: Places,
    count: int,
    items: Items,
    seed: int,
) -> tuple[Integers, int]:
    """The runs, with those that begin at unit `at` of the text, where a seed stands."""
    for posting in range(items.posted[seed], items.posted[seed + 1]):
        item, item_at = items.postings[posting, 0], items.postings[posting, 1]
        first, end = items.offsets[item] + item_at, items.offsets[item + 1]
        if at and item_at and items.hashes[first - 1] == hashes[at - 1]:
            continue  # the run began before
        units = _same(hashes, at, count, items, first, end)
        if units >= SEED:
            runs = _append(runs, used, doc, item, at, item_at, units, places)
            used += 1
    return runs, used


@nb.njit(nogil=True, cache=True)
def _wholes(
    runs: Integers,
    used: int,
    doc: int,
    at: int,
    hashes: Hashes,
    places: Places,
    breaks: Breaks,
    count: int,
    items: Items,
) -> tuple[Integers, int]:
    """The runs, with the short items that stand by themselves from unit `at` of the text on."""
    value = np.uint64(0)
    shift = _shift(items.whole_bits)
    for unit in range(at, min(at + items.longest_whole, count)):
        value = value * BASE + hashes[unit]
        if not breaks[unit + 1]:
            continue
        place = _find(mix(value), items.whole_bits, shift, items.wholes)
        if place < 0:
            continue
        for number in range(items.whole_posted[place], items.whole_posted[place + 1]):
            item = items.whole_postings[number]
            first, end = items.offsets[item], items.offsets[item + 1]
            units = end - first
            if _same(hashes, at, count, items, first, end) == units == unit + 1 - at:
                runs = _append(runs, used, doc, item, at, 0, units, places)
                used += 1
    return runs, used


@nb.njit(nogil=True, cache=True)
def shared_runs(offsets: Offsets, data: Bytes, table: Flags, rest: Flags, items: Items) -> Integers:
    """int64[runs, 7], RUN_COLUMNS: every longest run of at least SEED units that a text and an
    item share, and every short item that stands in a text by itself.
    """
    hashes, places, breaks = room(offsets)
    runs = np.empty((64, 7), np.int64)
    used = 0
    shift, oldest = _shift(items.seed_bits), np.uint64(1)
    for _ in range(SEED):
        oldest *= BASE
    for doc in range(offsets.size - 1):
        count = fill_units(
            offsets[doc], offsets[doc + 1], data, table, rest, hashes, places, breaks
        )
        value = np.uint64(0)
        for unit in range(count):
            if breaks[unit] and items.longest_whole:
                runs, used = _wholes(runs, used, doc, unit, hashes, places, breaks, count, items)
            value = value * BASE + hashes[unit]
            at = unit - SEED + 1
            if at > 0:
                value -= oldest * hashes[at - 1]
            if at < 0:
                continue
            seed = _find(mix(value), items.seed_bits, shift, items.seeds)
            if seed >= 0:
                runs, used = _seeded(runs, used, doc, at, hashes, places, count, items, seed)
    return runs[:used].copy()
