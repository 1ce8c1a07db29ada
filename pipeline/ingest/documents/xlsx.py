"""Excel workbooks: each sheet a heading and a Markdown table of the cells that hold something.

A sheet is read as a stream of the cells that are there: what it claims to span costs nothing.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.cells import compact, format_code, shown
from taojin.pipeline.ingest.documents.packages import (
    XML_LIMITS,
    Package,
    check_entities,
    core_title,
    elements,
    first,
    main_part,
    name_of,
)
from taojin.pipeline.ingest.markup.blocks import heading, joined, one_line, table
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ID = re.compile(r"\{.*/relationships\}id$")
_COLUMN = re.compile(r"([A-Z]{1,3})[0-9]*")
_TRUTH = {"0": "FALSE", "1": "TRUE"}


@dataclass(frozen=True, slots=True)
class _Workbook:
    strings: list[str]
    formats: list[str]
    from_1904: bool


def read(data: bytes, options: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable: encrypted, too_large, unreadable."""
    package = Package(data, options.max_bytes)
    main = main_part(package)
    root = package.xml(main)
    book = _Workbook(_strings(package, main), _formats(package, main), _is_from_1904(root))
    left = options.max_bytes
    blocks: list[str] = []
    for name, part in _sheets(root, package.relations(main)):
        if part in package and (rows := _table(package.part(part), book, left)):
            blocks += (heading(2, name), rows)
            left -= len(rows)
    title = core_title(package)
    return Record(0, len(data), clean(joined(blocks)), title=clean(title), mime=MIME)


def _is_from_1904(workbook: Any) -> bool:
    properties = first(workbook, "workbookPr")
    return properties is not None and properties.get("date1904") in ("1", "true")


def _sheets(workbook: Any, relations: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Name and part of every worksheet that is shown, in the order of their tabs."""
    listed = first(workbook, "sheets")
    for sheet in elements(listed, "sheet") if listed is not None else ():
        known = next((value for name, value in sheet.items() if _ID.search(name)), "")
        kind, target = relations.get(known, ("", ""))
        if kind == "worksheet" and sheet.get("state", "visible") == "visible":
            yield sheet.get("name", ""), target


def _strings(package: Package, main: str) -> list[str]:
    for part in package.related(main, "sharedStrings"):
        return [_text(item) for item in elements(package.xml(part), "si")]
    return []


def _text(item: Any) -> str:
    """The runs of a string without the readings that are written above its characters."""
    pieces = []
    for child in elements(item, "t", "r"):
        holder = child if name_of(child) == "t" else first(child, "t")
        pieces.append((holder.text or "") if holder is not None else "")
    return one_line("".join(pieces))


def _formats(package: Package, main: str) -> list[str]:
    """The number format of every cell style."""
    for part in package.related(main, "styles"):
        root = package.xml(part)
        listed, used = first(root, "numFmts"), first(root, "cellXfs")
        own = {
            _number(given.get("numFmtId")): given.get("formatCode", "")
            for given in (elements(listed) if listed is not None else ())
        }
        styles = elements(used) if used is not None else ()
        return [format_code(_number(style.get("numFmtId")), own) for style in styles]
    return []


def _number(value: str | None, otherwise: int = 0) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 10 else otherwise


def _table(sheet: bytes, book: _Workbook, most: int) -> str:
    """The sheet's rows without its empty rows and columns. Raises Unreadable."""
    rows = (_cells(row, book) for row in _rows(sheet))
    return "\n".join(table(compact(rows, most)))


def _rows(sheet: bytes) -> Iterator[Any]:
    from lxml import etree

    try:
        for _, row in etree.iterparse(io.BytesIO(sheet), tag="{*}row", **XML_LIMITS):
            check_entities(row)
            yield row
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable("unreadable", f"a sheet: {type(error).__name__}") from error


def _cells(row: Any, book: _Workbook) -> dict[int, str]:
    found: dict[int, str] = {}
    column = 0
    for cell in elements(row, "c"):
        column = _column(cell.get("r", "")) or column + 1
        if text := _value(cell, book):
            found[column] = text
    return found


def _column(reference: str) -> int:
    named = _COLUMN.match(reference)
    number = 0
    for letter in named[1] if named else "":
        number = number * 26 + ord(letter) - 64
    return number


def _value(cell: Any, book: _Workbook) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = first(cell, "is")
        return _text(inline) if inline is not None else ""
    holder = first(cell, "v")
    value = (holder.text or "") if holder is not None else ""
    if kind == "s":
        at = _number(value, len(book.strings))
        return book.strings[at] if at < len(book.strings) else ""
    if kind == "b":
        return _TRUTH.get(value, value)
    if kind != "n" or not value:
        return one_line(value)
    style = _number(cell.get("s"))
    code = book.formats[style] if style < len(book.formats) else ""
    return shown(value, code, from_1904=book.from_1904)
