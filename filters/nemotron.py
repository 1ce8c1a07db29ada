"""Ratios of NeMo Curator's heuristic filters, with which Nemotron-4 was made: Parmar et al. 2024.

`NumbersFilter`, `UrlsFilter`, `WhiteSpaceFilter`, `ParenthesesFilter`, `LongWordFilter`. There a
ratio of an empty text is 1 and drops it; here it is 0, and `gopher_quality.word_count` says what
is empty. White space is that of Unicode (the original misses U+3000), parentheses are full-width
ones too, a URL may be written in capitals and ends where a Han character follows. Elsewhere:
`NonAlphaNumericFilter` (Latin letters only, so that Chinese text scores 0.98) is
`data_juicer.alphanumeric_ratio`, most other filters are `gopher`'s or `c4`'s.
"""

import numpy as np
from numpy.typing import NDArray

from taojin.filters import word_kernels
from taojin.filters.batch import Batch, Ratios
from taojin.filters.character_kernels import DIGIT, PARENTHESIS, SPACE
from taojin.filters.characters import character_ratio, matched_ratio, word_counts
from taojin.filters.rules import Filter, Metric

_URL = r"(?:(?i:https?|ftp)://|(?i:www)\.)[-A-Za-z0-9._~:/?#@!$&*+,;=%]+"


def digit_ratio(batch: Batch) -> Ratios:
    return character_ratio(batch, DIGIT)


def url_character_ratio(batch: Batch) -> Ratios:
    return matched_ratio(batch, _URL)


def white_space_ratio(batch: Batch) -> Ratios:
    return character_ratio(batch, SPACE)


def parenthesis_ratio(batch: Batch) -> Ratios:
    return character_ratio(batch, PARENTHESIS)


def longest_word_character_count(batch: Batch) -> NDArray[np.int64]:
    return word_counts(batch)[:, word_kernels.LONGEST]


NEMOTRON = Filter(
    name="nemotron",
    source="Parmar et al. 2024, Nemotron-4 15B; NeMo Curator, heuristic filters",
    metrics=(
        Metric("digit_ratio", digit_ratio, "share of characters that are digits, of any script"),
        Metric("url_character_ratio", url_character_ratio, "share of characters in URLs"),
        Metric("white_space_ratio", white_space_ratio, "share of characters that are white space"),
        Metric("parenthesis_ratio", parenthesis_ratio, "share of characters that are ( ) （ or ）"),
        Metric(
            "longest_word_character_count",
            longest_word_character_count,
            "code points of the longest unit",
        ),
    ),
)
