"""Characters that count as the same: full-width forms, spaces and dashes as their ASCII twins.

Every replacement is one code point for one, so an offset in the normalised text is an offset in
the original.
"""

import polars as pl

_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys(["\u00a0", *map(chr, range(0x2000, 0x200B)), "\u202f", "\u3000"], " ")
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63", "-")
_MATHEMATICAL = {chr(0x1D7CE + at): str(at % 10) for at in range(50)}
TWINS = {**_FULL_WIDTH, **_SPACES, **_DASHES, **_MATHEMATICAL}
"""Character to its ASCII twin."""

DIGIT = "[0-9０-９]"
LETTER = "[A-Za-zＡ-Ｚａ-ｚ]"
SPACE = r"[ \u{a0}\u{2000}-\u{200a}\u{202f}\u{3000}]"
GAP = r"[ \-\u{a0}\u{2000}-\u{200a}\u{202f}\u{3000}\u{2010}-\u{2015}\u{2212}\u{fe63}－]"
STYLED = r"[\x{1d7ce}-\x{1d7ff}]"
"""Rust regex classes for prefilters, which see the text before it is normalised.

Digits of mathematics hide telephone numbers, and are looked for in no other kind.
"""

UNSEEN = "[\u00ad\u200b-\u200f\u20e3\u2060\ufe0f\ufeff]"
"""Characters that nobody sees: soft hyphens, those of no width, what draws keys around digits.

Up to some ten of them are found as literals, at 24 GB/s; twice as many cost forty times as much.
"""
DIRECTIONS = "[\u202a-\u202e\u2066-\u2069]"
"""Marks of the direction of writing, unseen as well: telephones copy them with numbers."""


def normalise(texts: pl.Series) -> pl.Series:
    """The texts with each character of TWINS replaced; lengths in code points stay the same."""
    return texts.str.replace_many(list(TWINS), list(TWINS.values()))
