"""Folding: a text as it is compared, and where each of its characters was."""

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

_DROPPED = "PZC"
"""Categories of Unicode that no comparison sees: punctuation, white space, controls."""


@lru_cache(maxsize=1 << 16)
def folded_character(character: str) -> str:
    """Its compatibility decomposition in small letters; nothing for punctuation and white space."""
    apart = unicodedata.normalize("NFKD", character).lower()
    return "".join(one for one in apart if unicodedata.category(one)[0] not in _DROPPED)


def folded(text: str) -> str:
    """A text without case, width, white space and punctuation.

    >>> folded("Ｔｉ DB，") == folded("tidb")
    True
    """
    return "".join(map(folded_character, text))


@dataclass(frozen=True)
class Folded:
    """A text that many things are looked for in."""

    text: str

    @cached_property
    def _parts(self) -> list[str]:
        return [folded_character(character) for character in self.text]

    @cached_property
    def characters(self) -> str:
        """The folded text."""
        return "".join(self._parts)

    @cached_property
    def places(self) -> list[int]:
        """For each folded character the code point of the text that it comes from."""
        return [at for at, part in enumerate(self._parts) for _ in part]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The code points of the text that hold these folded characters, one at least."""
        return self.places[start], self.places[end - 1] + 1
