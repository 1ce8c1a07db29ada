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
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

_PASSWORD_ERROR = 4
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF says; `unread`: the cause and the pages of what could not be read beside it."""

    text: str
    title: str
    unread: tuple[str, str] | None = None


@dataclass(slots=True)
class _Page:
    """A page: its lines, none where its font has no map to Unicode, or what OCR made of it."""

    number: int
    lines: list[Line] = field(default_factory=list)
    box: Box = (0.0, 0.0, 0.0, 0.0)
    is_garbled: bool = False
    text: str = ""
    fault: str = ""


def read(data: bytes, options: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable."""
    found = extract(data, options)
    mime = "application/pdf"
    return Record(0, len(data), found.text, title=found.title, mime=mime, unread=found.unread)


def extract(data: bytes, options: ReadOptions) -> PdfText:
    """Pages with a blank line between them; headings and tables are Markdown.

    Raises Unreadable: encrypted, needs_ocr (no page has text), ocr_failed, unreadable. PDFium may
    be used by one thread of a process at a time.
    """
    document = _opened(data)
    try:
        pages = [_page(document, number) for number in range(len(document))]
        _write(pages)
        unread = _seen(document, pages, options.ocr)
        title = document.get_metadata_value("Title") or ""
    finally:
        document.close()
    text = "\n\n".join(page.text for page in pages if page.text)
    if not text:
        raise Unreadable(*(unread or ("needs_ocr", f"no text on {len(pages)} pages")))
    return PdfText(text, clean(title).strip(), unread)


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


def _seen(document: Any, pages: Sequence[_Page], ocr: Sequence[str]) -> tuple[str, str] | None:
    """Let the command read what is only seen; the cause and the pages that are still unread."""
    without = list(_only_seen(document, pages))
    if not ocr:
        return ("needs_ocr", _told(without, len(pages))) if without else None
    for page in without:
        try:
            page.text = joined(recognised(_picture(document, page.number), ocr))
        except Unreadable as failure:
            page.fault = failure.detail
    failed = [page for page in without if page.fault]
    if failed:
        return "ocr_failed", f"{_told(failed, len(pages))}: {failed[0].fault}"
    is_empty = without and not any(page.text for page in pages)
    return ("ocr_failed", f"{_told(without, len(pages))}: no text found") if is_empty else None


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


def _picture(document: Any, number: int) -> bytes:
    import pypdfium2

    try:
        return picture(document[number])
    except pypdfium2.PdfiumError as error:
        raise Unreadable("ocr_failed", "PDFium cannot draw the page") from error


def _told(pages: Sequence[_Page], count: int) -> str:
    numbers = [str(page.number + 1) for page in pages]
    more = f" and {len(numbers) - _MOST_TOLD} more" if len(numbers) > _MOST_TOLD else ""
    return f"without text: page {', '.join(numbers[:_MOST_TOLD])}{more} of {count}"
