"""Which stretch of which document stands in which row: two ways to fill rows of one length.

`cut` puts documents one behind the other and cuts wherever a row is full: no padding but in the
last row, and most documents longer than a fraction of a row are cut. `best_fit` (Ding et al. 2024,
"Fewer Truncations Improve Language Modeling", section 2) cuts only what is longer than a row, then
puts each stretch, the longest first, into the row in which it leaves the least room.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Ids = NDArray[np.uint32]


@dataclass(frozen=True)
class Pieces:
    """Stretches of documents, int64[n] each, by row and by their place in it."""

    document: Numbers
    start: Numbers
    """In the ids of all documents."""
    length: Numbers
    row: Numbers
    """From 0, none left out."""


Layout = Callable[[Numbers, Ids, int], Pieces]
"""Of documents (offsets int64[n + 1], ids with their end tokens) in rows of so many tokens."""


def cut(offsets: Numbers, _: Ids, length: int) -> Pieces:
    """Documents one behind the other, cut every `length` tokens."""
    total = int(offsets[-1])
    starts = np.union1d(offsets[:-1], np.arange(0, total, length))
    document = np.searchsorted(offsets, starts, side="right") - 1
    return Pieces(document, starts, np.diff(np.append(starts, total)), starts // length)


def best_fit(breaks: Callable[[Ids], NDArray[np.bool_]]) -> Layout:
    """No document is cut that fits a row, and longer ones behind a token of `breaks`, if they can.

    Where none is in the second half of a row, the row is filled. Rows stand in the order of their
    first documents, and so do the documents in each.
    """

    def arrange(offsets: Numbers, ids: Ids, length: int) -> Pieces:
        document, start, size = split(offsets, breaks(ids), length)
        row = fit(size, np.argsort(-size, kind="stable"), length)
        return _ordered(Pieces(document, start, size, row))

    return arrange


def _ordered(pieces: Pieces) -> Pieces:
    """The rows by their first piece, and pieces of a row in the order that they had."""
    _, first, row = np.unique(pieces.row, return_index=True, return_inverse=True)
    rank = np.empty_like(first)
    rank[np.argsort(first)] = np.arange(first.size)
    moved = rank[row].astype(np.int64)
    order = np.argsort(moved, kind="stable")
    return Pieces(pieces.document[order], pieces.start[order], pieces.length[order], moved[order])


@nb.njit(nogil=True, cache=True)
def split(
    offsets: Numbers, breaks: NDArray[np.bool_], length: int
) -> tuple[Numbers, Numbers, Numbers]:
    """(document, start, length), int64[n] each: documents as pieces of at most `length` tokens.

    A piece ends at the last break of its second half, or where it is full.
    """
    most = offsets.size - 1 + 2 * (offsets[-1] // length + 1)
    out = np.empty((3, most), np.int64)
    count = 0
    for document in range(offsets.size - 1):
        start, end = offsets[document], offsets[document + 1]
        while start < end:
            stop = min(end, start + length)
            if stop < end:
                at = stop
                while at > start + length // 2 and not breaks[at - 1]:
                    at -= 1
                stop = at if at > start + length // 2 else stop
            out[0, count], out[1, count], out[2, count] = document, start, stop - start
            count += 1
            start = stop
    return out[0, :count], out[1, :count], out[2, :count]


@nb.njit(nogil=True, cache=True)
def fit(lengths: Numbers, order: Numbers, length: int) -> Numbers:
    """int64[n]: the row of each piece, taken in this order, by the best fit.

    `newest[room]` is the row with so much room that was changed last, `older` the one before it:
    of rows with equal room the newest is taken.
    """
    row = np.empty(lengths.size, np.int64)
    newest = np.full(length + 1, -1, np.int64)
    older = np.empty(lengths.size, np.int64)
    rows = 0
    for piece in order:
        room = lengths[piece]
        while room < length and newest[room] < 0:
            room += 1
        if room < length:
            chosen = newest[room]
            newest[room] = older[chosen]
        else:
            chosen = rows
            rows += 1
        left = room - lengths[piece]
        older[chosen] = newest[left]
        newest[left] = chosen
        row[piece] = chosen
    return row
