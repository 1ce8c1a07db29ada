"""A page's main content as plain text: headings as Markdown `#` lines, lists, tables, code.

Three engines: our own (default), trafilatura and resiliparse; docs/extraction.md has what each
finds and how fast. What a page says about itself is read in one way for all of them. The result
depends on the page alone.
"""

from dataclasses import dataclass

import numpy as np

from taojin.pipeline.ingest.fence import Fence
from taojin.pipeline.ingest.markup.page import Parsed, parsed
from taojin.pipeline.ingest.markup.tree_kernels import PARENT
from taojin.pipeline.ingest.records import Extractor, Unreadable
from taojin.pipeline.ingest.web import engines
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


def extract(html: str, extractor: Extractor, fence: Fence | None = None) -> Page:
    """The page's text, and what the page says about itself. Raises Unreadable."""
    if len(html) > MAX_PAGE_CHARACTERS:
        raise Unreadable("too_large", f"a page of {len(html)} characters")
    page = parsed(html)
    if len(page.blocks) > MAX_PAGE_BLOCKS:
        raise Unreadable("too_large", f"a page of {len(page.blocks)} blocks")
    if extractor == "taojin":
        text = own.content(page, own.judged(page))
    else:
        _check_size(page)
        text = engines.content(html, extractor, fence)
    return Page("\n\n".join(filter(None, (text, faq(page, text)))), about(page))


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
