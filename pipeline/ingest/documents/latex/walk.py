"""A LaTeX text without macros as Markdown blocks, token by token.

Commands that only change how text looks are passed over and their braces ignored, so that nothing
is read again for them; arguments that are read apart are nested twelve deep at most.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from taojin.pipeline.ingest.documents.latex import actions, commands
from taojin.pipeline.ingest.documents.latex.environments import LINE, Environments
from taojin.pipeline.ingest.documents.latex.reader import OVERLAY, Reader
from taojin.pipeline.ingest.documents.latex.source import KEPT
from taojin.pipeline.ingest.documents.latex.symbols import (
    ACCENTS,
    LETTERS,
    SIGNS,
    SYMBOLS,
    accented,
    typeset,
)
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.markup.blocks import Block

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
_STAR = re.compile(r"\*")
_SPANNED = re.compile(r"\([^()\n]{0,20}\)")
"""Behind a rule over some columns: at which ends it is cut off."""
_LENGTH = re.compile(
    r"[ ]*=?[ ]*(?:[+-]?[ ]*(?:\d+\.?\d*|\.\d+)[ ]*(?:pt|cm|mm|in|em|ex|mu|bp|sp|pc|\\[A-Za-z@]+)"
    r"(?:[ ]*(?:plus|minus)[ ]*[\d.]+[ ]*(?:pt|cm|mm|in|em|ex|fil+))*|\\[A-Za-z@]+)"
)
_FILE = re.compile(r"[ ]*[^\s{}\\]+")
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
    """Footnotes that follow the block."""
    note_count: int = 0


class Walk:
    """One way through a text, or through an argument that is read apart."""

    def __init__(self, text: str, state: State, depth: int = 0) -> None:
        self.reader = Reader(text)
        self.state = state
        self._depth = depth
        self.open = Environments([] if depth else state.notes)

    def blocks(self) -> list[Block]:
        """Every block of the text."""
        reader = self.reader
        while token := _TOKEN.match(reader.text, reader.at):
            reader.at = token.end()
            _READ[token.lastgroup if token["word"] is None else "word"](self, token)
        return self.open.ended()

    def inline(self, text: str) -> str:
        """The text of an argument on one line."""
        if self._depth >= _DEEPEST_ARGUMENT:
            return blocks.one_line(KEPT.sub("", text))
        walk = Walk(text, self.state, self._depth + 1)
        return blocks.one_line(" ".join(block.text for block in walk.blocks()))

    # Tokens

    def _text(self, token: re.Match[str]) -> None:
        self.open.put(typeset(token["text"]))

    def _kept(self, token: re.Match[str]) -> None:
        number = int(token["kept"])
        kept = self.state.kept[number] if number < len(self.state.kept) else ""
        self.open.add(Block(kept)) if kept.startswith("```") else self.open.put(kept)

    def _break(self, _: re.Match[str]) -> None:
        self.open.end_paragraph()

    def _other(self, token: re.Match[str]) -> None:
        frame = self.open.last
        if token[0] == "~":
            self.open.put(" ")
        elif token[0] == "{" and self.open.in_table:
            frame.group_end = max(frame.group_end, self.reader.closing(token.start()))
        elif token[0] == "&":
            self.open.end_cell() if self.open.in_table else self.open.put(" ")

    def _math(self, token: re.Match[str]) -> None:
        """A formula as it is written; a sign that is never followed by its like is a sign."""
        mark, reader = token["math"], self.reader
        start = reader.at
        formula = reader.until(mark)
        if formula is None or (mark == "$" and _BLANK_LINES.search(formula)):
            reader.at = start
            self.open.put(mark)
        elif mark == "$":
            self.open.put(f"${blocks.one_line(formula)}$" if formula.strip() else "")
        else:
            self.formula(formula)

    def formula(self, formula: str) -> None:
        """A formula that stands alone, unless it is in an argument or a cell."""
        lines = _BLANK_LINES.sub("\n", _LABEL.sub("", formula)).split("\n")
        text = "\n".join(line.rstrip() for line in lines if line.strip())
        if self.open.in_table or self._depth:
            self.open.put(f"${blocks.one_line(text)}$")
        elif text:
            self.open.add(Block(f"$$\n{text.strip()}\n$$"))

    def _sign(self, token: re.Match[str]) -> None:
        sign = token["sign"]
        if sign == "\\":
            self._line_end(token.start())
        elif sign in "([":
            formula = self.reader.until("\\)" if sign == "(" else "\\]")
            if formula is not None and sign == "(":
                self.open.put(f"${blocks.one_line(formula)}$")
            elif formula is not None:
                self.formula(formula)
        elif sign in ACCENTS:
            self._accent(ACCENTS[sign])
        else:
            self.open.put(SIGNS.get(sign, ""))

    def _line_end(self, at: int) -> None:
        """The end of a row, or of a line in a cell or a paragraph."""
        self.reader.skip(_STAR)
        self.reader.option()
        if not self.open.in_table:
            self.open.put(LINE)
        elif at < self.open.last.group_end:
            self.open.put(" ")
        else:
            self.open.end_row()

    def _accent(self, accent: str) -> None:
        letter = self.reader.argument()
        word = letter.strip().lstrip("\\")
        letter = LETTERS.get(word, word) if letter.strip().startswith("\\") else letter
        self.open.put(accented(letter, accent))

    def _word(self, token: re.Match[str]) -> None:
        starred, name = token["word"], token["word"].rstrip("*")
        if name in ("begin", "end"):
            self._border(name, self.reader.argument().strip())
        elif name in actions.ACTIONS:
            actions.ACTIONS[name](self, starred)
        elif self.open.last.name in commands.STEPPED and name in commands.STEPS:
            actions.step(self, name)
        elif name in SYMBOLS:
            self.open.put(SYMBOLS[name])
            self._skip_empty_group()
        elif name in ACCENTS:
            self._accent(ACCENTS[name])
        else:
            self._leave_out(name)

    def _skip_empty_group(self) -> None:
        """A command's name eats the spaces behind it, unless braces part them."""
        if self.reader.text.startswith("{}", self.reader.at):
            self.reader.at += 2

    def _leave_out(self, name: str) -> None:
        """Pass over a command, and over its arguments if they are known to be no text."""
        reader = self.reader
        if name in commands.CITING and self.open.pieces:
            self.open.pieces[-1] = self.open.pieces[-1].rstrip()
        if name in commands.BREAKS:
            self.open.end_paragraph()
        reader.skip(_SPANNED if name in commands.RULES else OVERLAY)
        while reader.option() is not None:
            pass
        for _ in range(commands.LEFT_OUT.get(name, 0)):
            reader.register() if name in commands.SETTING else reader.braced()
        if name in commands.LENGTHS:
            reader.skip(_LENGTH)
        elif name in commands.FILES:
            reader.skip(_FILE)

    # Environments

    def _border(self, word: str, name: str) -> None:
        if word == "end":
            self.open.end(name)
            return
        self.open.end_paragraph()
        if name in commands.MATH:
            self._math_environment(name)
        elif self.open.depth < _DEEPEST_FRAME:
            self.reader.skip(OVERLAY)
            title = self.reader.option()
            for _ in range(commands.WITH_ARGUMENTS.get(name, 0) + (name in commands.TABLES)):
                self.reader.braced()
            actions.begin(self, name, title)

    def _math_environment(self, name: str) -> None:
        formula = self.reader.until(f"\\end{{{name}}}")
        if formula is not None:
            is_plain = name in commands.PLAIN_MATH
            self.formula(
                formula if is_plain else f"\\begin{{{name}}}\n{formula.strip()}\n\\end{{{name}}}"
            )


_READ: Mapping[str | None, Callable[[Walk, re.Match[str]], None]] = {
    "word": Walk._word,
    "sign": Walk._sign,
    "math": Walk._math,
    "kept": Walk._kept,
    "break": Walk._break,
    "other": Walk._other,
    "text": Walk._text,
}
FIXED: Mapping[str, object] = {**actions.ACTIONS, **SYMBOLS, "begin": 0, "end": 0}
"""Commands that keep their meaning whatever a text defines."""
