"""Blocks as Markdown: headings, paragraphs, lists, tables, code, formulas, terms."""

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from taojin.pipeline.ingest.markup.block_kernels import BEHIND, FIRST, HOLDER, UNITS
from taojin.pipeline.ingest.markup.blocks import fence
from taojin.pipeline.ingest.markup.formulas import drawn_again, formula
from taojin.pipeline.ingest.markup.grids import table
from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.place_kernels import CELL, OUTER, ROW, TABLE, places
from taojin.pipeline.ingest.markup.tags import ID
from taojin.pipeline.ingest.markup.tree_kernels import (
    END,
    INSIDE,
    LAST,
    LINE,
    PARENT,
    START,
    TAG,
    Table,
)

HEADINGS = {ID[f"h{level}"]: level for level in range(1, 7)}
_OL, _DT, _MATH, _SCRIPT, _SUMMARY, _SUP = (
    ID[name] for name in ("ol", "dt", "math", "script", "summary", "sup")
)
CELL_UNITS = 80
"""Units of the longest cell of a table that is one; others are there for the layout."""
CELL_BLOCKS = 3
_MARK = "\u2028"
_LANGUAGE = re.compile(r"""\bclass\s*=\s*["']?[^<>"']{0,200}?\blang(?:uage)?-([\w+#.-]+)""", re.I)
_WHITE = re.compile(r"[ \t\n\r\f\v]+")
_HAN = "[\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff]"
_WRAPPED = re.compile(rf"(?<={_HAN})[ \t\r]*\n[ \t\r\n]*(?={_HAN})")
"""The end of a line in the source between characters that no space parts (CSS Text 3, 4.1.3)."""
_POWER = re.compile(r"\s*[-+−–]?\d{1,3}\s*")
_START = re.compile(r"""\bstart\s*=\s*["']?(\d{1,6})\b""", re.I)
_LINE_NUMBERS = re.compile(r"\d{1,6}(?:\s*\n\s*\d{1,6})+")
_TAGS = re.compile(r"<[^<>]*>")
_BREAKS = re.compile(r"<br\b[^<>]*>", re.I)


def whole(page: Parsed) -> str:
    """All of a page; a table within a table is one, the cells around it are blocks."""
    found = places(page.elements, page.blocks)
    tables = {*found[:, TABLE].tolist()} - {0, *found[:, OUTER].tolist()}
    return markdown(page, range(len(page.blocks)), found, tables)


def data_tables(page: Parsed, places: Table) -> set[int]:
    """The tables that hold data: at least two columns, short cells, no table inside."""
    cells: dict[int, dict[int, list[int]]] = {}
    rows: dict[int, set[int]] = {}
    for at in np.flatnonzero(places[:, CELL] * places[:, ROW]).tolist():
        row, cell, table = places[at, [ROW, CELL, TABLE]].tolist()
        rows.setdefault(table, set()).add(row)
        counts = cells.setdefault(table, {}).setdefault(cell, [0, 0])
        counts[0] += 1
        counts[1] += int(page.blocks[at, UNITS])
    outer = set(places[:, OUTER].tolist())
    return {
        table
        for table, own in cells.items()
        if table not in outer
        and len(own) > max(2, 1.5 * len(rows[table]))
        and all(blocks <= CELL_BLOCKS and units <= CELL_UNITS for blocks, units in own.values())
    }


def markdown(page: Parsed, kept: Sequence[int], places: Table, tables: set[int]) -> str:
    """The text of the blocks that are kept: an empty line between blocks, none within a list."""
    writer = Writer(page, tables)
    for at in kept:
        writer.add(page.blocks[at].tolist(), Place(*places[at].tolist()))
    writer.end_table()
    return "".join(writer.out)


class Place(NamedTuple):
    """A row of `place_kernels.places`."""

    pre: int
    item: int
    depth: int
    row: int
    cell: int
    table: int
    term: int
    outer: int
    list: int


