"""The pass over the bytes of all texts: an automaton of literals, and runs of what counts.

300 MB/s; forty regexes of 700 MB/s each make 17.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets

Bits = NDArray[np.uint64]
Lines = tuple[NDArray[np.int64], Bits]
"""(int64[m, 3] of text, start and end in bytes, uint64[m, words] of prefilters that may match)"""

_LINE_END = 10
_LOW = 0xFFFFFFFF


@nb.njit(nogil=True, cache=True)
def line_count(starts: Offsets, ends: Offsets, data: Bytes) -> int:
    """How many lines all texts have."""
    count = starts.size
    for text in range(starts.size):
        for at in range(starts[text], ends[text]):
            count += data[at] == _LINE_END
    return int(count)


@nb.njit(nogil=True, cache=True)
def mark(
    starts: Offsets,
    ends: Offsets,
    data: Bytes,
    classes: NDArray[np.uint8],
    moves: NDArray[np.uint32],
    first_found: int,
    width: int,
    found: Bits,
    adds: NDArray[np.int64],
    keeps: NDArray[np.int64],
    enough: Bits,
    without: Bits,
    by_line: bool,
    places: NDArray[np.int64],
    marks: Bits,
) -> int:
    """Fill in the lines in which a prefilter may match, and return how many they are.

    `adds` and `keeps` are of each byte, two runs in one number: what it adds to them, and zeros for
    the one that it ends. `enough[run, n]` are the prefilters for which a run of n is long enough,
    `without` those that have no literals; the last bit of a mark says that all may match.
    """
    words = marks.shape[1]
    most = enough.shape[1] - 1
    last_bit = np.uint64(1) << np.uint64(63)
    first = np.uint64(first_found)
    last = np.uint64(first_found + (found.shape[0] - 1) * width)
    seen = np.zeros(words, np.uint64)
    lines = 0
    for text in range(starts.size):
        start, end = starts[text], ends[text]
        state, run, low, high = np.uint64(0), 0, 0, 0
        for at in range(start, end + 1):
            if at < end:
                byte = data[at]
                state = np.uint64(moves[state + np.uint64(classes[byte])])
                run = (run + adds[byte]) & keeps[byte]
                low = max(low, run & _LOW)
                high = max(high, run >> 32)
                if state < first:
                    continue
                if state < last:
                    for word in range(words):
                        seen[word] |= found[(np.int64(state) - first_found) // width, word]
                    continue
                if not by_line:
                    continue
            any_left = np.uint64(0)
            every = seen[words - 1] & last_bit
            for word in range(words):
                left = seen[word] | without[word]
                left &= enough[0, min(low, most), word] & enough[1, min(high, most), word]
                if every:
                    left = ~np.uint64(0)
                marks[lines, word] = left
                any_left |= left
                seen[word] = 0
            if any_left:
                places[lines, 0], places[lines, 1], places[lines, 2] = text, start, at
                lines += 1
            start, run, low, high = at + 1, 0, 0, 0
    return lines


@nb.njit(nogil=True, cache=True)
def copy_lines(places: NDArray[np.int64], data: Bytes, offsets: Offsets, copied: Bytes) -> None:
    """Fill in the bytes of lines, one after the other."""
    for line in range(places.shape[0]):
        size = places[line, 2] - places[line, 1]
        copied[offsets[line] : offsets[line] + size] = data[places[line, 1] : places[line, 2]]


@nb.njit(nogil=True, cache=True)
def code_points_before(
    places: NDArray[np.int64], offsets: Offsets, data: Bytes
) -> NDArray[np.int64]:
    """int64[m]: how many code points of its text stand before each line; lines are in order."""
    counts = np.zeros(places.shape[0], np.int64)
    text, at, count = -1, 0, 0
    for line in range(places.shape[0]):
        if places[line, 0] != text:
            text, count = places[line, 0], 0
            at = offsets[text]
        for byte in data[at : places[line, 1]]:
            count += (byte & 0xC0) != 0x80
        at = places[line, 1]
        counts[line] = count
    return counts
