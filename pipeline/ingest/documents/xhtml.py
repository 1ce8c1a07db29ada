"""A page of a book as Markdown: all of it, where a page of the web is its main content alone."""

import html
import re
from collections.abc import Iterator
from typing import Any

from taojin.pipeline.ingest.documents import blocks
from taojin.pipeline.ingest.documents.packages import XML_LIMITS, elements, name_of
from taojin.pipeline.ingest.records import Unreadable

MAX_TAGS = 600_000
_BREAK = "\u2028"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LISTS = ("ul", "ol")
_CELLS = ("td", "th")
_BLOCK_NAMES = (
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_BLOCK_TAGS = tuple(f"{{*}}{name}" for name in _BLOCKS)
_HIDDEN_NAMES = "head script style template svg rt rp button select object iframe"
_NOT_SHOWN = frozenset(_HIDDEN_NAMES.split())
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_TAG = re.compile("<[^<>]*>")
_LANGUAGE = re.compile(r"\blang(?:uage)?-([\w+#.-]+)")


def markdown(page: str) -> str:
    """The page's text: headings, paragraphs, lists, tables, code. Raises Unreadable."""
    if page.count("<") > MAX_TAGS:
        raise Unreadable("too_large", f"a page of more than {MAX_TAGS} tags")
    root = _tree(page)
    return "" if root is None else blocks.joined(_blocks(root))


def _tree(page: str) -> Any:
    """The root element, read as XML or else as HTML; None for a page without text."""
    from lxml import etree

    # XML knows five names of characters, pages use those of HTML
    text = _NAMED.sub(lambda name: html.unescape(name[0]), _DECLARATION.sub("", page)).lstrip()
    data = text.encode("utf-8", "replace")
    try:
        return etree.fromstring(data, etree.XMLParser(encoding="utf-8", **XML_LIMITS))
    except (etree.LxmlError, ValueError):
        parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        if _TAG.sub("", page).strip():
            raise Unreadable("unreadable", f"a page: {type(error).__name__}") from error
        return None
    if parser.error_log.filter_from_fatals():  # it is cut where a limit was reached
        raise Unreadable("too_large", "a page nested too deep, or of too large pieces")
    return root


def _blocks(parent: Any) -> Iterator[str]:
    """The text of each block, and of what stands loose between blocks."""
    loose = [parent.text or ""]
    for child in parent:
        if _holds_blocks(child):
            yield _lines(loose)
            yield from _block(child)
            loose = []
        else:
            loose += _inline(child)
        loose.append(child.tail or "")
    yield _lines(loose)


def _holds_blocks(element: Any) -> bool:
    name = name_of(element)
    if not name or name in _NOT_SHOWN:
        return False
    return next(element.iter(*_BLOCK_TAGS), None) is not None


def _block(element: Any) -> Iterator[str]:
    name = name_of(element)
    if name in _HEADINGS:
        yield blocks.heading(int(name[1]), _flat(element))
    elif name == "pre":
        yield blocks.fence("".join(_inline(element)).replace(_BREAK, "\n"), _language(element))
    elif name in _LISTS:
        yield "\n".join(_items(element, 0))
    elif name == "table":
        yield _lines(list(_inline(element, _CELLS)))  # a caption, or what stands loose
        yield "\n".join(blocks.table(_rows(element)))
    else:
        yield from _blocks(element)


def _language(code: Any) -> str:
    found = next((element.get("class") for element in code.iter() if element.get("class")), "")
    named = _LANGUAGE.search(found)
    return named[1] if named else ""


def _items(element: Any, depth: int) -> Iterator[str]:
    """One line per item, or per text that stands loose; what is nested follows, further in."""
    number = 0
    for piece in _list_pieces(element):
        nested: list[Any] = []
        text = piece if isinstance(piece, str) else _flat(piece, nested)
        if text := blocks.one_line(text):
            number += 1
            yield blocks.item(text, depth, number if name_of(element) == "ol" else 0)
        for inner in nested:
            yield from _items(inner, depth + 1)


def _list_pieces(element: Any) -> Iterator[Any]:
    yield element.text or ""
    for child in element:
        yield child
        yield child.tail or ""


def _rows(element: Any) -> Iterator[list[str]]:
    for row in _outer(element, ("tr", *_CELLS)):
        is_loose = name_of(row) in _CELLS  # a cell in no row
        yield [_flat(cell) for cell in ([row] if is_loose else _outer(row, _CELLS))]


def _outer(element: Any, names: tuple[str, ...]) -> Iterator[Any]:
    """The elements of these names that stand in none of them and in no cell."""
    for child in elements(element):
        name = name_of(child)
        if name in names:
            yield child
        elif name not in _CELLS:
            yield from _outer(child, names)


def _flat(element: Any, lists: list[Any] | None = None) -> str:
    """The text on one line; with `lists`, without the lists inside, which are put there."""
    left_out = () if lists is None else _LISTS
    return blocks.one_line("".join(_inline(element, left_out, lists)).replace(_BREAK, " "))


def _inline(
    element: Any, left_out: tuple[str, ...] = (), found: list[Any] | None = None
) -> Iterator[str]:
    """The text of an element without those of some names, which are put into `found`."""
    name = name_of(element)
    if not name or name in _NOT_SHOWN:
        return
    if name in left_out:
        if found is not None:
            found.append(element)
        return
    if name == "br":
        yield _BREAK
    yield element.text or ""
    for child in element:
        apart = " " if name_of(child) in _BLOCKS or name_of(child) in _CELLS else ""
        yield apart
        yield from _inline(child, left_out, found)
        yield apart + (child.tail or "")


def _lines(pieces: list[str]) -> str:
    lines = ("".join(pieces)).split(_BREAK)
    return "\n".join(line for line in map(blocks.one_line, lines) if line)
