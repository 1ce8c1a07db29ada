"""The text of a PDF's page from its lines: headings, tables and paragraphs as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from statistics import median

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.paragraphs import OPENING, full_width, joined
from taojin.pipeline.ingest.documents.pdf.headings import Levels, level_of
from taojin.pipeline.ingest.documents.pdf.lines import Line
from taojin.pipeline.ingest.documents.pdf.order import Section, sections
from taojin.pipeline.ingest.documents.pdf.tables import tables
from taojin.pipeline.ingest.documents.pdf.words import listed, plain

_APART = 1.6
"""Of the usual distance of two lines: where they are further apart, a paragraph ends."""
_ONE_HEADING = 1.7
"""Of the letters' size: lines of a heading that are no further apart are one heading."""
_FEWEST_LINES = 4
_CELLS_APART = 3.0
_NARROWEST = 10.0
"""Of the letters' size: a narrower column has no full lines."""

Row = Sequence[Line]
"""The pieces of one of PDFium's lines."""

Tables = Mapping[int, tuple[int, list[str]]]
"""By the place of its first line in the section: how many lines a table has, and its rows."""


def page_text(lines: Sequence[Line], headings: Levels) -> str:
    """The page as Markdown, with a blank line around headings, tables and what stands apart."""
    blocks = [block for section in sections(lines) for block in _blocks(section, headings)]
    return plain(clean("\n\n".join(filter(None, (block.strip("\n ") for block in blocks)))))


@dataclass(frozen=True, slots=True)
class _Layout:
    """Of a section: which of its lines end where their column does, where paragraphs end."""

    full: frozenset[int]
    apart: float

    def is_full(self, row: Row) -> bool:
        """Whether the line ends where its column does."""
        return row[0].place in self.full


def _layout(section: Sequence[Line]) -> _Layout:
    rows = [list(row) for _, row in groupby(section, key=lambda line: line.number)]
    narrowest = _NARROWEST * median(line.size for line in section)
    full: set[int] = set()
    for stretch in _stretches(rows):
        left = min(row[0].left for row in stretch)
        widths = [row[-1].right - left for row in stretch]
        least = full_width(widths, narrowest)
        full |= {
            row[0].place
            for row, one in zip(stretch, widths, strict=True)
            if one >= least and not _is_spaced(row)
        }
    return _Layout(frozenset(full), _APART * _pitch(rows))


def _is_spaced(row: Row) -> bool:
    """Whether the line has white space as wide as between the cells of a table."""
    return any(after.left - line.right > _CELLS_APART * line.size for line, after in pairwise(row))


def _stretches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Rows that go down the page below each other: a column, or as much as comes at once."""
    start = 0
    for at, (above, below) in enumerate(pairwise(rows), 1):
        is_down = _middle(below[0]) < _middle(above[0])
        is_below = below[0].left < above[-1].right and above[0].left < below[-1].right
        if not (is_down and is_below):
            yield rows[start:at]
            start = at
    yield rows[start:]


def _pitch(rows: Sequence[Row]) -> float:
    """The usual distance of two lines, infinite where there are too few to tell."""
    distances = [_middle(above[0]) - _middle(below[0]) for above, below in pairwise(rows)]
    down = [distance for distance in distances if distance > 0]
    return median(down) if len(down) + 1 >= _FEWEST_LINES else float("inf")


def _blocks(columns: Section, headings: Levels) -> Iterator[str]:
    section = [line for column in columns for line in column]
    grids = _grids(section, columns)
    layout = _layout(section)
    prose: list[Row] = []
    at = 0
    while at < len(section):
        count, block = _special(section, at, grids, headings)
        if count:
            yield _paragraphs(prose, layout)
            yield block
            prose = []
        else:
            count = _row_length(section, at, grids)
            prose.append(list(section[at : at + count]))
        at += count
    yield _paragraphs(prose, layout)


def _grids(section: Sequence[Line], columns: Section) -> Tables:
    """The tables whose lines follow each other in the order of reading too."""
    places = {id(line): at for at, line in enumerate(section)}
    found = {}
    for lines, rows in chain.from_iterable(map(tables, columns)):
        ats = [places[id(line)] for line in lines]
        if max(ats) - min(ats) + 1 == len(ats):
            found[min(ats)] = (len(ats), rows)
    return found


def _row_length(section: Sequence[Line], at: int, grids: Tables) -> int:
    """How many pieces PDFium's line has from here on."""
    end = at + 1
    while end < len(section) and section[end].number == section[at].number and end not in grids:
        end += 1
    return end - at


def _special(section: Sequence[Line], at: int, grids: Tables, headings: Levels) -> tuple[int, str]:
    """The number of lines of the table or heading that starts here, and its Markdown; or 0."""
    if at in grids:
        return grids[at][0], "\n".join(grids[at][1])
    count = _row_length(section, at, grids)
    level = level_of(section[at : at + count], headings)
    if not level:
        return 0, ""
    row = section[at : at + count]
    words = [_text(row)]
    while (end := at + count) < len(section) and end not in grids:
        after = section[end : end + _row_length(section, end, grids)]
        if level_of(after, headings) != level or not _goes_on(row[-1], after[0]):
            break
        words.append(_text(after))
        row, count = after, count + len(after)
    title = joined("\n".join(words), [True] * len(words)).replace("\n", " ")
    return count, f"{'#' * level} {title}"


def _goes_on(line: Line, after: Line) -> bool:
    distance = _middle(line) - _middle(after)
    is_near = 0 < distance <= _ONE_HEADING * max(line.size, line.top - line.bottom)
    return is_near and abs(line.size - after.size) < 0.5 and not OPENING.match(after.text)


def _paragraphs(rows: Sequence[Row], layout: _Layout) -> str:
    if not rows:
        return ""
    texts, full = [listed(_text(rows[0]))], [layout.is_full(rows[0])]
    for above, below in pairwise(rows):
        if _middle(above[0]) - _middle(below[0]) > layout.apart:
            texts.append("")
            full.append(False)
        texts.append(listed(_text(below)))
        full.append(layout.is_full(below))
    return joined("\n".join(texts), full)


def _text(row: Row) -> str:
    return " ".join(line.text for line in row)


def _middle(line: Line) -> float:
    return (line.bottom + line.top) / 2
