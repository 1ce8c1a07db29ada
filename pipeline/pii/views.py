"""The views of a line in which values are looked for: as it stands, and without what hides them.

Characters that nobody sees are put into addresses to hide them, and between numbers to part them:
a line that has any is searched with and without them. In the name of a file a number's neighbours
are `_` and a suffix, which in a text would make it a part of an identifier.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from taojin.pipeline.pii.characters import UNSEEN
from taojin.pipeline.pii.detector import Span

_UNSEEN = re.compile(UNSEEN)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
_SEPARATOR = re.compile(r"_|(?<=[0-9])\.(?=[A-Za-z])|\.(?=[A-Za-z][0-9A-Za-z]{0,7}(?:/|$))")
_BOUNDARY = "|"  # no value holds one, and no guard minds it


@dataclass(frozen=True, slots=True)
class View:
    """A text that is searched, and where its characters stand in the line, None if at the same."""

    text: str
    places: Sequence[int] | None = None

    def in_line(self, span: Span) -> Span:
        """The characters of the line from the span's first to its last."""
        if self.places is None:
            return span
        return self.places[span[0]], self.places[span[1] - 1] + 1


Views = Callable[[Sequence[str]], list[tuple[int, View]]]
"""The views of each of some lines, with the line's index."""


def of_texts(lines: Sequence[str]) -> list[tuple[int, View]]:
    """Each line, and each without its unseen characters if it has any."""
    views = [(index, View(line)) for index, line in enumerate(lines)]
    if _UNSEEN.search("\n".join(lines)) is None:
        return views
    return [one for index, view in views for one in ((index, view), *_bare(index, view.text))]


def _bare(index: int, line: str) -> Iterator[tuple[int, View]]:
    if _UNSEEN.search(line) is not None:
        places = [at for at, character in enumerate(line) if not _UNSEEN.match(character)]
        yield index, View("".join(line[at] for at in places), places)


def of_names(lines: Sequence[str]) -> list[tuple[int, View]]:
    """The views of titles, URLs and file names: also with a boundary for each `_` and suffix.

    An address may hold either, so that the line as it stands is searched as well.
    """
    views = of_texts([_UUID.sub(lambda match: _BOUNDARY * len(match[0]), line) for line in lines])
    return [
        (index, View(text, view.places))
        for index, view in views
        for text in dict.fromkeys((view.text, _SEPARATOR.sub(_BOUNDARY, view.text)))
    ]
