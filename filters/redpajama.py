"""RedPajama-V2's quality signals where no other filter has them: Together 2023; Weber et al. 2024.

The originals are `rps_doc_frac_unique_words`, `rps_doc_unigram_entropy`,
`rps_doc_frac_all_caps_words`, `rps_doc_stop_word_fraction`, `rps_doc_curly_bracket`,
`rps_doc_lorem_ipsum`, `rps_lines_uppercase_letter_fraction` and
`rps_lines_numerical_chars_fraction`. The signals per line become a share of lines: those of which
more than half is capitals, or digits. A word is a unit, so that none of them takes a Chinese clause
for one. Elsewhere: word count, mean word length, symbols, words without letters, bullets, ellipses
and n-grams in `gopher`; sentences, lorem ipsum as a count and the brace rule in `c4`; line ends in
`fineweb`; domains in `url`. RedPajama ships no bounds. Entropy and the share of different words
depend on the length of a text: compare texts of one length.
"""

from taojin.filters import character_kernels, word_kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.character_kernels import BRACE
from taojin.filters.characters import (
    character_count,
    character_counts,
    character_ratio,
    word_counts,
    word_entropy,
)
from taojin.filters.rules import Filter, Metric


def _share_of_words(batch: Batch, column: int) -> Ratios:
    return ratio(word_counts(batch)[:, column], word_counts(batch)[:, word_kernels.UNITS])


def _share_of_lines(batch: Batch, column: int) -> Ratios:
    counts = character_counts(batch)
    return ratio(counts[:, column], counts[:, character_kernels.FILLED_LINES])


def unique_word_ratio(batch: Batch) -> Ratios:
    return _share_of_words(batch, word_kernels.DIFFERENT)


def all_caps_word_ratio(batch: Batch) -> Ratios:
    return _share_of_words(batch, word_kernels.CAPITAL_UNITS)


def stop_word_ratio(batch: Batch) -> Ratios:
    return _share_of_words(batch, word_kernels.STOP_UNITS)


def curly_bracket_ratio(batch: Batch) -> Ratios:
    return character_ratio(batch, BRACE)


def lorem_ipsum_ratio(batch: Batch) -> Ratios:
    return ratio(batch.count("(?i)lorem ipsum"), character_count(batch))


def all_caps_line_ratio(batch: Batch) -> Ratios:
    return _share_of_lines(batch, character_kernels.CAPITAL_LINES)


def numeric_line_ratio(batch: Batch) -> Ratios:
    return _share_of_lines(batch, character_kernels.DIGIT_LINES)


REDPAJAMA = Filter(
    name="redpajama",
    source="Together 2023, RedPajama-Data-v2, quality signals; Weber et al. 2024, section 4",
    metrics=(
        Metric("unique_word_ratio", unique_word_ratio, "different units per unit"),
        Metric("unigram_entropy", word_entropy, "entropy of the units, in nats"),
        Metric(
            "all_caps_word_ratio",
            all_caps_word_ratio,
            "share of units with capitals and no small letters",
        ),
        Metric("stop_word_ratio", stop_word_ratio, "share of units among zh and en stop words"),
        Metric("curly_bracket_ratio", curly_bracket_ratio, "share of characters that are { or }"),
        Metric("lorem_ipsum_ratio", lorem_ipsum_ratio, "'lorem ipsum' per character"),
        Metric("all_caps_line_ratio", all_caps_line_ratio, "share of lines over half capitals"),
        Metric("numeric_line_ratio", numeric_line_ratio, "share of lines over half digits"),
    ),
)