class Writer:
    """Takes blocks in order and puts them together."""

    def __init__(self, page: Parsed, tables: set[int]) -> None:
        self.page = page
        self.tables = tables
        self.out: list[str] = []
        self._list = 0
        """The list that the last piece was of."""
        self._item = self._pre = self._table = self._term = 0
        self._numbers: dict[int, int] = {}
        self._rows: dict[int, dict[int, list[str]]] = {}

    def add(self, block: Sequence[int], own: Place) -> None:
        if own.table != self._table:
            self.end_table()
        if own.pre:
            self._code(own.pre)
            return
        tag = int(self.page.elements[block[HOLDER], TAG])
        text = self.text(block)
        if not text:
            return
        if own.table in self.tables and own.row:
            self._table = own.table
            self._rows.setdefault(own.row, {}).setdefault(own.cell, []).append(_line(text))
        elif tag in HEADINGS:
            self._put(f"{'#' * HEADINGS[tag]} {_line(text)}")
        elif own.item:
            self._put_item(text, own)
        elif own.term:
            self._put_term(text, own)
        else:
            self._put(f"**{_line(text)}**" if tag == _SUMMARY else text)

    def _put(self, text: str, of_list: int = 0) -> None:
        if self.out:
            self.out.append("\n" if of_list and of_list == self._list else "\n\n")
        self.out.append(text)
        self._list = of_list

    def _put_item(self, text: str, own: Place) -> None:
        indent = "  " * max(own.depth - 1, 0)
        marker = " "
        if own.item != self._item:
            parent = int(self.page.elements[own.item, PARENT])
            number = self._numbers[parent] = self._numbers.get(parent, self._start(parent)) + 1
            marker = f"{number}." if self.page.elements[parent, TAG] == _OL else "-"
        self._put(f"{indent}{marker} {_line(text)}", own.list or own.item)
        self._item = own.item

    def _start(self, parent: int) -> int:
        """The number before that of a list's first item."""
        found = _START.search(self._tag(parent)) if self.page.elements[parent, TAG] == _OL else None
        return int(found[1]) - 1 if found else 0

    def _put_term(self, text: str, own: Place) -> None:
        terms = int(self.page.elements[own.term, PARENT])
        if self.page.elements[own.term, TAG] == _DT:
            self._put(f"- {_line(text)}", terms)
            self._term = own.term
        elif self._term and self._list == terms:
            self.out.append(f": {_line(text)}")
            self._term = 0
        else:
            self._put(f"  {_line(text)}", terms)

    def _code(self, pre: int) -> None:
        if pre == self._pre:
            return
        self._pre = pre
        start, end = self.page.elements[pre, INSIDE], self.page.elements[pre, END]
        raw = _TAGS.sub("", _BREAKS.sub("\n", self.page.raw(start, end)))
        text = "\n".join(line.rstrip() for line in html.unescape(raw).split("\n")).strip("\n")
        if text.strip() and not _counts(text):
            self._put(fence(text, self._language(pre)) if "\n" in text else text.strip())

    def _language(self, pre: int) -> str:
        """What the class of a piece of code, or of the element in it, says it is written in."""
        found = _LANGUAGE.search(self._tag(pre)) or _LANGUAGE.search(
            self._tag(pre + 1) if self.page.elements[pre, LAST] > pre + 1 else ""
        )
        return found[1].lower() if found else ""

    def end_table(self) -> None:
        """Write the rows that were gathered."""
        if self._rows:
            self._put(table(self.page, self._rows))
        self._rows, self._table = {}, 0

    def text(self, block: Sequence[int]) -> str:
        """The characters of a block as they are shown: white space as one space, breaks kept."""
        pieces: list[str] = []
        drawn = range(0)
        for start, end, owner, _, _, gap in self.page.texts[block[FIRST] : block[BEHIND]].tolist():
            if owner in drawn:
                continue
            if gap:
                pieces.append(_MARK if gap == LINE else " ")
            raw = self.page.raw(start, end)
            if self._is_math(owner):
                raw, drawn = formula(raw, self._tag(owner)), drawn_again(self.page, owner)
            elif self.page.elements[owner, TAG] == _SUP and pieces and _is_power(pieces[-1], raw):
                raw = f"^{raw.strip()}"
            pieces.append(raw)
        text = "".join(pieces)
        text = _WRAPPED.sub("", html.unescape(text) if "&" in text else text)
        lines = _WHITE.sub(" ", text).split(_MARK)
        return "\n".join(line for line in map(str.strip, lines) if line)

    def _is_math(self, owner: int) -> bool:
        return bool(self.page.elements[owner, TAG] in (_MATH, _SCRIPT))

    def _tag(self, owner: int) -> str:
        return self.page.raw(self.page.elements[owner, START], self.page.elements[owner, INSIDE])


def _is_power(before: str, raw: str) -> bool:
    """Whether what stands raised is a number behind another or a unit, as in 10<sup>6</sup>."""
    return bool(_POWER.fullmatch(raw)) and before[-1:].isascii() and before[-1:].isalnum()


def _counts(text: str) -> bool:
    """Whether code is the numbers of its lines alone, which stand in a column beside it."""
    if not _LINE_NUMBERS.fullmatch(text.strip()):
        return False
    numbers = [int(number) for number in text.split()]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _line(text: str) -> str:
    return text.replace("\n", " ")
