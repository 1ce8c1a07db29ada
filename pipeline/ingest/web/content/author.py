"""Who a page says has written it: meta elements, JSON-LD, a link or a line with the author's name.

The name is kept for the sake of licences that ask for it. It is personal data: the step that masks
leaves it out wherever names are masked.
"""

import json
import re
from collections.abc import Iterator
from html import unescape
from itertools import islice
from typing import Any

import numpy as np

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.tags import ID
from taojin.pipeline.ingest.markup.tree_kernels import END, INSIDE, START
from taojin.pipeline.ingest.web.content.elements import attributes, inner, named, tag_of

_META, _SCRIPT = ID["meta"], ID["script"]
_NAMES = (
    "citation_author", "author", "article:author", "og:article:author", "dc.creator",
    "dcterms.creator", "parsely-author", "sailthru.author", "byl",
)  # fmt: skip
_TELLING = re.compile("author|creator|byl", re.I)
_MOST = 20
"""Authors that are taken, and places that are looked at."""
_LONGEST = 100
_LONGEST_LINE_BYTES = 2_000
_DEEPEST = 8
_OF_READERS = ("Comment", "Review", "Answer", "Question", "UserReview")
_BYLINE = re.compile(
    rb"""\b(?:rel|itemprop)\s{0,9}=\s{0,9}["']?author["'\s>]"""
    rb"""|\bclass\s{0,9}=\s{0,9}["'][^"'<>]{0,200}?"""
    rb"""\b(?:byline|author-name|post-author|entry-author|article-author|p-author)\b""",
    re.I,
)
_TAGS = re.compile("<[^>]*>")
_BEFORE = re.compile(
    r"(?:(?:written |posted |published )?by\b|authors?\b|作者|撰文|文)[\s:：/／|]*", re.I
)
_BEHIND = re.compile(r"[|·•]|\d|\bpublished\b|\bupdated\b|\bposted\b|发布|更新", re.I)
_NOBODY = frozenset(
    {"admin", "administrator", "anonymous", "author", "editor", "guest", "none", "null", "root"}
    | {
        "staff",
        "undefined",
        "unknown",
        "user",
        "webmaster",
        "www",
        "佚名",
        "匿名",
        "小编",
        "管理员",
    }
)


def author(page: Parsed) -> str:
    """The names, with a comma between them; "" where the page does not say."""
    for told in (_stated(page), _structured(page), _written(page)):
        names = list(dict.fromkeys(filter(None, map(_name, told))))
        if names:
            return ", ".join(names[:_MOST])
    return ""


def _name(written: str) -> str:
    """A name without what stands around it, "" for an address, a role or a sentence."""
    plain = " ".join(clean(unescape(_TAGS.sub(" ", written[: 4 * _LONGEST]))).split())
    opening = _BEFORE.match(plain)
    plain = plain[opening.end() :] if opening else plain
    plain = _BEHIND.split(plain, maxsplit=1)[0].strip(" ,;:，；：-–—/")
    is_name = any(map(str.isalpha, plain)) and "://" not in plain and len(plain) <= _LONGEST
    return plain if is_name and plain.lower() not in _NOBODY else ""


def _stated(page: Parsed) -> Iterator[str]:
    """What meta elements say under the first of the names that has a value."""
    told: dict[str, list[str]] = {}
    for one in named(page, _META):
        own = attributes(page, one) if _TELLING.search(tag_of(page, one)) else {}
        name = own.get("property") or own.get("name") or own.get("itemprop") or ""
        told.setdefault(name.lower(), []).append(own.get("content", ""))
    for name in _NAMES:
        if any(map(_name, told.get(name, ()))):
            yield from told[name]
            return


def _structured(page: Parsed) -> Iterator[str]:
    """What the first thing in JSON-LD says that has an author and is not a reader's."""
    for one in named(page, _SCRIPT):
        start, end = page.elements[one, INSIDE], page.elements[one, END]
        if "ld+json" not in tag_of(page, one) or b'"author"' not in page.data[start:end].tobytes():
            continue
        try:
            value = json.loads(page.raw(start, end), strict=False)
        except (ValueError, RecursionError):
            continue
        found = next(_authors(value, 0), None)
        if found is not None:
            yield from _named(found)
            return


def _authors(value: Any, depth: int) -> Iterator[Any]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value[:_MOST]:
            yield from _authors(one, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        if any(kind in _OF_READERS for kind in (kinds if isinstance(kinds, list) else [kinds])):
            return
        if any(map(_name, _named(value.get("author")))):
            yield value["author"]
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _authors(value.get(name), depth + 1)


def _named(value: Any) -> Iterator[str]:
    """The names in an author of JSON-LD: a string, a thing with a name, or a list of those."""
    for one in value[:_MOST] if isinstance(value, list) else [value]:
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str):
            yield name


def _written(page: Parsed) -> Iterator[str]:
    """The first line or link of the page that is marked as its author's name."""
    starts = page.elements[:, START]
    for found in islice(_BYLINE.finditer(page.data.data), _MOST):
        one = int(np.searchsorted(starts, found.start(), "right")) - 1
        start, inside, end = page.elements[one, [START, INSIDE, END]]
        if start <= found.start() < inside and end - inside <= _LONGEST_LINE_BYTES:
            name = _name(attributes(page, one).get("content", "") or inner(page, one))
            if name:
                yield name
                return
