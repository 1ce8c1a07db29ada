"""A page of a book as Markdown: all of it, where a page of the web is its main content alone.

It is read as HTML, as browsers read what is not sent as XML, once XML's empty elements have ends.
"""

import re

from taojin.pipeline.ingest.markup import render
from taojin.pipeline.ingest.markup.page import parsed
from taojin.pipeline.ingest.records import Unreadable

MAX_TAGS = 600_000
_EMPTY = re.compile(r"<([A-Za-z][\w.-]{0,60})(\s[^<>]*)?/>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*\[.*?\]\s*>", re.S | re.I)
_LONGEST_DOCTYPE = 20_000


def markdown(page: str) -> str:
    """The page's text: headings, paragraphs, lists, tables, code. Raises Unreadable."""
    if page.count("<") > MAX_TAGS:
        raise Unreadable("too_large", f"a page of more than {MAX_TAGS} tags")
    head = _DOCTYPE.sub("", page[:_LONGEST_DOCTYPE])
    html = _EMPTY.sub(r"<\1\2></\1>", head + page[_LONGEST_DOCTYPE:])
    return render.whole(parsed(html))
