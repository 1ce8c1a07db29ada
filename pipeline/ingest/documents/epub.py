"""EPUB books: the chapters in the order in which they are read."""

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.documents import xhtml
from taojin.pipeline.ingest.documents.packages import Package, elements, first
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

MIME = "application/epub+zip"
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_ALGORITHMS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")


def read(data: bytes, options: ReadOptions) -> Record:
    """The book as one document. Raises Unreadable: encrypted, too_large, unreadable."""
    package = Package(data, options.max_bytes)
    _check_encryption(package)
    path = _package_path(package)
    book = package.xml(path)
    text = blocks.joined(_chapters(package, book, posixpath.dirname(path)))
    about = first(book, "metadata")
    title, date = _field(about, "title"), _field(about, "date")
    author = _field(about, "creator")
    return Record(0, len(data), text, title=title, fetched_at=date, mime=MIME, author=author)


def _check_encryption(package: Package) -> None:
    """Raises Unreadable where more than the fonts is encrypted."""
    if _ENCRYPTION not in package:
        return
    for method in package.xml(_ENCRYPTION).iter("{*}EncryptionMethod"):
        algorithm = method.get("Algorithm", "")
        in_data = next(method.iterancestors("{*}EncryptedData"), None) is not None
        if in_data and algorithm not in _FONT_ALGORITHMS:
            raise Unreadable("encrypted", "the book is sold under a key")


def _package_path(package: Package) -> str:
    """The part that lists the others. Raises Unreadable where the book names none."""
    for file in package.xml(_CONTAINER).iter("{*}rootfile"):
        if (path := file.get("full-path", "")) in package:
            return str(path)
    raise Unreadable("unreadable", "the book names no list of its chapters")


def _chapters(package: Package, book: Any, folder: str) -> Iterator[str]:
    """The text of each chapter; tables of contents that are made for machines are left out."""
    manifest, spine = first(book, "manifest"), first(book, "spine")
    if manifest is None or spine is None:
        raise Unreadable("unreadable", "a book without a list of its chapters")
    parts = {item.get("id"): item for item in elements(manifest, "item")}
    seen: set[str] = set()
    for reference in elements(spine, "itemref"):
        item = parts.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES:
            continue
        href = unquote(item.get("href", ""))
        path = posixpath.normpath(posixpath.join(folder, href))
        if path in package and path not in seen and "nav" not in item.get("properties", "").split():
            seen.add(path)
            yield xhtml.markdown(charset.decode(package.part(path), markup=True).text)


def _field(about: Any, name: str) -> str:
    found = first(about, name) if about is not None else None
    return charset.clean(blocks.one_line("".join(found.itertext()))) if found is not None else ""
