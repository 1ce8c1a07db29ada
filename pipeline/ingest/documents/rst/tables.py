"""Tables that are drawn with signs, and those that directives hold as lists or as CSV."""

import csv
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

_GRID = re.compile(r"\+(?:[-=]+\+)+")
_BORDER = re.compile(r"=+(?: +=+)*")
_UNDER = re.compile(r"-+(?: +-+)+")
_MARKS = ("*", "-", "+")
_FILLER = "\0"
"""Behind a character that takes two columns."""

Rows = list[list[list[str]]]
"""The lines of each cell of each row."""


def is_grid(line: str) -> bool:
    """Whether the line is the upper border of a grid."""
    return bool(_GRID.fullmatch(line))


def is_border(line: str) -> bool:
    """Whether the line is a border of a table of columns."""
    return bool(_BORDER.fullmatch(line))


def grid_end(lines: Sequence[str], start: int) -> int:
    """Behind the last line of the grid that starts there."""
    at = start
    while at < len(lines) and lines[at][:1] in ("+", "|"):
        at += 1
    return at


def grid(lines: Sequence[str]) -> Rows | None:
    """The cells of a grid; None where its lines are not all as wide as the first."""
    padded = [_padded(line) for line in lines]
    if len({len(line) for line in padded}) != 1 or not _GRID.fullmatch(padded[-1]):
        return None
    bounds = sorted({at for line in padded if is_grid(line) for at in _places(line, "+")})
    return _grid_rows(padded, bounds)


def _grid_rows(lines: Sequence[str], bounds: Sequence[int]) -> Rows:
    """A row begins below a rule; a cell that no rule ends goes on in the row it began in."""
    rows: Rows = []
    row_of = [0] * len(bounds)
    for line in lines:
        pieces = [(at, line[start + 1 : end]) for at, (start, end) in enumerate(pairwise(bounds))]
        ruled = [at for at, piece in pieces if piece and not piece.strip("-=+")]
        if ruled and line[0] in "+|":
            rows.append([[] for _ in bounds[1:]])
            for at in ruled:
                row_of[at] = len(rows) - 1
        _add(rows, row_of, line, bounds, set(ruled))
    return [row for row in rows if any(map(any, row))]


def _add(
    rows: Rows, row_of: Sequence[int], line: str, bounds: Sequence[int], ruled: set[int]
) -> None:
    """Put the pieces of a line into their cells; one over several columns is in the first."""
    at = 0
    while at < len(bounds) - 1:
        last = at
        while line[bounds[last + 1]] not in "|+" and last + 2 < len(bounds):
            last += 1
        if at not in ruled:
            text = line[bounds[at] + 1 : bounds[last + 1]]
            rows[row_of[at]][at].append(text.replace(_FILLER, "").rstrip())
        at = last + 1


def _padded(line: str) -> str:
    if line.isascii():
        return line
    wide = (unicodedata.east_asian_width(sign) in "WF" for sign in line)
    return "".join(sign + _FILLER * is_wide for sign, is_wide in zip(line, wide, strict=True))


def _places(line: str, sign: str) -> list[int]:
    return [at for at, found in enumerate(line) if found == sign]


def closings(lines: Sequence[str]) -> list[int]:
    """Where lines are that may be the last of a table of columns: borders with a blank behind."""
    return [
        at
        for at, line in enumerate(lines)
        if line[:1] == "=" and (at + 1 == len(lines) or not lines[at + 1]) and is_border(line)
    ]


def columns_end(start: int, closing: Sequence[int], lines: Sequence[str]) -> int:
    """Behind the last line of the table of columns that starts there, 0 where it has no end."""
    place = bisect_left(closing, start + 2)
    if place == len(closing):
        return 0
    end = closing[place] + 1
    return end if " " in lines[start] and " " in lines[end - 1] else 0


def columns(lines: Sequence[str]) -> Rows:
    """The cells of a table of columns; a line whose first column is empty goes on in its row."""
    padded = [_padded(line) for line in lines]
    starts = [found.start() for found in re.finditer("=+", padded[0])]
    rows: Rows = []
    for line in padded[1:-1]:
        if is_border(line) or _UNDER.fullmatch(line) or not line.strip("- "):
            continue
        cells = _cells(line, starts)
        if rows and not cells[0]:
            for own, more in zip(rows[-1], cells, strict=False):
                own.append(more)
        else:
            rows.append([[cell] for cell in cells])
    return rows


def _cells(line: str, starts: Sequence[int]) -> list[str]:
    """What stands in each column; text that runs over a gap belongs to the column before."""
    cells = [""] * len(starts)
    begun = place = 0
    for column, start in enumerate(starts[1:], 1):
        if start >= len(line):
            break
        if line[start - 1] == " ":
            cells[place] = line[begun:start]
            begun, place = start, column
    cells[place] = line[begun:]
    return [cell.replace(_FILLER, "").strip() for cell in cells]


def csv_rows(lines: Sequence[str], delimiter: str = ",") -> list[list[str]]:
    """The rows of a table as CSV; as lines where it is none."""
    try:
        return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return [[line] for line in lines]


def items(lines: Sequence[str]) -> list[list[str]]:
    """The lines of each item of a list, as a row of a table is written, or a cell of a row."""
    found: list[list[str]] = []
    for line in lines:
        if line[:1] in _MARKS:
            found.append([line[1:].lstrip()])
        elif found:
            found[-1].append(line[2:])
    return found
