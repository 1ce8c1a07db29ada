r"""Dolma's taggers, as far as they measure what Gopher's rules don't: Soldaini et al. 2024.

`repetition_ratio` and its two companions are the taggers `repetitions_v1` (the pattern
`(.+?)(\s?\1){3,}`) and `tokenizer_repetitions_v2r2` (sequences of a period of 1 to 13 tokens that
come three times or more) as one: `doc_frac_repetition`, `doc_max_length_repetition`,
`doc_max_score_repetition`. A token is a unit, or any other character that is not white
space with those like it that follow, so that no tokenizer is needed, a rule of dashes is one token,
and 买黄金买黄金买黄金 is as repetitive as "buy gold buy gold buy gold".
`median_word_length` is what Dolma has in the place of Gopher's mean. Its other values of that
tagger are those of `gopher`, where a position counts once, however many n-grams stand over it.
"""

import numpy as np
from numpy.typing import NDArray

from taojin.filters import word_kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.characters import word_counts
from taojin.filters.rules import Filter, Metric


def median_word_length(batch: Batch) -> Ratios:
    return word_counts(batch)[:, word_kernels.DOUBLE_MEDIAN] / 2


def repetition_ratio(batch: Batch) -> Ratios:
    counts = word_counts(batch)
    return ratio(counts[:, word_kernels.RUN_CHARACTERS], counts[:, word_kernels.TOKEN_CHARACTERS])


def longest_repetition_character_count(batch: Batch) -> NDArray[np.int64]:
    return word_counts(batch)[:, word_kernels.LONGEST_RUN]


def most_repeats_count(batch: Batch) -> NDArray[np.int64]:
    return word_counts(batch)[:, word_kernels.MOST_REPEATS]


DOLMA = Filter(
    name="dolma",
    source="Soldaini et al. 2024, Dolma; allenai/dolma 1.2.1, taggers gopher and repetitions",
    metrics=(
        Metric("median_word_length", median_word_length, "code points of the median unit"),
        Metric(
            "repetition_ratio",
            repetition_ratio,
            "share of characters, spaces aside, in up to 13 tokens that come 3 times in a row",
        ),
        Metric(
            "longest_repetition_character_count",
            longest_repetition_character_count,
            "characters, spaces aside, of the longest such stretch",
        ),
        Metric("most_repeats_count", most_repeats_count, "most repeats in one such stretch"),
    ),
)
