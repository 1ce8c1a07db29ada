"""What a body is, from its first bytes and its declared type, and what it is read as."""

import re
from dataclasses import dataclass

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.documents.pdf import document as pdf
from taojin.pipeline.ingest.records import Entry, ReadOptions, Record, Skipped, Unreadable
from taojin.pipeline.ingest.web import extraction

_SNIFF_BYTES = 1024
_HTML_TAG = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|link|script|style|h[1-6]|p|div|table|br|a|span|!--)\b|<!--",
    re.I,
)
_SIGNATURES = (
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"BM", "image"),
    (b"RIFF", "media"),
    (b"ID3", "audio"),
    (b"OggS", "audio"),
    (b"fLaC", "audio"),
    (b"\x1a\x45\xdf\xa3", "video"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"PK\x03\x04", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
    (b"\x7fELF", "binary"),
    (b"MZ", "binary"),
    (b"\xca\xfe\xba\xbe", "binary"),
)
_HTML = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
_TEXT = ("text/plain", "text/markdown", "text/x-markdown", "text/x-rst")
_XML = ("text/xml", "application/xml")
_UNDECLARED = (
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-unknown",
    "unknown/unknown",
    "application/unknown",
    "*/*",
    "application/x-download",
)
_KINDS = {
    "json": "data",
    "xml": "data",
    "csv": "data",
    "javascript": "script",
    "ecmascript": "script",
    "css": "style",
    "zip": "archive",
    "gzip": "archive",
    "flash": "binary",
}
_MAJOR = ("image", "audio", "video", "font")
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})


@dataclass(frozen=True, slots=True)
class Payload:
    """A body with what its record says about it; `mime` and `charset` as declared, or ""."""

    position: int
    size_bytes: int
    body: bytes
    mime: str
    charset: str = ""
    url: str = ""
    fetched_at: str = ""


def content_type(header: str) -> tuple[str, str]:
    """The type in lower case and the charset of a Content-Type header, "" where not given."""
    mime, _, parameters = header.partition(";")
    found = re.search(r"charset\s*=\s*([^;,]+)", parameters, re.I)
    return mime.strip().lower(), found[1].strip(" \"'") if found else ""


def entry(payload: Payload, options: ReadOptions) -> Entry:
    """The document in a body, or why there is none."""
    kind = kind_of(payload.body, payload.mime)
    try:
        if kind == "html":
            return _page(payload, options)
        if kind == "text":
            return _text(payload)
        if kind == "pdf":
            return _pdf(payload, options)
    except Unreadable as damage:
        return damage.at(payload.position, payload.size_bytes)
    return Skipped(payload.position, payload.size_bytes, kind)


def kind_of(body: bytes, mime: str) -> str:
    """html, text or pdf, or else what keeps it from being read: empty, image, data, script ..."""
    if not body.strip():
        return "empty"
    if signature := _signature(body):
        return signature
    if mime in _HTML or mime in _TEXT:
        readable = "html" if mime in _HTML else "text"
        return "binary" if _is_binary(body) else readable
    if mime in _UNDECLARED or mime in _XML:
        return _sniffed(body, mime)
    return _unread(mime)


def _unread(mime: str) -> str:
    major = mime.partition("/")[0]
    if major in _MAJOR:
        return major
    return next((kind for part, kind in _KINDS.items() if part in mime), "binary")


def _signature(body: bytes) -> str:
    if b"%PDF-" in body[:_SNIFF_BYTES] and not _HTML_TAG.match(body.lstrip()[:_SNIFF_BYTES]):
        return "pdf"
    if body[4:8] == b"ftyp":
        return "video"
    found = next((kind for magic, kind in _SIGNATURES if body.startswith(magic)), "")
    return found if found and _is_binary(body) else ""


def _is_binary(body: bytes) -> bool:
    """Whether the first bytes hold control characters that no text has (UTF-16's zeros aside)."""
    head = body[:_SNIFF_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    controls = len(head) - len(head.translate(None, _CONTROL))
    zeros = head.count(0)
    return controls - zeros > len(head) * 0.02 or 0 < zeros < controls


def _sniffed(body: bytes, mime: str) -> str:
    if _is_binary(body):
        return "binary"
    head = body[:_SNIFF_BYTES]
    if mime in _XML:
        return "html" if b"<html" in head.lower() else "data"
    if _HTML_TAG.search(head):
        return "html"
    return "text" if not mime else "binary"


def _page(payload: Payload, options: ReadOptions) -> Record:
    decoded = charset.decode(payload.body, payload.charset, markup=True)
    page = extraction.extract(decoded.text, options.extractor, options.fence)
    return Record(
        payload.position,
        payload.size_bytes,
        page.text,
        payload.url,
        page.about.title,
        payload.fetched_at,
        payload.mime or "text/html",
        page.about.licence,
        charset=decoded.encoding,
        charset_from=decoded.told,
        extractor=options.extractor,
        author=page.about.author,
    )


def _text(payload: Payload) -> Record:
    decoded = charset.decode(payload.body, payload.charset)
    return Record(
        payload.position,
        payload.size_bytes,
        decoded.text,
        payload.url,
        "",
        payload.fetched_at,
        payload.mime or "text/plain",
        charset=decoded.encoding,
        charset_from=decoded.told,
    )


def _pdf(payload: Payload, options: ReadOptions) -> Record:
    read = pdf.extract(payload.body, options)
    return Record(
        payload.position,
        payload.size_bytes,
        read.text,
        payload.url,
        read.title,
        payload.fetched_at,
        "application/pdf",
        unread=read.unread,
    )
