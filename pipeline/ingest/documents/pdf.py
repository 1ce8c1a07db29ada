"""PDF files: the text layer of every page, in the order of the page's content."""

import re
from dataclasses import dataclass
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.paragraphs import joined
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

_SOFT_HYPHEN = re.compile("[\ufffe\x02]\r?\n?")
_PASSWORD_ERROR = 4


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF says."""

    text: str
    title: str


def read(data: bytes, _: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable."""
    found = extract(data)
    return Record(0, len(data), found.text, title=found.title, mime="application/pdf")


def extract(data: bytes) -> PdfText:
    """Pages with a blank line between them; a word hyphenated at a line's end is joined.

    Raises Unreadable: encrypted, needs_ocr (no page has text), unreadable. PDFium may be used
    by one thread of a process at a time.
    """
    document = _opened(data)
    try:
        pages = [_page(document, number) for number in range(len(document))]
        title = document.get_metadata_value("Title") or ""
    finally:
        document.close()
    text = "\n\n".join(page for page in pages if page)
    if not text:
        raise Unreadable("needs_ocr", f"no text on {len(pages)} pages")
    return PdfText(text, clean(title).strip())


def _opened(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR or "password" in str(error).lower():
            raise Unreadable("encrypted", "needs a password") from error
        raise Unreadable("unreadable", "PDFium cannot open it") from error


def _page(document: Any, number: int) -> str:
    """The page's text, empty where PDFium cannot load the page."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return ""
    try:
        page.set_rotation(0)  # of a page that is shown turned, PDFium gives the lines in disorder
        layer = page.get_textpage()
        text = layer.get_text_range()
        layer.close()
    except pypdfium2.PdfiumError:
        return ""
    finally:
        page.close()
    return joined(clean(_SOFT_HYPHEN.sub("", text)).strip("\n "))
