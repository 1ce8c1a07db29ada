"""BPE over Arrow buffers: the ids that SentencePiece gives, without a Python object per token.

SentencePiece joins the best-ranked pair of neighbours, the leftmost of equals, until no pair is a
piece. Two characters that stand side by side in no piece can never end up in one: text is cut
there, and what is left between cuts is a word or a Chinese phrase, short enough to scan. Long
stretches (a line of dashes) take a heap instead, so that no text costs quadratic time.

On one core, with 32,000 pieces: 73 MB/s of Chinese and 36 MB/s of English, where SentencePiece does
12 MB/s and Hugging Face tokenizers 5 MB/s, with the same ids.
"""

import heapq

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes

Numbers = NDArray[np.int64]

CUT = -1  # this pair of characters stands in no piece
JOIN = np.int64(2**62)  # it stands in a longer piece, but is none
LONG = 48  # symbols; beyond this the heap is faster than scanning


@nb.njit(nogil=True, cache=True)
def pair_table(left: Numbers, right: Numbers, values: Numbers) -> Numbers:
    """int64[capacity, 2]: (pair + 1, value) by open addressing, at most half full.

    `values` are rank << 32 | merged id, or JOIN; the first of two equal pairs wins.
    """
    capacity = 16
    while capacity < 2 * left.size:
        capacity *= 2
    table = np.zeros((capacity, 2), np.int64)
    for i in range(left.size):
        pair = (np.int64(left[i]) << 32 | np.int64(right[i])) + 1
        slot = _slot(pair, capacity)
        while table[slot, 0] != 0 and table[slot, 0] != pair:
            slot = (slot + 1) & (capacity - 1)
        if table[slot, 0] == 0:
            table[slot, 0] = pair
            table[slot, 1] = values[i]
    return table


@nb.njit(nogil=True, cache=True)
def _slot(pair: int, capacity: int) -> int:
    mixed = np.uint64(pair) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64(mixed >> np.uint64(32)) & (capacity - 1)


@nb.njit(nogil=True, cache=True)
def _look_up(table: Numbers, left: int, right: int) -> int:
    """The value of a pair, or CUT."""
    pair = (np.int64(left) << 32 | np.int64(right)) + 1
    slot = _slot(pair, table.shape[0])
    while table[slot, 0] != 0:
        if table[slot, 0] == pair:
            return table[slot, 1]
        slot = (slot + 1) & (table.shape[0] - 1)
    return np.int64(CUT)


@nb.njit(nogil=True, cache=True)
def _merge_short(symbols: Numbers, values: Numbers, count: int, table: Numbers) -> int:
    """Merge in place by scanning; the number of symbols that are left.

    values[i] belongs to the pair (symbols[i], symbols[i + 1]).
    """
    while count > 1:
        best = 0
        for i in range(1, count - 1):
            if values[i] < values[best]:
                best = i
        if values[best] >= JOIN:
            break
        symbols[best] = values[best] & 0xFFFFFFFF
        count -= 1
        for i in range(best + 1, count):
            symbols[i] = symbols[i + 1]
            values[i - 1] = values[i]
        if best > 0:
            values[best - 1] = _value(table, symbols[best - 1], symbols[best])
        if best + 1 < count:
            values[best] = _value(table, symbols[best], symbols[best + 1])
    return count


@nb.njit(nogil=True, cache=True)
def _value(table: Numbers, left: int, right: int) -> int:
    value = _look_up(table, left, right)
    return JOIN if value == CUT else value


@nb.njit(nogil=True, cache=True)
def _merge_long(symbols: Numbers, values: Numbers, count: int, table: Numbers) -> int:
    """As _merge_short, in O(n log n): a heap of (value, position) over a linked list."""
    following = np.arange(1, count + 1)
    preceding = np.arange(-1, count - 1)
    heap = [(values[i], i) for i in range(count - 1) if values[i] < JOIN]
    heapq.heapify(heap)
    while len(heap) > 0:
        value, i = heapq.heappop(heap)
        if symbols[i] < 0 or values[i] != value:
            continue
        gone = following[i]
        symbols[i] = value & 0xFFFFFFFF
        symbols[gone] = -1
        following[i] = following[gone]
        values[i] = JOIN
        if following[i] < count:
            preceding[following[i]] = i
            values[i] = _value(table, symbols[i], symbols[following[i]])
            if values[i] < JOIN:
                heapq.heappush(heap, (values[i], i))
        before = preceding[i]
        if before >= 0:
            values[before] = _value(table, symbols[before], symbols[i])
            if values[before] < JOIN:
                heapq.heappush(heap, (values[before], before))
    kept = 0
    for i in range(count):
        if symbols[i] >= 0:
            symbols[kept] = symbols[i]
            kept += 1
    return kept


