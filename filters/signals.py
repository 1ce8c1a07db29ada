"""What a quality classifier reads of a text besides its words: how it is built.

A bag of words does not see lines, repetition or length. Each signal is read in one direction, that
in which Gopher's, C4's and FineWeb's rules read it, and a classifier may weigh it in that direction
or not at all: what happens to be different between the trusted documents and a crawl, such as lines
without a full stop in PDF files, can never make the mark of good prose a fault.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taojin.filters.batch import Batch
from taojin.filters.character_kernels import BRACE, OTHER, SIGN, SYMBOL
from taojin.filters.characters import character_ratio
from taojin.filters.fineweb import short_line_ratio, terminal_line_ratio
from taojin.filters.gopher import duplicate_line_ratio, ellipsis_line_ratio, word_count

Numbers = NDArray[np.float64]

VERSION = 2
"""Raised when a signal gives other numbers: a model of before must be trained again."""
ENOUGH_UNITS = 200
"""Above this the length of a text says nothing more about its quality."""


@dataclass(frozen=True)
class Signal:
    """A metric of a text's beginning; `sign` is -1 where less of it is better."""

    name: str
    measure: Callable[[Batch], NDArray[np.generic]]
    sign: int


def log_units(batch: Batch) -> Numbers:
    return np.log1p(np.minimum(word_count(batch), ENOUGH_UNITS))


def symbol_ratio(batch: Batch) -> Numbers:
    """Signs such as ™ and €, and what is no character: mojibake is full of them."""
    return character_ratio(batch, SYMBOL, OTHER)


def sign_ratio(batch: Batch) -> Numbers:
    """ASCII signs such as # | { that code and tables are made of."""
    return character_ratio(batch, SIGN, BRACE)


SIGNALS = (
    Signal("log_units", log_units, 1),
    Signal("terminal_line_ratio", terminal_line_ratio, 1),
    Signal("short_line_ratio", short_line_ratio, -1),
    Signal("ellipsis_line_ratio", ellipsis_line_ratio, -1),
    Signal("duplicate_line_ratio", duplicate_line_ratio, -1),
    Signal("symbol_ratio", symbol_ratio, -1),
    Signal("sign_ratio", sign_ratio, -1),
)


def signals(batch: Batch) -> Numbers:
    """float64[n, len(SIGNALS)] of a batch of texts' beginnings: the greater, the better."""
    columns = [signal.sign * signal.measure(batch).astype(np.float64) for signal in SIGNALS]
    return np.column_stack(columns)
