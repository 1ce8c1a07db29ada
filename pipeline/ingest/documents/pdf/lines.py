"""The lines of a PDF page with their places, from PDFium's text page.

PDFium puts everything on one baseline into one line, two columns too, so a line is cut into pieces
where white space is wide. A box is asked for each run of text and not for each character, which
takes a third of the time; only lines with a wide gap are looked at character by character.
"""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from taojin.pipeline.ingest.documents.hyphens import MARKS
from taojin.pipeline.ingest.documents.paragraphs import gap, width

GAP = 0.9
"""White space of so many times the font's size is a gap between two pieces."""
_BREAK = re.compile(r"(?<=[\x02\ufffe])(?!\r?\n)|\r?\n")
_WORD = re.compile(r"\S+")
_SPACE = " \t\r\n\x0b\f\xa0"  # the space of Han text stays: it opens a paragraph
_SPACED = 1.6  # a run so much wider than its characters usually are has a gap inside
_WORDS_APART = 0.2
_SAME_LINE = 0.6
_LEAST_HEIGHT = 0.5
_SLANTED = -1

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page or a piece of one; `number` is its line's.

    `place` is where it starts in PDFium's text, and a line's number is where that starts.
    `turn` counts quarter turns to the left, and is -1 for slanted and for vertical text.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    number: int
    place: int
    turn: int = 0

    @property
    def box(self) -> Box:
        return self.left, self.bottom, self.right, self.top


def lines(layer: Any) -> list[Line]:
    """Every line that PDFium gives, in its order, in pieces; blank ones are left out."""
    text = layer.get_text_range()
    if len(text) != layer.count_chars():  # characters that PDFium knows and does not give out
        text = _text_by_character(layer)
    glyphs = _Glyphs(layer)
    found: list[Line] = []
    start = 0
    for end in (*_breaks(text), (len(text), len(text))):
        piece = text[start : end[0]]
        if dense := piece.strip(_SPACE):
            found += _pieces(glyphs, dense, start + piece.index(dense))
        start = end[1]
    return _stitched(found)


def _stitched(found: Sequence[Line]) -> list[Line]:
    """The lines, where what follows close behind another on its baseline is one line with it."""
    lines: list[Line] = []
    for line in found:
        if lines and _continues(lines[-1], line):
            before = lines[-1]
            apart = line.left - before.right > _WORDS_APART * before.size
            text = before.text + (gap(before.text, line.text) if apart else "") + line.text
            lines[-1] = replace(before, text=text, **_named(_around([before.box, line.box])))
        else:
            lines.append(line)
    return lines


def _continues(before: Line, line: Line) -> bool:
    if line.turn or before.turn or line.number == before.number:
        return False
    shared = min(before.top, line.top) - max(before.bottom, line.bottom)
    least = min(before.top - before.bottom, line.top - line.bottom)
    is_beside = -0.3 < (line.left - before.right) / max(before.size, 1.0) < GAP
    return is_beside and shared >= _SAME_LINE * least > 0 and before.text[-1] not in MARKS


def _breaks(text: str) -> Iterator[tuple[int, int]]:
    for found in _BREAK.finditer(text):
        yield found.span()


def _text_by_character(layer: Any) -> str:
    import pypdfium2.raw as pdfium

    codes = (pdfium.FPDFText_GetUnicode(layer.raw, at) for at in range(layer.count_chars()))
    return "".join(chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes)


class _Glyphs:
    """PDFium's functions on the characters of one page, with the memory that they write to."""

    def __init__(self, layer: Any) -> None:
        import pypdfium2.raw as pdfium

        numbers: Any = (ctypes.c_double * 4)()  # left, bottom, right, top
        step = ctypes.sizeof(ctypes.c_double)
        left, bottom, right, top = (
            ctypes.byref(ctypes.c_double.from_buffer(numbers, at * step)) for at in range(4)
        )
        self._numbers = numbers
        self._matrix: Any = pdfium.FS_MATRIX()
        self._page = layer.raw
        self._rect_ends = (left, top, right, bottom)
        self._glyph_ends = (left, right, bottom, top)
        self._matrix_end = ctypes.byref(self._matrix)
        self._pdfium: Any = pdfium

    def runs(self, start: int, text: str) -> list[Sequence[float]]:
        """The boxes of the runs that this text stands in, cut to it; of a word the two ends'."""
        rect, page, ends, numbers = (
            self._pdfium.FPDFText_GetRect, self._page, self._rect_ends, self._numbers,
        )  # fmt: skip
        found = []
        count = max(0, self._pdfium.FPDFText_CountRects(page, start, len(text)))
        for at in range(count) if " " in text or count < 3 else (0, count - 1):
            rect(page, at, *ends)
            found.append(numbers[:])
        return found

    def glyph(self, at: int) -> Sequence[float]:
        """The box of one character."""
        self._pdfium.FPDFText_GetCharBox(self._page, at, *self._glyph_ends)
        box: Sequence[float] = self._numbers[:]
        return box

    def size_and_turn(self, at: int) -> tuple[float, int]:
        """The size of a character as it is seen, and how its line is turned."""
        size: float = self._pdfium.FPDFText_GetFontSize(self._page, at)
        matrix = self._matrix
        if not self._pdfium.FPDFText_GetMatrix(self._page, at, self._matrix_end):
            return size, 0
        if not math.isfinite(size * (matrix.a + matrix.b + matrix.c + matrix.d)):
            return 0.0, _SLANTED
        if matrix.b == 0 and matrix.a > 0:
            return abs(size * matrix.d), 0
        quarters = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
        turn = round(quarters) % 4 if abs(quarters - round(quarters)) < 0.05 else _SLANTED
        return abs(size) * math.hypot(matrix.c, matrix.d), turn


