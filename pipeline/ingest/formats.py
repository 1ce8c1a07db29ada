"""Which format a file is in: by its first bytes where they are plain, else by its suffix."""

import re
import zipfile
from collections.abc import Mapping
from typing import IO

from taojin.pipeline.ingest.documents import source
from taojin.pipeline.ingest.documents.packages import (
    OF_THE_FILE,
    OLE,
    ZIP_ERRORS,
    directory_entries,
)
from taojin.pipeline.ingest.records import Unreadable

HEAD_BYTES = 4096
MAX_NAMES = 400_000
_PACKED = (".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz")
_SUFFIXES: Mapping[str, str] = {
    "warc": "warc",
    "wet": "warc",
    "arc": "warc",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "csv": "csv",
    "tsv": "csv",
    "tab": "csv",
    "json": "json",
    "parquet": "parquet",
    "arrow": "arrow",
    "feather": "arrow",
    "ipc": "arrow",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "db": "sqlite",
    "pdf": "pdf",
    "docx": "docx",
    "docm": "docx",
    "pptx": "pptx",
    "pptm": "pptx",
    "ppsx": "pptx",
    "xlsx": "xlsx",
    "xlsm": "xlsx",
    "zip": "zip",
    "tar": "tar",
    "tgz": "tar",
    "tbz2": "tar",
    "tbz": "tar",
    "txz": "tar",
    "tzst": "tar",
    "epub": "epub",
    "ods": "ods",
    "ots": "ods",
    "odt": "odt",
    "ott": "odt",
    "rtf": "rtf",
    "ipynb": "ipynb",
    "eml": "eml",
    "mbox": "mbox",
    "mbx": "mbox",
    "msg": "msg",
    "mht": "mhtml",
    "mhtml": "mhtml",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "md": "markdown",
    "markdown": "markdown",
    "txt": "text",
    "text": "text",
    "tex": "latex",
    "latex": "latex",
    "ltx": "latex",
    "rst": "rst",
    "rest": "rst",
    **dict.fromkeys(source.LANGUAGES, "source"),
}
_MAGIC = {b"PAR1": "parquet", b"ARROW1\0\0": "arrow", b"SQLite format 3\0": "sqlite"}
_PACKAGES = ("docx", "pptx", "xlsx", "ods", "odt", "epub")
"""Zip packages of one document."""
_MARKS = ((b"word/", "docx"), (b"ppt/", "pptx"), (b"xl/", "xlsx"))
_HTML_START = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table)\b", re.I | re.S
)
_ARCHIVE_START = re.compile(rb"\s*WARC/[01]\.\d|filedesc://")
_RTF_START = re.compile(rb"\s*\{\\rtf\d?[\\}{ ]")
_NOTEBOOK_START = re.compile(
    rb'\s*\{\s*"(?:cells|worksheets|metadata|nbformat)"\s*:.*"(?:cell_type|nbformat|kernelspec)"',
    re.S,
)
_HEADER_START = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]")
_MAILBOX_START = re.compile(rb"From [^\n]{0,400}\d\d?:\d\d[^\n]{0,400}\n>?[!-9;-~]+:[ \t]")
_MIMES = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.spreadsheet-template": "ods",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.text-template": "odt",
}
_MIME_ENTRY = "mimetype"
_ZIP = b"PK\x03\x04"


def format_of(path: str, head: bytes) -> str:
    """The format by the file's first bytes where they are plain, else by its suffix, else ""."""
    kind = suffix_format(path)
    if _ARCHIVE_START.match(head):
        return "warc"
    if head.startswith(_ZIP):
        return _package(kind, head)
    if head.startswith(OLE[:4]):
        return kind if kind in (*_PACKAGES, "msg") else "ole"
    return _signed(kind, head) or kind


def _signed(by_suffix: str, head: bytes) -> str:
    """The format that the first bytes alone tell, "" if they do not."""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "tar"
    if b"%PDF-" in head[:1024] and by_suffix not in ("warc", "jsonl", "csv", "eml"):
        return "pdf"
    if _RTF_START.match(head):
        return "rtf"
    return _written(by_suffix, head)


def _written(by_suffix: str, head: bytes) -> str:
    """The format of a text by its opening, which other formats may quote: so not under any name."""
    if by_suffix in ("", "json") and _NOTEBOOK_START.match(head):
        return "ipynb"
    if by_suffix in ("", "eml", "text") and _MAILBOX_START.match(head):
        return "mbox"
    if by_suffix in ("", "html") and _HEADER_START.match(head):
        return _message(b"\n" + head.lower()) or by_suffix
    return "html" if by_suffix in ("", *_PACKAGES) and _HTML_START.match(head) else ""


def _message(head: bytes) -> str:
    """What the headers of a message in small letters make of it, "" if they are none of one."""
    if b"content-type: multipart/related" in head and b"\ncontent-location:" in head:
        return "mhtml"
    return "eml" if b"\nmessage-id:" in head and b"\nfrom:" in head else ""


def suffix_format(path: str) -> str:
    """The format that the suffix of a name stands for, "" for none that is read."""
    return _SUFFIXES.get(suffix(path), "")


def suffix(path: str) -> str:
    """What follows the last dot of a name in small letters, compression aside; "" without a dot."""
    name = path.lower().rstrip("/").rpartition("/")[2]
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return name.rpartition(".")[2] if "." in name else ""


def _package(by_suffix: str, head: bytes) -> str:
    """What a zip file's first bytes make of it: they may not reach to what tells it."""
    found = next((kind for mark, kind in _MARKS if mark in head), "")
    if head[30:38] == _MIME_ENTRY.encode():  # it comes first, stored as it is
        found = next((kind for mime, kind in _MIMES.items() if head[38:].startswith(mime)), found)
    return found or (by_suffix if by_suffix in _PACKAGES else "zip")


def package_of(file: IO[bytes]) -> str:
    """The format of a zip file by the names in its directory; `zip` if it is not one document's.

    "" where the directory cannot be read.
    """
    try:
        if directory_entries(file) > MAX_NAMES:
            return "zip"
        with zipfile.ZipFile(file) as package:
            names = package.namelist()
            if kind := _MIMES.get(_mimetype(package, names)):
                return kind
    except Unreadable:
        return ""
    except ZIP_ERRORS:
        return ""
    except OSError as error:
        if error.errno not in OF_THE_FILE:
            raise
        return ""
    return _named(names)


def _named(names: list[str]) -> str:
    """What the names of its entries make of a zip file."""
    if "META-INF/container.xml" in names and any(name.endswith(".opf") for name in names):
        return "epub"
    if "[Content_Types].xml" in names:
        for mark, kind in _MARKS:
            if any(name.startswith(mark.decode()) for name in names):
                return kind
    return "zip"


def _mimetype(package: zipfile.ZipFile, names: list[str]) -> bytes:
    """What the entry says that OpenDocument and EPUB have for it, "" where there is none."""
    if _MIME_ENTRY not in names:
        return b""
    with package.open(_MIME_ENTRY) as entry:
        return entry.read(100).strip()


def is_package(kind: str) -> bool:
    """Whether files of that format are zip files, so that their directory tells more."""
    return kind == "zip" or kind in _PACKAGES
