# mypy: disable-error-code="untyped-decorator, return-value, call-overload"
"""Finding the entries of a list in texts: a trie, walked once from every place where one can begin.

An own kernel and not the Aho-Corasick of Polars, because that compares bytes: it finds 10,000
entries in Chinese prose at 215 MB/s, but texts have to be brought to NFKC and small letters first,
at 85 MB/s, and neither word boundaries nor offsets of the original come out. Here characters are
folded by a table on the way: 290 MB/s (English: 210), boundaries, gaps and units included.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.utf8 import decode

Matrix = NDArray[np.int64]
Trie = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_]]
"""(keys, entries, marks): an open-addressing table of (parent, folded character), whose slots are
the nodes, the size of the table being the root; the entry that ends at each node, -1 for none; and
a one wherever the beginning of an entry falls by its hash."""

START, JOINED, IGNORED, SYMBOL, LOOSE, HAN, UNSPACED, WORD = (1 << bit for bit in range(8))
"""Kinds of characters, bits of a uint8[0x110000]: an entry may begin with it; it joins on to the
next word character; it is skipped; it is a gap inside a word, or one only among spaced-out
characters; Han; a unit by itself; part of a unit."""

COUNT, TERMS, COVERED, UNITS = range(4)
"""Columns of `count_terms`: entries found, different ones, units that they touch, all units."""

DOCUMENT, ENTRY, FROM, TO = range(4)
"""Columns of `find_terms`; from and to in code points of the text."""

SPACE = 32
_CODE_BITS = 21
_EMPTY = -1
_MIX = np.uint64(0x9E3779B97F4A7C15)


@nb.njit(nogil=True, cache=True, inline="always")
def _slot(keys: NDArray[np.int64], key: int) -> int:
    """Where a key is, or where it would be put."""
    mask = keys.size - 1
    slot = np.int64((np.uint64(key) * _MIX) >> np.uint64(32)) & mask
    while keys[slot] != key and keys[slot] != _EMPTY:
        slot = (slot + 1) & mask
    return slot


@nb.njit(nogil=True, cache=True, inline="always")
def _child(trie: Trie, node: int, code: int) -> int:
    """The node that a folded character leads to, -1 if it leads nowhere."""
    slot = _slot(trie[0], (np.int64(node) << _CODE_BITS) | code)
    return slot if trie[0][slot] != _EMPTY else -1


@nb.njit(nogil=True, cache=True, inline="always")
def _stir(key: np.uint64, code: int) -> np.uint64:
    return (key ^ np.uint64(code)) * _MIX


@nb.njit(nogil=True, cache=True, inline="always")
def _marked(trie: Trie, key: np.uint64) -> bool:
    return trie[2][(key >> np.uint64(32)) & np.uint64(trie[2].size - 1)]


@nb.njit(nogil=True, cache=True)
def plant(offsets: Offsets, codes: NDArray[np.int32], kinds: Bytes) -> Trie:
    """The trie of entries given as folded code points; the first of equal entries counts.

    Marked is what `_scan` reads before it walks: of an entry that begins with a joining character
    the run of them, four at most, and of any other two characters, or its only one.
    """
    size = 8
    while size < 2 * codes.size:
        size *= 2
    keys = np.full(size, _EMPTY, np.int64)
    entries = np.full(size, -1, np.int32)
    marks = np.zeros(max(1 << 12, min(size * 4, 1 << 22)), np.bool_)
    for entry in range(offsets.size - 1):
        start, end = offsets[entry], offsets[entry + 1]
        if start == end:
            continue
        node = size
        for at in range(start, end):
            key = (np.int64(node) << _CODE_BITS) | codes[at]
            node = _slot(keys, key)
            keys[node] = key
        if entries[node] < 0:
            entries[node] = entry
        joined = kinds[codes[start]] & JOINED
        mark = np.uint64(0)
        for at in range(start, min(end, start + (4 if joined else 2))):
            if joined and not kinds[codes[at]] & JOINED:
                break
            mark = _stir(mark, codes[at])
        marks[(mark >> np.uint64(32)) & np.uint64(marks.size - 1)] = True
    return keys, entries, marks


@nb.njit(nogil=True, cache=True)
def _next_kind(at: int, end: int, data: Bytes, kinds: Bytes) -> int:
    """The kind of the first character from here on that is not ignored; 0 at the end."""
    while at < end:
        code, size = decode(data, at)
        if not kinds[code] & IGNORED:
            return int(kinds[code])
        at += size
    return 0


@nb.njit(nogil=True, cache=True)
def _gap(
    at: int, end: int, node: int, data: Bytes, folds: NDArray[np.int32], kinds: Bytes, trie: Trie
) -> tuple[int, int, int]:
    """(bytes, code points, units) of what separates a Han character from the entry's next; zeros if
    that does not follow. A gap is one symbol, or one or two spaces, dots or dashes.
    """
    here, length, units, inside = at, 0, 0, False
    while here < end and length < 2:
        code, size = decode(data, here)
        kind = kinds[code]
        if not kind & LOOSE and (length or not kind & SYMBOL):
            break
        units += (kind & WORD) != 0 and not inside
        inside = (kind & WORD) != 0 and not kind & UNSPACED
        here += size
        length += 1
        if kind & SYMBOL:
            break
    if length and here < end:
        code, size = decode(data, here)
        if kinds[code] & HAN and _child(trie, node, folds[code]) >= 0:
            return here - at, length, units
    return 0, 0, 0


@nb.njit(nogil=True, cache=True)
def _longest(  # noqa: PLR0912  # a function each would pass a dozen arguments
    at: int,
    end: int,
    before: int,
    data: Bytes,
    folds: NDArray[np.int32],
    kinds: Bytes,
    trie: Trie,
    allowed: int,
    gaps: bool,
) -> tuple[int, int, int, int, int]:
    """The longest entry from a byte position: (its number or -1, end, code points, units), and the
    end of the longest allowed one, which are the entries from number `allowed` on.
    """
    entry, entry_end, entry_length, entry_units, allowed_end = -1, at, 0, 0, at
    node, here, length, units, characters = trie[0].size, at, 0, 0, 0
    gapped, loose, inside, last, folded = 0, False, False, 0, 0
    while here < end:
        code, size = decode(data, here)
        kind = kinds[code]
        if not (kind & IGNORED) or length == 0:
            child = _child(trie, node, folds[code])
            if child < 0 and folded == SPACE and folds[code] == SPACE:
                child = node  # a run of white space is one space
            if child < 0:
                if not gaps or not last & HAN:
                    break
                skipped, points, between = _gap(here, end, node, data, folds, kinds, trie)
                if not skipped:
                    break
                loose |= (kind & LOOSE) != 0
                gapped += 1
                inside = False  # a Han character follows, a unit by itself
                here += skipped
                length += points
                units += between
                continue
            characters += child != node
            node, last, folded = child, kind, folds[code]
        if not kind & WORD:
            inside = False
        elif not inside or kind & UNSPACED:
            units += 1
            inside = not kind & UNSPACED
        here += size
        length += 1
        found = trie[1][node]
        if found < 0 or kind & IGNORED:
            continue
        after = _next_kind(here, end, data, kinds)
        if last & after & JOINED:
            continue
        if found >= allowed:
            if not gapped:
                allowed_end = here
        elif not loose or (gapped == characters - 1 and not before & after & HAN):
            entry, entry_end, entry_length, entry_units = found, here, length, units
    return entry, entry_end, entry_length, entry_units, allowed_end


@nb.njit(nogil=True, cache=True)
def _scan(  # noqa: PLR0912, PLR0915
    offsets: Offsets,
    data: Bytes,
    folds: NDArray[np.int32],
    kinds: Bytes,
    trie: Trie,
    allowed: int,
    gaps: bool,
    counts: Matrix,
    spans: Matrix,
) -> None:
    """Fill int64[n, 4] of counts, and as many spans as there is room for."""
    seen = np.zeros(allowed, np.int64)
    rows = 0
    for doc in range(offsets.size - 1):
        at, end = offsets[doc], offsets[doc + 1]
        units, covered_to, entry_to, allowed_to = 0, 0, at, at
        index, inside, before = 0, False, 0
        start, start_index, start_units, start_before, first, length = at, 0, 0, 0, 0, 0
        mark = np.uint64(0)
        while at < end or length:
            code, size = decode(data, at) if at < end else (0, 1)
            kind = int(kinds[code]) if at < end else 0
            if not kind & WORD:
                inside = False
            elif not inside or kind & UNSPACED:
                units += 1
                inside = not kind & UNSPACED
            walk = False
            if length:  # an entry may have begun, and this character decides
                if kind & IGNORED or (gaps and first & HAN and kind & (SYMBOL | LOOSE)):
                    walk, length = True, 0
                elif not first & JOINED:
                    walk, length = _marked(trie, mark) or _marked(trie, _stir(mark, folds[code])), 0
                elif not kind & JOINED:
                    walk, length = _marked(trie, mark), 0
                else:
                    mark = _stir(mark, folds[code])
                    length += 1
                    if length == 4:
                        walk, length = _marked(trie, mark), 0
            if walk:
                entry, found_end, characters, touched, free_end = _longest(
                    start, end, start_before, data, folds, kinds, trie, allowed, gaps
                )
                allowed_to = max(allowed_to, free_end)
                if entry >= 0 and start >= entry_to and found_end > allowed_to:
                    entry_to = found_end
                    last = start_units + touched - ((first & WORD) != 0)
                    counts[doc, COUNT] += 1
                    counts[doc, COVERED] += last - max(last - touched, covered_to)
                    covered_to = last
                    if seen[entry] != doc + 1:
                        seen[entry] = doc + 1
                        counts[doc, TERMS] += 1
                    if rows < spans.shape[0]:
                        spans[rows, DOCUMENT] = doc
                        spans[rows, ENTRY] = entry
                        spans[rows, FROM] = start_index
                        spans[rows, TO] = start_index + characters
                        rows += 1
            if kind & START and not kind & before & JOINED:
                start, start_index, start_units, start_before = at, index, units, before
                first, length, mark = kind, 1, _stir(np.uint64(0), folds[code])
            if not kind & IGNORED:
                before = kind
            at += size
            index += 1
        counts[doc, UNITS] = units


def count_terms(
    offsets: Offsets,
    data: Bytes,
    folds: NDArray[np.int32],
    kinds: Bytes,
    trie: Trie,
    allowed: int,
    gaps: bool,
) -> Matrix:
    """int64[n, 4]: what is found in each text, in the columns above.

    The first entry counts, of those that begin together the longest, and none inside an allowed
    one; entries from number `allowed` on are the allowed ones.
    """
    counts = np.zeros((offsets.size - 1, 4), np.int64)
    _scan(offsets, data, folds, kinds, trie, allowed, gaps, counts, np.zeros((0, 4), np.int64))
    return counts


def find_terms(
    offsets: Offsets,
    data: Bytes,
    folds: NDArray[np.int32],
    kinds: Bytes,
    trie: Trie,
    allowed: int,
    gaps: bool,
) -> Matrix:
    """int64[m, 4]: (document, entry, from, to) of all that `count_terms` counts, in order."""
    counts = count_terms(offsets, data, folds, kinds, trie, allowed, gaps)
    spans = np.zeros((counts[:, COUNT].sum(), 4), np.int64)
    _scan(offsets, data, folds, kinds, trie, allowed, gaps, np.zeros_like(counts), spans)
    return spans
