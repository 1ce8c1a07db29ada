"""The key of a text: what is compared where case, width and white space make no difference.

NFKC, lower case, each run of white space one space, ends stripped; for comparing only, never for
output. A kernel with a table of all code points makes it at 20 times the speed of the library's
expression (`core.text.normalised`), which still makes the keys of texts where characters depend on
each other: combining marks, Hangul in parts, a capital sigma.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets, string_buffers, strings
from taojin.core.normal_kernels import DEPENDS, EXPANDS, normalise
from taojin.core.text import SPACE, character_classes, normalised

_CHANGING = (
    range(0xD800),
    range(0xE000, 0x20000),
    range(0x2F800, 0x2FA20),
    range(0xE0000, 0xE1000),
)
"""Where characters are that normalising changes; a test looks at all others too."""

_COMPOSE_AS_LETTERS = (*range(0x1100, 0x1200), *range(0x16D40, 0x16D80))
"""Hangul in parts and Kirat Rai, whose letters compose with the ones before them."""
_CAPITAL_SIGMA = "Σ"  # its small letter is another at the end of a word


def keys(texts: pl.Series, *, simplified: bool = False) -> pl.Series:
    """The key of each text, under the same name; the key of a key is itself.

    `simplified`: traditional Chinese characters become the simplified ones that OpenCC has for
    them, so that the two spellings of a text share a key.
    """
    return strings(texts.name, *key_buffers(texts, simplified=simplified))


def key_buffers(texts: pl.Series, *, simplified: bool = False) -> tuple[Offsets, Bytes]:
    """(offsets int64[n + 1], UTF-8 bytes) of the keys, for a kernel."""
    offsets, data, unfinished = _normalise(texts, simplified=simplified)
    if not unfinished.any():
        return offsets, data
    rows = pl.Series(np.flatnonzero(unfinished))
    by_line = _by_line(texts.gather(rows), simplified=simplified)
    return string_buffers(strings(texts.name, offsets, data).scatter(rows, by_line))


def _normalise(texts: pl.Series, *, simplified: bool) -> tuple[Offsets, Bytes, NDArray[np.bool_]]:
    table = _table(simplified=simplified)
    return normalise(*string_buffers(texts), table.codes, table.starts, table.expansions)


def _by_line(texts: pl.Series, *, simplified: bool) -> pl.Series:
    """The keys of texts that the kernel does not finish; nothing depends on another line."""
    rows = pl.DataFrame({"line": texts.fill_null("").str.split("\n")}).with_row_index("row")
    lines = rows.explode("line")
    offsets, data, unfinished = _normalise(lines["line"], simplified=simplified)
    left = pl.Series(np.flatnonzero(unfinished))
    slow = pl.select(normalised(pl.lit(lines["line"].gather(left)))).to_series()
    found = strings("key", offsets, data).scatter(left, _simplify(slow) if simplified else slow)
    joined = lines.with_columns(found).filter(pl.col("key") != "").group_by("row")
    keyed = rows.join(joined.agg(pl.col("key").str.join(" ")), on="row", how="left")
    return keyed.sort("row")["key"].fill_null("")


@dataclass(frozen=True)
class _Table:
    """What each code point becomes, as the kernel reads it."""

    codes: NDArray[np.uint32]
    starts: Offsets
    expansions: NDArray[np.uint32]


@cache
def _table(*, simplified: bool) -> _Table:
    codes = np.arange(0x110000, dtype=np.uint32)
    known = [code for part in _CHANGING for code in part]
    becomes = _becomes([chr(code) for code in known])
    spaces = (character_classes() & SPACE) != 0
    several: list[str] = []
    for code, text in zip(known, becomes, strict=True):
        if len(text) == 1:
            codes[code] = ord(text)
        else:
            codes[code] = int(EXPANDS) + len(several)
            several.append(text)
    expansions = np.array([ord(one) for text in several for one in text], np.uint32)
    expansions[spaces[expansions]] = ord(" ")
    single = codes < EXPANDS
    codes[single] = np.where(spaces[codes[single]], ord(" "), codes[single])
    starts = np.concatenate(([0], np.cumsum([len(text) for text in several])))
    if simplified:
        simple = _simple_characters()
        codes[single], expansions = simple[codes[single]], simple[expansions]
    codes[_dependent(becomes, known)] = DEPENDS
    for array in (codes, starts, expansions):
        array.flags.writeable = False
    return _Table(codes, starts, expansions)


def _becomes(characters: Sequence[str]) -> list[str]:
    """Each character as the library normalises it, white space left as it is."""
    folded = pl.col("text").str.normalize("NFKC").str.to_lowercase().str.normalize("NFKC")
    return pl.DataFrame({"text": characters}).select(folded).to_series().to_list()


def _dependent(becomes: Sequence[str], known: Sequence[int]) -> NDArray[np.int64]:
    """The code points that hold, or become, a mark or a letter that composes or reorders."""
    dependent = _reordered() | {chr(code) for code in _COMPOSE_AS_LETTERS}
    found = [
        code
        for code, text in zip(known, becomes, strict=True)
        if chr(code) in dependent
        or not dependent.isdisjoint(text)
        or _CAPITAL_SIGMA in unicodedata.normalize("NFKC", chr(code))
    ]
    return np.array(found, np.int64)


def _reordered() -> set[str]:
    """The marks that composition or canonical order may move or take away.

    Those that Polars knows and Python does not, being of a later Unicode, are taken for such.
    """
    every = [chr(code) for part in _CHANGING for code in part]
    marks = pl.Series(every).filter(pl.Series(every).str.contains(r"\p{M}")).to_list()
    seconds = {other for one in every for other in unicodedata.normalize("NFD", one)[1:]}
    return {
        mark
        for mark in marks
        if unicodedata.combining(mark) or mark in seconds or unicodedata.category(mark) == "Cn"
    }


@cache
def _simple_characters() -> NDArray[np.uint32]:
    """uint32[0x110000]: the simplified character of each traditional one, others themselves."""
    from opencc import OpenCC

    simple = np.arange(0x110000, dtype=np.uint32)
    han = np.array([*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x32000)])
    lines = OpenCC("t2s").convert("\n".join(map(chr, han))).split("\n")
    simple[han] = [ord(line) for line in lines]
    return simple


def _simplify(keys: pl.Series) -> pl.Series:
    simple = _simple_characters()
    return pl.Series(
        ["".join(chr(simple[ord(one)]) for one in key) for key in keys], dtype=pl.String
    )
