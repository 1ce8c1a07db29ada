"""What one text has that another has not: the pieces of both, told apart, cut to what is near them.

Lines and sentences are compared first, then units within those that differ, so that a long text is
read in the time of a short one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from taojin.core.text import CLOSERS, SENTENCE_ENDS

Side = Literal["both", "kept", "other"]
CONTEXT = 40
"""Code points shown on either side of a difference."""
MOST = 1_200
"""Code points of a whole difference as it is shown."""
FINEST = 600
"""Units on either side up to which they are compared one by one."""

_SENTENCE = re.compile(
    rf"[^\n{re.escape(SENTENCE_ENDS)}]*(?:[{re.escape(SENTENCE_ENDS)}]+[{re.escape(CLOSERS)}]*|\n|$)"
)
_UNIT = re.compile(r"[a-zA-Z0-9_]+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A stretch of text that both have, or one of them alone."""

    side: Side
    text: str


def difference(kept: str, other: str) -> list[Piece]:
    """All pieces in order: those of both and of `kept` are that text, those of both and `other` it.

    >>> [(piece.side, piece.text) for piece in difference("Pan the sand.", "Pan the gold.")]
    [('both', 'Pan the '), ('kept', 'sand'), ('other', 'gold'), ('both', '.')]
    """
    return _merged(_compared(_SENTENCE.findall(kept), _SENTENCE.findall(other), _units))


def shown(pieces: Sequence[Piece]) -> tuple[list[Piece], bool]:
    """The differences with a little of what stands around each, and whether some were left out."""
    found: list[Piece] = []
    left = MOST
    for number, piece in enumerate(pieces):
        text = piece.text
        if piece.side == "both":
            first, last = number == 0, number == len(pieces) - 1
            text = _around(text, 0 if first else CONTEXT, 0 if last else CONTEXT)
        if len(text) > left:
            found.append(Piece(piece.side, text[:left] + "…"))
            return found, True
        found.append(Piece(piece.side, text))
        left -= len(text)
    return found, False


def _around(text: str, before: int, after: int) -> str:
    """The two ends of what both have: what follows a difference, and what precedes the next."""
    if len(text) <= before + after + 1:
        return text
    return f"{text[:before]} … {text[len(text) - after :]}"


def _units(kept: str, other: str) -> Iterator[Piece]:
    ours, theirs = _UNIT.findall(kept), _UNIT.findall(other)
    if max(len(ours), len(theirs)) > FINEST:
        yield from (Piece("kept", kept), Piece("other", other))
    else:
        yield from _compared(ours, theirs, _whole)


def _whole(kept: str, other: str) -> Iterator[Piece]:
    yield from (Piece("kept", kept), Piece("other", other))


def _compared(
    kept: Sequence[str], other: Sequence[str], inside: Callable[[str, str], Iterator[Piece]]
) -> Iterator[Piece]:
    """The pieces of two lists of parts; where they differ, those that `inside` finds."""
    matcher = SequenceMatcher(None, kept, other)  # what recurs all over aligns nothing
    for tag, start, end, start_other, end_other in matcher.get_opcodes():
        ours, theirs = "".join(kept[start:end]), "".join(other[start_other:end_other])
        if tag == "equal":
            yield Piece("both", ours)
        else:
            yield from inside(ours, theirs)


def _merged(pieces: Iterator[Piece]) -> list[Piece]:
    """No empty piece, and none beside another of its side."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].side == piece.side:
            found[-1] = Piece(piece.side, found[-1].text + piece.text)
        elif piece.text:
            found.append(piece)
    return found
