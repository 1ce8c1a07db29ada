"""Questions and answers that a page states for machines: FAQPage in JSON-LD (schema.org)."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import numpy as np

from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.tags import ID
from taojin.pipeline.ingest.markup.tree_kernels import END, INSIDE, TAG

MOST = 200
"""Questions that are taken of one page."""
_DEEPEST = 8
_SCRIPT = ID["script"]
_TAGS = re.compile(r"<[^>]*>")


def faq(page: Parsed, text: str) -> str:
    """The questions, as headings, that the text of the page does not have, and their answers."""
    plain = "".join(text.split())
    pairs = dict(pair for one in _stated(page) for pair in _questions(one, 0))
    new = [
        f"### {question}\n\n{answer}"
        for question, answer in list(pairs.items())[:MOST]
        if "".join(question.split()) not in plain
    ]
    return "\n\n".join(new)


def _stated(page: Parsed) -> Iterator[Any]:
    """The JSON of the page's scripts in which there may be questions."""
    for one in np.flatnonzero(page.elements[:, TAG] == _SCRIPT).tolist():
        start, end = page.elements[one, INSIDE], page.elements[one, END]
        if b"FAQPage" in page.data[start:end].tobytes():
            try:
                yield json.loads(page.raw(start, end), strict=False)
            except (ValueError, RecursionError):
                continue


def _questions(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _questions(one, depth + 1)
    elif isinstance(value, dict):
        question, answer = value.get("name"), value.get("acceptedAnswer")
        answer = answer[0] if isinstance(answer, list) and answer else answer
        written = answer.get("text") if isinstance(answer, dict) else None
        if isinstance(question, str) and isinstance(written, str):
            yield _plain(question), _plain(written)
        else:
            for name in ("@graph", "mainEntity"):
                yield from _questions(value.get(name), depth + 1)


def _plain(written: str) -> str:
    return " ".join(unescape(_TAGS.sub(" ", unescape(written))).split())
