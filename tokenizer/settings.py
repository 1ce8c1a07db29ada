"""What a tokenizer is asked to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from taojin.core.errors import UserError
from taojin.tokenizer import special

Model = Literal["bpe", "unigram", "character"]
Han = Literal["free", "words", "bounded"]


@dataclass(frozen=True)
class Settings:
    """How a tokenizer is trained. UserError for symbols that no text could hold."""

    model: Model = "bpe"
    han: Han = "free"
    """What a piece holds of a run of Han characters: any stretch, one word, a few characters."""
    han_characters: int = 4
    """The longest run of Han characters in a piece, where `han` is "bounded"."""
    symbols: Sequence[str] = ()
    """Texts that are one token wherever they stand."""
    special: Sequence[str] = ()
    """Tokens that no text can produce, beside those of the chat template."""
    deduplicate: bool = False
    """Whether a longer line is learnt from once, however often it stands in the texts."""

    def __post_init__(self) -> None:
        given = [*special.ALL, *self.special, *self.symbols]
        for text in given:
            if given.count(text) > 1:
                raise UserError(
                    f"tokenizer: '{text}' is given twice, or is a special token already"
                )
        for text in (*self.special, *self.symbols):
            if not text or any(c.isspace() or c in "\u2581\u2585\0" for c in text):
                raise UserError(
                    f"tokenizer: {text!r} can be no token of its own; "
                    "give a text without white space, U+2581, U+2585 and NUL"
                )
            if special.BYTE.fullmatch(text):
                raise UserError(f"tokenizer: '{text}' names a byte; choose another text")
