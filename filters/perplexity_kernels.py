"""The hot loops of the n-gram model: units and their symbols, the tables of n-grams, the scores.

A *symbol* is the 32-bit hash of a unit, or a code point of a word that the model spells. An n-gram
is named by a key: 32 bits that stand for the symbols before the last one, 32 for the last one. So
the n-grams of one context stand together when keys are sorted.

Scoring reads 49 MB/s of English and 43 MB/s of Chinese on one core (2 MB of cache). What it waits
for is memory: the first slots of all n-grams of a text are fetched in one loop of their own, where
the processor overlaps the misses; one after the other they take it to 28 and 23 MB/s.
"""

# mypy: disable-error-code="call-overload,return-value,untyped-decorator"

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.mixing import mix
from taojin.core.utf8 import decode

Keys = NDArray[np.uint64]
Symbols = NDArray[np.uint32]
Table = NDArray[np.uint32]

CODE, WORD, ALONE, BLANK = 0x1FFFFF, 1 << 21, 1 << 22, 1 << 23
"""Bits of a character's entry: its folded code point, and what it is."""

LONGEST_UNIT = 24
"""Code points; a longer run of word characters is cut, so that no blob weighs like a page."""
ORDER = 3
END = 0
"""The symbol after the last code point of a spelled word."""

BITS_PER_UNIT, ORDER_GAIN, KNOWN_UNITS = range(3)
"""Columns of `score`."""

STEPS_PER_BIT = 8
MISSING = 255
"""A probability is a byte: its bits in steps of an eighth, down to 2^-31.75; 255 stands for 0."""

_POWERS = np.where(np.arange(256) == MISSING, 0.0, 2.0 ** (-np.arange(256) / STEPS_PER_BIT))
_ABSENT = np.uint32(MISSING << 8)
_OFFSET = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_SEED = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_SMALL = 1e-40
_TINY = 1e-200


@nb.njit(nogil=True, cache=True, inline="always")
def _key(context: np.uint64, symbol: np.uint32) -> np.uint64:
    return (context << _HALF) | np.uint64(symbol)


@nb.njit(nogil=True, cache=True, inline="always")
def _context(tag: int, key: np.uint64) -> np.uint64:
    """32 bits for the n-gram `key` as what comes before another symbol; `tag` parts the orders."""
    return mix(key ^ (np.uint64(tag) * _SEED)) >> _HALF


@nb.njit(nogil=True, cache=True)
def _units(
    start: int,
    end: int,
    data: Bytes,
    characters: NDArray[np.uint32],
    limit: int,
    codes: NDArray[np.uint32],
    begins: NDArray[np.int64],
    symbols: Symbols,
) -> int:
    """Fill the folded code points, where each unit begins among them, its symbol; count the units.

    A unit is a character of a script without spaces, a run of other word characters, or a mark;
    a mark that is repeated is one unit. At most `limit` code points are read, blanks included.
    """
    count, filled, seen, run = 0, 0, 0, 0
    at = start
    hashed = _OFFSET
    mark = np.uint32(0)
    while at < end and seen < limit:
        code, size = decode(data, at)
        at += size
        seen += 1
        entry = characters[code]
        if entry & np.uint32(BLANK):
            run, mark = 0, np.uint32(0)
            continue
        if entry == mark:
            continue
        mark = np.uint32(0) if entry & np.uint32(WORD) else entry
        joins = (entry & np.uint32(WORD | ALONE)) == np.uint32(WORD)
        if not joins or run in (0, LONGEST_UNIT):
            begins[count] = filled
            count += 1
            hashed = _OFFSET
            run = 0
        folded = entry & np.uint32(CODE)
        codes[filled] = folded
        filled += 1
        hashed = (hashed ^ np.uint64(folded)) * _PRIME
        symbols[count - 1] = np.uint32(mix(hashed) >> _HALF)
        run = run + 1 if joins else 0
    begins[count] = filled
    return count


@nb.njit(nogil=True, cache=True)
def _longest(offsets: Offsets, limit: int) -> int:
    longest = 0
    for doc in range(offsets.size - 1):
        longest = max(longest, min(limit, offsets[doc + 1] - offsets[doc]))
    return longest


@nb.njit(nogil=True, cache=True)
def symbols_of(
    offsets: Offsets, data: Bytes, characters: NDArray[np.uint32], limit: int, room: int
) -> tuple[Symbols, NDArray[np.int64]]:
    """(symbols uint32[n], starts int64[d + 1]): text i has symbols[starts[i]:starts[i + 1]].

    Only the texts before the first that would not fit into `room` symbols: there are d of them.
    """
    size = _longest(offsets, limit)
    codes = np.empty(size, np.uint32)
    begins = np.empty(size + 1, np.int64)
    found = np.empty(size, np.uint32)
    symbols = np.empty(min(room, data.size), np.uint32)
    starts = np.zeros(offsets.size, np.int64)
    for doc in range(offsets.size - 1):
        start, end = offsets[doc], offsets[doc + 1]
        count = _units(start, end, data, characters, limit, codes, begins, found)
        total = starts[doc] + count
        if total > symbols.size:
            return symbols[: starts[doc]].copy(), starts[: doc + 1].copy()
        symbols[starts[doc] : total] = found[:count]
        starts[doc + 1] = total
    return symbols[: starts[-1]].copy(), starts


