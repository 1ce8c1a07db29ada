"""Tables of data as Markdown: the texts of cells in their columns, where cells take several."""

import re
from collections.abc import Mapping, Sequence

from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.tags import ID
from taojin.pipeline.ingest.markup.tree_kernels import INSIDE, LAST, START, TAG

MOST_COLUMNS = 100
"""Beyond them cells are not put in columns, so that no table takes more than a hundred times what
it holds."""
_CELLS = frozenset((ID["td"], ID["th"]))
_SPAN = re.compile(r"""\b(col|row)span\s*=\s*["']?(\d{1,3})\b""")

Texts = Mapping[int, Sequence[str]]
"""By the element that is the cell, 0 or another for none: the texts that stand in it."""


def table(page: Parsed, rows: Mapping[int, Texts]) -> str:
    """The rows, each by its element, with a rule under the first."""
    covered: dict[int, int] = {}
    cells = [_row(page, row, texts, covered) for row, texts in rows.items()]
    width = max(map(len, cells))
    padded = min(width, MOST_COLUMNS)
    lines = [f"| {' | '.join(row + [''] * (padded - len(row)))} |" for row in cells]
    lines.insert(1, f"|{'---|' * width}")
    return "\n".join(lines)


def _row(page: Parsed, row: int, texts: Texts, covered: dict[int, int]) -> list[str]:
    """The texts of a row's cells, the empty ones included, then of what stands in none.

    `covered` is in how many rows to come a cell above takes a column; its place is empty.
    """
    found: list[str] = []
    above = {column for column, rows in covered.items() if rows}
    for cell in dict.fromkeys(_cells(page, row)) | dict.fromkeys(texts):
        while len(found) in above:
            found.append("")
        columns, rows = _spans(page, cell)
        start, stop = len(found), min(len(found) + columns, MOST_COLUMNS)
        covered |= dict.fromkeys(range(start, stop), rows)
        found += [" ".join(texts.get(cell, ())), *[""] * (stop - start - 1)]
    found += [""] * (max(above, default=-1) + 1 - len(found))
    covered |= {column: rows - 1 for column, rows in covered.items() if rows}
    return found


def _cells(page: Parsed, row: int) -> Sequence[int]:
    """The elements that are the row's cells; what is in them is passed over."""
    found = []
    one, end = row + 1, int(page.elements[row, LAST])
    while one < end:
        if page.elements[one, TAG] in _CELLS:
            found.append(one)
        one = max(one + 1, int(page.elements[one, LAST]))
    return found


def _spans(page: Parsed, cell: int) -> tuple[int, int]:
    """How many columns and rows a cell takes."""
    tag = page.raw(page.elements[cell, START], page.elements[cell, INSIDE])
    found = dict(_SPAN.findall(tag.lower()))
    return max(1, int(found.get("col", 1))), max(1, int(found.get("row", 1)))
