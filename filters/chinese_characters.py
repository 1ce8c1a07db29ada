"""Characters as Chinese text is judged by them: one class each, and what words and lists ask."""

from functools import cache
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core import segment, text
from taojin.core.arrow import Bytes
from taojin.filters import chinese_kernels as kernels

T = TypeVar("T", bound=np.generic)

STOP_CHARACTERS = "的是了在和有不这這中为為"
PAIRS = ("（）", "“”", "《》", "〈〉", "「」", "『』", "【】", "〔〕", "［］")
"""Opening and closing brackets and quotation marks; ‘’ is left out, since ’ is an apostrophe."""
SIGNS = "#$%&*+/<=>@[\\]^_{|}~"
SEPARATORS = " \t\u00a0\u3000|｜_-,/·>→"
ENDS = text.SENTENCE_ENDS.replace(".", ";")
"""What ends a sentence or a clause in a text that is no list; `1.` does not."""

OTHER, SPACE, FULL_WIDTH, OTHER_HAN = range(4)
EITHER, SIMPLIFIED, TRADITIONAL, STOP_EITHER, STOP_SIMPLIFIED, STOP_TRADITIONAL = range(4, 10)
"""Han letters: what both scripts write, or only one of them; stop characters likewise."""
BRACKET = 10
"""The first of 18 classes: of each of PAIRS what opens and what closes."""
CLASSES = BRACKET + 2 * len(PAIRS)
HAN = slice(EITHER, BRACKET)
STOP = slice(STOP_EITHER, BRACKET)

COMMON = 1000
SELDOM_ALONE = 1 / 8
"""A character is bound if it is one of the COMMON most frequent of jieba's dictionary and is a word
by itself in less than this share of its occurrences: 统, 系, 数; not 的, 月 or 人."""

_ONLY = 0.01
"""A character belongs to one script if the other writes it in less than this share of the words of
jieba's dictionary that have it: 于 and 國, but not 后 or 里, which mean something else there."""
_PROSE = r"""[\w\s\p{M}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Pd}，。、；：？！…⋯·・‧•,.;:?!'"()/%~～〜＂＇]"""
"""What stands between two Han letters in prose: words, quotes, brackets, dashes, sentence signs."""
_FULL_WIDTH = r"[０-９Ａ-Ｚａ-ｚ]"
_ASSIGNED = (range(0xD800), range(0xE000, 0x34000))


@cache
def character_classes() -> NDArray[np.uint8]:
    """uint8[0x110000]: the class of every code point, read-only."""
    classes = np.full(0x110000, OTHER, np.uint8)
    classes[text.character_classes() & text.SPACE != 0] = SPACE
    classes[_members(_FULL_WIDTH)] = FULL_WIDTH
    classes[_members(r"\p{Han}")] = OTHER_HAN
    han = _members(r"[\p{Han}&&\w]")
    classes[han] = EITHER
    simple, traditional = _written_by()
    classes[han & (traditional < _ONLY * simple)] = SIMPLIFIED
    classes[han & (simple < _ONLY * traditional)] = TRADITIONAL
    classes[_codes(STOP_CHARACTERS)] += STOP_EITHER - EITHER
    classes[_codes("".join(PAIRS))] = range(BRACKET, CLASSES)
    return _frozen(classes)


@cache
def character_kinds() -> Bytes:
    """uint8[0x110000]: the bits of `chinese_kernels` for every code point, read-only."""
    kinds = _members(r"[\p{Han}&&\w]") * np.uint8(kernels.HAN)
    kinds[_bound()[simplified()]] |= kernels.BOUND
    kinds[_codes(SEPARATORS)] |= kernels.SEPARATOR
    kinds[_codes(SIGNS)] |= kernels.SIGN
    kinds[_codes(ENDS)] |= kernels.END
    kinds[~_members(_PROSE)] |= kernels.MARK
    kinds[_members(r"\w")] |= kernels.LETTER
    return _frozen(kinds)


@cache
def simplified() -> NDArray[np.int64]:
    """int64[0x110000]: the simplified form of every character by OpenCC, itself for most."""
    import opencc

    han = np.flatnonzero(_members(r"\p{Han}"))
    folded = opencc.OpenCC("t2s").convert("\n".join(map(chr, han.tolist())))
    table = np.arange(0x110000)
    table[han] = _codes(folded.replace("\n", ""))
    return _frozen(table)


def _written_by() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """int64[0x110000] twice: how often each character stands in the words of jieba's dictionary,
    all written simplified, and all written traditional, as in Taiwan, Hong Kong or OpenCC.

    OpenCC converts whole words: 皇后 stays, 以后 becomes 以後.
    """
    import opencc

    simple = opencc.OpenCC("t2s").convert("\n".join(segment.entries()["word"]))
    traditional = opencc.OpenCC("s2t").convert(simple)
    local = [opencc.OpenCC(way).convert(traditional) for way in ("t2tw", "t2hk")]
    return _frequencies(simple), np.maximum.reduce(list(map(_frequencies, [traditional, *local])))


def _frequencies(found: str) -> NDArray[np.int64]:
    return np.bincount(_codes(found), minlength=0x110000)


def _bound() -> NDArray[np.bool_]:
    """bool[0x110000]: the bound characters."""
    alone = pl.col("count").filter(pl.col("word") == pl.col("character")).sum()
    counts = (
        segment.entries()
        .with_columns(pl.col("word").str.split("").alias("character"))
        .explode("character")
        .group_by("character")
        .agg(pl.col("count").sum().alias("all"), alone.alias("alone"))
        .filter(pl.col("character").str.contains(r"\p{Han}"))
        .sort("all", "character", descending=[True, False])
        .head(COMMON)
        .filter(pl.col("alone") < SELDOM_ALONE * pl.col("all"))
    )
    bound = np.zeros(0x110000, np.bool_)
    bound[_codes("".join(counts["character"]))] = True
    return bound


@cache
def _members(pattern: str) -> NDArray[np.bool_]:
    """bool[0x110000]: the characters that a regular expression of Polars matches."""
    codes = np.concatenate([np.asarray(part, np.int64) for part in _ASSIGNED])
    members = np.zeros(0x110000, np.bool_)
    members[codes] = pl.Series([chr(code) for code in codes.tolist()]).str.contains(pattern)
    return _frozen(members)


def _codes(found: str) -> NDArray[np.uint32]:
    return np.frombuffer(found.encode("utf-32-le"), np.uint32)


def _frozen(table: NDArray[T]) -> NDArray[T]:
    table.flags.writeable = False
    return table
