"""Paragraphs from the lines of a printed page, which end where the paper does.

Only lines as wide as the page's column are joined with the next, so that tables, lists, verse,
code and headings keep theirs; a column's width is what nine lines of ten stay within.
"""

import re
import unicodedata
from itertools import pairwise

_FULL = 0.85
_FEWEST_LINES = 3
_OPENING = re.compile(
    r"[ \t\u3000]|[-–—•·▪◦●○*#|]|\d{1,3}[.)、]"
    r"|[((]?[一二三四五六七八九十]{1,3}[))、]|第.{1,5}[章节条]"
)
_ENDS = tuple("。！？；.!?:：;”」』…")


def joined(page: str) -> str:
    """The page's text with the line ends inside paragraphs taken out.

    Between Han characters nothing takes their place, elsewhere a space; a full line that ends
    a sentence may end a paragraph too, so it keeps its end.
    """
    lines = page.split("\n")
    full = _full_width(lines)
    pieces = [lines[0]]
    for line, after in pairwise(lines):
        if width(line) >= full and _runs_on(line, after):
            pieces[-1] = pieces[-1].rstrip(" ")
            pieces.append(_gap(pieces[-1], after) + after)
        else:
            pieces.append("\n" + after)
    return "".join(pieces)


def width(line: str) -> int:
    """Columns of the line where Han characters take two."""
    if line.isascii():
        return len(line)
    return len(line) + sum(map(_is_wide, line))


def _full_width(lines: list[str]) -> float:
    widths = sorted(width(line) for line in lines if line.strip())
    if len(widths) < _FEWEST_LINES:
        return float("inf")
    return max(20.0, _FULL * widths[int(0.9 * (len(widths) - 1))])


def _runs_on(line: str, after: str) -> bool:
    end = line.rstrip(" ")
    return bool(after.strip()) and not end.endswith(_ENDS) and not _OPENING.match(after)


def _gap(before: str, after: str) -> str:
    return "" if _is_wide(before[-1]) or _is_wide(after[0]) else " "


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
