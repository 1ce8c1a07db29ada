"""Everything that metrics share about texts, counted a few documents at a time.

Documents go through the kernels in blocks of some 128 kB, so that their units are still in the
processor's cache when n-grams are counted. Room for units and hash tables is that of one block, or
of the longest document if it is longer, however many documents there are.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from taojin.core.arrow import Bytes, Offsets, blocks, string_buffers
from taojin.core.text import character_classes
from taojin.filters.kernels import (
    NEWLINES,
    Matrix,
    Units,
    count_signs,
    count_stop_words,
    use_words,
)
from taojin.filters.ngram_kernels import Room, count_ngrams
from taojin.filters.stop_words import compiled
from taojin.filters.text_kernels import Tables, count_text, table_size

BLOCK_BYTES = 1 << 17
WIDTHS = (6, 12, 4, 6, 9)
"""Columns of the matrices of `Counts`."""


@dataclass(frozen=True)
class Counts:
    """A row per document; columns as kernels.py and ngram_kernels.py name them."""

    units: Matrix
    lines: Matrix
    paragraphs: Matrix
    signs: Matrix
    ngrams: Matrix

    def rows(self, first: int, last: int) -> "Counts":
        """Those of some documents, to be filled."""
        every = (self.units, self.lines, self.paragraphs, self.signs, self.ngrams)
        return Counts(*(matrix[first:last] for matrix in every))


@dataclass(frozen=True)
class Words:
    """Another tool's words: document i has `offsets[i]` to `offsets[i + 1]` of the strings."""

    offsets: Offsets
    strings: tuple[Offsets, Bytes]


def count(buffers: tuple[Offsets, Bytes], langs: pl.Series, words: Words | None = None) -> Counts:
    """Counts of the texts in these buffers; about the words given in the place of their units.

    Lines have units of their own in either case.
    """
    offsets, data = buffers
    stop_words = compiled()
    indices = stop_words.index(langs)
    counts = Counts(*(np.zeros((offsets.size - 1, width), np.int64) for width in WIDTHS))
    count_signs(offsets, data, counts.signs)
    parts = list(blocks(offsets, BLOCK_BYTES))
    tables = _tables(counts)
    units, room = _room(_most_units(offsets, parts, words))
    for first, last in parts:
        of = counts.rows(first, last)
        about = (of.units, of.lines, of.paragraphs, of.signs)
        ends = np.empty(last - first + 1, np.int64)
        count_text(offsets[first : last + 1], data, character_classes(), tables, ends, units, about)
        if words is not None:
            of.units[:] = 0
            own = words.offsets[first : last + 1]
            use_words(own, *words.strings, character_classes(), ends, units, of.units)
        count_stop_words(ends, units[0], indices[first:last], stop_words.stops, of.units)
        count_ngrams(ends, units, room, of.ngrams)
    return counts


def given(words: pl.Series) -> Words:
    """The words of a List(String) column without nulls."""
    lists = words.rechunk().to_arrow().cast(pa.large_list(pa.large_string()))
    offsets = np.concatenate([[0], np.cumsum(words.list.len().to_numpy(), dtype=np.int64)])
    return Words(offsets, string_buffers(lists.flatten()))


def _most_units(offsets: Offsets, parts: list[tuple[int, int]], words: Words | None) -> int:
    """No block has more units: a byte or more stands between two words, others take two or more."""
    most = [int(offsets[end] - offsets[first]) + end - first for first, end in parts]
    room = max(most, default=0) // 2
    if words is None:
        return room
    return max([room, *(int(words.offsets[end] - words.offsets[first]) for first, end in parts)])


def _tables(counts: Counts) -> Tables:
    size = table_size(int(counts.signs[:, NEWLINES].max(initial=0)) + 1)
    return np.empty(size, np.uint64), np.empty(size, np.uint64)


def _room(most: int) -> tuple[Units, Room]:
    units = (np.empty(most, np.uint64), np.empty(most, np.uint8), np.empty(most + 1, np.int32))
    places = [np.empty(most, np.uint32) for _ in range(4)]
    slots = np.empty(4 * most + 4, np.uint32)
    return units, (slots, places[0], places[1], places[2], places[3])
