"""Paragraphs of Rich Text Format as Markdown blocks, from what its control words say of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from taojin.pipeline.ingest.markup import blocks

_LEVELS = 9


@dataclass(slots=True)
class _Paragraph:
    text: list[str] = field(default_factory=list)
    mark: list[str] = field(default_factory=list)
    level: int = 0
    depth: int = 0
    in_table: bool = False


class Blocks:
    """Takes text and control words in their order and gives the blocks they make."""

    def __init__(self) -> None:
        self._paragraph = _Paragraph()
        self._cells: list[str] = []
        self._rows: list[list[str]] = []
        self._items: list[str] = []
        self._numbers = [0] * _LEVELS
        self._notes: list[str] = []
        self._note_count = 0
        self._blocks: list[str] = []

    def text(self, text: str) -> None:
        """Text of the paragraph."""
        self._paragraph.text.append(text)

    def mark(self, text: str) -> None:
        """The bullet or number that an item shows."""
        self._paragraph.mark.append(text)

    def note(self, text: str) -> None:
        """A footnote, which is marked here and follows the paragraph."""
        if line := blocks.one_line(text):
            self._note_count += 1
            self.text(f"[^{self._note_count}]")
            self._notes.append(f"[^{self._note_count}]: {line}")

    def word(self, word: str, number: int) -> None:
        """A control word; those that say nothing of paragraphs change nothing."""
        paragraph = self._paragraph
        if word in ("par", "sect", "page"):
            self.end_paragraph()
        elif word == "pard":
            paragraph.level, paragraph.depth, paragraph.in_table = 0, 0, False
        elif word == "outlinelevel":
            paragraph.level = number + 1 if number in range(6) else 0
        elif word == "ilvl":
            paragraph.depth = number if number in range(_LEVELS) else 0
        elif word in ("intbl", "trowd"):
            paragraph.in_table = True
        elif word in ("cell", "nestcell"):
            self._end_cell()
        elif word in ("row", "nestrow"):
            self._end_row()

    def finished(self) -> Iterator[str]:
        """Every block, once all was read."""
        self._paragraph.in_table = False
        self.end_paragraph()
        self._end_table()
        self._end_list()
        yield from (*self._blocks, *self._notes)

    def end_paragraph(self) -> None:
        """The text so far is a block, unless more of its cell may follow."""
        paragraph = self._paragraph
        if paragraph.in_table:
            self.text(" ")
            return
        self._paragraph = _Paragraph(level=paragraph.level, depth=paragraph.depth)
        mark = "".join(paragraph.mark).strip()
        if text := joined_pairs(paragraph.text).strip():
            self._end_table()
            if mark and not paragraph.level:
                self._item(text, mark, paragraph.depth)
            else:
                self._end_list()
                level = paragraph.level
                self._blocks.append(blocks.heading(level, text) if level else text)
        if not self._items:
            self._blocks += self._notes
            self._notes = []

    def _end_cell(self) -> None:
        self._cells.append(joined_pairs(self._paragraph.text))
        self._paragraph.text.clear()

    def _end_row(self) -> None:
        self._rows.append(self._cells)
        self._cells = []
        self._paragraph.in_table = False

    def _item(self, text: str, mark: str, depth: int) -> None:
        # a bullet of Courier is an o
        number = self._numbers[depth] + 1 if mark[0].isalnum() and mark != "o" else 0
        self._numbers[depth:] = [number, *[0] * (_LEVELS - depth - 1)]
        self._items.append(blocks.item(text, depth, number))

    def _end_list(self) -> None:
        self._blocks.append("\n".join(self._items))
        self._items, self._numbers = [], [0] * _LEVELS

    def _end_table(self) -> None:
        if self._cells:
            self._end_row()
        if self._rows:
            self._end_list()
            self._blocks.append("\n".join(blocks.table(self._rows)))
            self._rows = []


def joined_pairs(pieces: list[str]) -> str:
    """The pieces as one text; two halves of a character beyond the first 65,536 become it."""
    text = "".join(pieces)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
