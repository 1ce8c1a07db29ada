"""What a character is compared as where evaluation items are searched for: one table.

A character stands for its compatibility decomposition in lower case, Han for its simplified form
(OpenCC's t2s). Unlike NFKC of a text it depends on the character alone, so that a place in what is
compared is a place in the text itself, and the search needs no pass that normalises.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.text import ASSIGNED, UNSPACED, folded

WORD, ALONE, MARK, NOTHING, MANY, BREAK, SOFT_BREAK, LABEL, OPEN, CLOSE = (
    1 << bit for bit in range(21, 31)
)
"""Flags above the 21 bits of a code point.

WORD: it belongs to a unit (`core.text`); ALONE: it is one by itself; MARK: it belongs to what it
stands on. NOTHING: it is as if it were not there. MANY: the low bits are a place in `rest`.
BREAK: what follows stands by itself; SOFT_BREAK: so it does unless a word character follows at
once; LABEL: so it does behind the first unit of a line, as in "1、"; OPEN, CLOSE: so it does behind
brackets around nothing.
"""

_PLACES = {
    BREAK: "\n\r\v\f\x85\u2028\u2029\t|。！？…；：｡．؟۔।",
    SOFT_BREAK: ".!?;:_",  # of 3.5 and snake_case none; a blank to fill, ____, is one
    LABEL: "、)）",
    OPEN: "(（[【",
    CLOSE: ")）]】",
}


@dataclass(frozen=True)
class Folding:
    """`table`: uint32[0x110000], what each code point is compared as, with its flags.

    Where that is no single character, `rest` has their number at the place that the low bits say,
    and then them.
    """

    table: NDArray[np.uint32]
    rest: NDArray[np.uint32]


@cache
def folding() -> Folding:
    """The folding of all characters, read-only."""
    codes = np.array([code for part in ASSIGNED for code in part])
    characters = pl.Series([chr(code) for code in codes])
    words, table = np.zeros(0x110000, np.uint32), np.arange(0x110000, dtype=np.uint32)
    words[codes] = _words(characters)
    table |= words
    rest = [0]
    for character, form in _changed(characters):
        parts = [ord(one) | int(words[ord(one)]) for one in form]
        if len(parts) == 1:
            table[ord(character)] = parts[0]
        else:
            table[ord(character)] = MANY | len(rest)
            rest += [len(parts), *parts]
    for flag, some in _PLACES.items():
        table[[ord(one) for one in some]] |= np.uint32(flag)
    found = Folding(table, np.array(rest, np.uint32))
    found.table.flags.writeable = found.rest.flags.writeable = False
    return found


def _words(characters: pl.Series) -> NDArray[np.uint32]:
    """The flags that say what of a unit each character is."""
    nothing = characters.str.contains(r"\p{Cf}|\p{Variation_Selector}").to_numpy()
    word = characters.str.contains(r"[\w--_]").to_numpy() & ~nothing
    alone = word & characters.str.contains(f"[{UNSPACED}]").to_numpy()
    mark = word & ~alone & characters.str.contains(r"\p{M}").to_numpy()
    flags = ((word, WORD), (alone, ALONE), (mark, MARK), (nothing, NOTHING))
    return np.sum([have * np.uint32(flag) for have, flag in flags], axis=0, dtype=np.uint32)


def _changed(characters: pl.Series) -> Iterable[tuple[str, str]]:
    """The characters that are compared as something else, mostly one character, and that."""
    import opencc

    small = folded(characters)
    han = small.str.contains(r"^\p{Han}$")
    simple = opencc.OpenCC("t2s").convert("\n".join(small.filter(han))).split("\n")
    small = small.scatter(han.arg_true(), simple)
    changed = small != characters
    return zip(characters.filter(changed), small.filter(changed), strict=True)
