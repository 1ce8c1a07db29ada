"""A LaTeX text without macros as Markdown blocks.

Commands that only change how text looks are passed over and their braces ignored, so that nothing
is read again for them; arguments that are read apart are nested twelve deep at most.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from taojin.pipeline.ingest.documents.latex import commands
from taojin.pipeline.ingest.documents.latex.reader import Reader
from taojin.pipeline.ingest.documents.latex.source import KEPT
from taojin.pipeline.ingest.documents.latex.symbols import (
    ACCENTS,
    LETTERS,
    SIGNS,
    SYMBOLS,
    accented,
    typeset,
)
from taojin.pipeline.ingest.documents.paragraphs import unwrapped
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.markup.blocks import LIST, TEXT, Block, hung, labelled

_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z@]+\*?)(?P<gap>[ \t]*(?:\n(?![ \t]*\n)[ \t]*)?)"
    r"|\\(?P<sign>.)"
    r"|(?P<math>\$\$?)"
    r"|\0(?P<kept>\d+)\0"
    r"|(?P<break>\n[ \t]*\n\s*)"
    r"|(?P<other>[{}&~])"
    r"|(?P<text>[^\\{}$&~\n\0]+|[\n\0])",
    re.S,
)
_LABEL = re.compile(r"\\(?:label|nonumber|notag)\b(?:[ ]*\{[^{}]{0,200}\})?")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_SPANS = frozenset(map(str, range(1, 30)))
_LINE = "\u2028"
_DEEPEST_ARGUMENT = 12
_DEEPEST_FRAME = 24


@dataclass
class State:
    """What the parts of one text share."""

    kept: list[str]
    """What the marks in the text stand for."""
    theorems: Mapping[str, str]
    has_chapters: bool = False
    is_chinese: bool = False
    shows_title: bool = False
    about: dict[str, str] = field(default_factory=dict)
    notes: list[Block] = field(default_factory=list)
    """Footnotes that follow the paragraph."""
    note_count: int = 0


@dataclass
class _Frame:
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


class Walk:
    """One way through a text, or through an argument that is read apart."""

    def __init__(self, text: str, state: State, depth: int = 0) -> None:
        self._reader = Reader(text)
        self._state = state
        self._depth = depth
        self._frames = [_Frame("")]
        self._pieces: list[str] = []

    def blocks(self) -> list[Block]:
        """Every block of the text."""
        reader = self._reader
        while token := _TOKEN.match(reader.text, reader.at):
            reader.at = token.end()
            _READ[token.lastgroup if token["word"] is None else "word"](self, token)
        while len(self._frames) > 1:
            self._end(self._frames[-1].name)
        self._end_paragraph()
        return self._frames[0].blocks

    def _inline(self, text: str) -> str:
        """The text of an argument on one line."""
        if self._depth >= _DEEPEST_ARGUMENT:
            return blocks.one_line(KEPT.sub("", text))
        walk = Walk(text, self._state, self._depth + 1)
        return blocks.one_line(" ".join(block.text for block in walk.blocks()))

    # Tokens

    def _text(self, token: re.Match[str]) -> None:
        self._pieces.append(typeset(token["text"]))

    def _kept(self, token: re.Match[str]) -> None:
        number = int(token["kept"])
        kept = self._state.kept[number] if number < len(self._state.kept) else ""
        if kept.startswith("```"):
            self._add(Block(kept))
        else:
            self._pieces.append(kept)

    def _break(self, _: re.Match[str]) -> None:
        self._end_paragraph()

    def _other(self, token: re.Match[str]) -> None:
        if token[0] == "~":
            self._pieces.append(" ")
        elif token[0] == "&":
            self._end_cell() if self._in_table() else self._pieces.append(" ")

    def _math(self, token: re.Match[str]) -> None:
        """A formula as it is written; a sign that is never followed by its like is a sign."""
        mark, reader = token["math"], self._reader
        start = reader.at
        formula = reader.until(mark)
        if formula is None or (mark == "$" and _BLANK_LINES.search(formula)):
            reader.at = start
            self._pieces.append(mark)
        elif mark == "$":
            self._pieces.append(f"${blocks.one_line(formula)}$" if formula.strip() else "")
        else:
            self._formula(formula)

    def _formula(self, formula: str) -> None:
        lines = _BLANK_LINES.sub("\n", _LABEL.sub("", formula)).split("\n")
        text = "\n".join(line.rstrip() for line in lines if line.strip())
        if self._in_table() or self._depth:
            self._pieces.append(f"${blocks.one_line(text)}$")
        elif text:
            self._add(Block(f"$$\n{text.strip()}\n$$"))

    def _sign(self, token: re.Match[str]) -> None:
        sign = token["sign"]
        if sign == "\\":
            self._reader.option()
            self._end_row() if self._in_table() else self._pieces.append(_LINE)
        elif sign in "([":
            formula = self._reader.until("\\)" if sign == "(" else "\\]")
            if formula is not None and sign == "(":
                self._pieces.append(f"${blocks.one_line(formula)}$")
            elif formula is not None:
                self._formula(formula)
        elif sign in ACCENTS:
            self._accent(ACCENTS[sign])
        else:
            self._pieces.append(SIGNS.get(sign, ""))

    def _accent(self, accent: str) -> None:
        letter = self._reader.argument()
        word = letter.strip().lstrip("\\")
        letter = LETTERS.get(word, word) if letter.strip().startswith("\\") else letter
        self._pieces.append(accented(letter, accent))

    def _word(self, token: re.Match[str]) -> None:
        starred, name = token["word"], token["word"].rstrip("*")
        if name in ("begin", "end"):
            (self._begin if name == "begin" else self._end)(self._reader.argument().strip())
        elif name in commands.HEADINGS:
            self._heading(name)
        elif name in _COMMANDS:
            _COMMANDS[name](self, starred)
        elif name in SYMBOLS:
            self._pieces.append(SYMBOLS[name])
            self._reader.at = token.start("gap")
            self._skip_empty_group(token)
        elif name in ACCENTS:
            self._accent(ACCENTS[name])
        else:
            self._leave_out(name)

    def _skip_empty_group(self, token: re.Match[str]) -> None:
        """A command's name eats the spaces behind it, unless braces part them."""
        reader = self._reader
        reader.at = token.end()
        if reader.text.startswith("{}", reader.at):
            reader.at += 2

    def _leave_out(self, name: str) -> None:
        """Pass over a command, and over its arguments if they are known to be no text."""
        if name in commands.CITING and self._pieces:
            self._pieces[-1] = self._pieces[-1].rstrip()
        if name in commands.BREAKS:
            self._end_paragraph()
        while self._reader.option() is not None:
            pass
        for _ in range(commands.LEFT_OUT.get(name, 0)):
            self._reader.braced()

    # Commands

    def _heading(self, name: str) -> None:
        self._reader.option()
        self._add_heading(name, self._inline(self._reader.argument()))

    def _add_heading(self, name: str, title: str) -> None:
        """A heading below the title, if the text shows one."""
        level = commands.HEADINGS[name] - (not self._state.has_chapters and name != "part")
        self._add(Block(blocks.heading(level + self._state.shows_title, title)))

    def _about(self, name: str) -> None:
        self._reader.option()
        given = self._inline(self._reader.argument())
        if name not in self._state.about:
            self._state.about[name] = given

    def _title(self, _: str) -> None:
        title = self._state.about.get("title", "")
        if title and not self._state.shows_title:
            self._state.shows_title = True
            self._add(Block(blocks.heading(1, title)))

    def _caption(self, _: str) -> None:
        self._reader.option()
        self._add(Block(self._inline(self._reader.argument()), TEXT))

    def _footnote(self, _: str) -> None:
        self._reader.option()
        self._state.note_count += 1
        mark = f"[^{self._state.note_count}]"
        place = len(self._state.notes)
        self._state.notes.append(Block(""))
        self._state.notes[place] = Block(f"{mark}: {self._inline(self._reader.argument())}")
        self._pieces.append(mark)

    def _url(self, _: str) -> None:
        self._pieces.append(self._reader.argument().replace("\\", ""))

    def _reference(self, _: str) -> None:
        self._pieces.append(f"[{blocks.one_line(self._reader.argument())}]")

    def _code(self, _: str) -> None:
        """Code in braces, or the name of a file that holds it."""
        self._reader.option()
        self._pieces.append(f"`{self._inline(self._reader.argument())}`")

    def _span(self, _: str) -> None:
        count = self._reader.argument().strip()
        self._reader.argument()
        self._frames[-1].span = int(count) if count in _SPANS else 1

    def _item(self, _: str) -> None:
        frame = self._frames[-1]
        if frame.name not in commands.LISTS:
            self._end_paragraph()
            return
        self._end_item()
        frame.number += 1
        frame.mark = f"{frame.number}." if commands.LISTS[frame.name] else "-"
        label = self._reader.option()
        frame.label = self._inline(label).rstrip(":") if label is not None else ""

    # Environments

    def _begin(self, name: str) -> None:
        self._end_paragraph()
        if name in commands.MATH:
            self._math_environment(name)
            return
        if len(self._frames) > _DEEPEST_FRAME:
            return
        title = self._reader.option()
        for _ in range(commands.WITH_ARGUMENTS.get(name, 0) + (name in commands.TABLES)):
            self._reader.braced()
        self._frames.append(_Frame(name))
        if name == "abstract":
            self._add_heading("section", "摘要" if self._state.is_chinese else "Abstract")
        elif name == "frame" and (found := self._reader.braced()):
            self._add_heading("frametitle", self._inline(found))
        elif theorem := self._state.theorems.get(name, commands.THEOREMS.get(name.rstrip("*"), "")):
            label = self._inline(theorem)
            self._frames[-1].label = f"{label} ({self._inline(title)})" if title else label

    def _math_environment(self, name: str) -> None:
        formula = self._reader.until(f"\\end{{{name}}}")
        if formula is not None:
            is_plain = name in commands.PLAIN_MATH
            self._formula(
                formula if is_plain else f"\\begin{{{name}}}\n{formula.strip()}\n\\end{{{name}}}"
            )

    def _end(self, name: str) -> None:
        """End the environment, and those within it that were not."""
        if name not in {frame.name for frame in self._frames[1:]}:
            return
        while len(self._frames) > 1:
            is_last = self._frames[-1].name == name
            self._end_frame()
            if is_last:
                return

    def _end_frame(self) -> None:
        frame = self._frames[-1]
        if frame.name in commands.LISTS:
            self._end_item()
            self._frames.pop()
            self._add(Block("\n".join(frame.items), LIST))
        elif frame.name in commands.TABLES:
            self._end_row()
            self._frames.pop()
            if self._in_table():
                self._pieces += [" ".join(filter(None, row)) + " " for row in frame.rows]
            else:
                self._add(Block("\n".join(blocks.table(frame.rows))))
        else:
            self._end_paragraph()
            self._frames.pop()
            inner = labelled(frame.label, frame.blocks) if frame.label else frame.blocks
            for block in inner:
                self._add(block)

    def _end_item(self) -> None:
        """The item so far is one; what stands before the first is passed over as blocks."""
        self._end_paragraph()
        frame = self._frames[-1]
        if frame.label:
            frame.blocks = labelled(frame.label, frame.blocks)
        if item := hung(frame.mark or "-", frame.blocks):
            frame.items.append(item)
        frame.blocks, frame.label = [], ""

    def _in_table(self) -> bool:
        return self._frames[-1].name in commands.TABLES

    def _end_cell(self) -> None:
        frame = self._frames[-1]
        own = [block.text for block in frame.blocks]
        frame.cells.append(blocks.one_line(" ".join([*own, self._paragraph()])))
        frame.cells += [""] * (frame.span - 1)
        frame.blocks, frame.span = [], 1

    def _end_row(self) -> None:
        self._end_cell()
        frame = self._frames[-1]
        frame.rows.append(frame.cells)
        frame.cells = []

    # Paragraphs

    def _paragraph(self) -> str:
        """The text since the last block, broken where it is forced to."""
        text, self._pieces = "".join(self._pieces), []
        lines = (unwrapped(line.split("\n")) for line in text.split(_LINE))
        return "\n".join(filter(None, lines))

    def _end_paragraph(self) -> None:
        if self._in_table():
            self._pieces.append(" ")
            return
        if text := self._paragraph():
            self._frames[-1].blocks.append(Block(text, TEXT))
        if self._depth == 0 and len(self._frames) == 1:
            self._frames[0].blocks += self._state.notes
            self._state.notes = []

    def _add(self, block: Block) -> None:
        """A block of its own, behind the paragraph so far."""
        if not self._in_table():
            self._end_paragraph()
        if block.text:
            self._frames[-1].blocks.append(block)


_READ: Mapping[str | None, Callable[[Walk, re.Match[str]], None]] = {
    "word": Walk._word,
    "sign": Walk._sign,
    "math": Walk._math,
    "kept": Walk._kept,
    "break": Walk._break,
    "other": Walk._other,
    "text": Walk._text,
}
_COMMANDS: Mapping[str, Callable[[Walk, str], None]] = {
    **dict.fromkeys(("title", "date"), Walk._about),
    "maketitle": Walk._title,
    **dict.fromkeys(("caption", "subcaption"), Walk._caption),
    **dict.fromkeys(("footnote", "footnotetext"), Walk._footnote),
    **dict.fromkeys(("url", "path", "nolinkurl"), Walk._url),
    **dict.fromkeys(commands.REFERENCES, Walk._reference),
    **dict.fromkeys(("lstinline", "lstinputlisting", "verbatiminput"), Walk._code),
    "multicolumn": Walk._span,
    "item": Walk._item,
}
FIXED: Mapping[str, object] = {**_COMMANDS, **commands.HEADINGS, **SYMBOLS, "begin": 0, "end": 0}
"""Commands that keep their meaning whatever a text defines."""
