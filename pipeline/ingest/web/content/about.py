"""What a page says about itself: title, date, address, licence."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.tags import ID
from taojin.pipeline.ingest.markup.tree_kernels import END, INSIDE, START, TAG

_ATTRIBUTE = re.compile(r"""([a-zA-Z:_-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_META, _TITLE, _LINK, _A, _TIME, _H1 = (
    ID[one] for one in ["meta", "title", "link", "a", "time", "h1"]
)
_TITLES = ("og:title", "citation_title", "dc.title", "twitter:title", "title")
_DATES = (
    "article:published_time", "og:published_time", "datepublished", "citation_publication_date",
    "dc.date.issued", "dc.date", "dcterms.created", "pubdate", "publishdate", "publish_date",
    "publication_date", "sailthru.date", "date", "og:article:published_time",
)  # fmt: skip
_TELLING = re.compile("title|date|publi|created", re.I)
"""What is in the tag of an element that tells a title or a date."""
_ABSOLUTE = re.compile("https?://[^/]", re.I)
_RELATED = re.compile("canonical|license", re.I)
_JSON_DATE = re.compile(rb'"datePublished"\s*:\s*"([^"]{4,40})"')
_DATE = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d")
_COMPACT = re.compile(r"\b((?:19|20)\d\d)/?([01]\d)/?([0-3]\d)\b")


@dataclass(frozen=True, slots=True)
class About:
    """Empty where the page does not say; `date` in ISO form, `url` the canonical one."""

    title: str = ""
    date: str = ""
    url: str = ""
    licence: str = ""


def about(page: Parsed) -> About:
    meta = dict(_meta(page))
    return About(
        next((meta[name] for name in _TITLES if meta.get(name)), "") or _heading(page),
        _date(page, meta),
        *_links(page),
    )


def _of(page: Parsed, tag: int) -> Iterator[int]:
    yield from np.flatnonzero(page.elements[:, TAG] == tag).tolist()


def attributes(page: Parsed, one: int) -> dict[str, str]:
    """The attributes of an element, the first of each name, in small letters."""
    raw = page.raw(page.elements[one, START], page.elements[one, INSIDE])
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(raw):
        plain = value[1:-1] if value[0] in "\"'" else value
        found.setdefault(name.lower(), html.unescape(plain).strip())
    return found


def _meta(page: Parsed) -> Iterator[tuple[str, str]]:
    """(name, content) of the meta elements; of several with one name the last that is first."""
    pairs = []
    for one in _of(page, _META):
        raw = page.raw(page.elements[one, START], page.elements[one, INSIDE])
        own = attributes(page, one) if _TELLING.search(raw) else {}
        name = own.get("property") or own.get("name") or own.get("itemprop") or ""
        if name and own.get("content"):
            pairs.append((name.lower(), own["content"]))
    yield from reversed(pairs)


def _heading(page: Parsed) -> str:
    """The only heading of the first level, or what the window is called."""
    headings = list(_of(page, _H1))
    for one in [*(headings if len(headings) == 1 else []), *_of(page, _TITLE)]:
        if text := inner(page, one):
            return text
    return ""


def inner(page: Parsed, one: int) -> str:
    """The text of an element on one line."""
    raw = page.raw(page.elements[one, INSIDE], page.elements[one, END])
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", raw)).split())


def _date(page: Parsed, meta: dict[str, str]) -> str:
    found = _JSON_DATE.search(page.data.data)
    given = [found[1].decode("utf-8", "replace")] if found else []
    given += [meta[name] for name in _DATES if name in meta]
    for one in _of(page, _TIME):
        given.append(attributes(page, one).get("datetime", ""))
        break
    return next(filter(None, map(_iso, given)), "")


def _iso(written: str) -> str:
    if found := _DATE.search(written):
        return found[0]
    found = _COMPACT.search(written)
    return f"{found[1]}-{found[2]}-{found[3]}" if found else ""


def _links(page: Parsed) -> tuple[str, str]:
    """(canonical address, licence)."""
    url = licence = ""
    for one in _of(page, _LINK):
        raw = page.raw(page.elements[one, START], page.elements[one, INSIDE])
        own = attributes(page, one) if _RELATED.search(raw) else {}
        rel = own.get("rel", "").lower().split()
        href = own.get("href", "")
        if "canonical" in rel and _ABSOLUTE.match(href):  # others are equal on pages of all sites
            url = url or href
        licence = licence or (own.get("href", "") if "license" in rel else "")
    if not licence and b"license" in page.data.tobytes():
        for one in _of(page, _A):
            raw = page.raw(page.elements[one, START], page.elements[one, INSIDE])
            own = attributes(page, one) if "license" in raw else {}
            if "license" in own.get("rel", "").lower().split():
                return url, own.get("href", "")
    return url, licence
