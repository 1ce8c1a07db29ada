"""What every match of each prefilter needs, and the lines that have it.

Read off the prefilters themselves (`literals.py`, `runs.py`), so that nothing is said twice: to
write a detector takes a regex and no more. Lines are found in one pass (`kernels.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets, strings
from taojin.pipeline.pii.characters import DIRECTIONS, UNSEEN
from taojin.pipeline.pii.scan.automaton import Automaton, Bits, automaton, words_of
from taojin.pipeline.pii.scan.expression import Chain, Node, parse
from taojin.pipeline.pii.scan.kernels import copy_lines, line_count, mark
from taojin.pipeline.pii.scan.literals import exact, literals
from taojin.pipeline.pii.scan.runs import DIGITS, WORD, Kind, byte_tables, longest_run

_KINDS = (DIGITS, WORD)
_LONGEST = 63  # a run that is longer counts as this
_OTHER_CASES = frozenset("ſ\u212a")  # of s and k

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Needs:
    """Of some prefilters, in order."""

    automaton: Automaton
    adds: NDArray[np.int64]
    keeps: NDArray[np.int64]
    enough: Bits
    without: Bits

    def lines(
        self, starts: Offsets, ends: Offsets, data: Bytes, *, by_line: bool
    ) -> tuple[Places, Bits]:
        """(int64[m, 3], uint64[m, words]) of lines in which a prefilter may match, in order: their
        text, start and end in bytes; and the prefilters. By texts if not by lines.
        """
        count = line_count(starts, ends, data) if by_line else starts.size
        places = np.empty((count, 3), np.int64)
        marks = np.empty((count, self.without.size), np.uint64)
        found = self.automaton
        given = (found.classes, found.moves, found.first_found, found.width, found.found)
        runs = (self.adds, self.keeps, self.enough, self.without)
        size = mark(starts, ends, data, *given, *runs, by_line, places, marks)
        return places[:size], marks[:size]


def may_match(marks: Bits, number: int) -> NDArray[np.bool_]:
    """bool[m]: the lines in which the prefilter of that number may match."""
    return (marks[:, number // 64] >> np.uint64(number % 64) & np.uint64(1)).astype(np.bool_)


@lru_cache(maxsize=16)
def needs(prefilters: tuple[str, ...], over_lines: frozenset[str]) -> Needs:
    """What they need; of those that match over lines only the literals, which are within one."""
    trees = [parse(one) for one in prefilters]
    within = [
        tree if one not in over_lines else Chain()
        for one, tree in zip(prefilters, trees, strict=True)
    ]
    sets = [literals(tree) for tree in trees]
    padding = [frozenset[bytes]()] * (-(len(sets) + 1) % 64)
    spelt = [*(one or frozenset() for one in sets), *padding, _hiding()]
    return Needs(
        automaton(spelt),
        *_tables(),
        np.array([_enough(within, kind) for kind in _KINDS], np.uint64),
        np.array(_bits([one is None for one in sets]), np.uint64),
    )


def _enough(trees: Sequence[Node], kind: Kind) -> list[list[int]]:
    """For runs of each length the prefilters that need none that is longer."""
    sizes = [longest_run(tree, kind) for tree in trees]
    return [_bits([length >= size for size in sizes]) for length in range(_LONGEST + 1)]


def _hiding() -> frozenset[bytes]:
    """Characters that hide what a line has: where one is, all prefilters may match."""
    unseen = [exact(parse(one)) for one in (UNSEEN, DIRECTIONS)]
    every = _OTHER_CASES.union(*(one for one in unseen if one is not None))
    return frozenset(one.encode() for one in every)


def _bits(flags: Sequence[bool]) -> list[int]:
    return words_of(sum(1 << at for at, flag in enumerate(flags) if flag), len(flags) // 64 + 1)


def _tables() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What each byte adds to the two runs, in one number, and zeros for a run that it ends."""
    adds, keeps = np.zeros(256, np.int64), np.zeros(256, np.int64)
    for kind, shift in zip(_KINDS, (0, 32), strict=True):
        counted, kept = byte_tables(kind)
        adds += counted.astype(np.int64) << shift
        keeps |= np.where(kept, 0x7FFFFFFF, 0) << shift
    return adds, keeps


def texts_of(places: Places, data: Bytes) -> pl.Series:
    """The lines themselves."""
    offsets = np.concatenate([[0], np.cumsum(places[:, 2] - places[:, 1])])
    copied = np.empty(offsets[-1], np.uint8)
    copy_lines(places, data, offsets, copied)
    return strings("text", offsets, copied)