def _pieces(glyphs: _Glyphs, text: str, start: int) -> Iterator[Line]:
    size, turn = glyphs.size_and_turn(start + _middle(text))
    runs = glyphs.runs(start, text) or [glyphs.glyph(start)]
    box = _around(runs)
    if turn == 0 and len(text) > 2 and box[3] - box[1] > max(2 * (box[2] - box[0]), 2 * size):
        turn = _SLANTED
    if turn == 0 and " " in text and _has_gap(runs, text, size):
        yield from _cut(glyphs, text, start, size)
    else:
        box = box if turn else _tall(box, size)
        yield Line(text, *box, size, start, start, turn)


def _middle(text: str) -> int:
    """The place of a character in the middle; the spaces that PDFium puts in have no size."""
    middle = len(text) // 2
    return middle + len(text[middle:]) - len(text[middle:].lstrip())


def _tall(box: Box, size: float) -> Box:
    """The box of a line; a font that is not in the file, and a row of dots, have no height."""
    left, bottom, right, top = box
    return left, bottom, right, max(top, bottom + _LEAST_HEIGHT * size)


def _has_gap(runs: Sequence[Sequence[float]], text: str, size: float) -> bool:
    room = GAP * size
    if any(not -size < after[0] - before[2] < room for before, after in pairwise(runs)):
        return True
    taken = sum(run[2] - run[0] for run in runs)
    usual = _SPACED * 0.5 * size
    return taken > usual * len(text) and taken > usual * width(text)


def _cut(glyphs: _Glyphs, text: str, start: int, size: float) -> Iterator[Line]:
    """Pieces of one line, each with the words between two gaps."""
    pieces: list[tuple[int, int, Box]] = []
    for word in _WORD.finditer(text):
        begin, end = word.span()
        box = _around([glyphs.glyph(start + begin), glyphs.glyph(start + end - 1)])
        if pieces and -size < box[0] - pieces[-1][2][2] < GAP * size:
            pieces[-1] = (pieces[-1][0], end, _around([pieces[-1][2], box]))
        else:
            pieces.append((begin, end, box))
    number, floor = start, pieces[0][2][1]
    for begin, end, box in pieces:
        own, piece = size, text[begin:end]
        if box[3] < floor:  # PDFium has put the line below into this one
            number = start + begin
        floor = box[1]
        if len(pieces) > 1:
            own, _ = glyphs.size_and_turn(start + begin + _middle(piece))
        yield Line(piece, *_tall(box, own), own, number, start + begin)


def _around(boxes: Sequence[Sequence[float]]) -> Box:
    if len(boxes) == 1:
        left, bottom, right, top = boxes[0]
        return left, bottom, right, top
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def upright(found: Sequence[Line], page: Box) -> tuple[list[Line], Box]:
    """The lines and the page, turned so that most of the text stands upright."""
    turns: Counter[int] = Counter()
    for line in found:
        turns[line.turn] += len(line.text)
    turn = max(turns, key=lambda one: (turns[one], -one), default=0)
    if turn in (0, _SLANTED):
        return list(found), page
    straight = [
        replace(line, **_named(_turned(line.box, turn)), turn=_less(line.turn, turn))
        for line in found
    ]
    return straight, _turned(page, turn)


def _less(turn: int, by: int) -> int:
    return turn if turn == _SLANTED else (turn - by) % 4


def _turned(box: Box, turn: int) -> Box:
    left, bottom, right, top = box
    for _ in range(turn):  # a quarter to the right each: (x, y) goes to (y, -x)
        left, bottom, right, top = bottom, -right, top, -left
    return left, bottom, right, top


def _named(box: Box) -> dict[str, Any]:
    return dict(zip(("left", "bottom", "right", "top"), box, strict=True))
