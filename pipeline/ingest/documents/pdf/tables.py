"""Tables of a PDF: rows whose pieces leave the same gutters free, as Markdown.

At least three rows in a row and two columns. What could be a list, a table of contents or prose in
columns is no table.
"""

import re
from collections.abc import Sequence
from statistics import mean, median

from taojin.pipeline.ingest.documents.paragraphs import width
from taojin.pipeline.ingest.documents.pdf.lines import GAP, Line
from taojin.pipeline.ingest.documents.pdf.order import Span, gutters

_FEWEST_ROWS = 3
_MOST_LINES = 2_000
_WIDEST_CELL = 40
_BASELINE = 0.35  # of the size: how far the middles of one row's cells may be apart
_LEADER = re.compile(r"\.{4}|…{2}|(?:\. ){4}|·{4}")
_BULLET = re.compile(r"[-–—•·▪◦●○■□◆*#\uf0b7\uf0a7]$")
_NUMBER = re.compile(r"(?:[((]?(?:[0-9]{1,3}|[a-zA-Z]|[ivxIVX]+)[.))、]|[0-9.]+)?$")

Row = list[Line]


def tables(lines: Sequence[Line]) -> list[tuple[list[Line], list[str]]]:
    """The lines of each table of a section with its Markdown rows."""
    if len(lines) > _MOST_LINES or len({line.number for line in lines}) < _FEWEST_ROWS:
        return []
    found = []
    every = _rows(lines)
    if len(lines) - len(every) < _FEWEST_ROWS:  # each row of a table has two pieces or more
        return []
    for rows in _aligned(every):
        cells = _cells(rows)
        if _is_table(cells):
            found.append(([line for row in rows for line in row], _markdown(cells)))
    return found


def _rows(lines: Sequence[Line]) -> list[Row]:
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: (-_middle(line), line.left)):
        if rows and abs(_middle(rows[-1][0]) - _middle(line)) <= _BASELINE * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _middle(line: Line) -> float:
    return (line.bottom + line.top) / 2


def _aligned(rows: Sequence[Row]) -> list[list[Row]]:
    """Stretches of rows with two cells or more that have a gutter in common."""
    stretches: list[list[Row]] = [[]]
    for row in rows:
        if len(row) < 2:
            stretches.append([])
        elif _shared([*stretches[-1], row]):
            stretches[-1].append(row)
        else:
            stretches.append([row])
    return [stretch for stretch in stretches if len(stretch) >= _FEWEST_ROWS]


def _shared(rows: Sequence[Row]) -> list[Span]:
    """The gutters of all rows, if each has text on both sides of one of them."""
    least = max(1.0, GAP * median(line.size for row in rows for line in row))
    cuts = gutters(((line.left, line.right) for row in rows for line in row), least)
    if all(any(row[0].left < cut[0] < row[-1].right for cut in cuts) for row in rows):
        return cuts
    return []


def _cells(rows: Sequence[Row]) -> list[list[str]]:
    cuts = _shared(rows)
    cells = [[""] * (len(cuts) + 1) for _ in rows]
    for row, texts in zip(rows, cells, strict=True):
        for line in row:
            at = sum(line.left >= after for _, after in cuts)
            texts[at] = f"{texts[at]} {line.text}".strip()
    return cells


def _is_table(cells: Sequence[Sequence[str]]) -> bool:
    flat = [cell for row in cells for cell in row if cell]
    if any(map(_LEADER.search, flat)) or mean(map(width, flat)) > _WIDEST_CELL:
        return False
    if any(map(_is_list, zip(*cells, strict=True))):
        return False
    return len(cells[0]) > 2 or not (_is_numbered(cells) or _is_contents(cells))


def _is_list(column: Sequence[str]) -> bool:
    """Whether what stands in the column are bullets."""
    return all(_BULLET.match(cell) for cell in column if cell)


def _is_numbered(cells: Sequence[Sequence[str]]) -> bool:
    return all(_NUMBER.match(row[0]) for row in cells)


def _is_contents(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the second column counts pages."""
    last = [row[1] for row in cells if row[1]]
    return all(map(str.isdecimal, last)) and last == sorted(last, key=int)


def _markdown(cells: Sequence[Sequence[str]]) -> list[str]:
    rows = [f"| {' | '.join(row)} |" for row in cells]
    return [rows[0], f"|{'---|' * len(cells[0])}", *rows[1:]]
