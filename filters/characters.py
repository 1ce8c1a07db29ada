"""Characters by class, and what the filters about characters and words share on a batch.

A character is a code point, a carriage return before a line feed aside. Every character has one
class, so that shares of classes add up to 1.
"""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import string_buffers
from taojin.core.text import UNSPACED
from taojin.filters import character_kernels, word_kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.character_kernels import (
    BRACE,
    CAPITAL,
    CAPITAL_BIT,
    CLASSES,
    DIGIT,
    LETTER,
    NUMBER,
    OTHER,
    PARENTHESIS,
    PUNCTUATION,
    SIGN,
    SMALL,
    SPACE,
    SYMBOL,
    UNSPACED_CHARACTER,
    WORD,
)
from taojin.filters.kernels import Matrix

ENGLISH_FUNCTION_WORDS = """
a about after all also an and any are as at be because been before but by can could did do does for
from had has have he her him his how i if in into is it its may more most my no not of on one only
or other our out over she should so some such than that the their them then there these they this to
up us was we were what when where which who will with would you your
"""
CHINESE_FUNCTION_WORDS = (
    "的一是了在不和有我他这這也就人中为為与與以及到上下个個们們地得之其而或所可"
)
"""The stop words of `word_counts`."""

_CLASSES = {
    SPACE: r"\s",
    DIGIT: r"\p{Nd}",
    NUMBER: r"\p{N}",
    CAPITAL: r"[\p{Uppercase}\p{Lt}]",
    LETTER: r"[\p{Alphabetic}\p{M}]",
    PARENTHESIS: r"[()（）]",
    BRACE: r"[{}]",
    SIGN: r"[#$%&*+/<=>@\[\\\]^_`|~]",
    PUNCTUATION: r"\p{P}",
    SYMBOL: r"\p{S}",
}
"""The first that holds is a character's class; OTHER if none does."""

_BITS = {
    WORD: r"\w",
    UNSPACED_CHARACTER: rf"[{UNSPACED}]",
    SMALL: r"\p{Lowercase}",
    CAPITAL_BIT: r"[\p{Uppercase}\p{Lt}]",
}
_ASSIGNED = (range(0xD800), range(0xE000, 0x34000), range(0xE0000, 0xE0200))
"""Every assigned code point but those for private use, which are OTHER."""


@cache
def character_table() -> NDArray[np.uint8]:
    """uint8[0x110000]: the class and the bits of every code point, read-only."""
    codes = np.concatenate([np.asarray(part, np.int64) for part in _ASSIGNED])
    characters = pl.Series([chr(code) for code in codes.tolist()])
    table = np.full(0x110000, OTHER, np.uint8)
    for class_, pattern in reversed(_CLASSES.items()):
        table[codes[characters.str.contains(pattern).to_numpy()]] = class_
    for bit, pattern in _BITS.items():
        table[codes[characters.str.contains(pattern).to_numpy()]] |= bit
    table.flags.writeable = False
    return table


def character_counts(batch: Batch) -> Matrix:
    """int64[n, 19], columns of `character_kernels.count_characters`."""
    return batch.shared(_character_counts)


def _character_counts(batch: Batch) -> Matrix:
    return character_kernels.count_characters(*batch.buffers, character_table())


def character_count(batch: Batch) -> NDArray[np.int64]:
    return character_counts(batch)[:, :CLASSES].sum(axis=1)


def character_ratio(batch: Batch, *classes: int) -> Ratios:
    """float64[n]: the share of characters of these classes; 0 without characters."""
    return ratio(character_counts(batch)[:, classes].sum(axis=1), character_count(batch))


def matched_ratio(batch: Batch, pattern: str) -> Ratios:
    """float64[n]: the share of characters in matches of a regular expression of Polars."""
    matched = batch.text.str.contains(pattern)
    left = batch.text.filter(matched).str.replace_all(pattern, "")
    kept = left.str.len_chars() - left.str.count_matches("\r\n", literal=True)
    taken = character_count(batch)
    taken[matched.to_numpy()] -= kept.to_numpy()
    taken[~matched.to_numpy()] = 0
    return ratio(taken, character_count(batch))


def word_counts(batch: Batch) -> Matrix:
    """int64[n, 12], columns of `word_kernels.count_words`."""
    return batch.shared(_word_counts)[0]


def word_entropy(batch: Batch) -> Ratios:
    """float64[n]: the entropy of the units, in nats."""
    return batch.shared(_word_counts)[1]


def _word_counts(batch: Batch) -> tuple[Matrix, Ratios]:
    return word_kernels.count_words(*batch.buffers, character_table(), _stop_hashes())


@cache
def _stop_hashes() -> NDArray[np.uint64]:
    words = string_buffers(pl.Series([*ENGLISH_FUNCTION_WORDS.split(), *CHINESE_FUNCTION_WORDS]))
    stops = word_kernels.stop_table(word_kernels.word_hashes(*words, character_table()))
    stops.flags.writeable = False
    return stops
