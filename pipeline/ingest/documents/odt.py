"""OpenDocument texts: headings, paragraphs, lists, tables and notes, as Markdown.

What was deleted under tracking stands apart from the text and is left out, as are comments, forms
and tables of contents. A note is marked `[^1]` where it stands and follows its block.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.opendocument import number, opened, title_of
from taojin.pipeline.ingest.documents.packages import elements, first, name_of
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

MIME = "application/vnd.oasis.opendocument.text"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_NAMES = (
    "annotation annotation-end binary-data desc event-listeners forms ruby-text script "
    "sequence-decls table-of-content title tracked-changes user-field-decls variable-decls"
)
_LEFT_OUT = frozenset(_NAMES.split())
_MOST_SPACES = 100
_LONGEST_CHAIN = 64


def read(data: bytes, options: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable: encrypted, too_large, unreadable."""
    package = opened(data, options)
    content = package.xml("content.xml")
    body = first(content, "body", "text")
    if body is None:
        raise Unreadable("unreadable", "the package holds no text")
    shared = [package.xml("styles.xml")] if "styles.xml" in package else []
    text = blocks.joined(_Walk([content, *shared]).blocks(body))
    return Record(0, len(data), clean(text), title=title_of(package), mime=MIME)


class _Walk:
    """One walk through a document: its styles, and the notes that wait for their block to end."""

    def __init__(self, roots: list[Any]) -> None:
        styles = [style for root in roots for style in root.iter("{*}style")]
        self._parents: Mapping[str, str] = {
            style.get(f"{_STYLE}name", ""): style.get(f"{_STYLE}parent-style-name", "")
            for style in styles
        }
        self._numbered = {
            (style.get(f"{_STYLE}name", ""), number(level.get(f"{_TEXT}level"), 1))
            for root in roots
            for style in root.iter("{*}list-style")
            for level in elements(style, "list-level-style-number")
        }
        self._notes: list[str] = []
        self._note_count = 0
        self._boxes: list[Any] = []

    def blocks(self, parent: Any) -> Iterator[str]:
        """The text of every block, each followed by its notes and by the boxes anchored in it."""
        for child in elements(parent):
            name = name_of(child)
            if name in _LEFT_OUT:
                continue
            if name in ("h", "p"):
                yield self._paragraph(child)
            elif name == "list":
                yield "\n".join(self._items(child, "", 0))
            elif name == "table":
                yield "\n".join(blocks.table(self._rows(child)))
            else:
                yield from self.blocks(child)
            yield from self._waiting()

    def _waiting(self) -> Iterator[str]:
        notes, boxes = self._notes, self._boxes
        self._notes, self._boxes = [], []
        yield from notes
        for box in boxes:
            yield from self.blocks(box)

    def _paragraph(self, element: Any) -> str:
        text = self._text(element)
        if name_of(element) == "h":
            return blocks.heading(number(element.get(f"{_TEXT}outline-level"), 1), text)
        if self._is_title(element.get(f"{_TEXT}style-name", "")):
            return blocks.heading(1, text)
        return text.strip()

    def _is_title(self, style: str) -> bool:
        for _ in range(_LONGEST_CHAIN):
            if style in ("", "Title"):
                break
            style = self._parents.get(style, "")
        return style == "Title"

    def _items(self, element: Any, style: str, depth: int) -> Iterator[str]:
        """One line per item; a nested list has the style of the one around it or its own."""
        style = element.get(f"{_TEXT}style-name", style)
        is_numbered = (style, depth + 1) in self._numbered
        number = 0
        for child in elements(element, "list-item", "list-header"):
            own = [part for part in elements(child) if name_of(part) != "list"]
            text = " ".join(self._flat(part) for part in own)
            if text.strip():
                number += 1
                yield blocks.item(text, depth, number if is_numbered else 0)
            for nested in elements(child, "list"):
                yield from self._items(nested, style, depth + 1)

    def _rows(self, element: Any) -> Iterator[list[str]]:
        for row in element.iter("{*}table-row"):
            if next(row.iterancestors("{*}table"), None) is element:
                cells = elements(row, "table-cell", "covered-table-cell")
                yield [self._flat(cell) for cell in cells]

    def _flat(self, element: Any) -> str:
        """What the paragraphs of an element say, on one line."""
        return " ".join(blocks.one_line(self._text(part)) for part in _paragraphs(element))

    def _text(self, element: Any) -> str:
        return "".join(self._pieces(element))

    def _pieces(self, element: Any) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            name = name_of(child)
            if name == "s":
                yield " " * min(number(child.get(f"{_TEXT}c"), 1), _MOST_SPACES)
            elif name in ("tab", "line-break"):
                yield "\t" if name == "tab" else "\n"
            elif name == "note":
                yield self._note(child)
            elif name == "text-box":
                self._boxes.append(child)
            elif name and name not in _LEFT_OUT:
                yield from self._pieces(child)
            yield child.tail or ""

    def _note(self, element: Any) -> str:
        self._note_count += 1
        mark = f"[^{self._note_count}]"
        place = len(self._notes)
        self._notes.append("")
        body = first(element, "note-body")
        self._notes[place] = f"{mark}: {self._flat(body) if body is not None else ''}"
        return mark


def _paragraphs(element: Any) -> Iterator[Any]:
    """The element, or the paragraphs in it; what stands inside them belongs to them."""
    name = name_of(element)
    if name in ("p", "h"):
        yield element
    elif name not in _LEFT_OUT:
        for child in elements(element):
            yield from _paragraphs(child)
