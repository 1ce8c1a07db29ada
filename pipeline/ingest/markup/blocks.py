"""Markdown blocks, as every reader of documents writes them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

TEXT, LIST, OTHER = "text", "list", "other"
_FENCE = re.compile(r"^[ \t]*(`{3,})", re.M)
_LINE_END = re.compile(r"\n(?=[^\n])")
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


def one_line(text: str) -> str:
    """The text with every stretch of white space put as one space."""
    return " ".join(text.split())


def heading(level: int, text: str) -> str:
    """A heading's line, its level at most six; "" without text."""
    line = one_line(text)
    return f"{'#' * min(max(level, 1), 6)} {line}" if line else ""


def item(text: str, depth: int = 0, number: int = 0) -> str:
    """An item's line: numbered if it has a number, two spaces deeper for each level."""
    return f"{'  ' * depth}{f'{number}.' if number else '-'} {one_line(text)}"


def table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Markdown rows with a rule below the first; rows without text are left out."""
    ruled = False
    for row in rows:
        cells = [one_line(cell) for cell in row]
        if not any(cells):
            continue
        yield f"| {' | '.join(cells)} |"
        if not ruled:
            yield f"|{'---|' * len(cells)}"
            ruled = True


def fence(code: str, language: str = "") -> str:
    """Code between fences that are longer than any in it; "" without code."""
    code = code.strip("\n")
    if not code.strip():
        return ""
    longest = max((len(found) for found in _FENCE.findall(code)), default=2)
    marks = "`" * max(3, longest + 1)
    named = language if _LANGUAGE.fullmatch(language) else ""
    return f"{marks}{named}\n{code}\n{marks}"


def joined(blocks: Iterable[str]) -> str:
    """The blocks that hold text, with a blank line between them."""
    return "\n\n".join(block for block in blocks if block)


class Block(NamedTuple):
    """A block and whether it is a paragraph, a list or something else."""

    text: str
    kind: str = OTHER


def hung(mark: str, inner: Sequence[Block]) -> str:
    """The blocks behind a mark, all but the first line two spaces further in; "" without blocks.

    A list stands close to the text that it is nested in.
    """
    if not inner:
        return ""
    pieces = [inner[0].text]
    for block in inner[1:]:
        pieces += ("\n" if block.kind == LIST else "\n\n", block.text)
    return f"{mark} " + _LINE_END.sub("\n  ", "".join(pieces))


def labelled(label: str, inner: Sequence[Block]) -> list[Block]:
    """The blocks with a label before the first paragraph, or as a paragraph of its own."""
    if inner and inner[0].kind == TEXT:
        return [Block(f"{label}: {inner[0].text}", TEXT), *inner[1:]]
    return [Block(label, TEXT), *inner]
