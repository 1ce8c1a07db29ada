"""Data-Juicer's statistics of characters and words: Chen et al. 2024.

`alphanumeric_filter`, `special_characters_filter`, `character_repetition_filter`,
`word_repetition_filter` and `text_length_filter`. Their faults are left out: their list of special
characters holds the Han characters 上 and 士, digits and white space, so that English prose is one
fifth special; here it is punctuation and symbols that prose is not written with, in any script.
Full-width １ is a digit and nothing else. Elsewhere: `words_num_filter` is `gopher_quality`'s word
count; `average_line_length_filter` and `maximum_line_length_filter` are in `code`;
`stopwords_filter` is `redpajama.stop_word_ratio`; flagged words have a filter of their own.

10-grams are counted in the first 2,048 characters and the first 2,048 units: the share of the
most frequent grows with the length of a text, so that this makes texts comparable as well as cheap.
A short phrase over and over has few different windows, and the root of few is less: three
characters for ever score a third, as in the original; `dolma.repetition_ratio` and
`word_repetition_ratio` are 1 there.
"""

from taojin.filters import word_kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.character_kernels import (
    BRACE,
    CAPITAL,
    DIGIT,
    LETTER,
    NGRAMS,
    NUMBER,
    OTHER,
    SIGN,
    SYMBOL,
    TOP,
    count_character_ngrams,
)
from taojin.filters.characters import (
    character_count,
    character_ratio,
    character_table,
    word_counts,
)
from taojin.filters.rules import Filter, Metric

NGRAM = 10
PREFIX_CHARACTERS = 2048


def alphanumeric_ratio(batch: Batch) -> Ratios:
    return character_ratio(batch, CAPITAL, LETTER, DIGIT, NUMBER)


def special_character_ratio(batch: Batch) -> Ratios:
    return character_ratio(batch, SIGN, BRACE, SYMBOL, OTHER)


def character_repetition_ratio(batch: Batch) -> Ratios:
    table = character_table()
    counts = count_character_ngrams(*batch.buffers, table, NGRAM, PREFIX_CHARACTERS)
    return ratio(counts[:, TOP], counts[:, NGRAMS])


def word_repetition_ratio(batch: Batch) -> Ratios:
    counts = word_counts(batch)
    return ratio(counts[:, word_kernels.REPEATED_NGRAMS], counts[:, word_kernels.NGRAMS])


DATA_JUICER = Filter(
    name="data_juicer",
    source="Chen et al. 2024, Data-Juicer; its filters of characters and words",
    metrics=(
        Metric("character_count", character_count, "code points; \\r\\n is one"),
        Metric(
            "alphanumeric_ratio",
            alphanumeric_ratio,
            "share of characters that are letters with their marks, or numbers, in any script",
        ),
        Metric(
            "special_character_ratio",
            special_character_ratio,
            "share of characters such as # % = | ~ and symbols; 上，（ and digits are none",
        ),
        Metric(
            "character_repetition_ratio",
            character_repetition_ratio,
            f"share of windows of {NGRAM} in the first {PREFIX_CHARACTERS:,} characters that belong"
            " to the most frequent",
        ),
        Metric(
            "word_repetition_ratio",
            word_repetition_ratio,
            f"share of windows of 10 of the first {word_kernels.PREFIX:,} units that occur again",
        ),
    ),
)
