"""Body elements as Markdown blocks: sections, lists, quotes, tables, code, explicit markup."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from taojin.pipeline.ingest.documents.paragraphs import width
from taojin.pipeline.ingest.documents.rst import directives, tables
from taojin.pipeline.ingest.documents.rst.inline import plain
from taojin.pipeline.ingest.documents.rst.lines import block_end, dedented, indent, trimmed
from taojin.pipeline.ingest.documents.rst.state import State
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.markup.blocks import LIST, TEXT, Block, hung, labelled

DEEPEST = 24
"""What is nested deeper is text without a structure; so no line is read more often than that."""

_RULE = re.compile(r"([!-/:-@\[-`{-~])\1*")
_BULLET = re.compile(r"([-*+•‣⁃])(?: +|$)")
_ENUMERATOR = re.compile(
    r"(?P<open>\(?)(?P<label>\d{1,9}|#|[A-Za-z]|[ivxlcdm]{2,8}|[IVXLCDM]{2,8})"
    r"(?P<close>[.)])(?: +|$)"
)
_FIELD = re.compile(r":(?![: ])(?P<name>(?:[^\\:`]|\\.|:(?! |$)){1,200}):(?: +|$)")
_ARGUMENT = r"(?:[ =]<[^<>]{1,60}>|[ =][A-Za-z][\w-]{0,40})?"
_OPTION = re.compile(
    rf"(?P<names>(?:--?|/)[A-Za-z0-9][\w-]{{0,40}}{_ARGUMENT}"
    rf"(?:, (?:--?|/)[\w-]{{1,40}}{_ARGUMENT}){{0,6}})(?:  +|$)"
)
_TARGET = re.compile(r"\.\. +_(?![ ]).{0,2000}?:(?: |$)|__ ")
_NOTE = re.compile(r"\.\. +\[(?P<label>\d{1,9}|#[\w.-]{0,60}|\*|[^\W\d_][\w.-]{0,60})\](?: +|$)")
_SUBSTITUTION = re.compile(r"\.\. +\|[^|]{1,100}\| ")
_DIRECTIVE = re.compile(r"\.\. +(?P<name>[A-Za-z][\w.+:-]{0,60}?) ?::(?: +|$)")


class Body:
    """The elements of some lines that share an indentation."""

    def __init__(self, lines: Sequence[str], state: State, depth: int = 0) -> None:
        self._lines = lines
        self._state = state
        self._depth = depth
        self._at = 0

    def blocks(self) -> Iterator[Block]:
        """Every block that holds text."""
        if self._depth > DEEPEST:
            yield Block(self._text(list(self._lines)), TEXT)
            return
        while self._at < len(self._lines):
            if not self._lines[self._at]:
                self._at += 1
                continue
            for block in self._element():
                if block.text:
                    self._state.has_text = self._state.has_text or not block.text.startswith("#")
                    yield block

    def _element(self) -> Iterator[Block]:
        line = self._lines[self._at]
        if line[0] == " ":
            yield from self.inner(self._taken())
        elif line.startswith(("..", "__ ")) and (line[2:3] in ("", " ") or line[0] == "_"):
            yield from self._explicit(line)
        elif self._is_heading(line):
            yield self._heading()
        elif _RULE.fullmatch(line) and len(line) >= 4 and not self._line(1):
            self._at += 1
        elif _FIELD.match(line):
            yield from self._fields()
        elif block := self._list_or_code(line) or self._table(line):
            yield block
        elif indent(self._line(1)) and not line.endswith("::"):
            yield self._definitions()
        else:
            yield from self._text_block()

    def _list_or_code(self, line: str) -> Block | None:
        """What the first signs of a line tell."""
        if found := self._marker(line):
            return self._list(found)
        if line[0] in "-/" and _OPTION.match(line):
            return self._options()
        if line.startswith("| ") or line == "|":
            return self._line_block()
        return self._code(self._paragraph(), "pycon") if line.startswith(">>> ") else None

    def _line(self, ahead: int) -> str:
        at = self._at + ahead
        return self._lines[at] if at < len(self._lines) else ""

    def _take(self, end: int) -> list[str]:
        taken = list(self._lines[self._at : end])
        self._at = end
        return taken

    def _taken(self, least: int = 1) -> list[str]:
        """The indented lines that come next, without the indentation that they share."""
        return dedented(self._take(block_end(self._lines, self._at, least)))

    def inner(self, lines: Sequence[str]) -> list[Block]:
        """The blocks of lines that are nested in this element."""
        return list(Body(lines, self._state, self._depth + 1).blocks())

    def _text(self, lines: list[str]) -> str:
        return self._state.inline.lines(lines)

    # Sections

    def _is_heading(self, line: str) -> bool:
        if _RULE.fullmatch(line):
            return len(line) > 1 and self._line(2) == line and bool(self._line(1))
        rule = self._line(1)
        if not rule or not _RULE.fullmatch(rule):
            return False
        return len(rule) >= 4 or (rule != "::" and len(rule) >= width(line))

    def _heading(self) -> Block:
        is_over = bool(_RULE.fullmatch(self._line(0)))
        title = self._state.inline.text(self._line(1 if is_over else 0).strip())
        level = self._state.level(self._line(1 + is_over)[0], is_over)
        self._at += 2 + is_over
        if not self._state.first_heading and not self._state.has_text:
            self._state.first_heading = title
        return Block(blocks.heading(level, title))

    # Lists

    def _marker(self, line: str) -> re.Match[str] | None:
        """The mark of an item; a number only where the next line leaves no doubt."""
        if found := _BULLET.match(line):
            return found
        found = _ENUMERATOR.match(line)
        if found is None or (found["open"] and found["close"] == "."):
            return None
        after = self._line(1)
        is_item = not after or indent(after) >= found.end() or _ENUMERATOR.match(after)
        return found if is_item else None

    def _list(self, first: re.Match[str]) -> Block:
        """Items that have the same bullet, or numbers that are written alike and go on."""
        kind, number = _kind(first), _number(first, 1)
        found: re.Match[str] | None = first
        pieces: list[str] = []
        while found and _kind(found) == kind and _number(found, number) == number:
            own = self._line(0)[found.end() :]
            self._at += 1
            rest = self._take(block_end(self._lines, self._at, max(found.end(), 2)))
            lines = [own, *(line[found.end() :] for line in rest)]
            if item := hung(f"{number}." if kind[0] != "bullet" else "-", self.inner(lines)):
                pieces.append(item)
            number += 1
            self._skip_blanks()
            found = self._marker(self._line(0)) if self._line(0) else None
        return Block("\n".join(pieces), LIST)

    def _skip_blanks(self) -> None:
        while self._at < len(self._lines) and not self._lines[self._at]:
            self._at += 1

    def _fields(self) -> Iterator[Block]:
        """A list of fields; at the head of a document they are about it and not part of it."""
        fields: list[tuple[str, list[str]]] = []
        while found := _FIELD.match(self._line(0)):
            own = self._line(0)[found.end() :]
            self._at += 1
            rest = dedented(self._take(block_end(self._lines, self._at)))
            fields.append((plain(found["name"]), [own, *rest]))
            self._skip_blanks()
        if self._depth == 0 and not self._state.has_text:
            self._state.fields |= {
                name.lower(): self._text(trimmed(value)) for name, value in reversed(fields)
            }
            return
        items = (hung("-", labelled(name, self.inner(value))) for name, value in fields)
        yield Block("\n".join(items), LIST)

    def _options(self) -> Block:
        items: list[str] = []
        while found := _OPTION.match(self._line(0)):
            own = self._line(0)[found.end() :]
            self._at += 1
            inner = self.inner([own, *self._taken()])
            items.append(hung("-", labelled(f"`{found['names']}`", inner)))
            self._skip_blanks()
        return Block("\n".join(items), LIST)

    def _definitions(self) -> Block:
        items: list[str] = []
        while self._line(0) and indent(self._line(0)) == 0 and indent(self._line(1)):
            if items and self._starts_other(self._line(0)):
                break
            term = self._state.inline.text(self._line(0))
            self._at += 1
            items.append(hung("-", labelled(term, self.inner(self._taken()))))
            self._skip_blanks()
        return Block("\n".join(items), LIST)

    def _starts_other(self, line: str) -> bool:
        return line.startswith((".. ", "| ", ">>> ")) or bool(
            self._marker(line) or _FIELD.match(line) or line.endswith("::")
        )

    def _line_block(self) -> Block:
        lines: list[str] = []
        while self._line(0)[:1] == "|" or (lines and indent(self._line(0))):
            lines.append(self._state.inline.text(self._line(0).lstrip("| ")))
            self._at += 1
        return Block("\n".join(filter(None, lines)), TEXT)

    # Paragraphs and code

    def _paragraph(self) -> list[str]:
        at = self._at
        while at < len(self._lines) and self._lines[at] and self._lines[at][0] != " ":
            at += 1
        return self._take(max(at, self._at + 1))

    def _text_block(self) -> Iterator[Block]:
        """A paragraph; two colons at its end say that what follows is code."""
        lines = self._paragraph()
        if not lines[-1].endswith("::"):
            yield Block(self._text(lines), TEXT)
            return
        last = lines[-1]
        lines[-1] = last[:-2].rstrip() if last[-3:-2] in ("", " ") else last[:-1]
        yield Block(self._text(lines), TEXT)
        yield self._code(self._literal(), self._state.language)

    def _literal(self) -> list[str]:
        """The indented lines that follow, or those that all begin with the same sign."""
        self._skip_blanks()
        line = self._line(0)
        if indent(line):
            return self._taken()
        if not line or not _RULE.match(line):
            return []
        end = self._at
        while end < len(self._lines) and self._lines[end][:1] == line[0]:
            end += 1
        return self._take(end)

    def _code(self, lines: Sequence[str], language: str) -> Block:
        return Block(blocks.fence("\n".join(lines), language))

    # Tables

    def _table(self, line: str) -> Block | None:
        rows: tables.Rows | None
        if tables.is_grid(line):
            lines = self._take(tables.grid_end(self._lines, self._at))
            rows = tables.grid(lines)
            if rows is None:
                return self._code(lines, "")
        elif tables.is_border(line) and (end := self._columns_end()):
            rows = tables.columns(self._take(end))
        else:
            return None
        return Block("\n".join(blocks.table([self._text(cell) for cell in row] for row in rows)))

    @cached_property
    def _closings(self) -> list[int]:
        return tables.closings(self._lines)

    def _columns_end(self) -> int:
        return tables.columns_end(self._at, self._closings, self._lines)

    # Explicit markup

    def _explicit(self, line: str) -> Iterator[Block]:
        start = self._at
        is_empty = line == ".." and not self._line(1)
        self._at += 1
        rest = [] if is_empty else dedented(self._take(block_end(self._lines, self._at)))
        if note := _NOTE.match(line):
            label = self._state.inline.note(note["label"])
            yield Block(hung(f"[^{label}]:", self.inner([line[note.end() :], *rest])))
        elif _TARGET.match(line) or _SUBSTITUTION.match(line):
            return
        elif directive := _DIRECTIVE.match(line):
            own = line[directive.end() :]
            yield from directives.read(directive["name"], own, rest, self.inner, self._state)
        elif start == 0 or not self._state.has_text:
            self._state.fields |= _about(line)


_ABOUT = re.compile(r"\.\. +(title|date|link|licen[cs]e): +(.+)", re.I)


def _about(comment: str) -> dict[str, str]:
    """What a comment before the text says about it, as blogs do."""
    found = _ABOUT.match(comment)
    return {found[1].lower(): found[2]} if found else {}


def _kind(found: re.Match[str]) -> tuple[str, str]:
    """How an item is marked: by which bullet, or by numbers or letters with which signs."""
    if found.re is _BULLET:
        return "bullet", found[1]
    label = found["label"]
    return "digit" if label.isdigit() or label == "#" else "letter", found["open"] + found["close"]


def _number(found: re.Match[str], otherwise: int) -> int:
    """The number of an item, the other where it shows none."""
    has_number = found.re is _ENUMERATOR and found["label"].isdigit()
    return int(found["label"]) if has_number else otherwise
