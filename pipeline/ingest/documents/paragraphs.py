"""Paragraphs from the lines of a printed page, which end where the paper does.

Only lines as wide as the page's column are joined with the next, so that tables, lists, verse,
code and headings keep theirs; a column's width is what nine lines of ten stay within.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from taojin.pipeline.ingest.documents.addresses import is_cut_address
from taojin.pipeline.ingest.documents.hyphens import is_cut, plain_hyphens, without_hyphen
from taojin.pipeline.ingest.markup.blocks import one_line

_FULL = 0.85
_FEWEST_LINES = 3
OPENING = re.compile(
    r"[ \t\u3000]|[-–—•·▪◦●○*#|]|\d{1,3}[.)、]"
    r"|[((]?[一二三四五六七八九十]{1,3}[))、]|第.{1,5}[章节条]"
)
_INDENT = re.compile(r"^ *\u3000[ \u3000]*", re.M)
_RULE = re.compile(r"([^\w\s])\1\1$")
_ENDS = tuple("。！？；.!?:：;”」』…")


def joined(page: str, full: Sequence[bool] = ()) -> str:
    """The page's text with the line ends inside paragraphs taken out.

    Between Han characters nothing takes their place, elsewhere a space; a full line that ends
    a sentence may end a paragraph too, so it keeps its end. A word that is cut by a hyphen is
    joined, and so is an address of the web; the spaces that open a Chinese paragraph go.
    `full` says which lines are, where more is known of them than their width.
    """
    lines = page.split("\n")
    pieces = [lines[0]]
    for is_full, (line, after) in zip(full or _full(lines), pairwise(lines), strict=False):
        if is_full and is_cut_address(line.rstrip(" "), after):
            pieces[-1] = pieces[-1].rstrip(" ")
            pieces.append(after)
        elif is_cut(line, after, is_full):
            pieces[-1] = without_hyphen(pieces[-1], after)
            pieces.append(after)
        elif is_full and _runs_on(line, after):
            pieces[-1] = pieces[-1].rstrip(" ")
            pieces.append(gap(pieces[-1], after) + after)
        else:
            pieces.append("\n" + after)
    return plain_hyphens(_INDENT.sub("", "".join(pieces)))


def width(line: str) -> int:
    """Columns of the line where Han characters take two."""
    if line.isascii():
        return len(line)
    return len(line) + sum(map(_is_wide, line))


def _full(lines: Sequence[str]) -> list[bool]:
    widths = [width(line) if line.strip() else 0 for line in lines]
    least = full_width([one for one in widths if one])
    return [one >= least for one in widths]


def full_width(widths: Sequence[float], narrowest: float = 20.0) -> float:
    """The width from which on a line is full; infinite where there are too few to tell."""
    if len(widths) < _FEWEST_LINES:
        return float("inf")
    return max(narrowest, _FULL * sorted(widths)[int(0.9 * (len(widths) - 1))])


def _runs_on(line: str, after: str) -> bool:
    end = line.rstrip(" ")
    is_end = end.endswith(_ENDS) or _RULE.search(end)
    return bool(after.strip()) and not is_end and not OPENING.match(after)


def gap(before: str, after: str) -> str:
    """What takes the place of a line's end: nothing beside a Han character, else a space."""
    return "" if _is_wide(before[-1]) or _is_wide(after[0]) else " "


def unwrapped(lines: Iterable[str]) -> str:
    """The lines of one paragraph as one, white space as single spaces."""
    pieces: list[str] = []
    for line in filter(None, map(one_line, lines)):
        if pieces:
            pieces.append(gap(pieces[-1], line))
        pieces.append(line)
    return "".join(pieces)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
