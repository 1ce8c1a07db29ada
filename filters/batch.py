"""A batch of documents and what metrics share about it: counted once, when first asked for."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets, string_buffers
from taojin.core.text import character_classes
from taojin.filters import kernels
from taojin.filters.kernels import Matrix

ENGLISH_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Rae et al. 2021, appendix A.1.1."""
CHINESE_STOP_WORDS = tuple("的是了在和有不这中为與為這我他也就人以及")
SHORT_LINE_COLUMNS = 30
"""FineWeb's 30 characters, as columns: a Han character is as wide as two Latin letters."""

Ratios = NDArray[np.float64]


@dataclass(frozen=True)
class Batch:
    """Documents with the columns `text`, `lang` and `source`, and counts over their texts."""

    documents: pl.DataFrame

    @property
    def text(self) -> pl.Series:
        return self.documents["text"]

    @cached_property
    def buffers(self) -> tuple[Offsets, Bytes]:
        return string_buffers(self.text)

    @cached_property
    def units(self) -> Matrix:
        """int64[n, 4], columns of `kernels.count_units`."""
        return kernels.count_units(*self.buffers, character_classes(), _stop_hashes())

    @cached_property
    def lines(self) -> Matrix:
        """int64[n, 8], columns of `kernels.count_lines`."""
        return self._lines(blank_ends=False)

    @cached_property
    def paragraphs(self) -> Matrix:
        """int64[n, 8], columns of `kernels.count_lines`, a paragraph ending at a blank line."""
        return self._lines(blank_ends=True)

    @cached_property
    def ngrams(self) -> Matrix:
        """int64[n, 9], columns of `kernels.count_ngrams`."""
        return kernels.count_ngrams(*self.buffers, character_classes())

    def _lines(self, *, blank_ends: bool) -> Matrix:
        classes = character_classes()
        return kernels.count_lines(*self.buffers, classes, blank_ends, SHORT_LINE_COLUMNS)

    def count(self, pattern: str, *, literal: bool = False) -> NDArray[np.int64]:
        """int64[n]: matches of a regular expression of Polars, or of a literal, in each text."""
        return self.text.str.count_matches(pattern, literal=literal).to_numpy().astype(np.int64)


def ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Ratios:
    """float64[n]: part / whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)


@cache
def _stop_hashes() -> NDArray[np.uint64]:
    words = string_buffers(pl.Series([*ENGLISH_STOP_WORDS, *CHINESE_STOP_WORDS]))
    hashes = np.sort(kernels.word_hashes(*words, character_classes()))
    hashes.flags.writeable = False
    return hashes