@nb.njit(nogil=True, cache=True)
def spellings_of(
    offsets: Offsets, data: Bytes, characters: NDArray[np.uint32], limit: int
) -> tuple[Symbols, NDArray[np.int64]]:
    """(code points, starts): each different unit of the texts once, END after it.

    A map of 2^26 bits tells what was met before: of 100,000 units it misses about 80.
    """
    size = _longest(offsets, limit)
    codes = np.empty(size, np.uint32)
    begins = np.empty(size + 1, np.int64)
    found = np.empty(size, np.uint32)
    met = np.zeros(1 << 23, np.uint8)
    spelled = [np.uint32(END) for _ in range(0)]
    starts = [0]
    for doc in range(offsets.size - 1):
        start, end = offsets[doc], offsets[doc + 1]
        count = _units(start, end, data, characters, limit, codes, begins, found)
        for unit in range(count):
            cell, bit = found[unit] >> np.uint32(9), np.uint8(1 << ((found[unit] >> 6) & 7))
            if met[cell] & bit:
                continue
            met[cell] |= bit
            spelled.extend(codes[begins[unit] : begins[unit + 1]])
            spelled.append(np.uint32(END))
            starts.append(len(spelled))
    return np.array(spelled, np.uint32), np.array(starts, np.int64)


@nb.njit(nogil=True, cache=True)
def ngram_keys(symbols: Symbols, starts: NDArray[np.int64], order: int) -> Keys:
    """uint64[m]: the key of every n-gram of `order` symbols that lies within one text."""
    keys = np.empty(symbols.size, np.uint64)
    count = 0
    for text in range(starts.size - 1):
        for first in range(starts[text], starts[text + 1] - order + 1):
            key = _key(_context(0, np.uint64(0)), symbols[first])
            for size in range(1, order):
                key = _key(_context(size, key), symbols[first + size])
            keys[count] = key
            count += 1
    return keys[:count].copy()


@nb.njit(nogil=True, cache=True)
def contexts_of(keys: Keys, order: int) -> Keys:
    """uint64[m]: what each n-gram of that order is called where it stands before a symbol."""
    contexts = np.empty(keys.size, np.uint64)
    for index in range(keys.size):
        contexts[index] = _context(order, keys[index])
    return contexts


@nb.njit(nogil=True, cache=True, inline="always")
def _fingerprint(mixed: np.uint64) -> np.uint32:
    """16 bits that are never 0: a slot that holds 0 is free."""
    return np.uint32(max(mixed & np.uint64(0xFFFF), np.uint64(1)))


@nb.njit(nogil=True, cache=True, inline="always")
def _shift(table: Table) -> np.uint64:
    """How far a mixed key is shifted to leave the slot where it starts looking."""
    shift = 64
    while (1 << (64 - shift)) < table.size:
        shift -= 1
    return np.uint64(shift)


@nb.njit(nogil=True, cache=True)
def build_table(keys: Keys, own: NDArray[np.uint8], rest: NDArray[np.uint8], size: int) -> Table:
    """uint32[size], a power of two above the keys: fingerprint, own probability, rest; 0 if free.

    `own` is the byte of an n-gram's own probability, `rest` that of what the shorter n-grams share
    among themselves after it. Another n-gram is taken for one of these in 1 of about 40,000 cases.
    """
    table = np.zeros(size, np.uint32)
    shift = _shift(table)
    for index in range(keys.size):
        mixed = mix(keys[index])
        slot = np.int64(mixed >> shift)
        while table[slot]:
            slot = (slot + 1) & (size - 1)
        head = _fingerprint(mixed) << np.uint32(16)
        table[slot] = head | (np.uint32(own[index]) << np.uint32(8)) | np.uint32(rest[index])
    return table


@nb.njit(nogil=True, cache=True, inline="always")
def _find(key: np.uint64, first: np.uint32, table: Table, shift: np.uint64) -> np.uint32:
    """The entry of an n-gram whose first slot holds `first`, or that of one that is not there."""
    if first == 0:
        return _ABSENT
    mixed = mix(key)
    fingerprint = _fingerprint(mixed)
    slot = np.int64(mixed >> shift)
    entry = first
    while entry:
        if entry >> np.uint32(16) == fingerprint:
            return entry
        slot = (slot + 1) & (table.size - 1)
        entry = table[slot]
    return _ABSENT


@nb.njit(nogil=True, cache=True, inline="always")
def _own(entry: np.uint32) -> float:
    return _POWERS[(entry >> np.uint32(8)) & np.uint32(0xFF)]


@nb.njit(nogil=True, cache=True, inline="always")
def _rest(entry: np.uint32) -> float:
    return _POWERS[entry & np.uint32(0xFF)]


