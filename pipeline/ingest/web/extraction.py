"""A page's main content as plain text: headings as Markdown `#` lines, lists, tables, code.

Two engines: trafilatura (default, in the mode that favours precision: F1 .975 against .965) finds
the content best, resiliparse is faster. The
result depends on the page alone: trafilatura's `deduplicate` would make it depend on the pages
read before, and htmldate's latest allowed date would be today's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taojin.pipeline.ingest.records import Extractor, Unreadable

MAX_PAGE_CHARACTERS = 10_000_000
MAX_PAGE_TAGS = 600_000

_TAGS_OF_A_DEEP_PAGE = 20_000
_DEEPEST_SHOWN = 256
_LATEST_DATE = "2100-01-01"
_BREAK = "\u2028"
_SPACE = re.compile("[ \t\n\r\f\v]+")
_BLOCKS = frozenset(("head", "p", "list", "table", "quote", "code", "div", "ab", "item"))
# what third-party parsers raise on pages they were not written for
PARSER_ERRORS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Page:
    """`text` is empty for a page without main content; `date` (ISO) only if asked for."""

    text: str
    title: str = ""
    date: str = ""


def extract(html: str, extractor: Extractor, *, with_date: bool = False) -> Page:
    """The page's text and title, and its date of publication. Raises Unreadable."""
    if len(html) > MAX_PAGE_CHARACTERS:
        raise Unreadable("too_large", f"a page of {len(html)} characters")
    try:
        _check_size(html)
        if extractor == "resiliparse" and not with_date:
            return _resiliparse(html)
        return _page(html, extractor, with_date=with_date)
    except PARSER_ERRORS as error:
        raise Unreadable("unreadable", f"{extractor}: {type(error).__name__}") from error


def _page(html: str, extractor: Extractor, *, with_date: bool) -> Page:
    from trafilatura.utils import load_html

    tree = load_html(html)
    if tree is None:
        return Page("")
    title = _title(tree)
    date = _date(tree) if with_date else ""
    text = _trafilatura(tree) if extractor == "trafilatura" else _resiliparse(html).text
    return Page(text, title, date)


def _check_size(html: str) -> None:
    """Raises Unreadable for pages on which the engines take time with the square of their size.

    libxml2 shows no deeper nesting than its own limit, so a page that reaches it may go further.
    """
    tags = html.count("<")
    if tags > MAX_PAGE_TAGS:
        raise Unreadable("too_large", f"a page of {tags} tags")
    if tags > _TAGS_OF_A_DEEP_PAGE:
        from trafilatura.utils import load_html

        tree = load_html(html)
        if tree is not None and _depth(tree) >= _DEEPEST_SHOWN:
            raise Unreadable("too_large", f"a large page nested {_DEEPEST_SHOWN} deep or deeper")


def _depth(tree: Any) -> int:
    from lxml.etree import iterwalk

    depth = deepest = 0
    for event, _ in iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _title(tree: Any) -> str:
    from trafilatura.metadata import examine_meta, extract_title

    return _line(examine_meta(tree).title or extract_title(tree) or "")


def _date(tree: Any) -> str:
    from htmldate import find_date

    return find_date(tree, original_date=True, max_date=_LATEST_DATE, extensive_search=False) or ""


def _resiliparse(html: str) -> Page:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html)
    text = extract_plain_text(tree, main_content=True, alt_texts=False)
    return Page(text, _line(tree.title or ""))


def _trafilatura(tree: Any) -> str:
    from trafilatura import bare_extraction

    found: Any = bare_extraction(
        tree, output_format="txt", include_comments=False, favor_precision=True
    )
    if found is None or found.body is None:
        return ""
    for line_break in found.body.iter("lb"):
        line_break.text = _BREAK
    return "\n\n".join(_blocks(found.body))


def _blocks(parent: Any) -> Iterator[str]:
    """The text of each block below an element, text that stands loose between them included."""
    loose = [parent.text or ""]
    for child in parent:
        if child.tag in _BLOCKS and not (child.tag == "code" and _is_inline(child, loose)):
            yield from _paragraph(loose)
            yield from _block(child)
            loose = [child.tail or ""]
        else:
            loose += ["".join(child.itertext()), child.tail or ""]
    yield from _paragraph(loose)


def _is_inline(code: Any, before: list[str]) -> bool:
    return bool("".join(before).strip() or (code.tail or "").strip())


def _paragraph(pieces: list[str]) -> Iterator[str]:
    if text := _lines("".join(pieces)):
        yield text


def _block(element: Any) -> Iterator[str]:
    if element.tag == "head":
        level = (element.get("rend") or "h2")[-1]
        text = _line("".join(element.itertext()))
        if text:
            yield f"{'#' * (int(level) if level.isdigit() else 2)} {text}"
    elif element.tag == "list":
        yield from _paragraph_of(_items(element, ""))
    elif element.tag == "table":
        yield from _paragraph_of(_rows(element))
    elif element.tag == "code":
        yield from _code(element)
    else:
        yield from _blocks(element)


def _paragraph_of(lines: Iterator[str]) -> Iterator[str]:
    if text := "\n".join(lines):
        yield text


def _code(element: Any) -> Iterator[str]:
    text = "".join(element.itertext()).replace(_BREAK, "\n").strip("\n")
    if "\n" in text:
        yield f"```\n{text}\n```"
    elif text.strip():
        yield text


def _items(element: Any, indent: str) -> Iterator[str]:
    """One line per item, ordered lists numbered, nested lists indented by two spaces."""
    number = 0
    for item in element.iter("item"):
        if _parent_list(item) is not element:
            continue
        number += 1
        marker = f"{number}." if element.get("rend") == "ol" else "-"
        nested = [child for child in item.iter("list") if _parent_list(child) is element]
        text = _line("".join(_without(item, nested)))
        if text:
            yield f"{indent}{marker} {text}"
        for inner in nested:
            yield from _items(inner, indent + "  ")


def _parent_list(element: Any) -> Any:
    return next(element.iterancestors("list"), None)


def _without(element: Any, left_out: list[Any]) -> Iterator[str]:
    """The text of an element without some of its descendants; blocks are set apart by a space."""
    yield element.text or ""
    for child in element:
        if child not in left_out:
            yield " " if child.tag in _BLOCKS and child.tag != "code" else ""
            yield from _without(child, left_out)
        yield child.tail or ""


def _rows(table: Any) -> Iterator[str]:
    """Markdown rows, with a rule under a row of header cells."""
    for row in table.iter("row"):
        cells = list(row.iter("cell"))
        texts = [_line("".join(_without(cell, []))) for cell in cells]
        if any(texts):
            yield f"| {' | '.join(texts)} |"
            if all(cell.get("role") == "head" for cell in cells):
                yield f"|{'---|' * len(cells)}"


def _lines(text: str) -> str:
    lines = (_SPACE.sub(" ", line).strip() for line in text.split(_BREAK))
    return "\n".join(line for line in lines if line)


def _line(text: str) -> str:
    return _SPACE.sub(" ", text.replace(_BREAK, " ")).strip()
