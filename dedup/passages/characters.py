"""What each character is to a passage: its folded form and what it does to units and sentences.

Two texts have the same units if they differ in case, width, composition (NFKC), punctuation and
white space alone. A kernel reads one number for each character: the low 21 bits are the character
that stands for it, the others its classes. The few characters that stand for several (a ligature, a
letter with an accent, which is taken apart) have the place of their list instead.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.text import (
    ASSIGNED,
    CLOSER,
    END,
    SPACE,
    UNSPACED_CHARACTER,
    WORD,
    character_classes,
    folded,
)

Table = NDArray[np.uint32]

CODE = (1 << 21) - 1
"""The bits that hold the character, or the place in `Folds.starts`."""
SEVERAL, IS_WORD, IS_UNSPACED, IS_SPACE, IS_END, IS_CLOSER, IS_MARK, IS_INVISIBLE = (
    1 << bit for bit in range(21, 29)
)

_BITS = {
    WORD: IS_WORD,
    UNSPACED_CHARACTER: IS_UNSPACED,
    SPACE: IS_SPACE,
    END: IS_END,
    CLOSER: IS_CLOSER,
}
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff" + "".join(map(chr, range(0xFE00, 0xFE10)))
"""What changes how a word looks, or where it is broken, and not which word it is."""

ABBREVIATIONS = (
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "gen", "col", "capt", "sgt", "lt", "rev",
    "hon", "gov", "sen", "rep", "pres", "vs", "etc", "cf", "al", "fig", "figs", "eq", "eqs", "no",
    "nos", "vol", "pp", "ed", "eds", "approx", "dept", "est", "inc", "ltd", "corp", "co", "bros",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon",
    "tue", "wed", "thu", "fri", "sat", "sun", "ph", "ch", "sec", "art", "min", "max",
)  # fmt: skip
"""Words whose full stop ends no sentence, in small letters."""


class Folds(NamedTuple):
    """`folds` uint32[0x110000]; list i of several is `codes[starts[i]:starts[i + 1]]`."""

    folds: Table
    starts: NDArray[np.int32]
    codes: Table


@cache
def tables() -> Folds:
    """The folded form and the classes of every code point, read-only."""
    points = np.array([code for part in ASSIGNED for code in part])
    characters = pl.Series([chr(code) for code in points])
    forms = folded(characters)
    folds = np.arange(0x110000, dtype=np.uint32)  # what is not assigned is what it is
    one = (forms.str.len_chars() == 1).to_numpy()
    folds[points[one]] = [ord(form) for form in forms.filter(pl.Series(one))]
    lists = [list(map(ord, form)) for form in forms.filter(pl.Series(~one))]
    folds[points[~one]] = np.arange(len(lists), dtype=np.uint32) | np.uint32(SEVERAL)
    folds[points] |= _classes(points, characters)
    starts = np.concatenate([[0], np.cumsum([len(codes) for codes in lists])]).astype(np.int32)
    table = Folds(folds, starts, np.concatenate(lists).astype(np.uint32))
    for array in table:
        array.flags.writeable = False
    return table


def _classes(points: NDArray[np.int64], characters: pl.Series) -> NDArray[np.uint32]:
    """The class bits; a compatibility character is what it stands for: ① is a word, as 1 is."""
    known = character_classes()
    classes = known[points]
    whole = characters.str.normalize("NFKC")
    for at in (whole != characters).arg_true().to_list():
        standing = known[[ord(one) for one in whole[at]]]
        classes[at] |= np.bitwise_or.reduce(standing) & (WORD | UNSPACED_CHARACTER)
    bits = np.zeros(points.size, np.uint32)
    for bit, own in _BITS.items():
        bits[classes & bit != 0] |= np.uint32(own)
    bits[characters.str.contains(r"^\p{M}").to_numpy()] |= np.uint32(IS_MARK)
    bits[np.isin(points, [ord(one) for one in _INVISIBLE])] |= np.uint32(IS_INVISIBLE)
    return bits
