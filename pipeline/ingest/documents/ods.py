"""OpenDocument spreadsheets: each sheet a heading and a table of the cells that hold something.

A cell has the text that is shown; how often cells and rows without text repeat costs nothing.
"""

from collections.abc import Iterator
from itertools import repeat
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.cells import compact
from taojin.pipeline.ingest.documents.opendocument import number, opened, title_of
from taojin.pipeline.ingest.documents.packages import elements, first, name_of
from taojin.pipeline.ingest.markup.blocks import heading, joined, one_line, table
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

MIME = "application/vnd.oasis.opendocument.spreadsheet"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_GROUPS = ("table-header-rows", "table-row-group", "table-rows")
_VALUES = ("string-value", "date-value", "time-value", "boolean-value", "value")
_SPACES = ("s", "tab", "line-break")
_MOST_COLUMNS = 20_000


def read(data: bytes, options: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable: encrypted, too_large, unreadable."""
    package = opened(data, options)
    content = package.xml("content.xml")
    book = first(content, "body", "spreadsheet")
    if book is None:
        raise Unreadable("unreadable", "the package holds no sheets")
    hidden = _hidden_styles(content)
    left = options.max_bytes
    blocks: list[str] = []
    for sheet in elements(book, "table"):
        if sheet.get(f"{_TABLE}style-name") in hidden:
            continue
        rows = "\n".join(table(compact(_rows(sheet), left)))
        left -= len(rows)
        blocks += (heading(2, sheet.get(f"{_TABLE}name", "")), rows) if rows else ()
    return Record(0, len(data), clean(joined(blocks)), title=title_of(package), mime=MIME)


def _hidden_styles(content: Any) -> set[str]:
    """The styles of sheets that are not shown."""
    return {
        style.get(f"{_STYLE}name", "")
        for style in content.iter(f"{_STYLE}style")
        for properties in elements(style, "table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    }


def _rows(parent: Any) -> Iterator[dict[int, str]]:
    for child in elements(parent):
        if name_of(child) == "table-row":
            if cells := _cells(child):
                yield from repeat(cells, _repeats(child, "rows"))
        elif name_of(child) in _GROUPS:
            yield from _rows(child)


def _cells(row: Any) -> dict[int, str]:
    """The texts by their columns. Raises Unreadable for more than any sheet has."""
    found: dict[int, str] = {}
    column = 0
    for cell in elements(row, "table-cell", "covered-table-cell"):
        count = _repeats(cell, "columns")
        if text := _text(cell):
            if column + count > _MOST_COLUMNS:
                raise Unreadable("too_large", f"a row of {column + count} columns")
            found |= dict.fromkeys(range(column, column + count), text)
        column += count
    return found


def _repeats(element: Any, what: str) -> int:
    return number(element.get(f"{_TABLE}number-{what}-repeated"), 1)


def _text(cell: Any) -> str:
    """What a cell shows on one line; its value where it shows nothing but has one."""
    lines = " ".join("".join(_pieces(paragraph)) for paragraph in _paragraphs(cell))
    values = (cell.get(f"{_OFFICE}{name}", "") for name in _VALUES)
    return one_line(lines) or next(filter(None, values), "")


def _paragraphs(parent: Any) -> Iterator[Any]:
    """The paragraphs of a cell, those in lists and frames too, but not those of notes on it."""
    for child in elements(parent):
        if name_of(child) in ("p", "h"):
            yield child
        elif name_of(child) not in ("annotation", "table"):
            yield from _paragraphs(child)


def _pieces(element: Any) -> Iterator[str]:
    yield " " if name_of(element) in _SPACES else element.text or ""
    for child in element:
        if name_of(child) not in ("", "annotation"):
            yield from _pieces(child)
        yield child.tail or ""
