"""Running headers, footers and page numbers: what stands at the same place of most pages.

Only the outermost lines of a page are looked at, and what is taken out repeats: the same but for
numbers that are always the same or count with the pages.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from taojin.pipeline.ingest.documents.pdf.lines import Box, Line

_FEWEST_PAGES = 3
_EDGE = 0.11  # of the page's height
_MOST_EDGE = 90.0  # points
_DEEPEST = 3  # rows of a header or footer
_SAME_PLACE = 4.0  # points
_CONSTANT = 0.8
_DIGITS = re.compile(r"\d+")


def without_repeats(pages: Sequence[Sequence[Line]], boxes: Sequence[Box]) -> list[list[Line]]:
    """The pages without what repeats on most of them; as they are if there are fewer than three."""
    kept = [list(page) for page in pages]
    if sum(map(bool, kept)) < _FEWEST_PAGES:
        return kept
    for edge in ("top", "bottom"):
        without = _stripped(kept, boxes, edge)
        changed = [page for page, before in zip(without, kept, strict=True) if page != before]
        if not _are_alike(changed):
            kept = without
    return kept


def _are_alike(pages: Sequence[Sequence[Line]]) -> bool:
    """Whether most of what stands on the pages is on most of them: a drawing's steps, a form."""
    texts = [{line.text for line in page} for page in pages]
    counts = Counter(chain.from_iterable(texts))
    common = sum(count for count in counts.values() if count * 2 > len(pages))
    return common * 2 > counts.total()


def _stripped(pages: list[list[Line]], boxes: Sequence[Box], edge: str) -> list[list[Line]]:
    """The pages without the outermost rows that repeat, at most three."""
    filled = sum(map(bool, pages))
    for _ in range(_DEEPEST):
        outer = [_outermost(page, box, edge) for page, box in zip(pages, boxes, strict=True)]
        repeated = _repeated(outer, boxes, edge, filled)
        if not repeated:
            break
        pages = [
            [line for line in page if at not in repeated or line not in outer[at]]
            for at, page in enumerate(pages)
        ]
    return pages


def _outermost(page: Sequence[Line], box: Box, edge: str) -> list[Line]:
    """The row of lines closest to that edge of the page, empty where it is far from it."""
    straight = [line for line in page if line.turn == 0]
    if not straight:
        return []
    first = min(straight, key=lambda line: _depth(line, box, edge))
    if _depth(first, box, edge) > min(_MOST_EDGE, _EDGE * (box[3] - box[1])):
        return []
    row = [line for line in straight if line.bottom < first.top and line.top > first.bottom]
    return sorted(row, key=lambda line: line.left)


def _depth(line: Line, box: Box, edge: str) -> float:
    return box[3] - line.top if edge == "top" else line.bottom - box[1]


def _repeated(
    rows: Sequence[list[Line]], boxes: Sequence[Box], edge: str, filled: int
) -> frozenset[int]:
    """The pages whose row repeats; none where the places that repeat are not on most pages."""
    groups: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        if row:
            groups[_DIGITS.sub("0", _text(row))].append(at)
    found: set[int] = set()
    for same in groups.values():
        depths = {at: _depth(rows[at][0], boxes[at], edge) for at in same}
        at_place = max((_near(depths, depth) for depth in depths.values()), key=len)
        numbers = {at: list(map(_number, _DIGITS.findall(_text(rows[at])))) for at in at_place}
        if len(at_place) >= _FEWEST_PAGES and _counts(numbers):
            found.update(at_place)
    return frozenset(found) if len(found) * 2 > filled else frozenset()


def _near(depths: dict[int, float], depth: float) -> list[int]:
    return [at for at, other in depths.items() if abs(other - depth) <= _SAME_PLACE]


def _text(row: Sequence[Line]) -> str:
    return " ".join(" ".join(line.text.split()) for line in row)


def _number(digits: str) -> int:
    return int(digits[:15])


def _counts(numbers: dict[int, list[int]]) -> bool:
    """Whether a number counts with the pages, or all of them are always the same."""
    most = _CONSTANT * len(numbers)
    columns = list(zip(*numbers.values(), strict=True))
    if any(_commonest(_offsets(numbers, column)) >= most for column in columns):
        return True
    return all(_commonest(column) >= most for column in columns)


def _offsets(numbers: dict[int, list[int]], column: Sequence[int]) -> Iterator[int]:
    return (value - at for at, value in zip(numbers, column, strict=True))


def _commonest(values: Iterator[int] | Sequence[int]) -> int:
    return max(Counter(values).values())
