"""Elements of a page by name, with their attributes and their text."""

import html
import re
from collections.abc import Iterator

import numpy as np

from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.tree_kernels import END, INSIDE, START, TAG

_ATTRIBUTE = re.compile(r"""([a-zA-Z:_-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")


def named(page: Parsed, tag: int) -> Iterator[int]:
    """The elements of that name, in order."""
    yield from np.flatnonzero(page.elements[:, TAG] == tag).tolist()


def tag_of(page: Parsed, one: int) -> str:
    """The start tag of an element, as it is written."""
    return page.raw(page.elements[one, START], page.elements[one, INSIDE])


def attributes(page: Parsed, one: int) -> dict[str, str]:
    """The attributes of an element, the first of each name, in small letters."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(tag_of(page, one)):
        plain = value[1:-1] if value[0] in "\"'" else value
        found.setdefault(name.lower(), html.unescape(plain).strip())
    return found


def inner(page: Parsed, one: int) -> str:
    """The text of an element on one line."""
    raw = page.raw(page.elements[one, INSIDE], page.elements[one, END])
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", raw)).split())