@nb.njit(nogil=True, cache=True)
def _merge(symbols: Numbers, values: Numbers, count: int, table: Numbers) -> int:
    if count > LONG:
        return _merge_long(symbols, values, count, table)
    return _merge_short(symbols, values, count, table)


@nb.njit(nogil=True, cache=True)
def _code_point(data: Bytes, at: int) -> tuple[int, int]:
    """(code point, bytes) of the character that starts at `at`; the text is valid UTF-8."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, 1
    if first < 0xE0:
        return (first & 0x1F) << 6 | (data[at + 1] & 0x3F), 2
    if first < 0xF0:
        return (first & 0x0F) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F), 3
    high = (first & 0x07) << 18 | (data[at + 1] & 0x3F) << 12
    return high | (data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F), 4


@nb.njit(nogil=True, cache=True)
def _symbol_at(data: Bytes, at: int, end: int, starts: Numbers, symbols: Bytes) -> int:
    """The first of the symbols that stands at `at`, or -1."""
    for one in range(starts.size - 1):
        size = starts[one + 1] - starts[one]
        if at + size > end:
            continue
        same = 0
        while same < size and data[at + same] == symbols[starts[one] + same]:
            same += 1
        if same == size:
            return one
    return -1


@nb.njit(nogil=True, cache=True)
def _encode_text(
    data: Bytes,
    at: int,
    end: int,
    characters: NDArray[np.int32],
    byte_ids: NDArray[np.uint32],
    table: Numbers,
    begins: NDArray[np.bool_],
    fixed_starts: Numbers,
    fixed_data: Bytes,
    fixed_ids: NDArray[np.uint32],
    symbols: Numbers,
    values: Numbers,
    ids: NDArray[np.uint32],
    size: int,
) -> int:
    """Write the ids of `data[at:end]` to `ids[size:]`; where they end."""
    count = 0
    while at < end or count > 0:
        symbol, value, width, fixed = np.int64(-1), np.int64(CUT), np.int64(0), -1
        if at < end and begins[data[at]]:
            fixed = _symbol_at(data, at, end, fixed_starts, fixed_data)
        if fixed >= 0:
            width = fixed_starts[fixed + 1] - fixed_starts[fixed]
        elif at < end:
            point, width = _code_point(data, at)
            symbol = np.int64(characters[point])
            if count > 0 and symbol >= 0:
                value = _look_up(table, symbols[count - 1], symbol)
        if value == CUT and count > 0:
            for i in range(_merge(symbols, values, count, table)):
                ids[size] = symbols[i]
                size += 1
            count = 0
        elif count > 0:
            values[count - 1] = value
        if symbol >= 0:
            symbols[count] = symbol
            count += 1
        elif fixed >= 0:
            ids[size] = fixed_ids[fixed]
            size += 1
        else:
            for i in range(at, at + width):
                ids[size] = byte_ids[data[i]]
                size += 1
        at += width
    return size


@nb.njit(nogil=True, cache=True)
def encode(
    offsets: Numbers,
    data: Bytes,
    characters: NDArray[np.int32],
    byte_ids: NDArray[np.uint32],
    table: Numbers,
    begins: NDArray[np.bool_],
    fixed_starts: Numbers,
    fixed_data: Bytes,
    fixed_ids: NDArray[np.uint32],
) -> tuple[Numbers, NDArray[np.uint32]]:
    """(offsets int64[n + 1], ids uint32): the tokens of each document.

    `characters` is int32[0x110000], the id of each character's piece or -1; a character without a
    piece is written as the ids of its bytes. `begins` is bool[256], the first bytes of the symbols;
    those are given with the longest first, and nothing is joined to one.
    """
    ids = np.empty(offsets[-1] - offsets[0], np.uint32)  # no token is shorter than a byte
    out = np.zeros(offsets.size, np.int64)
    longest = np.int64(1)
    for doc in range(offsets.size - 1):
        longest = max(longest, offsets[doc + 1] - offsets[doc])
    symbols = np.empty(longest, np.int64)
    values = np.empty(longest, np.int64)
    size = 0
    for doc in range(offsets.size - 1):
        size = _encode_text(
            data, offsets[doc], offsets[doc + 1], characters, byte_ids, table, begins,
            fixed_starts, fixed_data, fixed_ids, symbols, values, ids, size,
        )  # fmt: skip
        out[doc + 1] = size
    return out, ids[:size].copy()
