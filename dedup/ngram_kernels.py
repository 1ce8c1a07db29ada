"""Hot loops of the search for evaluation items: units of a text, runs that it shares with an item.

One pass over a text: each window of 8 units is looked up, by a bit in a table that the cache holds
and then by bisection, and grown to the whole run where an item holds it too.
"""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.dedup.folding import (
    ALONE,
    BREAK,
    CLOSE,
    LABEL,
    MANY,
    MARK,
    NOTHING,
    OPEN,
    SOFT_BREAK,
    WORD,
)

Hashes = NDArray[np.uint64]
Integers = NDArray[np.int64]
Flags = NDArray[np.uint32]
Places = NDArray[np.int32]
Breaks = NDArray[np.bool_]

SEED = 8
"""Units of the window that is looked up; a shorter common run tells nothing."""
MOST_BETWEEN = 50
"""Units between two runs of one stretch."""
RUN_COLUMNS = ("document", "item", "at", "item_at", "units", "start", "end")
"""Columns of `shared_runs`: first unit of the run in text and item, and its code points."""
STRETCH_COLUMNS = ("document", "item", "start", "end", "longest", "covered")
"""Columns of `stretches`: code points, units of the longest run and of the item in all of them."""


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


_CODE = np.uint32((1 << 21) - 1)
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_PLACE = np.uint32(BREAK | SOFT_BREAK | LABEL | OPEN | CLOSE)


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


@nb.njit(nogil=True, cache=True, inline="always")
def _mix(value: np.uint64) -> np.uint64:
    """The finaliser of MurmurHash3 for 64 bits: a bijection whose every bit depends on all."""
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@nb.njit(nogil=True, cache=True)
def _breaks_here(
    flags: np.uint32, data: Bytes, at: int, end: int, table: Flags, on_line: int, since_open: int
) -> bool:
    """Whether what follows this character stands by itself; `at` is the byte behind it."""
    if flags & np.uint32(BREAK):
        return True
    if flags & np.uint32(LABEL) and on_line == 1:
        return True
    if flags & np.uint32(CLOSE):
        return since_open == 0
    if not flags & np.uint32(SOFT_BREAK):
        return False
    if at == end:
        return True
    code, _ = _decode(data, at)
    return not table[code] & np.uint32(WORD)


@nb.njit(nogil=True, cache=True)
def _units(
    start: int,
    end: int,
    data: Bytes,
    table: Flags,
    rest: Flags,
    hashes: Hashes,
    places: Places,
    breaks: Breaks,
) -> int:
    """Fill each unit's hash, the code points where it starts and ends (places[2i], places[2i + 1])
    and whether it stands at the beginning of something; how many units there are.
    """
    count, at, place = 0, start, 0
    inside = touching = False
    line, opened = 0, -1  # units before this line, and before the last bracket that opened
    breaks[0] = True
    while at < end:
        code, size = _decode(data, at)
        at += size
        flags = table[code]
        if flags & np.uint32(NOTHING):
            place += 1
            continue
        first, last = 0, 0
        if flags & np.uint32(MANY):
            first = int(flags & _CODE) + 1
            last = first + int(rest[first - 1]) - 1
        for part in range(first, last + 1):
            one = rest[part] if first else flags
            if not one & np.uint32(WORD):
                inside = touching = False
                continue
            alone = one & np.uint32(ALONE) != 0
            mark = touching and one & np.uint32(MARK) != 0
            if not mark and (alone or not inside):
                hashes[count] = _FNV_OFFSET
                places[2 * count] = place
                count += 1
                breaks[count] = False
            hashes[count - 1] = (hashes[count - 1] ^ np.uint64(one & _CODE)) * _FNV_PRIME
            places[2 * count - 1] = place + 1
            inside = inside if mark else not alone
            touching = True
        place += 1
        if flags & _PLACE:
            if _breaks_here(flags, data, at, end, table, count - line, count - opened):
                breaks[count] = True
            if flags & np.uint32(OPEN):
                opened = count
            if code in (0x0A, 0x0D):
                line = count
    breaks[count] = True
    for unit in range(count):
        hashes[unit] = _mix(hashes[unit])
    return count


@nb.njit(nogil=True, cache=True)
def _room(offsets: Offsets) -> tuple[Hashes, Places, Breaks]:
    """Arrays for `_units` of the longest text; a character stands for less than 2 units a byte."""
    longest = 0
    for doc in range(offsets.size - 1):
        longest = max(longest, offsets[doc + 1] - offsets[doc])
    room = 2 * longest + 2
    return np.empty(room, np.uint64), np.empty(2 * room, np.int32), np.empty(room, np.bool_)


