"""Chinese words as jieba cuts them without its hidden Markov model, from Arrow buffers.

jieba's dictionary and its rule: of all ways to cut a clause into words of the dictionary the one
with the greatest product of word frequencies, of equal ones the one with the longest first word
(https://github.com/fxsjy/jieba). The words are those of `jieba.cut(text, HMM=False)`, which takes
a second for a megabyte; this cuts 95 of Chinese and 125 of English. Reading the dictionary takes a
tenth of a second, once per process.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import log
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from taojin.core import segment_kernels as kernels
from taojin.core.arrow import Bytes, Offsets, string_buffers

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
"""What is joined to one word where the dictionary does not."""
WORD_CHARACTERS = LETTERS + "+#&._%-" + "".join(map(chr, range(0x4E00, 0x9FD6)))
"""What words are made of; every other character is cut as a word of its own."""


@dataclass(frozen=True)
class Dictionary:
    """jieba's dictionary as `segment_kernels` reads it: a trie in one open-addressing table.

    `numbers` gives every code point's place in WORD_CHARACTERS, from 1, and 0 for all others;
    whoever changes it has texts cut as if they had other characters.
    """

    numbers: NDArray[np.uint16]
    roots: NDArray[np.int32]
    alone: NDArray[np.float64]
    keys: NDArray[np.uint64]
    marks: NDArray[np.uint8]
    weights: NDArray[np.float64]
    unknown: float


def words(texts: pl.Series) -> pl.Series:
    """List(String): the words of each text, which joined are the text again."""
    offsets, data = string_buffers(texts)
    first, starts = cut(offsets, data, dictionary())
    lists = pa.LargeListArray.from_arrays(pa.array(first), _strings(starts, data))
    return pl.Series(texts.name, lists, pl.List(pl.String))


def spaced(texts: pl.Series, most_characters: int) -> pl.Series:
    """String: the words of each text's beginning in small letters, one space between two.

    White space is left out, so that no line end stays: what a bag of words is made from.
    """
    offsets, data = string_buffers(texts.str.head(most_characters).str.to_lowercase())
    first, starts = cut(offsets, data, dictionary())
    joined = kernels.space(first, starts, data, _white_space())
    return pl.Series(texts.name, _strings(*joined), pl.String)


def cut(offsets: Offsets, data: Bytes, using: Dictionary) -> tuple[Offsets, Offsets]:
    """(first int64[n + 1], starts int64[m + 1]): text i has the words first[i] to first[i + 1] - 1,
    word j is `data[starts[j]:starts[j + 1]]`.
    """
    return kernels.cut(
        offsets,
        data,
        using.numbers,
        using.roots,
        using.alone,
        using.keys,
        using.marks,
        using.weights,
        using.unknown,
        len(LETTERS),
    )


def entries() -> pl.DataFrame:
    """Every word of jieba's dictionary, and how often it was counted in jieba's sources."""
    spec = find_spec("jieba")  # importing it would compile its regular expressions
    assert spec is not None and spec.origin is not None
    table = pl.read_csv(
        Path(spec.origin).parent / "dict.txt",
        separator=" ",
        has_header=False,
        quote_char=None,
        new_columns=["word", "count", "tag"],
        schema_overrides={"count": pl.Int64},
    )
    return table.select("word", "count")


@cache
def dictionary() -> Dictionary:
    """The dictionary of the installed jieba."""
    return build(entries())


def build(table: pl.DataFrame) -> Dictionary:
    """The dictionary of these words, each with its count, 1 or more; read-only."""
    total = log(table["count"].sum())
    # Python's logarithm, as jieba's: NumPy's may differ in the last bit, and so may a cut
    by_count = {count: log(count) - total for count in table["count"].unique()}
    weights = table["count"].replace_strict(by_count, return_dtype=pl.Float64).to_numpy()
    numbers = np.zeros(0x110000, np.uint16)
    numbers[[ord(character) for character in WORD_CHARACTERS]] = 1 + np.arange(len(WORD_CHARACTERS))
    slots = 1 << int(table["word"].str.len_chars().sum()).bit_length()
    keys, marks, ends = kernels.plant(*string_buffers(table["word"]), numbers, weights, slots)
    roots, alone = kernels.first_level(keys, ends, len(WORD_CHARACTERS) + 1)
    for array in (numbers, roots, alone, keys, marks, ends):
        array.flags.writeable = False
    return Dictionary(numbers, roots, alone, keys, marks, ends, -total)


def _strings(starts: Offsets, data: Bytes) -> pa.LargeStringArray:
    """The strings that follow one another in `data`."""
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), starts.size - 1, buffers)


@cache
def _white_space() -> NDArray[np.bool_]:
    """bool[n]: what Python calls white space among the code points up to its last."""
    white = np.array([chr(code).isspace() for code in range(0x3001)])
    white.flags.writeable = False
    return white
