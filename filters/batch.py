"""A batch of documents and what metrics share about it: counted once, when first asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets, string_buffers
from taojin.filters import counts
from taojin.filters.kernels import Matrix

Ratios = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True)
class Batch:
    """Documents with the columns `text`, `lang` and `source`, and counts over their texts.

    `words`, a List(String), takes the place of the units that texts are cut into: the words of
    another tool, so that its filters can be compared with ours.
    """

    documents: pl.DataFrame
    words: pl.Series | None = None

    @property
    def text(self) -> pl.Series:
        return self.documents["text"]

    @cached_property
    def buffers(self) -> tuple[Offsets, Bytes]:
        return string_buffers(self.text)

    @cached_property
    def counts(self) -> counts.Counts:
        """All counts: one pass makes them, so that one costs what all cost."""
        words = None if self.words is None else counts.given(self.words)
        return counts.count(self.buffers, self._langs, words)

    @property
    def units(self) -> Matrix:
        """int64[n, 6], columns about units of `kernels`."""
        return self.counts.units

    @property
    def lines(self) -> Matrix:
        """int64[n, 12], columns about lines of `kernels`."""
        return self.counts.lines

    @property
    def paragraphs(self) -> Matrix:
        """int64[n, 4], the first four columns about lines, of paragraphs."""
        return self.counts.paragraphs

    @property
    def signs(self) -> Matrix:
        """int64[n, 6], columns about signs of `kernels`."""
        return self.counts.signs

    @property
    def ngrams(self) -> Matrix:
        """int64[n, 9], columns of `ngram_kernels.count_ngrams`."""
        return self.counts.ngrams

    @cached_property
    def _shared(self) -> dict[object, object]:
        return {}

    def shared(self, count: Callable[["Batch"], T]) -> T:
        """What a function makes of this batch, made once however many metrics ask for it."""
        if count not in self._shared:
            self._shared[count] = count(self)
        return cast(T, self._shared[count])

    @property
    def _langs(self) -> pl.Series:
        """Their languages; unknown ones where documents are texts only."""
        if "lang" in self.documents.columns:
            return self.documents["lang"]
        return pl.Series("lang", ["und"], pl.String).new_from_index(0, self.documents.height)

    def count(self, pattern: str, *, literal: bool = False) -> NDArray[np.int64]:
        """int64[n]: matches of a regular expression of Polars, or of a literal, in each text."""
        return self.text.str.count_matches(pattern, literal=literal).to_numpy().astype(np.int64)


def ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Ratios:
    """float64[n]: part / whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
