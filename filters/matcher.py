"""Which entries of a list a text holds, in whatever case, width or Chinese script it writes them.

Both sides are folded character by character: NFKC, small letters, traditional Han as simplified,
hyphens and underscores as spaces. A character that NFKC writes as several (ﬁ, ㈱) stays itself.
Zero-width characters and loose accents inside an entry are skipped.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.text import SPACE, UNSPACED, UNSPACED_CHARACTER, WORD, character_classes
from taojin.filters import term_kernels as kernels
from taojin.filters.term_kernels import Matrix, Trie

WORDS = rf"[\p{{L}}\p{{M}}\p{{N}}--[{UNSPACED}\p{{Hangul}}]]"
"""Letters and digits of scripts that put spaces between words: an entry that ends with one does so
at the end of a word, while a Han character may follow or precede it."""

LETTERS = r"[\p{L}\p{M}]"
"""All letters: an entry stands alone between digits, signs and spaces."""

_SYMBOLS = "*^~#+@&%$=￥※☆★○●◇◆□■♥♡丶丨"
_LOOSE = " \t\u00a0\u3000-_.·•|/\\"
_IGNORED = (
    (0xAD, 0xAD), (0x300, 0x36F), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x2064), (0x20D0, 0x20F0), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
)  # fmt: skip


@dataclass(frozen=True)
class Matcher:
    """Entries, and longer allowed words inside which they do not count.

    `joined` is the class of characters on which an entry must not run on, as a regular expression
    of Polars; without one entries are found inside words too. With `gaps` the Han characters of an
    entry may be set apart: 赌*博, and 赌 博 where that is not merely the space between two words.
    Entries that fold to nothing are never found.
    """

    entries: tuple[str, ...]
    allowed: tuple[str, ...] = ()
    joined: str | None = WORDS
    gaps: bool = False

    def count(self, offsets: Offsets, data: Bytes) -> Matrix:
        """int64[n, 4], columns of `kernels.count_terms`, from the buffers of a text column."""
        return kernels.count_terms(offsets, data, *self._tables, len(self.entries), self.gaps)

    def find(self, offsets: Offsets, data: Bytes) -> Matrix:
        """int64[m, 4], columns of `kernels.find_terms`."""
        return kernels.find_terms(offsets, data, *self._tables, len(self.entries), self.gaps)

    @cached_property
    def _tables(self) -> tuple[NDArray[np.int32], Bytes, Trie]:
        entries, allowed = folded(self.entries), set(folded(self.allowed)) - {""}
        texts = ["" if entry in allowed else entry for entry in entries] + sorted(allowed)
        offsets = np.cumsum([0, *map(len, texts)])
        codes = _codes("".join(texts))
        kinds = _kinds(self.joined, codes[offsets[:-1][np.diff(offsets) > 0]])
        return _folds(), kinds, kernels.plant(offsets, codes, kinds)


def folded(texts: Sequence[str]) -> list[str]:
    """Each text as entries are compared: folded, each run of spaces one, ends stripped."""
    composed = [unicodedata.normalize("NFC", text) for text in texts]
    codes = _folds()[_codes("".join(composed))]
    kept = _fixed_kinds(None)[codes] & kernels.IGNORED == 0
    ends = np.append(0, np.cumsum(kept))[np.cumsum([0, *map(len, composed)])]
    whole = codes[kept].astype("<u4").tobytes().decode("utf-32-le")
    found = (whole[start:end] for start, end in pairwise(ends.tolist()))
    return [" ".join(part for part in text.split(" ") if part) for text in found]


def _codes(text: str) -> NDArray[np.int32]:
    """int32[n]: the code points of a text; a lone surrogate reads as a question mark."""
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.int32)


def _kinds(joined: str | None, starts: NDArray[np.int32]) -> Bytes:
    """uint8[0x110000]: what each character is, and whether it folds to one of these starts."""
    kinds = _fixed_kinds(joined).copy()
    kinds[np.isin(_folds(), starts) & (kinds & kernels.IGNORED == 0)] |= kernels.START
    kinds.flags.writeable = False
    return kinds


@cache
def _fixed_kinds(joined: str | None) -> Bytes:
    """The kinds that do not depend on the entries; what joins on is asked of the folded one."""
    classes = character_classes()
    kinds = np.zeros(0x110000, np.uint8)
    kinds[classes & WORD != 0] |= kernels.WORD
    kinds[classes & UNSPACED_CHARACTER != 0] |= kernels.UNSPACED
    kinds[_members(r"\p{Han}")] |= kernels.HAN
    kinds[[ord(character) for character in _SYMBOLS]] |= kernels.SYMBOL
    kinds[[ord(character) for character in _LOOSE]] |= kernels.LOOSE
    for first, last in _IGNORED:
        kinds[first : last + 1] |= kernels.IGNORED
    if joined is not None:
        kinds[_members(joined)[_folds()]] |= kernels.JOINED
    kinds.flags.writeable = False
    return kinds


@cache
def _members(pattern: str) -> NDArray[np.bool_]:
    """bool[0x110000]: the characters that a regular expression of Polars matches."""
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    members = np.zeros(0x110000, np.bool_)
    members[codes] = pl.Series(map(chr, codes)).str.contains(pattern).to_numpy()
    return members


@cache
def _folds() -> NDArray[np.int32]:
    """int32[0x110000]: the character that stands for each in comparisons, which stands for itself.

    Traditional characters become simplified ones by OpenCC, one by one.
    """
    import opencc

    codes = np.array([code for code in range(0x30000) if not 0xD800 <= code < 0xE000])
    plain = pl.Series(map(chr, codes))
    small = plain.str.normalize("NFKC").str.to_lowercase().str.normalize("NFKC")
    single = small.zip_with(small.str.len_chars() == 1, plain)
    han = single.str.contains(r"\p{Han}").to_numpy()
    simplified = opencc.OpenCC("t2s").convert("\n".join(single.filter(han))).split("\n")
    folds = np.arange(0x110000, dtype=np.int32)
    folds[codes] = [ord(character) for character in single]
    folds[codes[han]] = [ord(character) for character in simplified]
    folds[character_classes() & SPACE != 0] = kernels.SPACE
    folds[[ord(character) for character in "-_‐‑"]] = kernels.SPACE
    folds = folds[folds]
    folds.flags.writeable = False
    return folds
