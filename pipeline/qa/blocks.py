"""Blocks: what stands where in a text, be it Markdown, reStructuredText or plain.

Code, comments, front matter, images and tables of contents become `other`, from which nothing is
ever asked. Offsets are code points of the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_FENCE = re.compile(r"[ \t]*(?:>[ ]?)*(```+|~~~+)")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t\r]*$")
_BOLD_LINE = re.compile(r"[ \t]*\*\*([^*\n]{2,80})\*\*[ \t\r]*$")
_UNDERLINE = re.compile(r"(=+|-+|~+|:+|\^+)[ \t\r]*$")
_ITEM = re.compile(
    r"[ \t　]*(?:[-*+•●■][ \t]+|\d{1,2}[.)][ \t]+|\d{1,2}、|"
    r"[（(][一二三四五六七八九十\d]{1,3}[）)])[ \t　]*"
)
_OTHER = re.compile(
    r"[ \t]*(?:!\[|<(?![A-Z_]+>)|:::|\{[{%<]|\.\. |\[\^?[^\]]+\]:|import |export |={3,}|"
    r"-{3,}|\*{3,})"
)
_FRONT = re.compile(r"---[ \t\r]*\n.*?\n---[ \t\r]*(?:\n|$)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t\r]*$", re.MULTILINE)
_BREAK_AFTER = re.compile(r"[.!?:。！？：；][\"'”’)）*`]*[ \t\r]*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (level 1 to 6, bold lines 7), paragraph, item, table, quote or other."""

    kind: str
    start: int
    end: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """What the layers see of one document; `zh` chooses the patterns, `hant` the characters."""

    doc_id: str
    text: str
    title: str
    zh: bool
    hant: bool = False
    blocks: Sequence[Block] = field(default=())

    def of(self, block: Block) -> str:
        """The text of a block."""
        return self.text[block.start : block.end]


def document(doc_id: str, text: str, title: str, lang: str) -> Document:
    """A document with its blocks; the title falls back to front matter, then the first heading."""
    zh = lang.startswith("zh")
    found = list(blocks(text, zh=zh))
    return Document(
        doc_id, text, title or _own_title(text, found), zh, lang.startswith("zh-Hant"), found
    )


def _own_title(text: str, found: Sequence[Block]) -> str:
    front = _FRONT.match(text)
    named = _FRONT_TITLE.search(front.group()) if front else None
    if named:
        return named.group(1)
    first = next((block for block in found if block.kind == "heading"), None)
    return text[first.start : first.end] if first and first.level <= 2 else ""


@dataclass(slots=True)
class _Lines:
    """The state of the walk over lines: open fence or comment, last block, blank line before."""

    text: str
    zh: bool
    fence: str = ""
    comment: bool = False
    literal: bool = False
    blank: bool = True
    open: Block | None = None


def blocks(text: str, *, zh: bool) -> Iterator[Block]:
    """The blocks of a text in order; in Chinese each line of prose is a paragraph of its own."""
    front = _FRONT.match(text)
    at = front.end() if front else 0
    state = _Lines(text, zh)
    for line in text[at:].split("\n"):
        yield from _step(state, line, at)
        at += len(line) + 1
    if state.open:
        yield state.open


def _step(state: _Lines, line: str, at: int) -> Iterator[Block]:
    """Blocks that this line completes; the block it begins or continues stays open."""
    block = _begin(state, line, at)
    last = state.open
    if block is None:
        state.blank = state.blank or not line.strip()
        return
    if last and block.kind == last.kind and _continues(state, last, line):
        state.open = Block(last.kind, last.start, block.end, last.level)
    elif last and block.kind == "underline":
        underlined = last.kind == "paragraph" and not state.blank
        underlined = underlined and "\n" not in state.text[last.start : last.end]
        kind = "heading" if underlined else "other"
        level = 1 if line[0] == "=" else 2
        yield from () if underlined else (last,)
        state.open = Block(
            kind, last.start if underlined else at, last.end if underlined else at, level
        )
    else:
        if last:
            yield last
        state.open = block if block.kind != "underline" else Block("other", at, at)
    state.blank = False


def _begin(state: _Lines, line: str, at: int) -> Block | None:
    """The block that this line would be on its own; None for a blank line."""
    end = at + len(line.rstrip())
    if state.fence or state.comment:
        _close(state, line)
        return Block("other", at, end)
    stripped = line.strip()
    if not stripped:
        return None
    indent = len(line) - len(line.lstrip(" \t"))
    literal = state.literal and (indent >= 2 or not state.blank)
    if literal or _opens(state, line, stripped):
        return Block("other", at, end)
    state.literal = stripped.startswith(".. ") or stripped.endswith("::")
    kind = {"|": "table", ">": "quote"}.get(stripped[0])
    return Block(kind, at, end) if kind else _prose(state, line, at, end, indent)


def _opens(state: _Lines, line: str, stripped: str) -> bool:
    """Whether a fence or a comment begins here."""
    fence = _FENCE.match(line) if stripped[0] in "`~" else None
    if fence:
        state.fence = fence.group(1)
    comment = stripped.startswith("<!--")
    state.comment = comment and "-->" not in stripped
    return comment or fence is not None


def _close(state: _Lines, line: str) -> None:
    if state.comment:
        state.comment = "-->" not in line
    elif line.strip().lstrip("> ").startswith(state.fence):
        state.fence = ""


def _prose(state: _Lines, line: str, at: int, end: int, indent: int) -> Block:
    heading = _HEADING.match(line) if line[0] == "#" else _BOLD_LINE.match(line)
    if heading:
        level = len(heading.group(1)) if line[0] == "#" else 7
        group = 2 if line[0] == "#" else 1
        return Block("heading", at + heading.start(group), at + heading.end(group), level)
    if len(line) >= 3 and _UNDERLINE.match(line):
        return Block("underline", at, end)
    item = _ITEM.match(line)
    last = state.open
    listed = last is not None and last.kind == "item"
    if _OTHER.match(line) or (indent >= 4 and state.blank and not listed and item is None):
        return Block("other", at, end)
    if item and item.end() < len(line):
        return Block("item", at + item.end(), end, indent)
    if listed and not state.blank and indent:
        return Block("item", at + indent, end, -1)
    return Block("paragraph", at + len(line) - len(line.lstrip(" \t\r　\u200b\ufeff")), end)


def _continues(state: _Lines, last: Block, line: str) -> bool:
    """Whether a line of the same kind belongs to the open block."""
    if last.kind in ("other", "table", "quote"):
        return not state.blank
    if state.blank or last.kind == "heading":
        return False
    if last.kind == "item":
        return _ITEM.match(line) is None
    before = state.text.rfind("\n", 0, last.end) + 1
    width = last.end - before
    ended = _BREAK_AFTER.search(state.text, before, last.end) is not None
    if state.zh:
        return False
    return not (ended and width > 120) and (ended or width >= 40)
