"""Packing: pieces into chunks of a budget, cut where the text is cut best."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from taojin.pipeline.qa.pieces import BLOCK, HEADING, NEVER, Piece

Sized = tuple[Piece, int]
"""A piece and its tokens."""

Held = Sequence[Sized]
"""The pieces of one chunk, in order."""


def pack(sized: Held, budget: int) -> Iterator[Held]:
    """Chunks of neighbouring pieces; a piece that is more than the budget is one alone."""
    ends = [0, *accumulate(tokens for _, tokens in sized)]
    first = 0
    while first < len(sized):
        last = max(first + 1, bisect_right(ends, ends[first] + budget) - 1)
        if last < len(sized):
            last = _best_end(sized, ends, first, last)
        yield sized[first:last]
        first = last


def _best_end(sized: Held, ends: Sequence[int], first: int, last: int) -> int:
    """Where the chunk from `first`, which could hold the pieces before `last`, ends.

    Before the last heading if a quarter of it is filled then, else before the last block if half of
    it is, else at the last place but the one behind a heading.
    """
    filled = ends[last] - ends[first]
    for rank, least in ((HEADING, filled / 4), (BLOCK, filled / 2), (NEVER - 1, 0)):
        for end in range(last, first, -1):
            if ends[end] - ends[first] < least:
                break
            if sized[end][0].rank <= rank:
                return end
    return last
