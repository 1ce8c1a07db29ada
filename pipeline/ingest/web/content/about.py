"""What a page says about itself: title, date, address, licence, author."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.tags import ID
from taojin.pipeline.ingest.web.content.author import author
from taojin.pipeline.ingest.web.content.elements import attributes, inner, named, tag_of

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
    author: str = ""


def about(page: Parsed) -> About:
    meta = dict(_meta(page))
    return About(
        next((meta[name] for name in _TITLES if meta.get(name)), "") or _heading(page),
        _date(page, meta),
        *_links(page),
        author(page),
    )


def _meta(page: Parsed) -> Iterator[tuple[str, str]]:
    """(name, content) of the meta elements; of several with one name the last that is first."""
    pairs = []
    for one in named(page, _META):
        raw = tag_of(page, one)
        own = attributes(page, one) if _TELLING.search(raw) else {}
        name = own.get("property") or own.get("name") or own.get("itemprop") or ""
        if name and own.get("content"):
            pairs.append((name.lower(), own["content"]))
    yield from reversed(pairs)


def _heading(page: Parsed) -> str:
    """The only heading of the first level, or what the window is called."""
    headings = list(named(page, _H1))
    for one in [*(headings if len(headings) == 1 else []), *named(page, _TITLE)]:
        if text := inner(page, one):
            return text
    return ""


def _date(page: Parsed, meta: dict[str, str]) -> str:
    found = _JSON_DATE.search(page.data.data)
    given = [found[1].decode("utf-8", "replace")] if found else []
    given += [meta[name] for name in _DATES if name in meta]
    for one in named(page, _TIME):
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
    for one in named(page, _LINK):
        raw = tag_of(page, one)
        own = attributes(page, one) if _RELATED.search(raw) else {}
        rel = own.get("rel", "").lower().split()
        href = own.get("href", "")
        if "canonical" in rel and _ABSOLUTE.match(href):  # others are equal on pages of all sites
            url = url or href
        licence = licence or (own.get("href", "") if "license" in rel else "")
    if not licence and b"license" in page.data.tobytes():
        for one in named(page, _A):
            raw = tag_of(page, one)
            own = attributes(page, one) if "license" in raw else {}
            if "license" in own.get("rel", "").lower().split():
                return url, own.get("href", "")
    return url, licence
