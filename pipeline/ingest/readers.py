"""Files to entries: which format a file is in, and the reader for it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import IO

from taojin.pipeline.ingest.documents import docx, markdown, pdf, text
from taojin.pipeline.ingest.opened import watched
from taojin.pipeline.ingest.records import (
    Damaged,
    Entry,
    ReadOptions,
    Record,
    Unreadable,
)
from taojin.pipeline.ingest.stored import DamagedFile, Stored, pieces
from taojin.pipeline.ingest.tables import arrow, delimited, json_array, jsonl, parquet, sqlite
from taojin.pipeline.ingest.web import html, warc

__all__ = ["FORMATS", "ReadOptions", "format_of", "read"]

_HEAD_BYTES = 4096
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
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "md": "markdown",
    "markdown": "markdown",
    "txt": "text",
    "text": "text",
    "rst": "text",
}
_HTML_START = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table)\b", re.I | re.S
)
_ARCHIVE_START = re.compile(rb"\s*WARC/[01]\.\d|filedesc://")

_MAGIC = {b"PAR1": "parquet", b"ARROW1\0\0": "arrow", b"SQLite format 3\0": "sqlite"}

_WHOLE: Mapping[str, Callable[[bytes, ReadOptions], Record]] = {
    "pdf": pdf.read,
    "docx": docx.read,
    "html": html.read,
    "markdown": markdown.read,
    "text": text.read,
}
_LINES = {"jsonl": jsonl.read, "csv": delimited.read}
_STORED = {"warc": warc.read, "parquet": parquet.read, "arrow": arrow.read}
FORMATS = tuple(sorted({*_WHOLE, *_LINES, *_STORED, "json", "sqlite"}))
"""Every format there is a reader for."""


def read(path: str, options: ReadOptions, size_bytes: int | None = None) -> Iterator[Entry]:
    """Every record of a local file or fsspec URL as one entry, in the order of their positions.

    What cannot be read is a `Damaged` entry, and reading goes on behind it. Raises OSError where
    the file or its storage cannot be reached, and Changed, which is one, where the file changes
    while it is read or has not the size that was listed.
    """
    found = watched(path, size_bytes)
    with found.file as file:
        yield from _read(path, file, options)
        found.check()


def _read(path: str, file: IO[bytes], options: ReadOptions) -> Iterator[Entry]:
    stored = Stored(file)
    kind = format_of(path, head_of(stored))
    stored.seek(0)
    if kind == "json" and json_array.is_lines(stored):
        kind = "jsonl"
    if kind in _STORED:
        file.seek(0)
        yield from _STORED[kind](file, options)
    elif kind == "json":
        yield from json_array.read(stored, options)
    elif kind == "sqlite":
        yield from sqlite.read(path, stored, options)
    elif kind in _LINES:
        yield from _line_entries(kind, stored, options)
    elif kind in _WHOLE:
        yield _whole(kind, stored, options)
    else:
        yield Damaged(0, stored.size_bytes, "unknown_format", "no reader for this file")


def head_of(stored: Stored) -> bytes:
    """The first bytes of what the file holds, decompressed."""
    head = b""
    try:
        for block in pieces(stored):
            head += block[:_HEAD_BYTES]
            if len(head) >= _HEAD_BYTES:
                break
    except DamagedFile:
        pass
    return head


def format_of(path: str, head: bytes) -> str:
    """The format by the file's first bytes where they are plain, else by its suffix, else ""."""
    if _ARCHIVE_START.match(head):
        return "warc"
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if b"%PDF-" in head[:1024] and _suffix(path) not in ("warc", "jsonl", "csv"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx" if b"word/" in head or _suffix(path) == "docx" else ""
    if kind := _suffix(path):
        return kind
    return "html" if _HTML_START.match(head) else ""


def _suffix(path: str) -> str:
    name = path.lower().rstrip("/").rpartition("/")[2]
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return _SUFFIXES.get(name.rpartition(".")[2], "") if "." in name else ""


def _whole(kind: str, stored: Stored, options: ReadOptions) -> Entry:
    try:
        record = _WHOLE[kind](_all(stored, options.max_bytes), options)
        return replace(record, size_bytes=stored.size_bytes)
    except Unreadable as damage:
        return damage.at(0, stored.size_bytes)
    except DamagedFile as damage:
        return Damaged(0, stored.size_bytes, damage.fault, "the compressed data is damaged")


def _all(stored: Stored, max_bytes: int) -> bytes:
    data = bytearray()
    for block in pieces(stored):
        data += block
        if len(data) > max_bytes:
            raise Unreadable("too_large", f"more than {max_bytes} bytes")
    return bytes(data)


def _line_entries(kind: str, stored: Stored, options: ReadOptions) -> Iterator[Entry]:
    """The entries of a table; where its compression breaks, one more for what is lost."""
    source = _Blocks(stored)
    number = 0
    for entry in _LINES[kind](source, options):
        number = entry.position
        yield entry
    if source.damage:
        detail = "the compressed data is damaged from here on"
        yield Damaged(number + 1, source.damage.size_bytes, source.damage.fault, detail)


class _Blocks:
    """The decompressed blocks of a file; ends at damage and keeps what it was."""

    def __init__(self, stored: Stored) -> None:
        self.damage: DamagedFile | None = None
        self._pieces = pieces(stored)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except DamagedFile as damage:
            self.damage = damage
