"""The longest runs of digits, and of letters and digits, that every match of a prefilter holds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from taojin.pipeline.pii.scan.expression import Chars, Either, Node, Range, Repeat

_WIDE: Range = (0xFF01, 0xFF5E)  # full-width forms
_GAPS = [(0xA0, 0xA0), (0xB7, 0xB7), (0x2000, 0x2FFF), (0x3000, 0x3FFF), (0xFE00, 0xFFEF)]
_COPIES = 64  # of what is repeated, that are counted


@dataclass(frozen=True)
class Kind:
    """A run: characters that count and others that it goes on over."""

    counted: tuple[Range, ...]
    over: tuple[Range, ...] = ()


def _ascii(characters: str) -> tuple[Range, ...]:
    return tuple((ord(one), ord(one)) for one in characters)


DIGITS = Kind(((0x30, 0x39), _WIDE), (*_ascii(" -.()/_"), *_GAPS))
"""Digits with what may stand between those of one number."""
WORD = Kind(((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), *_ascii("_-.~"), _WIDE))


@dataclass(frozen=True)
class _Run:
    """Least counts: in the run that a match begins with, that it ends with, and in its longest."""

    first: int
    last: int
    longest: int
    whole: bool
    """Whether a match is one run."""

    def then(self, other: "_Run") -> "_Run":
        return _Run(
            self.first + other.first if self.whole else self.first,
            other.last + self.last if other.whole else other.last,
            max(self.longest, other.longest, self.last + other.first),
            self.whole and other.whole,
        )

    def least(self, other: "_Run") -> "_Run":
        return _Run(
            min(self.first, other.first),
            min(self.last, other.last),
            min(self.longest, other.longest),
            self.whole and other.whole,
        )


_EMPTY = _Run(0, 0, 0, True)


def longest_run(node: Node, kind: Kind) -> int:
    """Characters that count in the longest run of a match, at least."""
    return _run(node, kind).longest


def _run(node: Node, kind: Kind) -> _Run:
    if isinstance(node, Chars):
        counts = _within(node, kind.counted)
        return _Run(counts, counts, counts, counts or _within(node, (*kind.counted, *kind.over)))
    if isinstance(node, Repeat):
        part = _run(node.part, kind)
        copies = reduce(_Run.then, [part] * min(node.least, _COPIES), _EMPTY)
        goes_on = node.most is None or node.most > min(node.least, _COPIES)
        return copies.then(_EMPTY.least(part)) if goes_on else copies
    join: Callable[[_Run, _Run], _Run] = _Run.least if isinstance(node, Either) else _Run.then
    return reduce(join, [_run(part, kind) for part in node.parts] or [_EMPTY])


def _within(chars: Chars, ranges: tuple[Range, ...]) -> bool:
    """Whether every character that it may be is in the ranges."""
    return chars.ranges is not None and all(
        any(low <= first and last <= high for low, high in ranges) for first, last in chars.ranges
    )


def byte_tables(kind: Kind) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """bool[256] twice: the bytes that count, and those that a run goes on over.

    A character beyond ASCII is told by its first byte, so that some others with the same one count
    as well: runs of bytes are no shorter than those of characters.
    """
    counted, kept = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
    for first, last in kind.counted:
        counted[_first_byte(first) : _first_byte(last) + 1] = True
    for first, last in kind.over:
        kept[_first_byte(first) : _first_byte(last) + 1] = True
    kept[0x80:0xC0] = True  # what follows a first byte
    return counted, kept | counted


def _first_byte(code: int) -> int:
    return chr(code).encode()[0]