class Lookup(NamedTuple):
    """A table, and room for the n-grams of one text while they are looked up in it.

    keys[order - 1, i] is the n-gram that ends at symbol i, firsts what its first slot holds; rests
    is what the symbol and the pair before the next one leave to shorter n-grams.
    """

    table: Table
    shift: np.uint64
    keys: Keys
    firsts: Table
    rests: NDArray[np.float64]


@nb.njit(nogil=True, cache=True)
def _lookup(table: Table, size: int) -> Lookup:
    keys, firsts = np.empty((ORDER, size), np.uint64), np.empty((ORDER, size), np.uint32)
    return Lookup(table, _shift(table), keys, firsts, np.ones(2))


@nb.njit(nogil=True, cache=True)
def _fetch(symbols: Symbols, count: int, found: Lookup) -> None:
    """Fill keys and firsts; where too few symbols stand before one, with what nobody reads."""
    root = _context(0, np.uint64(0))
    one, two = np.uint64(0), np.uint64(0)
    for place in range(count):
        found.keys[2, place] = _key(_context(2, two), symbols[place])
        two = _key(_context(1, one), symbols[place])
        one = _key(root, symbols[place])
        found.keys[1, place] = two
        found.keys[0, place] = one
    for order in range(ORDER):
        for place in range(count):
            slot = np.int64(mix(found.keys[order, place]) >> found.shift)
            found.firsts[order, place] = found.table[slot]


@nb.njit(nogil=True, cache=True, inline="always")
def _entry(order: int, place: int, found: Lookup) -> np.uint32:
    row = order - 1
    return _find(found.keys[row, place], found.firsts[row, place], found.table, found.shift)


@nb.njit(nogil=True, cache=True, inline="always")
def _chance(place: int, entry: np.uint32, alone: float, found: Lookup) -> float:
    """Probability of a symbol after the two before it; `alone` is that without them.

    Each order gives what it has seen, and what it leaves is shared out by the shorter one:
    P(c | a b) = own(a b c) + rest(a b) P(c | b), P(c | b) = own(b c) + rest(b) P(c).
    """
    chance = alone
    pair = 1.0
    if place > 0:
        double = _entry(2, place, found)
        chance = _own(double) + found.rests[0] * chance
        pair = _rest(double)
    if place > 1:
        chance = _own(_entry(3, place, found)) + found.rests[1] * chance
    found.rests[0] = _rest(entry)
    found.rests[1] = pair
    return chance


@nb.njit(nogil=True, cache=True)
def _spell(word: Symbols, count: int, letters: Lookup, unseen: float) -> float:
    """Probability of a unit as its code points and END; `unseen` is that of one never met."""
    _fetch(word, count, letters)
    chance = 1.0
    for place in range(count):
        entry = _entry(1, place, letters)
        chance *= _chance(place, entry, _own(entry) + unseen, letters)
    return max(chance, _TINY)


@nb.njit(nogil=True, cache=True)
def score(
    offsets: Offsets,
    data: Bytes,
    characters: NDArray[np.uint32],
    limit: int,
    tables: tuple[Table, Table],
    unseen: tuple[float, float],
) -> NDArray[np.float64]:
    """float64[n, 3], columns BITS_PER_UNIT, ORDER_GAIN, KNOWN_UNITS; 0 for a text without units.

    `tables` are those of units and of letters; `unseen` the probability of all units that are not
    in the first, and of one code point that is not in the second. Logarithms are taken of products,
    once in a dozen units.
    """
    scores = np.zeros((offsets.size - 1, 3))
    size = _longest(offsets, limit)
    codes = np.empty(size, np.uint32)
    begins = np.empty(size + 1, np.int64)
    symbols = np.empty(size, np.uint32)
    word = np.empty(LONGEST_UNIT + 1, np.uint32)
    units, letters = _lookup(tables[0], size), _lookup(tables[1], word.size)
    for doc in range(scores.shape[0]):
        start, end = offsets[doc], offsets[doc + 1]
        count = _units(start, end, data, characters, limit, codes, begins, symbols)
        _fetch(symbols, count, units)
        bits, bits_alone, known = 0.0, 0.0, 0
        chance, chance_alone = 1.0, 1.0
        for unit in range(count):
            entry = _entry(1, unit, units)
            alone = _own(entry)
            known += entry != _ABSENT
            if entry == _ABSENT:
                length = begins[unit + 1] - begins[unit]
                word[:length] = codes[begins[unit] : begins[unit + 1]]
                word[length] = END
                alone = unseen[0] * _spell(word, length + 1, letters, unseen[1])
            chance *= _chance(unit, entry, alone, units)
            chance_alone *= alone
            if unit == count - 1 or min(chance, chance_alone) < _SMALL:
                bits -= np.log2(chance)
                bits_alone -= np.log2(chance_alone)
                chance, chance_alone = 1.0, 1.0
        if count:
            scores[doc, BITS_PER_UNIT] = bits / count
            scores[doc, ORDER_GAIN] = (bits_alone - bits) / count
            scores[doc, KNOWN_UNITS] = known / count
    return scores
