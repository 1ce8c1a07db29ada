"""Candidates: a question, the span that answers it, and how far its pattern is trusted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from taojin.pipeline.qa.blocks import Block, Document

ANSWER_MAX = 600
"""Code points of the longest answer: a few paragraphs."""

_LINK = re.compile(r"!?\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])")
_TAG = re.compile(r"<rt>[^<\n]*</rt>|</?(?![A-Z_]+>)[a-zA-Z][^<>\n]*>")
_NOTE = re.compile(r" ?\[#?[\w\-]+\]_")
_ROLE = re.compile(r":[a-z:]+:(?=`)")
_MARKS = re.compile(r"\*{1,3}|`+|\[\^[^\]\n]*\]|(?<!\w)__?(?=\S)|(?<=\S)__?(?!\w)|\\(?=[\W_])|~~")
_SPACES = re.compile(r"[\s\u200b\ufeff]+")
_SHORT_FORM = re.compile(
    r"[（(](?:以下|下)?(?:统|统一)?[简簡][称稱][^（）()]*[）)]|（[，；、：\s]*）"
)
_ZH_END = re.compile(r"[。！？!?]+[”’」』）)]*|\n+")
_EN_END = re.compile(r"[.!?][\"')\]*`”’]*(?=\s+[A-Z0-9`*\[(\"“]|\s*$)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|etc|cf|al|[DMS]rs?|Prof|Inc|Ltd|Co|Fig|No|St|Jr|approx|[A-Z]))\.$"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question and the code points `start` to `end` of the document that answer it."""

    layer: str
    kind: str
    question: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, its end mark included, and where it begins in the document."""

    text: str
    start: int
    first: bool

    @property
    def body_end(self) -> int:
        """Offset in the sentence where its end mark begins."""
        return len(self.text.rstrip(" \t\r\n。！.!；;"))


def plain(fragment: str) -> str:
    """A piece of text as it is said: no Markdown or HTML marks, white space folded.

    >>> plain("the **`name`** of a [Pod](pod.md)")
    'the name of a Pod'
    """
    if "<" in fragment:
        fragment = _TAG.sub("", fragment)
    if "]_" in fragment:
        fragment = _NOTE.sub("", fragment)
    if "[" in fragment:
        fragment = _LINK.sub(r"\1", fragment)
    return _SPACES.sub(" ", _MARKS.sub("", _ROLE.sub("", fragment))).strip()


def unabbreviated(question: str) -> str:
    """The question without the brackets that introduce a short form, which is of no use in it."""
    return _SHORT_FORM.sub("", question)


def sentences(document: Document, block: Block) -> Iterator[Sentence]:
    """The sentences of a paragraph or item, without leading white space."""
    text = document.of(block)
    at = 0
    for end in _ends(text, zh=document.zh):
        piece = text[at:end]
        lead = len(piece) - len(piece.lstrip(" \t\r\n　"))
        if lead < len(piece):
            yield Sentence(piece[lead:].rstrip(), block.start + at + lead, at == 0)
        at = end


def _ends(text: str, *, zh: bool) -> Iterator[int]:
    for match in (_ZH_END if zh else _EN_END).finditer(text):
        if zh or not _ABBREVIATION.search(text, max(0, match.start() - 8), match.start() + 1):
            yield match.end()
    yield len(text)


def cut(document: Document, start: int, end: int) -> int:
    """The last sentence end within ANSWER_MAX of `start`; `start` if there is none."""
    if end - start <= ANSWER_MAX:
        return end
    window = document.text[start : start + ANSWER_MAX]
    return start + max((e for e in _ends(window, zh=document.zh) if e < len(window)), default=0)
