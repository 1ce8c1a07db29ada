"""Rows as text in columns: words to the left, numbers to the right."""

import unicodedata
from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]], words: int) -> list[str]:
    """One line per row; the first `words` columns hold words. Wide characters take two columns."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            _padded(cell, width, right=column >= words)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "FW" else 1 for one in text)
