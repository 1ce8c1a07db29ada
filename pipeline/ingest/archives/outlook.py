"""Outlook's messages: the text as one document, each attachment as one of its own.

A compound file with a stream for each property, named by its tag and type [MS-OXMSG]. As of any
e-mail, sender and recipients are left out.
"""

import io
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.archives import members, messages
from taojin.pipeline.ingest.archives.members import Budget, Found, Inner, Lost, Member
from taojin.pipeline.ingest.archives.rtf_compression import decompressed
from taojin.pipeline.ingest.documents import ole
from taojin.pipeline.ingest.documents.blocks import one_line
from taojin.pipeline.ingest.documents.rtf import document as rtf
from taojin.pipeline.ingest.records import (
    PARSER_ERRORS,
    Entry,
    ReadOptions,
    Record,
    Skipped,
    Unreadable,
)

MIME = "application/vnd.ms-outlook"
_PROPERTIES = "__properties_version1.0"
_HEADER_BYTES = 32
_ENTRY = struct.Struct("<HHL8s")
_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_DATA, _LONG_NAME, _NAME, _CODE_PAGE = 0x3701, 0x3707, 0x3704, 0x3FDE
_SENT, _DELIVERED = 0x0039, 0x0E06
_SUFFIXES_WITHOUT_TEXT = (".bmp", ".emf", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".wmf")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_ERRORS = (*PARSER_ERRORS, OSError, struct.error)


def read(data: bytes, options: ReadOptions, inner: Inner, budget: Budget) -> Iterator[Entry]:
    """The message, then an entry or more per attachment; of a file that is none, its cause."""
    try:
        file = _opened(data, options)
        yield _record(file, len(data), options)
        found = list(_attachments(file, budget))
    except Unreadable as damage:
        yield damage.at(0, len(data))
        return
    yield from members.entries(found, inner, budget, start=1)


class _File:
    """The streams of a compound file. Raises Unreadable where they cannot be read."""

    def __init__(self, data: bytes) -> None:
        import olefile

        try:
            self._ole: Any = olefile.OleFileIO(io.BytesIO(data))
            self.names = {"/".join(path) for path in self._ole.listdir(streams=True, storages=True)}
        except _ERRORS as error:
            raise Unreadable("unreadable", f"compound file: {type(error).__name__}") from error

    def stream(self, name: str) -> bytes:
        """What a stream holds, b"" where it is not there."""
        if name not in self.names:
            return b""
        try:
            found: bytes = self._ole.openstream(name).read()
        except _ERRORS as error:
            raise Unreadable("unreadable", f"compound file: {type(error).__name__}") from error
        return found

    def bytes_of(self, tag: int, folder: str = "") -> bytes:
        """A property of bytes."""
        return self.stream(f"{folder}__substg1.0_{tag:04X}0102")

    def text_of(self, tag: int, folder: str = "") -> str:
        """A property of text, in UTF-16 or in the code page that the message names."""
        if wide := self.stream(f"{folder}__substg1.0_{tag:04X}001F"):
            return charset.clean(wide.decode("utf-16-le", "replace").rstrip("\0"))
        narrow = self.stream(f"{folder}__substg1.0_{tag:04X}001E").rstrip(b"\0")
        return charset.decode(narrow, self.code_page()).text if narrow else ""

    def code_page(self) -> str:
        """The message's code page as a charset, "" where it names none."""
        (number,) = struct.unpack("<L4x", self.fixed(_CODE_PAGE))
        return "utf-8" if number == 65001 else f"cp{number}" if number else ""

    def fixed(self, tag: int) -> bytes:
        """The eight bytes of a property of a fixed size, zeros where it is not there."""
        data = self.stream(_PROPERTIES)[_HEADER_BYTES:]
        entries = _ENTRY.iter_unpack(data[: len(data) // _ENTRY.size * _ENTRY.size])
        return next((value for _, own, _, value in entries if own == tag), bytes(8))


def _opened(data: bytes, options: ReadOptions) -> _File:
    file = _File(data)
    if _PROPERTIES not in file.names:
        ole.read(data, options)  # some other file in the same container: it raises its cause
    return file


def _record(file: _File, size_bytes: int, options: ReadOptions) -> Record:
    said = _said(file, options)
    return Record(
        0,
        size_bytes,
        said.text,
        title=one_line(file.text_of(_SUBJECT)),
        fetched_at=_date(file),
        mime=MIME,
        charset=said.charset,
        charset_from=said.charset_from,
        extractor=said.extractor,
    )


def _said(file: _File, options: ReadOptions) -> messages.Said:
    """The plain text, else the page's main content, else the text of the rich one."""
    if (text := file.text_of(_BODY)).strip():
        return messages.Said(text)
    page = file.bytes_of(_HTML) or file.text_of(_HTML).encode()
    if page.strip():
        return messages.page_of(page, file.code_page(), options, is_letter=True)
    rich = file.bytes_of(_RTF)
    text = rtf.read(decompressed(rich, options.max_bytes), options).text if rich else ""
    return messages.Said(text)


def _date(file: _File) -> str:
    """When the message was sent, or else delivered, in ISO form; "" where it does not say."""
    for tag in (_SENT, _DELIVERED):
        (ticks,) = struct.unpack("<Q", file.fixed(tag))
        if ticks:
            try:
                return (_EPOCH + timedelta(microseconds=ticks // 10)).isoformat()
            except OverflowError:
                continue
    return ""


def _attachments(file: _File, budget: Budget) -> Iterator[Found]:
    folders = sorted(
        name for name in file.names if name.startswith("__attach_version1.0_") and "/" not in name
    )
    for number, folder in enumerate(folders, start=1):
        given = file.text_of(_LONG_NAME, f"{folder}/") or file.text_of(_NAME, f"{folder}/")
        name = given.replace("\\", "/").rpartition("/")[2].strip() or f"part-{number}"
        if f"{folder}/__substg1.0_{_DATA:04X}000D" in file.names:
            yield Lost(name, 0, "unknown_format", "a message within the message")
        elif name.lower().endswith(_SUFFIXES_WITHOUT_TEXT):
            yield Skipped(0, 0, "image")
        else:
            yield Member(name, 0, partial(_content, file, folder, budget))


def _content(file: _File, folder: str, budget: Budget) -> io.BytesIO:
    data = file.bytes_of(_DATA, f"{folder}/")
    budget.take(len(data))
    return io.BytesIO(data)
