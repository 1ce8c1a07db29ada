"""What is wrong with Chinese web pages in particular; every metric is 0 where no Han is written.

A Han character is a letter of the script Han. Words are jieba's (`core.segment`), cut as if all
were simplified, so that traditional text is measured alike.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core import segment
from taojin.core.arrow import string_buffers
from taojin.core.segment import Dictionary
from taojin.filters import chinese_characters as characters
from taojin.filters import chinese_kernels, kernels, phrase_kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.chinese_kernels import EMBEDDED, LISTED, LOOSE, SIGNS, TOP, UNENDED
from taojin.filters.kernels import Matrix
from taojin.filters.matcher import Matcher
from taojin.filters.rules import Filter, Metric
from taojin.filters.term_kernels import COVERED, UNITS

Counts = NDArray[np.int64]

SHORT_LINE = 60
"""Characters of the longest line that can be boilerplate."""
_PART_BYTES = 1 << 23
"""How much text is cut into words at a time: where words begin takes twice its room."""


def han_ratio(batch: Batch) -> Ratios:
    return ratio(_han(batch), batch.shared(_seo_terms)[:, UNITS])


def stop_character_ratio(batch: Batch) -> Ratios:
    counts = batch.shared(_characters)
    han = _han(batch) + counts[:, characters.OTHER_HAN]
    return ratio(counts[:, characters.STOP].sum(axis=1), han)


def boilerplate_line_ratio(batch: Batch) -> Ratios:
    boilerplate, lines = _written(batch, _count_boilerplate).T
    return ratio(boilerplate, lines)


def symbol_ratio(batch: Batch) -> Ratios:
    return ratio(batch.shared(_phrases)[:, SIGNS], _visible(batch))


def embedded_mark_ratio(batch: Batch) -> Ratios:
    return ratio(batch.shared(_phrases)[:, EMBEDDED], _han(batch))


def full_width_ratio(batch: Batch) -> Ratios:
    return ratio(batch.shared(_characters)[:, characters.FULL_WIDTH], _visible(batch))


def script_mix_ratio(batch: Batch) -> Ratios:
    counts = batch.shared(_characters)
    simplified = counts[:, characters.SIMPLIFIED] + counts[:, characters.STOP_SIMPLIFIED]
    traditional = counts[:, characters.TRADITIONAL] + counts[:, characters.STOP_TRADITIONAL]
    return ratio(np.minimum(simplified, traditional), simplified + traditional)


def unclosed_bracket_ratio(batch: Batch) -> Ratios:
    brackets = batch.shared(_characters)[:, characters.BRACKET :]
    unclosed = np.abs(brackets[:, ::2] - brackets[:, 1::2]).sum(axis=1)
    return ratio(unclosed, brackets.sum(axis=1))


def out_of_vocabulary_ratio(batch: Batch) -> Ratios:
    return ratio(batch.shared(_words)[:, LOOSE], _han(batch))


def top_word_ratio(batch: Batch) -> Ratios:
    return ratio(batch.shared(_words)[:, TOP], _han(batch))


def keyword_list_ratio(batch: Batch) -> Ratios:
    return ratio(batch.shared(_phrases)[:, LISTED], _han(batch))


def phrase_list_ratio(batch: Batch) -> Ratios:
    return ratio(batch.shared(_phrases)[:, UNENDED], _han(batch))


def scattered_phrase_ratio(batch: Batch) -> Ratios:
    return ratio(_written(batch, _count_scattered), _han(batch))


def seo_term_ratio(batch: Batch) -> Ratios:
    terms = batch.shared(_seo_terms)
    return ratio(terms[:, COVERED], terms[:, UNITS])


CHINESE = Filter(
    name="chinese",
    source="Taojin; bounds measured on Chinese prose, docs/filters.md",
    metrics=(
        Metric("han_ratio", han_ratio, "share of units that are Han characters"),
        Metric("boilerplate_line_ratio", boilerplate_line_ratio, "lines such as 版权所有, 上一篇"),
        Metric("stop_character_ratio", stop_character_ratio, "share of Han among 的是了在和有不"),
        Metric(
            "symbol_ratio",
            symbol_ratio,
            "share of characters that are signs such as =<>{}%^&~|; a run of one counts once",
        ),
        Metric(
            "embedded_mark_ratio",
            embedded_mark_ratio,
            "runs of signs such as # ＊ † or ■ between two Han characters, per Han character",
        ),
        Metric("full_width_ratio", full_width_ratio, "share of characters such as １ and Ａ"),
        Metric(
            "script_mix_ratio",
            script_mix_ratio,
            "of Han that only simplified or only traditional Chinese writes, the lesser share",
        ),
        Metric(
            "unclosed_bracket_ratio",
            unclosed_bracket_ratio,
            "share of “”（）《》「」 and others whose other half is missing",
        ),
        Metric(
            "out_of_vocabulary_ratio",
            out_of_vocabulary_ratio,
            "share of Han cut as words of one character that seldom are: 统, 系, 数",
        ),
        Metric("top_word_ratio", top_word_ratio, "share of Han in the five most frequent words"),
        Metric(
            "keyword_list_ratio",
            keyword_list_ratio,
            "share of Han in ten or more phrases with only | _ , - or spaces between them",
        ),
        Metric(
            "phrase_list_ratio",
            phrase_list_ratio,
            "share of Han in 25 or more phrases of at most 12 without a sentence end between them",
        ),
        Metric(
            "scattered_phrase_ratio",
            scattered_phrase_ratio,
            "share of Han in frequent phrases that have other neighbours each time",
        ),
        Metric("seo_term_ratio", seo_term_ratio, "share of units in terms such as 最新价格, 私服"),
    ),
)


def _characters(batch: Batch) -> Matrix:
    """int64[n, 28]: characters of each class, all 0 where no Han is written."""
    classes = characters.character_classes()
    counts = kernels.count_classes(*batch.buffers, classes, characters.CLASSES)
    counts[~counts[:, characters.HAN].any(axis=1)] = 0
    return counts


def _han(batch: Batch) -> Counts:
    found: Counts = batch.shared(_characters)[:, characters.HAN].sum(axis=1)
    return found


def _visible(batch: Batch) -> Counts:
    counts = batch.shared(_characters)
    found: Counts = counts.sum(axis=1) - counts[:, characters.SPACE]
    return found


def _written(batch: Batch, count: Callable[[pl.Series], Counts]) -> Counts:
    """int64[n, ...]: what the function counts in texts with Han, 0 for the others."""
    chosen = _han(batch) > 0
    counted = count(batch.text.filter(pl.Series(chosen)))
    counts = np.zeros((chosen.size, *counted.shape[1:]), np.int64)
    counts[chosen] = counted
    return counts


def _words(batch: Batch) -> Matrix:
    """int64[n, 2], columns of `chinese_kernels.count_words`."""
    return _written(batch, _count_words)


def _count_words(texts: pl.Series) -> Matrix:
    offsets, data = string_buffers(texts)
    kinds, using = characters.character_kinds(), _dictionary()
    counts = np.zeros((len(texts), 2), np.int64)
    start = 0
    while start < len(texts):
        end = max(start + 1, int(offsets.searchsorted(offsets[start] + _PART_BYTES, "right")) - 1)
        boundaries = segment.cut(offsets[start : end + 1], data, using)
        counts[start:end] = chinese_kernels.count_words(*boundaries, data, kinds)
        start = end
    return counts


def _phrases(batch: Batch) -> Matrix:
    """int64[n, 4], columns of `chinese_kernels.count_phrases`."""
    kinds = characters.character_kinds()
    return _written(
        batch, lambda texts: chinese_kernels.count_phrases(*string_buffers(texts), kinds)
    )


def _count_scattered(texts: pl.Series) -> Counts:
    kinds = characters.character_kinds()
    return phrase_kernels.count_scattered(*string_buffers(texts), kinds)


def _seo_terms(batch: Batch) -> Matrix:
    """int64[n, 4], columns of `term_kernels.count_terms`; units are counted on the way."""
    return _written(batch, lambda texts: _seo_matcher().count(*string_buffers(texts)))


def _count_boilerplate(texts: pl.Series) -> Matrix:
    """int64[n, 2]: short lines with a phrase of boilerplate.toml, and all lines that are not blank;
    0 and 0 for texts without such a phrase, which few have.
    """
    phrases = _boilerplate()
    hits = texts.str.contains(phrases)
    line = pl.col("line").str.strip_chars()
    short = line.str.contains(phrases) & (line.str.len_chars() <= SHORT_LINE)
    counts = np.zeros((len(texts), 2), np.int64)
    counts[hits.to_numpy()] = (
        pl.DataFrame({"line": texts.filter(hits).str.split("\n")})
        .with_row_index()
        .explode("line")
        .group_by("index", maintain_order=True)
        .agg(short.sum().alias("boilerplate"), (line != "").sum().alias("lines"))
        .select("boilerplate", "lines")
        .to_numpy()
    )
    return counts


@cache
def _boilerplate() -> str:
    """A regular expression for the phrases that make a line boilerplate."""
    anywhere, first = (
        "|".join(map(re.escape, phrases)) for phrases in _lists("boilerplate").values()
    )
    return rf"(?m){anywhere}|^\s*(?:{first})[:：]"


@cache
def _seo_matcher() -> Matcher:
    return Matcher(tuple(term for terms in _lists("seo").values() for term in terms))


def _lists(name: str) -> dict[str, list[str]]:
    """The lists of one file of filters/lists."""
    text = (files("taojin.filters") / "lists" / f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {key: value for key, value in table.items() if isinstance(value, list)}


@cache
def _dictionary() -> Dictionary:
    """The dictionary with the number of each traditional character that of the simplified one."""
    plain = segment.dictionary()
    numbers = plain.numbers[characters.simplified()]
    numbers.flags.writeable = False
    return replace(plain, numbers=numbers)
