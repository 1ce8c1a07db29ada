"""PowerPoint files: the slides in their order, each followed by its notes.

The title of a slide is a heading, the paragraphs of its body are a list as deep as they are
indented, other text boxes are paragraphs. Hidden slides, slide numbers, dates and footers are
left out, and so is what a slide shows only because its layout does.
"""

from collections.abc import Iterator
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.packages import (
    Package,
    core_title,
    elements,
    first,
    main_part,
    name_of,
)
from taojin.pipeline.ingest.markup.blocks import heading, item, joined, one_line, table
from taojin.pipeline.ingest.records import ReadOptions, Record

MIME = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_ID = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_TITLES = ("title", "ctrTitle")
_FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")
_DEEPEST_LEVEL = 8


def read(data: bytes, options: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable: encrypted, too_large, unreadable."""
    package = Package(data, options.max_bytes)
    slides = [joined(_slide(package, part)) for part in _slides(package)]
    text = clean(joined(slides))
    title = core_title(package) or _first_heading(text)
    return Record(0, len(data), text, title=clean(title), mime=MIME)


def _first_heading(text: str) -> str:
    line = text.partition("\n")[0]
    return line.lstrip("#").strip() if line.startswith("#") else ""


def _slides(package: Package) -> Iterator[str]:
    part = main_part(package)
    relations = package.relations(part)
    listed = first(package.xml(part), "sldIdLst")
    for slide in elements(listed) if listed is not None else ():
        _, target = relations.get(slide.get(_ID) or slide.get(_STRICT_ID, ""), ("", ""))
        if target in package:
            yield target


def _slide(package: Package, part: str) -> Iterator[str]:
    root = package.xml(part)
    if root.get("show") in ("0", "false"):
        return
    yield from _shapes(root)
    for notes in package.related(part, "notesSlide"):
        yield from _notes(package.xml(notes))


def _shapes(slide: Any) -> Iterator[str]:
    """The title first, wherever the slide has it, then the other shapes in their order."""
    tree = first(slide, "cSld", "spTree")
    shapes = list(_flat(tree)) if tree is not None else []
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    for shape in titles:
        level = 1 if _placeholder(shape) == "ctrTitle" else 2
        yield heading(level, " ".join(map(_text, _paragraphs(shape))))
    for shape in shapes:
        if shape in titles or _placeholder(shape) in _FURNITURE:
            continue
        if name_of(shape) == "graphicFrame":
            yield from _tables(shape)
        else:
            yield from _body(shape)


def _flat(parent: Any) -> Iterator[Any]:
    for shape in elements(parent, "sp", "grpSp", "graphicFrame", "AlternateContent", "Choice"):
        if name_of(shape) in ("sp", "graphicFrame"):
            yield shape
        else:
            yield from _flat(shape)


def _placeholder(shape: Any) -> str | None:
    """The kind of placeholder a shape is, `obj` where it says none; None for other shapes."""
    for properties in elements(shape, "nvSpPr", "nvGraphicFramePr"):
        found = first(properties, "nvPr", "ph")
        if found is not None:
            return str(found.get("type", "obj"))
    return None


def _paragraphs(shape: Any) -> Iterator[Any]:
    body = first(shape, "txBody")
    return elements(body, "p") if body is not None else iter(())


def _body(shape: Any) -> Iterator[str]:
    """Paragraphs, and lists of those that have a bullet, their own or their placeholder's."""
    by_default = _placeholder(shape) in ("body", "obj")
    numbers = [0] * (_DEEPEST_LEVEL + 1)
    items: list[str] = []
    for paragraph in _paragraphs(shape):
        text = _text(paragraph)
        if not text.strip():
            continue
        bullet, level = _bullet(paragraph, by_default=by_default)
        if not bullet:
            yield from ("\n".join(items), text.strip())
            items = []
            continue
        number = numbers[level] + 1 if bullet == "buAutoNum" else 0
        numbers[level:] = [number, *[0] * (_DEEPEST_LEVEL - level)]
        items.append(item(text, level, number))
    yield "\n".join(items)


def _bullet(paragraph: Any, *, by_default: bool) -> tuple[str, int]:
    """What marks a paragraph as an item, "" if it is none, and how deep it is."""
    properties = first(paragraph, "pPr")
    if properties is None:
        return ("buChar" if by_default else "", 0)
    level = properties.get("lvl", "0")
    depth = min(int(level), _DEEPEST_LEVEL) if level.isdecimal() else 0
    own = next(elements(properties, "buNone", "buChar", "buAutoNum", "buBlip"), None)
    name = name_of(own) if own is not None else ("buChar" if by_default else "")
    return ("" if name == "buNone" else name, depth)


def _text(paragraph: Any) -> str:
    return "".join(_pieces(paragraph))


def _pieces(parent: Any) -> Iterator[str]:
    for child in elements(parent):
        name = name_of(child)
        if name == "t":
            yield child.text or ""
        elif name == "br":
            yield "\n"
        elif name not in ("pPr", "rPr", "endParaRPr", "Fallback"):
            yield from _pieces(child)


def _tables(frame: Any) -> Iterator[str]:
    for found in frame.iter("{*}tbl"):
        rows = [
            [" ".join(map(_text, _paragraphs(cell))) for cell in elements(row, "tc")]
            for row in elements(found, "tr")
        ]
        yield "\n".join(table(rows))


def _notes(root: Any) -> Iterator[str]:
    """What the speaker says: the text of the notes' body."""
    tree = first(root, "cSld", "spTree")
    for shape in _flat(tree) if tree is not None else ():
        if _placeholder(shape) == "body":
            yield from (one_line(_text(paragraph)) for paragraph in _paragraphs(shape))
