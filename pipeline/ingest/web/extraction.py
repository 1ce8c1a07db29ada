"""A page's main content as plain text: headings as Markdown `#` lines, lists, tables, code.

Three engines: our own (default), trafilatura and resiliparse; docs/extraction.md has what each
finds and how fast. What a page says about itself is read in one way for all of them. The result
depends on the page alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from taojin.pipeline.ingest.markup.page import Parsed, parsed
from taojin.pipeline.ingest.markup.tree_kernels import PARENT
from taojin.pipeline.ingest.records import PARSER_ERRORS, Extractor, Unreadable
from taojin.pipeline.ingest.web import trafilatura_engine
from taojin.pipeline.ingest.web.content import extract as own
from taojin.pipeline.ingest.web.content.about import About, about
from taojin.pipeline.ingest.web.content.faq import faq

MAX_PAGE_CHARACTERS = 10_000_000
MAX_PAGE_TAGS = 600_000
MAX_PAGE_BLOCKS = 100_000

_TAGS_OF_A_DEEP_PAGE = 20_000
_DEEPEST = 256


@dataclass(frozen=True, slots=True)
class Page:
    """`text` is empty for a page without main content."""

    text: str
    about: About


def extract(html: str, extractor: Extractor) -> Page:
    """The page's text, and what the page says about itself. Raises Unreadable."""
    if len(html) > MAX_PAGE_CHARACTERS:
        raise Unreadable("too_large", f"a page of {len(html)} characters")
    page = parsed(html)
    if len(page.blocks) > MAX_PAGE_BLOCKS:
        raise Unreadable("too_large", f"a page of {len(page.blocks)} blocks")
    text = (
        own.content(page, own.judged(page)) if extractor == "taojin" else _by(extractor, html, page)
    )
    return Page("\n\n".join(filter(None, (text, faq(page, text)))), about(page))


def _by(extractor: Extractor, html: str, page: Parsed) -> str:
    """The text that another engine finds."""
    _check_size(page)
    try:
        return _ENGINES[extractor](html)
    except PARSER_ERRORS as error:
        raise Unreadable("unreadable", f"{extractor}: {type(error).__name__}") from error


def _check_size(page: Parsed) -> None:
    """Raises Unreadable for pages on which other engines take time with the square of it."""
    tags = len(page.elements)
    if tags > MAX_PAGE_TAGS:
        raise Unreadable("too_large", f"a page of {tags} tags")
    if tags > _TAGS_OF_A_DEEP_PAGE and _depth(page) >= _DEEPEST:
        raise Unreadable("too_large", f"a large page nested {_DEEPEST} deep or deeper")


def _depth(page: Parsed) -> int:
    depths = np.zeros(len(page.elements), np.int64)
    for one, parent in enumerate(page.elements[1:, PARENT].tolist(), 1):
        depths[one] = depths[parent] + 1
    return int(depths.max())


def _resiliparse(html: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=True, alt_texts=False))


_ENGINES: Mapping[str, Callable[[str], str]] = {
    "trafilatura": trafilatura_engine.text_of,
    "resiliparse": _resiliparse,
}
