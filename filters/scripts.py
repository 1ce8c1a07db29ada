"""The language of a text by its script: kana, Hangul, Thai and others need no model.

Han without kana is Chinese, and zh-Hans or zh-Hant by the characters that only one of them writes.
"""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.filters.batch import Ratios, ratio
from taojin.filters.kernels import count_classes

SCRIPTS = {
    "ja": r"[\p{Hiragana}\p{Katakana}]", "ko": r"\p{Hangul}", "th": r"\p{Thai}",
    "lo": r"\p{Lao}", "km": r"\p{Khmer}", "my": r"\p{Myanmar}", "ka": r"\p{Georgian}",
    "hy": r"\p{Armenian}", "ta": r"\p{Tamil}", "te": r"\p{Telugu}", "ml": r"\p{Malayalam}",
    "kn": r"\p{Kannada}", "gu": r"\p{Gujarati}", "si": r"\p{Sinhala}", "bn": r"\p{Bengali}",
    "he": r"\p{Hebrew}", "pa": r"\p{Gurmukhi}",
}  # fmt: skip
"""Languages told by their script alone."""

CHINESE = ("zh-Hans", "zh-Hant")

_LETTER_WEIGHT = 5
"""A Han character says about as much as five Latin letters: Chinese prose about code stays zh."""
_KANA_SHARE = 0.05
"""Japanese prose is a third to a half kana; Chinese pages quote a few."""


def by_script(offsets: Offsets, data: Bytes) -> tuple[NDArray[np.object_], Ratios]:
    """(language, share) of each text: the language of the script that has the greatest share of its
    letters, and that share; `und` without letters, empty where no script has more than half.
    """
    counts = count_classes(offsets, data, _script_classes(), 5 + len(SCRIPTS))
    other, han, simplified, traditional = counts[:, 1:5].T
    scripts = dict(zip(SCRIPTS, counts[:, 5:].T, strict=True))
    han = han + simplified + traditional
    letters = other + han + counts[:, 5:].sum(axis=1)
    shares = {code: _share(own, letters) for code, own in scripts.items()}
    kana = scripts["ja"]
    chinese = kana < _KANA_SHARE * (han + kana)
    shares["ja"] = np.where(chinese, 0.0, _share(kana + han, letters))
    shares["zh"] = np.where(chinese, _share(han, letters), 0.0)
    greatest = np.stack(list(shares.values()))
    codes = np.array(list(shares), dtype=object)[greatest.argmax(axis=0)]
    hant = np.where(traditional > simplified, CHINESE[1], CHINESE[0])
    lang = np.where(codes == "zh", hant, codes)
    share = greatest.max(axis=0)
    lang[share <= 0.5] = ""
    lang[letters == 0] = "und"
    return lang, share


def _share(own: NDArray[np.int64], letters: NDArray[np.int64]) -> Ratios:
    """The share of one script among letters, each weighing what it says."""
    return ratio(own * _LETTER_WEIGHT, own * _LETTER_WEIGHT + letters - own)


@cache
def _script_classes() -> NDArray[np.uint8]:
    """uint8[0x110000]: 0 no letter, 1 a letter of another script, 2 Han, 3 Han of zh-Hans only,
    4 of zh-Hant only (by OpenCC), 5 and on the scripts of SCRIPTS in their order.
    """
    import opencc

    to_traditional, to_simplified = opencc.OpenCC("s2t"), opencc.OpenCC("t2s")
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    characters = pl.Series([chr(code) for code in codes])
    found = characters.str.contains(r"\p{Alphabetic}").to_numpy().astype(np.uint8)
    for number, script in enumerate((r"\p{Han}", *SCRIPTS.values())):
        found[characters.str.contains(script).to_numpy()] = number + 4 if number else 2
    classes = np.zeros(0x110000, np.uint8)
    classes[codes] = found
    for code in range(0x4E00, 0xA000):
        moves = [way.convert(chr(code)) != chr(code) for way in (to_traditional, to_simplified)]
        if moves[0] != moves[1]:
            classes[code] = 3 if moves[0] else 4
    classes.flags.writeable = False
    return classes