@nb.njit(nogil=True, cache=True)
def unit_hashes(
    offsets: Offsets, data: Bytes, table: Flags, rest: Flags
) -> tuple[Integers, Hashes]:
    """(offsets int64[n + 1], hashes): those of text i are `hashes[offsets[i]:offsets[i + 1]]`."""
    hashes, places, breaks = _room(offsets)
    ends = np.zeros(offsets.size, np.int64)
    found = np.empty(2 * data.size, np.uint64)
    for doc in range(offsets.size - 1):
        count = _units(offsets[doc], offsets[doc + 1], data, table, rest, hashes, places, breaks)
        found[ends[doc] : ends[doc] + count] = hashes[:count]
        ends[doc + 1] = ends[doc] + count
    return ends, found[: ends[-1]].copy()


@nb.njit(nogil=True, cache=True)
def unspaced_counts(offsets: Offsets, data: Bytes, table: Flags, rest: Flags) -> Integers:
    """int64[n]: characters of each text that are a unit by themselves."""
    counts = np.zeros(offsets.size - 1, np.int64)
    for doc in range(counts.size):
        at = offsets[doc]
        while at < offsets[doc + 1]:
            code, size = _decode(data, at)
            at += size
            flags = table[code]
            if not flags & np.uint32(MANY):
                counts[doc] += flags & np.uint32(ALONE) != 0
                continue
            first = int(flags & _CODE) + 1
            for part in range(first, first + int(rest[first - 1])):
                counts[doc] += rest[part] & np.uint32(ALONE) != 0
    return counts


@nb.njit(nogil=True, cache=True)
def window_hashes(offsets: Integers, hashes: Hashes, size: int) -> tuple[Integers, Hashes]:
    """(offsets int64[n + 1], hashes) of the windows of `size` units in each row of hashes."""
    ends = np.zeros(offsets.size, np.int64)
    found = np.empty(hashes.size, np.uint64)
    for row in range(offsets.size - 1):
        windows = max(offsets[row + 1] - offsets[row] - size + 1, 0)
        ends[row + 1] = ends[row] + windows
        for at in range(windows):
            value = np.uint64(0)
            for unit in range(offsets[row] + at, offsets[row] + at + size):
                value = value * _BASE + hashes[unit]
            found[ends[row] + at] = _mix(value)
    return ends, found[: ends[-1]].copy()


@nb.njit(nogil=True, cache=True)
def whole_hashes(offsets: Integers, hashes: Hashes) -> Hashes:
    """uint64[n]: the hash of all units of each row."""
    found = np.empty(offsets.size - 1, np.uint64)
    for row in range(found.size):
        value = np.uint64(0)
        for unit in range(offsets[row], offsets[row + 1]):
            value = value * _BASE + hashes[unit]
        found[row] = _mix(value)
    return found


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
        value = value * _BASE + hashes[unit]
        if not breaks[unit + 1]:
            continue
        place = _find(_mix(value), items.whole_bits, shift, items.wholes)
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
    hashes, places, breaks = _room(offsets)
    runs = np.empty((64, 7), np.int64)
    used = 0
    shift, oldest = _shift(items.seed_bits), np.uint64(1)
    for _ in range(SEED):
        oldest *= _BASE
    for doc in range(offsets.size - 1):
        count = _units(offsets[doc], offsets[doc + 1], data, table, rest, hashes, places, breaks)
        value = np.uint64(0)
        for unit in range(count):
            if breaks[unit] and items.longest_whole:
                runs, used = _wholes(runs, used, doc, unit, hashes, places, breaks, count, items)
            value = value * _BASE + hashes[unit]
            at = unit - SEED + 1
            if at > 0:
                value -= oldest * hashes[at - 1]
            if at < 0:
                continue
            seed = _find(_mix(value), items.seed_bits, shift, items.seeds)
            if seed >= 0:
                runs, used = _seeded(runs, used, doc, at, hashes, places, count, items, seed)
    return runs[:used].copy()


@nb.njit(nogil=True, cache=True)
def stretches(runs: Integers, lengths: Integers) -> Integers:
    """int64[n, 6], STRETCH_COLUMNS: runs of one item that follow each other in text and item alike.

    `runs` are sorted by document, item, place and falling length; `lengths` has the units of each
    item. The next run begins behind the last one, in the text at most an item's length and
    MOST_BETWEEN units behind; what lies inside a stretch is no other one.
    """
    found = np.empty((runs.shape[0], 6), np.int64)
    used = -1
    text_end, item_end = 0, 0
    for run in runs:
        doc, item, at, item_at, units, start, stop = run
        known = used >= 0 and found[used, 0] == doc and found[used, 1] == item
        if known and at + units <= text_end:
            continue
        gain = min(at + units - max(at, text_end), item_at + units - max(item_at, item_end))
        follows = known and item_at + units > item_end and gain > 0
        if follows and at - text_end <= min(lengths[item], MOST_BETWEEN):
            found[used, 3] = stop
            found[used, 4] = max(found[used, 4], units)
            found[used, 5] = max(found[used, 5] + gain, units)
        else:
            used += 1
            row = found[used]
            row[0], row[1], row[2], row[3], row[4], row[5] = doc, item, start, stop, units, units
        text_end, item_end = at + units, item_at + units
    return found[: used + 1].copy()
