"""Spans of code points as texts: a walk over the bytes, whatever the length of the document."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets

Numbers = NDArray[np.int64]


@nb.njit(nogil=True, cache=True)
def byte_spans(
    offsets: Offsets, data: Bytes, documents: Numbers, starts: Numbers, ends: Numbers
) -> tuple[Numbers, Numbers]:
    """(first byte, byte behind the last) of spans, given as code points of their document's text.

    Linear where the spans of a document come in order; one that goes back starts from its begin.
    """
    first = np.empty(starts.size, np.int64)
    last = np.empty(starts.size, np.int64)
    document, character, byte = np.int64(-1), np.int64(0), np.int64(0)
    for span in range(starts.size):
        if documents[span] != document or starts[span] < character:
            document, character, byte = documents[span], np.int64(0), offsets[documents[span]]
        byte = _advanced(data, byte, starts[span] - character, offsets[document + 1])
        first[span] = byte
        byte = _advanced(data, byte, ends[span] - starts[span], offsets[document + 1])
        last[span] = byte
        character = ends[span]
    return first, last


@nb.njit(nogil=True, cache=True)
def _advanced(data: Bytes, byte: int, characters: int, end: int) -> int:
    """The byte that lies so many characters behind another."""
    while characters > 0 and byte < end:
        byte += 1
        while byte < end and data[byte] & 0xC0 == 0x80:
            byte += 1
        characters -= 1
    return byte


@nb.njit(nogil=True, cache=True)
def gathered(data: Bytes, first: Numbers, last: Numbers) -> tuple[Offsets, Bytes]:
    """(offsets, bytes) of the spans, one behind the other."""
    offsets = np.zeros(first.size + 1, np.int64)
    for span in range(first.size):
        offsets[span + 1] = offsets[span] + last[span] - first[span]
    out = np.empty(offsets[-1], np.uint8)
    for span in range(first.size):
        out[offsets[span] : offsets[span + 1]] = data[first[span] : last[span]]
    return offsets, out
