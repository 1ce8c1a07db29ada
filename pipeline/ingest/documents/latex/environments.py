"""What of a LaTeX text has begun and not ended: environments, items, cells, the paragraph."""

from dataclasses import dataclass, field

from taojin.pipeline.ingest.documents.latex import commands
from taojin.pipeline.ingest.documents.paragraphs import unwrapped
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.markup.blocks import LIST, TEXT, Block, hung, labelled

LINE = "\u2028"
"""A line that ends where the text says so."""


@dataclass
class Frame:
    """An environment that has begun: its blocks, its items or rows so far."""

    name: str
    blocks: list[Block] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    mark: str = ""
    label: str = ""
    number: int = 0
    rows: list[list[str]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    span: int = 1
    """Columns that the cell takes."""
    group_end: int = 0
    """Where the braces end in which no row does."""


class Environments:
    """Takes pieces of text and blocks; `notes` are put behind the outermost block they are of."""

    def __init__(self, notes: list[Block]) -> None:
        self._frames = [Frame("")]
        self._notes = notes
        self.pieces: list[str] = []

    @property
    def last(self) -> Frame:
        return self._frames[-1]

    @property
    def depth(self) -> int:
        return len(self._frames) - 1

    @property
    def in_table(self) -> bool:
        return self.last.name in commands.TABLES

    def put(self, text: str) -> None:
        """Text of the paragraph."""
        self.pieces.append(text)

    def add(self, block: Block) -> None:
        """A block of its own, behind the paragraph so far."""
        if not self.in_table:
            self.end_paragraph()
        if block.text:
            self.last.blocks.append(block)
            self._put_notes()

    def end_paragraph(self) -> None:
        if self.in_table:
            self.put(" ")
        elif text := self._paragraph():
            self.last.blocks.append(Block(text, TEXT))
            self._put_notes()

    def _paragraph(self) -> str:
        """The text since the last block, broken where it is forced to."""
        text, self.pieces = "".join(self.pieces), []
        lines = (unwrapped(line.split("\n")) for line in text.split(LINE))
        return "\n".join(filter(None, lines))

    def _put_notes(self) -> None:
        if not self.depth:
            self.last.blocks += self._notes
            self._notes.clear()

    def ended(self) -> list[Block]:
        """Every block, once all that has begun is ended."""
        while self.depth:
            self._end_last()
        self.end_paragraph()
        self._put_notes()
        return self.last.blocks

    # Environments

    def begin(self, name: str) -> Frame:
        self._frames.append(Frame(name))
        return self.last

    def end(self, name: str) -> None:
        """End the environment, and those within it that were not."""
        if name not in {frame.name for frame in self._frames[1:]}:
            return
        while self.last.name != name:
            self._end_last()
        self._end_last()

    def _end_last(self) -> None:
        frame = self.last
        if frame.name in commands.LISTS:
            self._end_item()
            self._frames.pop()
            self.add(Block("\n".join(frame.items), LIST))
        elif frame.name in commands.TABLES:
            self._end_table()
        else:
            self.end_paragraph()
            self._frames.pop()
            for block in labelled(frame.label, frame.blocks) if frame.label else frame.blocks:
                self.add(block)

    # Lists

    def item(self, label: str) -> None:
        """The next item, or a paragraph where no list has begun."""
        frame = self.last
        if frame.name not in commands.LISTS:
            self.end_paragraph()
            self.put(f"{label} " if label else "")
            return
        self._end_item()
        frame.number += 1
        frame.mark = f"{frame.number}." if commands.LISTS[frame.name] else "-"
        frame.label = label

    def _end_item(self) -> None:
        """The item so far is one; what stands before the first is passed over as blocks."""
        self.end_paragraph()
        frame = self.last
        if frame.label:
            frame.blocks = labelled(frame.label, frame.blocks)
        if item := hung(frame.mark or "-", frame.blocks):
            frame.items.append(item)
        frame.blocks, frame.label = [], ""

    # Tables

    def end_cell(self) -> None:
        frame = self.last
        own = [block.text for block in frame.blocks]
        frame.cells.append(blocks.one_line(" ".join([*own, self._paragraph()])))
        frame.cells += [""] * (frame.span - 1)
        frame.blocks, frame.span = [], 1

    def end_row(self) -> None:
        self.end_cell()
        self.last.rows.append(self.last.cells)
        self.last.cells = []

    def _end_table(self) -> None:
        """A table within a table is text in its cell."""
        self.end_row()
        rows = self._frames.pop().rows
        if self.in_table:
            self.pieces += [" ".join(filter(None, row)) + " " for row in rows]
        else:
            self.add(Block("\n".join(blocks.table(rows))))
