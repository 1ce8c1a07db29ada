r"""What a tokenizer is trained on: the lines of texts, with marks where no piece may lie across.

A text is fed line by line, each line with the newlines that end it, so that a piece may hold
newlines only at its end. `"。\n\n"` is one token (7.7 % more bytes per token than with newlines on
their own, measured on Chinese and English documentation), and yet nothing ever joins the newline of
`<|assistant|>\n` to the answer behind it. Lines longer than `LINE_CHARACTERS` are cut there: all
text is used, one pair of characters per cut goes uncounted.

SentencePiece stores a space as U+2581 and keeps U+2585 and NUL for itself. In training these three
are read as spaces; in encoding they are bytes, and so survive (see encode.py). No piece
holds a NUL, so that in training it stands where no piece may lie across.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import polars as pl
import xxhash

from taojin.core import segment

LINE = re.compile(r"[^\n]*\n+|[^\n]+")
LINE_CHARACTERS = 4096
LEAST_CHARACTERS = 20
"""A shorter line is learnt from every time: `}` and `## Example` are language, not boilerplate."""
RESERVED = str.maketrans({"\u2581": " ", "\u2585": " ", "\0": " "})
BOUNDARY = "\0"
LINES_AT_ONCE = 4096

_LETTERS = r"[[\p{L}\p{M}]--\p{Han}]+"
_MARK = r"[^\s\p{L}\p{M}\p{N}\x00]"
TOKEN = "|".join(
    (
        f"{_MARK}?{_LETTERS}",
        f" {_LETTERS}",
        r" ?\p{Han}+",
        r"\p{N}",
        rf" ?{_MARK}+\n*",
        r"[^\S\n ]+\n*",
        r" *\n+",
    )
)
"""What a piece stays within: a word with a space or one mark before it (`.append`, `(self`), a run
of Han characters, a digit, a run of marks with the newlines behind it. As GPT-4 cuts texts, but for
Han runs and digits; spaces are cut by SentencePiece."""


def training_lines(text: str) -> Iterator[str]:
    """The text in pieces that SentencePiece reads whole: lines of at most LINE_CHARACTERS."""
    for line in LINE.findall(text.translate(RESERVED)):
        for start in range(0, len(line), LINE_CHARACTERS):
            part = line[start : start + LINE_CHARACTERS]
            # the Python wrapper strips a newline at the end; behind a space it is not at the end
            yield part + " " if part.endswith(("\n", "\r")) else part


def different(lines: Iterable[str]) -> Iterator[str]:
    """The lines without those of LEAST_CHARACTERS or more that were given before."""
    seen: set[int] = set()
    for line in lines:
        if len(line) >= LEAST_CHARACTERS:
            key = xxhash.xxh3_64_intdigest(line.encode())
            if key in seen:
                continue
            seen.add(key)
        yield line


def cut_at_tokens(lines: Iterable[str]) -> Iterator[str]:
    """The lines with a mark behind each TOKEN."""
    rest = iter(lines)
    while some := list(islice(rest, LINES_AT_ONCE)):
        yield from pl.Series(some).str.replace_all(TOKEN, "${0}" + BOUNDARY)


def cut_at_words(lines: Iterable[str]) -> Iterator[str]:
    """The lines with a mark between two Chinese words that touch, as core/segment.py cuts them."""
    rest = iter(lines)
    while some := list(islice(rest, LINES_AT_ONCE)):
        joined = segment.words(pl.Series(some)).list.join(BOUNDARY)
        # the marks that stand beside anything but a Han character are taken out
        kept = joined.str.replace_all(r"\x00([^\p{Han}])", "$1")
        yield from kept.str.replace_all(r"([^\p{Han}])\x00", "$1")
