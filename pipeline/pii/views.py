r"""The views of a line in which values are looked for: as it stands, and without what hides them.

Characters that nobody sees are put into addresses to hide them, and between numbers to part them:
a line that has any is searched with and without them. The letters of an escape (`\n`, `\u7535`,
`%3D`) and the `_` of an emphasis or of a name are no part of the number beside them, so that a line
that has any is searched once more with boundaries in their place. In the name of a file a number's
neighbours are `_` and a suffix, which in a text would make it a part of an identifier.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from taojin.pipeline.pii.characters import DIRECTIONS, UNSEEN
from taojin.pipeline.pii.detector import Span

_UNSEEN = re.compile(f"{UNSEEN}|{DIRECTIONS}")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
_SEPARATOR = re.compile(r"_|(?<=[0-9])\.(?=[A-Za-z])|\.(?=[A-Za-z][0-9A-Za-z]{0,7}(?:/|$))")
_BOUNDARY = "|"  # no value holds one, and no guard minds it
_NUMBER = r"(?=[(+]?[0-9]|[A-Za-z]{1,2}[0-9])"
_BESIDE_NUMBER = re.compile(
    rf"(?:\\[nrt]|\\u[0-9A-Fa-f]{{4}}|%(?!40|2540)[0-9A-Fa-f]{{2}}|(?<![0-9A-Za-z_])_{{1,3}}){_NUMBER}"
    r"|(?<=[0-9A-Z])_{1,3}(?![0-9A-Za-z_])"
)
_SIGNS = "\\%_"  # what stands beside a number has one of them


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
    """Each line as it stands; without its unseen characters if it has any; and each of the two with
    boundaries for what stands beside numbers and is no part of them.
    """
    views = [(index, View(line)) for index, line in enumerate(lines)]
    together = "\n".join(lines)
    if _UNSEEN.search(together) is not None:
        views = [one for index, view in views for one in ((index, view), *_bare(index, view.text))]
    if _BESIDE_NUMBER.search(together) is None:
        return views
    return [(index, one) for index, view in views for one in (view, *_parted(view))]


def _parted(view: View) -> Iterator[View]:
    if not any(sign in view.text for sign in _SIGNS):
        return
    text = _BESIDE_NUMBER.sub(lambda match: _BOUNDARY * len(match[0]), view.text)
    if text != view.text:
        yield View(text, view.places)


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
