"""The order in which the lines of a page are read: a page is cut at its white gutters.

From the top, lines that leave the same gutter free belong together; what crosses it, a title or a
wide table, starts anew. In doubt the order is PDFium's, which is that of the file.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from taojin.pipeline.ingest.documents.paragraphs import width
from taojin.pipeline.ingest.documents.pdf.lines import GAP, Line

_MOST_LINES = 5_000
_FEWEST_LINES = 3
_LEAST_WIDTH = 15
_LEAST_FILLED = 0.55
_DEEPEST = 6

Section = list[list[Line]]
"""Columns in the order of reading, each with its lines."""
Band = list[Line]
"""Lines that stand side by side."""
Span = tuple[float, float]


def sections(lines: Sequence[Line], depth: int = 0) -> list[Section]:
    """The lines in the order of reading; a section is what has the same columns.

    Lines that do not stand upright come last: marks across the page, text along its edge.
    """
    straight = [line for line in lines if line.turn == 0]
    other = [line for line in lines if line.turn != 0]
    if len(other) >= len(straight) or len(lines) > _MOST_LINES:
        return [[list(lines)]] if lines else []
    found: list[Section] = []
    single: list[Line] = []
    for run in _runs(straight):
        columns = [] if depth == _DEEPEST else _columns(run)
        if not columns:
            single += run
            continue
        found += [[_in_order(single)]] if single else []
        single = []
        inner = (section for one in columns for section in sections(one, depth + 1))
        found.append([column for section in inner for column in section])
    found += [[_in_order(single)]] if single else []
    return [*found, [other]] if other else found


def _in_order(lines: list[Line]) -> list[Line]:
    """From the top where no line stands beside another, else as in the file."""
    rows = sorted(lines, key=lambda line: (-_middle(line), line.number))
    beside = any(
        above.number != below.number and _overlap(above, below) for above, below in pairwise(rows)
    )
    if beside:
        return sorted(lines, key=lambda line: line.place)
    places = {line.number: at for at, line in reversed(list(enumerate(rows)))}
    return sorted(lines, key=lambda line: (places[line.number], line.place))


def _least_gap(lines: Sequence[Line]) -> float:
    return max(1.0, GAP * median(line.size for line in lines))


def _overlap(above: Line, below: Line) -> bool:
    lowest = min(above.top - above.bottom, below.top - below.bottom)
    return min(above.top, below.top) - max(above.bottom, below.bottom) > lowest / 2


def _middle(line: Line) -> float:
    return (line.bottom + line.top) / 2


def gutters(spans: Iterable[Span], least: float) -> list[Span]:
    """The white stretches of at least that width between spans."""
    found: list[Span] = []
    reached: float | None = None
    for left, right in sorted(spans):
        if reached is not None and left - reached >= least:
            found.append((reached, left))
        reached = right if reached is None else max(reached, right)
    return found


def _runs(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines from the top, parted where a gutter that those above share is crossed."""
    if not lines:
        return []
    bands = _bands(lines)
    if len(bands) == len(lines):
        return [list(lines)]
    least = _least_gap(lines)
    runs: list[list[Band]] = []
    reach: list[Span] = []
    for band in bands:
        both = gutters([*reach, *_spans(band)], least)
        if runs and (both or not (gutters(reach, least) or gutters(_spans(band), least))):
            runs[-1].append(band)
            reach = _merged([*reach, *_spans(band)], least)
        else:
            reach = _merged(_spans(band), least)
            runs.append([])
            while len(runs) > 1 and runs[-2] and gutters([*reach, *_spans(runs[-2][-1])], least):
                above = runs[-2].pop()  # it stands above and leaves the new gutter free
                runs[-1].insert(0, above)
                reach = _merged([*reach, *_spans(above)], least)
            runs[-1].append(band)
    return [[line for band in run for line in band] for run in runs if run]


def _spans(band: Band) -> list[Span]:
    return [(line.left, line.right) for line in band]


def _merged(spans: Sequence[Span], least: float) -> list[Span]:
    """The stretches between the gutters."""
    cuts = gutters(spans, least)
    lefts = [min(left for left, _ in spans), *(after for _, after in cuts)]
    rights = [*(before for before, _ in cuts), max(right for _, right in spans)]
    return list(zip(lefts, rights, strict=True))


def _bands(lines: Sequence[Line]) -> list[Band]:
    """Lines that stand side by side, from the top of the page down."""
    bands: list[Band] = []
    floor = 0.0
    for line in sorted(lines, key=lambda line: (-line.top, line.left)):
        edge = (line.top - line.bottom) / 4  # letters of two lines that touch are no neighbours
        if bands and line.top - edge > floor:
            bands[-1].append(line)
            floor = min(floor, line.bottom + edge)
        else:
            bands.append([line])
            floor = line.bottom + edge
    return bands


def _columns(lines: Sequence[Line]) -> list[list[Line]]:
    """The columns of prose of these lines, empty where they are none for certain."""
    least = _least_gap(lines)
    cuts = gutters(((line.left, line.right) for line in lines), least)
    if not cuts:
        return []
    columns: list[list[Line]] = [[] for _ in range(len(cuts) + 1)]
    for line in lines:
        columns[sum(line.left >= after for _, after in cuts)].append(line)
    return columns if all(columns) and (_follow(columns) or _are_prose(columns)) else []


def _follow(columns: Sequence[Sequence[Line]]) -> bool:
    """Whether the file has the columns one after another already."""
    if min(map(len, columns)) < _FEWEST_LINES:
        return False
    ends = [(min(numbers), max(numbers)) for numbers in map(_numbers, columns)]
    return all(left[1] < right[0] for left, right in pairwise(ends))


def _are_prose(columns: Sequence[Sequence[Line]]) -> bool:
    """Whether each has lines that fill it, and PDFium has put them beside each other."""
    together = set.intersection(*map(_numbers, columns))
    if len(together) * 2 < min(map(len, columns)):
        return False
    return all(map(_is_prose, columns))


def _numbers(column: Iterable[Line]) -> set[int]:
    return {line.number for line in column}


def _is_prose(column: Sequence[Line]) -> bool:
    room = max(line.right for line in column) - min(line.left for line in column)
    filled = median((line.right - line.left) / max(room, 1.0) for line in column)
    wide = median(width(line.text) for line in column)
    return len(column) >= _FEWEST_LINES and filled >= _LEAST_FILLED and wide >= _LEAST_WIDTH
