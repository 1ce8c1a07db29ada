"""An automaton that finds all literals of all prefilters in one pass (Aho and Corasick, 1975).

It reads bytes, capitals as small letters. The literals of a prefilter are one set: that one of them
is in a line is a bit of the line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LINE_END = b"\n"
Bits = NDArray[np.uint64]


@dataclass(frozen=True)
class Automaton:
    """States are places in `moves`; those in which literals end come last, a line's end the very
    last.
    """

    classes: NDArray[np.uint8]
    """uint8[256]: bytes of one class are the same to it."""
    moves: NDArray[np.uint32]
    """uint32[states * width]: at state + class the next state."""
    first_found: int
    line_end: int
    found: Bits
    """uint64[states of literals, words]: the sets whose literals end there."""
    width: int


def automaton(sets: Sequence[frozenset[bytes]]) -> Automaton:
    """The automaton of sets of literals in small letters; of each the number is a bit."""
    words = -(-len(sets) // 64)
    ends: dict[bytes, int] = {LINE_END: 0}
    for number, literals in enumerate(sets):
        for literal in literals:
            ends[literal] = ends.get(literal, 0) | 1 << number
    children, bits = _trie(ends)
    classes, width = _classes(ends)
    moves, bits = _moves(children, bits, classes, width)
    line_end = children[0][LINE_END[0]]
    rank = [(bits[state] > 0) + 2 * (state == line_end) for state in range(len(bits))]
    order = np.argsort(rank, kind="stable")
    places = np.empty(len(order), np.uint32)
    places[order] = np.arange(len(order), dtype=np.uint32) * width
    first = int(np.searchsorted(np.sort(rank), 1))
    found = [words_of(bits[state], words) for state in order[first:]]
    return Automaton(
        classes,
        places[moves[order]].ravel(),
        first * width,
        int(places[line_end]),
        np.array(found, np.uint64),
        width,
    )


def words_of(bits: int, count: int) -> list[int]:
    """The bits of a number as words of 64, the lowest first."""
    return [bits >> 64 * word & (1 << 64) - 1 for word in range(count)]


def _trie(ends: Mapping[bytes, int]) -> tuple[list[dict[int, int]], list[int]]:
    """For each state the next ones by byte, and the sets whose literals end there."""
    children: list[dict[int, int]] = [{}]
    bits = [0]
    for literal, sets in ends.items():
        state = 0
        for byte in literal:
            following = children[state].get(byte)
            if following is None:
                following = children[state][byte] = len(children)
                children.append({})
                bits.append(0)
            state = following
        bits[state] |= sets
    return children, bits


def _classes(literals: Mapping[bytes, int]) -> tuple[NDArray[np.uint8], int]:
    """The class of each byte, 0 for those of no literal, and how many there are."""
    used = sorted({byte for literal in literals for byte in literal})
    classes = np.zeros(256, np.uint8)
    classes[used] = np.arange(1, len(used) + 1)
    classes[ord("A") : ord("Z") + 1] = classes[ord("a") : ord("z") + 1]
    return classes, len(used) + 1


def _moves(
    children: Sequence[Mapping[int, int]], bits: list[int], classes: NDArray[np.uint8], width: int
) -> tuple[NDArray[np.int32], list[int]]:
    """int32[states, width], and the sets of each state with those of its suffixes."""
    moves = np.zeros((len(children), width), np.int32)
    suffixes = [0] * len(children)
    queue = [0]
    for state in queue:
        suffix = suffixes[state]
        bits[state] |= bits[suffix]
        moves[state] = moves[suffix] if state else 0
        for byte, following in children[state].items():
            suffixes[following] = int(moves[suffix, classes[byte]]) if state else 0
            moves[state, classes[byte]] = following
            queue.append(following)
    return moves, bits
