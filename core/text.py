"""Characters, units and keys: what a word, a sentence end and "the same text" mean.

A *unit* is a character of a script written without spaces (Han, kana, Thai ...) or a run of word
characters of any other script. It is what Taojin counts wherever a peer counts words, so that the
same bound means the same for Chinese and English.
"""

import re
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts written without spaces, as a regular expression class of Polars."""

UNIT = rf"[{UNSPACED}&&\w]|[\w--[{UNSPACED}]]+"
"""One unit, as a regular expression of Polars."""

SENTENCE_ENDS = ".!?。！？…；．｡؟۔।"
CLOSERS = "\"'”’»)]）】」』》〉〕"
BULLETS = "-*•●○■□▪▫‣⁃◦·※▶►➢✓"

WORD, UNSPACED_CHARACTER, LETTER, SPACE, END, CLOSER, BULLET, WIDE = (1 << bit for bit in range(8))
"""Bits of `character_classes`."""

_CLASSES = {
    WORD: r"\w",
    UNSPACED_CHARACTER: rf"[{UNSPACED}]",
    LETTER: r"\p{Alphabetic}",
    SPACE: r"\s",
    END: f"[{re.escape(SENTENCE_ENDS)}]",
    CLOSER: f"[{re.escape(CLOSERS)}]",
    BULLET: f"[{re.escape(BULLETS)}]",
    WIDE: r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\u3000-\u303f\uff01-\uff60]",
}


ASSIGNED = (range(0xD800), range(0xE000, 0x40000), range(0xE0000, 0xE1000))
"""Where characters are: the planes between hold none, those behind are of private use."""


@cache
def character_classes() -> NDArray[np.uint8]:
    """uint8[0x110000]: the class bits of every code point, read-only.

    Made by the regular expressions that Polars itself uses, so that kernels and expressions agree.
    """
    codes = [code for part in ASSIGNED for code in part]
    characters = pl.Series([chr(code) for code in codes])
    classes = np.zeros(0x110000, np.uint8)
    for bit, pattern in _CLASSES.items():
        classes[codes] |= characters.str.contains(pattern).to_numpy() * np.uint8(bit)
    classes.flags.writeable = False
    return classes


def unit_count(text: pl.Expr) -> pl.Expr:
    """UInt32: units in each text."""
    return text.str.count_matches(UNIT)


def normalised(text: pl.Expr) -> pl.Expr:
    """The key of a text: NFKC, lower case, each run of white space one space, ends stripped.

    For comparing only, never for output. Normalising a key again changes nothing.
    """
    folded = text.str.normalize("NFKC").str.to_lowercase().str.normalize("NFKC")
    return folded.str.replace_all(r"\s+", " ").str.strip_chars()


def folded(characters: pl.Series) -> pl.Series:
    """Each text taken apart (NFKD) in small letters, both forms of the small sigma one."""
    apart = characters.str.normalize("NFKD").str.to_lowercase().str.normalize("NFKD")
    return apart.str.replace_all("ς", "σ")
