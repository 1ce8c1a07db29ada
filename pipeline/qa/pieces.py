"""Pieces: a text from end to end, cut where its structure allows, and how well it is cut there.

The lines of one block (`blocks.py`) are one piece. Of a piece that is too large sentences or lines
are made, and of one of those runs of characters.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from taojin.pipeline.qa.blocks import Document

HEADING, BLOCK, SENTENCE, CHARACTER, NEVER = range(5)
"""Places to cut, the best first; NEVER is between a heading and what it is the heading of."""

LEAST_TOKENS = 16
"""The smallest chunk that can be asked for."""

LONGEST_HEADING = 200
"""Characters of a heading that its chunks carry; a longer one is text of its own."""

_SENTENCE_END = re.compile(
    r"[。！？…；]++[”’」』）)\]】]*+\s*|(?<![.!?])[.!?]++[\"'”’)\]*`]*+\s+|\n\s*"
)
_LINE_END = re.compile(r"\n\s*")
_PAUSE = re.compile(r"[\s，、,;：:]")


class Piece(NamedTuple):
    """The code points from `start` to `end`, and how well the text is cut before them (`rank`).

    `kind` is that of its block; `path` are the headings that it stands under, or is the last of.
    """

    start: int
    end: int
    rank: int
    kind: str
    path: tuple[str, ...] = ()


def pieces(document: Document) -> list[Piece]:
    """The blocks of a document, each with the white space behind it."""
    text, found = document.text, document.blocks
    starts = [text.rfind("\n", 0, block.start) + 1 for block in found]
    first = starts[0] if found else len(text)
    cut = []
    if text[:first].strip():
        cut.append(Piece(0, first, BLOCK, "other"))  # front matter is no block
    open_headings: list[tuple[int, str]] = []
    held = False
    for block, start, end in zip(found, starts, [*starts[1:], len(text)], strict=False):
        heading = block.kind == "heading"
        if heading:
            while open_headings and open_headings[-1][0] >= block.level:
                open_headings.pop()
            if block.end - block.start <= LONGEST_HEADING:
                open_headings.append((block.level, document.of(block)))
        rank = NEVER if held else HEADING if heading else BLOCK
        cut.append(Piece(start, end, rank, block.kind, tuple(name for _, name in open_headings)))
        held = heading
    return cut


def sentences(text: str, piece: Piece, most_tokens: int) -> Iterator[Piece]:
    """The sentences of prose, the lines of code and tables; `most_tokens` is not read."""
    del most_tokens
    ends = _LINE_END if piece.kind in ("other", "table") else _SENTENCE_END
    bounds = (match.end() for match in ends.finditer(text, piece.start, piece.end))
    yield from _parts(piece, bounds, SENTENCE)


def characters(text: str, piece: Piece, most_tokens: int) -> Iterator[Piece]:
    """Runs of so few characters that their tokens fit: a character is four tokens at most.

    A run ends behind a pause if there is one in its second half.
    """
    width = max(1, most_tokens // 4)
    yield from _parts(piece, _run_ends(text, piece, width), CHARACTER)


def _run_ends(text: str, piece: Piece, width: int) -> Iterator[int]:
    at = piece.start
    while at + width < piece.end:
        half = at + width // 2
        pauses = [match.end() for match in _PAUSE.finditer(text, half, at + width)]
        at = pauses[-1] if pauses else at + width
        yield at


def _parts(piece: Piece, ends: Iterator[int], rank: int) -> Iterator[Piece]:
    """The piece cut at the ends; the first part is cut off as well as the whole was."""
    start = piece.start
    for end in (*ends, piece.end):
        if end > start:
            first = start == piece.start
            yield piece._replace(start=start, end=end, rank=piece.rank if first else rank)
            start = end
