"""Gopher's rules: Rae et al. 2021, "Scaling Language Models", appendix A.1.1.

The paper leaves room for readings, and Taojin takes datatrove's where it is as good as another: a
line or paragraph is a repeat if it is the same to the letter; n-grams are read against all
characters of the text; a top n-gram has a space between its words, and is the first of equals;
duplicate n-grams are taken from left to right and do not overlap. Unlike there, no character counts
twice, an n-gram that occurs once is no repetition, and blank lines are no lines.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from taojin.filters import kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.ngram_kernels import DUPLICATE_SIZES, TOP_SIZES
from taojin.filters.rules import Filter, Metric


def word_count(batch: Batch) -> NDArray[np.int64]:
    return batch.units[:, kernels.UNITS]


def mean_word_length(batch: Batch) -> Ratios:
    return ratio(batch.units[:, kernels.UNIT_CHARACTERS], word_count(batch))


def symbol_word_ratio(batch: Batch) -> Ratios:
    symbols = np.maximum(batch.signs[:, kernels.HASHES], batch.signs[:, kernels.ELLIPSES])
    return ratio(symbols, np.maximum(batch.units[:, kernels.WORDS], 1))


def alpha_word_ratio(batch: Batch) -> Ratios:
    return ratio(batch.units[:, kernels.LETTER_UNITS], batch.units[:, kernels.WORDS])


def stop_word_count(batch: Batch) -> NDArray[np.int64]:
    return batch.units[:, kernels.STOP_UNITS]


def bullet_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.BULLET_LINES], batch.lines[:, kernels.LINES])


def ellipsis_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.ELLIPSIS_LINES], batch.lines[:, kernels.LINES])


QUALITY = Filter(
    name="gopher_quality",
    source="Rae et al. 2021, appendix A.1.1, quality filtering",
    metrics=(
        Metric("word_count", word_count, "units: Han characters and words of other scripts"),
        Metric("mean_word_length", mean_word_length, "code points per unit"),
        Metric("symbol_word_ratio", symbol_word_ratio, "# or ellipses, the more, per unit"),
        Metric("bullet_line_ratio", bullet_line_ratio, "share of lines that start with a bullet"),
        Metric(
            "ellipsis_line_ratio", ellipsis_line_ratio, "share of lines that end in ..., … or 。。"
        ),
        Metric("alpha_word_ratio", alpha_word_ratio, "share of units that hold a letter"),
        Metric("stop_word_count", stop_word_count, "different stop words of the language"),
    ),
)


def duplicate_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.DUPLICATES], batch.lines[:, kernels.LINES])


def duplicate_line_character_ratio(batch: Batch) -> Ratios:
    lines = batch.lines
    return ratio(lines[:, kernels.DUPLICATE_CHARACTERS], lines[:, kernels.CHARACTERS])


def duplicate_paragraph_ratio(batch: Batch) -> Ratios:
    return ratio(batch.paragraphs[:, kernels.DUPLICATES], batch.paragraphs[:, kernels.LINES])


def duplicate_paragraph_character_ratio(batch: Batch) -> Ratios:
    paragraphs = batch.paragraphs
    return ratio(paragraphs[:, kernels.DUPLICATE_CHARACTERS], paragraphs[:, kernels.CHARACTERS])


def _coverage(column: int) -> Callable[[Batch], Ratios]:
    def coverage(batch: Batch) -> Ratios:
        return ratio(batch.ngrams[:, column], batch.signs[:, kernels.TEXT_CHARACTERS])

    return coverage


def _ngram_metrics() -> tuple[Metric, ...]:
    tops = [
        Metric(
            f"top_{size}_gram_ratio",
            _coverage(column),
            f"share of characters under the most frequent {size}-gram",
        )
        for column, size in enumerate(TOP_SIZES)
    ]
    duplicates = [
        Metric(
            f"duplicate_{size}_gram_ratio",
            _coverage(column),
            f"share of characters in {size}-grams that occurred before",
        )
        for column, size in enumerate(DUPLICATE_SIZES, start=len(TOP_SIZES))
    ]
    return (*tops, *duplicates)


REPETITION = Filter(
    name="gopher_repetition",
    source="Rae et al. 2021, appendix A.1.1, repetition removal, table A1",
    metrics=(
        Metric("duplicate_line_ratio", duplicate_line_ratio, "share of lines seen before"),
        Metric(
            "duplicate_paragraph_ratio",
            duplicate_paragraph_ratio,
            "share of paragraphs seen before",
        ),
        Metric(
            "duplicate_line_character_ratio",
            duplicate_line_character_ratio,
            "share of characters in lines seen before",
        ),
        Metric(
            "duplicate_paragraph_character_ratio",
            duplicate_paragraph_character_ratio,
            "share of characters in paragraphs seen before",
        ),
        *_ngram_metrics(),
    ),
)
