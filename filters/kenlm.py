"""A KenLM file as the language model, scored as CCNet does (Wenzek et al. 2020, section 3.2).

The text is normalised as CCNet's models were trained: small letters, no accents, every digit 0,
marks in ASCII. A SentencePiece model beside the file (`zh.sp.model` beside `zh.arpa.bin`) cuts it
into pieces; without one it is cut into units. Each line is a sentence of its own: CCNet takes line
ends out, and so joins the words around them.

The package is LGPL and optional: `pip install 'taojin[kenlm]'` builds it from source. Python calls
it word by word, at about 2 MB/s.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.errors import UserError
from taojin.core.text import UNSPACED_CHARACTER, WORD, character_classes

MARKS = str.maketrans(
    {
        **dict.fromkeys("„”“«»」「《》", '"'),
        **dict.fromkeys("´’", "'"),
        **dict.fromkeys("–━►", "-"),
        **dict(zip("，。、∶：？！（）；～〈〉【】％", ",.,::?!();~<>[]%", strict=True)),
        "—": " - ",
        "．": ". ",
        "…": "...",
    }
)
_DIGIT = re.compile(r"\d")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BITS = log2(10)


@dataclass(frozen=True)
class Model:
    """A KenLM model and how text is cut for it."""

    model: Any
    pieces: Callable[[str], list[str]]
    characters: int
    alone: dict[str, float] = field(default_factory=dict)

    def scores(self, texts: pl.Series) -> NDArray[np.float64]:
        """float64[n, 3], per piece: bits, bits that context saves, share of pieces in the model.

        The end of a sentence counts as a piece, as in CCNet's perplexity. Rows of a text without
        pieces are 0.
        """
        found = np.zeros((len(texts), 3))
        for row, text in enumerate(texts.str.slice(0, self.characters)):
            pieces = [piece for line in (text or "").split("\n") for piece in self._line(line)]
            if pieces:
                found[row] = np.mean(pieces, axis=0)
        return found

    def _line(self, line: str) -> Iterator[tuple[float, float, float]]:
        words = " ".join(self.pieces(normalised(line))).split()
        if not words:
            return
        scored = self.model.full_scores(" ".join(words))
        for word, (score, _, unknown) in zip([*words, "</s>"], scored, strict=True):
            gain = score - self._alone("<unk>" if unknown else word)
            yield -score * _BITS, gain * _BITS, float(not unknown)

    def _alone(self, word: str) -> float:
        """The logarithm of a word's probability without context."""
        if word not in self.alone:
            import kenlm

            before, after = kenlm.State(), kenlm.State()
            self.model.NullContextWrite(before)
            self.alone[word] = self.model.BaseScore(before, word, after)
        return self.alone[word]


def load(path: Path, characters: int) -> Model:
    """The model in a KenLM or ARPA file, which reads that many characters of a document.

    UserError without the package, or if the file is none.
    """
    try:
        import kenlm
    except ImportError:
        raise UserError(
            f"perplexity: '{path}' is no model that Taojin trained, and a KenLM file needs the "
            "package kenlm; try pip install 'taojin[kenlm]'"
        ) from None
    try:
        return Model(kenlm.Model(str(path)), _cutter(path), characters)
    except (OSError, RuntimeError):
        raise UserError(
            f"perplexity: '{path}' is neither a model that Taojin trained nor a KenLM file"
        ) from None


def normalised(line: str) -> str:
    """One line as CCNet's models expect it."""
    plain = unicodedata.normalize("NFD", line.strip().lower())
    plain = "".join(character for character in plain if unicodedata.category(character) != "Mn")
    return _CONTROL.sub("", _DIGIT.sub("0", plain).translate(MARKS))


def _cutter(path: Path) -> Callable[[str], list[str]]:
    """SentencePiece with the model beside a KenLM file, or units."""
    language = path.name.split(".")[0]
    for name in (f"{language}.sp.model", f"{language}.model"):
        if path.with_name(name).is_file():
            return _sentencepiece(path.with_name(name))
    return _units


def _sentencepiece(path: Path) -> Callable[[str], list[str]]:
    from sentencepiece import SentencePieceProcessor

    try:
        return SentencePieceProcessor(model_file=str(path)).encode_as_pieces
    except (OSError, RuntimeError):
        raise UserError(f"perplexity: '{path}' is no SentencePiece model; remove it") from None


def _units(line: str) -> list[str]:
    """The units of a line, every mark one of them."""
    classes = _classes()
    return "".join(
        character if classes[ord(character)] else f" {character} " for character in line
    ).split()


@cache
def _classes() -> bytes:
    """Whether a character goes on a word, for each code point."""
    return ((character_classes() & (WORD | UNSPACED_CHARACTER)) == WORD).tobytes()
