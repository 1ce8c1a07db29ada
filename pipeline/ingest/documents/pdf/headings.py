"""Headings of a PDF: short lines in letters clearly larger than those of the text."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from taojin.pipeline.ingest.documents.paragraphs import width
from taojin.pipeline.ingest.documents.pdf.lines import Line

_LARGER = 1.15
_ALIKE = 1.06  # sizes this close are one
_DEEPEST = 3
_MOST_SHARE = 0.25
_MOST_WIDTH = 120
_SENTENCE_ENDS = tuple("。，；,;")

Levels = Mapping[float, int]
"""By rounded size of the letters: the level of a heading."""


def levels(pages: Iterable[Sequence[Line]]) -> Levels:
    """The sizes of headings: larger than the one that most of the text has, and rare together."""
    characters: Counter[float] = Counter()
    for page in pages:
        for line in page:
            characters[_rounded(line.size)] += len(line.text)
    if not characters:
        return {}
    body = max(characters, key=lambda size: (characters[size], -size))
    large = sorted((size for size in characters if size > body * _LARGER), reverse=True)
    if sum(characters[size] for size in large) > _MOST_SHARE * characters.total():
        return {}
    return _ranked(large)


def _ranked(sizes: Sequence[float]) -> Levels:
    """Levels from the largest size on; sizes that are nearly the same share one."""
    found: dict[float, int] = {}
    level, first = 0, float("inf")
    for size in sizes:
        if size * _ALIKE < first:
            level, first = level + 1, size
        found[size] = min(level, _DEEPEST)
    return found


def level_of(row: Sequence[Line], known: Levels) -> int:
    """The level of the heading that these pieces of one line are, 0 for other lines."""
    found = {known.get(_rounded(line.size), 0) for line in row if not line.turn}
    level = found.pop() if len(found) == 1 else 0
    return level if level and _is_title(" ".join(line.text for line in row)) else 0


def _is_title(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return letters >= 2 and width(text) <= _MOST_WIDTH and not text.endswith(_SENTENCE_ENDS)


def _rounded(size: float) -> float:
    return round(size, 1)
