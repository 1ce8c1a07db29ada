"""Word files: paragraphs and tables in document order, as Markdown."""

import io
import re
from collections.abc import Iterator
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.packages import ZIP_ERRORS, Package
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.records import PARSER_ERRORS, ReadOptions, Record, Unreadable

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOT_SHOWN = frozenset(
    (_FALLBACK, *(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "pPr", "rPr")))
)
_WRAPPERS = frozenset(f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml"))
_DEEPEST_STYLE = 12
_HEADING = re.compile(r"heading\s*([1-9])", re.I)


def read(data: bytes, options: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable: encrypted, too_large, unreadable."""
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    Package(data, options.max_bytes)  # python-docx reads every part, so all are checked before
    try:
        document = docx.Document(io.BytesIO(data))
        text = "\n".join(_blocks(document.element.body, _styles(document)))
        title = document.core_properties.title or ""
    except (OpcError, LxmlError, OSError, *ZIP_ERRORS, *PARSER_ERRORS) as error:
        raise Unreadable("unreadable", f"python-docx: {type(error).__name__}") from error
    return Record(0, len(data), clean(text).strip("\n"), title=clean(title), mime=MIME)


def _styles(document: Any) -> dict[str, str]:
    """Style id to what its paragraphs are: a heading's level, `list`, or nothing.

    Styles of one's own are what their outline level says, or the style they are based on.
    """
    styles = {style.get(f"{_W}styleId", ""): style for style in _all_styles(document)}
    return {name: _inherited_kind(style, styles) for name, style in styles.items()}


def _inherited_kind(style: Any, styles: dict[str, Any]) -> str:
    for _ in range(_DEEPEST_STYLE):
        if kind := _style_kind(style):
            return kind
        style = styles.get(_attribute(style.find(f"{_W}basedOn")))
        if style is None:
            break
    return ""


def _all_styles(document: Any) -> Iterator[Any]:
    yield from document.styles.element.iter(f"{_W}style")


def _style_kind(style: Any) -> str:
    label = _attribute(style.find(f"{_W}name")).lower()
    outline = _attribute(style.find(f"{_W}pPr/{_W}outlineLvl"))
    if heading := _HEADING.match(label):
        return heading[1]
    if label == "title" or outline in tuple("012345"):
        return str(int(outline or 0) + 1)
    return "list" if label.startswith("list") else ""


def _attribute(element: Any) -> str:
    return element.get(f"{_W}val", "") if element is not None else ""


def _blocks(parent: Any, styles: dict[str, str]) -> Iterator[str]:
    """Lines of text, with a blank line between blocks that are not items of one list."""
    was_item = False
    for block in _unwrapped(parent):
        if block.tag == f"{_W}tbl":
            yield from _rows(block)
            yield ""
            continue
        kind = _kind(block, styles)
        text = _text(block).strip()
        if was_item and kind != "list":
            yield ""
        was_item = kind == "list"
        if text and was_item:
            yield f"- {text}"
        elif text:
            yield from (f"{'#' * int(kind)} {text}" if kind else text, "")


def _unwrapped(parent: Any) -> Iterator[Any]:
    for child in parent:
        if child.tag in _WRAPPERS:
            yield from _unwrapped(child)
        elif child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child


def _kind(paragraph: Any, styles: dict[str, str]) -> str:
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        return ""
    kind = styles.get(_attribute(properties.find(f"{_W}pStyle")), "")
    if not kind and properties.find(f"{_W}numPr") is not None:
        return "list"
    return kind


def _text(element: Any) -> str:
    return "".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    """What a reader sees of a paragraph: insertions but no deletions, results but no fields."""
    for child in element:
        if child.tag in _NOT_SHOWN or not isinstance(child.tag, str):
            continue
        name = child.tag.rpartition("}")[2]
        if name == "t":
            yield child.text or ""
        elif name in ("tab", "ptab"):
            yield "\t"
        elif name in ("br", "cr"):
            yield "\n"
        elif name == "noBreakHyphen":
            yield "-"
        else:
            yield from _pieces(child)
            if name == "p":  # a paragraph of a text box
                yield "\n"


def _rows(table: Any) -> Iterator[str]:
    """Markdown rows; what a cell holds is put on one line."""
    rows = []
    for row in table.iterchildren(f"{_W}tr"):
        cells = [
            child for child in row.iter(f"{_W}tc") if next(child.iterancestors(f"{_W}tr")) is row
        ]
        rows.append([" ".join(map(_text, cell.iter(f"{_W}p"))) for cell in cells])
    return blocks.table(rows)
