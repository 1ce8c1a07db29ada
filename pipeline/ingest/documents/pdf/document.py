"""PDF files: the text of every page in the order of reading, as Markdown.

Pages are read into lines first, because running headers and the size of the body's letters are
known only when all are there.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.ocr import recognised
from taojin.pipeline.ingest.documents.paragraphs import joined
from taojin.pipeline.ingest.documents.pdf.fonts import use_own_fonts
from taojin.pipeline.ingest.documents.pdf.headings import levels
from taojin.pipeline.ingest.documents.pdf.lines import Box, Line, lines, upright
from taojin.pipeline.ingest.documents.pdf.repeats import without_repeats
from taojin.pipeline.ingest.documents.pdf.scans import has_large_image, picture, shows_anything
from taojin.pipeline.ingest.documents.pdf.text import page_text
from taojin.pipeline.ingest.documents.pdf.words import is_sound
from taojin.pipeline.ingest.fence import Work, run
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

_PASSWORD_ERROR = 4
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF says; `unread`: the cause and the pages of what could not be read beside it."""

    text: str
    title: str
    unread: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Parsed:
    """The text of each page, the places of those that only show some, and the title."""

    texts: list[str]
    seen: list[int]
    title: str


@dataclass(slots=True)
class _Page:
    """A page: its lines, none where its font has no map to Unicode."""

    number: int
    lines: list[Line] = field(default_factory=list)
    box: Box = (0.0, 0.0, 0.0, 0.0)
    is_garbled: bool = False
    text: str = ""


def read(data: bytes, options: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable."""
    found = extract(data, options)
    mime = "application/pdf"
    return Record(0, len(data), found.text, title=found.title, mime=mime, unread=found.unread)


def extract(data: bytes, options: ReadOptions) -> PdfText:
    """Pages with a blank line between them; headings and tables are Markdown.

    Raises Unreadable: encrypted, needs_ocr (no page has text), ocr_failed, unreadable, and what
    the fence raises, behind which PDFium works. Without one it may be used by one thread of a
    process at a time.
    """
    found: _Parsed = run(options.fence, Work(_parsed, (b"",)), data)
    texts, unread = _recognised(data, found, options)
    text = "\n\n".join(filter(None, texts))
    if not text:
        raise Unreadable(*(unread or ("needs_ocr", f"no text on {len(texts)} pages")))
    return PdfText(text, clean(found.title).strip(), unread)


def _parsed(data: bytes) -> _Parsed:
    document = _opened(data)
    try:
        pages = [_page(document, number) for number in range(len(document))]
        _write(pages)
        seen = [page.number for page in _only_seen(document, pages)]
        title = document.get_metadata_value("Title") or ""
    finally:
        document.close()
    return _Parsed([page.text for page in pages], seen, title)


def _opened(data: bytes) -> Any:
    import pypdfium2

    use_own_fonts()
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR or "password" in str(error).lower():
            raise Unreadable("encrypted", "needs a password") from error
        raise Unreadable("unreadable", "PDFium cannot open it") from error


def _page(document: Any, number: int) -> _Page:
    """The page's lines, none where PDFium cannot load the page."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return _Page(number)
    try:
        page.set_rotation(0)  # of a page that is shown turned, PDFium gives the lines in disorder
        layer = page.get_textpage()
        found = lines(layer)
        layer.close()
        box = page.get_cropbox()
    except pypdfium2.PdfiumError:
        return _Page(number)
    finally:
        page.close()
    if found and not is_sound("".join(line.text for line in found)):
        return _Page(number, is_garbled=True)
    return _Page(number, *upright(found, box))


def _write(pages: Sequence[_Page]) -> None:
    """The text of every page that has some."""
    kept = without_repeats([page.lines for page in pages], [page.box for page in pages])
    headings = levels(kept)
    for page, found in zip(pages, kept, strict=True):
        page.text = page_text(found, headings)


def _recognised(
    data: bytes, found: _Parsed, options: ReadOptions
) -> tuple[list[str], tuple[str, str] | None]:
    """The texts with what the command reads of pages that are only seen; the cause and the pages
    that are still unread.
    """
    texts, seen = list(found.texts), found.seen
    if not options.ocr:
        return texts, ("needs_ocr", _told(seen, len(texts))) if seen else None
    faults: dict[int, str] = {}
    for number in seen:
        try:
            page = run(options.fence, Work(_picture, (b"", 0)), data, number)
            texts[number] = joined(recognised(page, options.ocr))
        except Unreadable as failure:
            faults[number] = failure.detail
    if faults:
        return texts, (
            "ocr_failed",
            f"{_told(list(faults), len(texts))}: {next(iter(faults.values()))}",
        )
    is_empty = seen and not any(texts)
    told = f"{_told(seen, len(texts))}: no text found"
    return texts, ("ocr_failed", told) if is_empty else None


def _only_seen(document: Any, pages: Sequence[_Page]) -> Iterator[_Page]:
    """Pages without text that show some: of a file without any text all that are not blank."""
    import pypdfium2

    has_text = any(page.text for page in pages)
    for page in pages:
        if page.text:
            continue
        with suppress(pypdfium2.PdfiumError):
            shown = document[page.number]
            is_seen = has_large_image if has_text else shows_anything
            if page.is_garbled or is_seen(shown):
                yield page
            shown.close()


def _picture(data: bytes, number: int) -> bytes:
    """The picture of a page, from the file anew: no document stays open while a command runs."""
    import pypdfium2

    document = _opened(data)
    try:
        return picture(document[number])
    except pypdfium2.PdfiumError as error:
        raise Unreadable("ocr_failed", "PDFium cannot draw the page") from error
    finally:
        document.close()


def _told(places: Sequence[int], count: int) -> str:
    numbers = [str(place + 1) for place in places]
    more = f" and {len(numbers) - _MOST_TOLD} more" if len(numbers) > _MOST_TOLD else ""
    return f"without text: page {', '.join(numbers[:_MOST_TOLD])}{more} of {count}"
