"""Outlook's messages: the text as one document, each attachment as one of its own.

A compound file with a stream for each property, named by its tag and type [MS-OXMSG]. As of any
e-mail, sender and recipients are left out.
"""

import io
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.archives import members, messages
from taojin.pipeline.ingest.archives.members import Budget, Found, Inner, Member
from taojin.pipeline.ingest.archives.rtf_compression import decompressed
from taojin.pipeline.ingest.documents import ole
from taojin.pipeline.ingest.documents.rtf import document as rtf
from taojin.pipeline.ingest.markup.blocks import one_line
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
_HEADER_BYTES, _INNER_HEADER_BYTES = 32, 24
_DEEPEST = 8
"""Messages in messages."""
_ENTRY = struct.Struct("<HHL8s")
_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_DATA, _LONG_NAME, _NAME, _SHOWN_NAME, _CODE_PAGE = 0x3701, 0x3707, 0x3704, 0x3001, 0x3FDE
_SENT, _DELIVERED = 0x0039, 0x0E06
_SUFFIXES_WITHOUT_TEXT = (".bmp", ".emf", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".wmf")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_ERRORS = (*PARSER_ERRORS, OSError, struct.error)


def read(data: bytes, options: ReadOptions, inner: Inner, budget: Budget) -> Iterator[Entry]:
    """The message, then an entry or more per attachment; of a file that is none, its cause.

    A message in a message is an entry as its attachments are.
    """
    try:
        file = _opened(data, options)
        found = _entries(file, options, inner, budget)
        yield replace(next(found), size_bytes=len(data))
    except Unreadable as damage:
        yield damage.at(0, len(data))
        return
    yield from (replace(entry, position=number) for number, entry in enumerate(found, start=1))


class _File:
    """The streams of a message in a compound file. Raises Unreadable where they cannot be read."""

    def __init__(self, ole: Any, paths: Sequence[str], storage: str = "") -> None:
        self._ole = ole
        self._storage = storage
        self._paths = paths
        """Sorted, below the storage that the message is in."""
        self.names = frozenset(paths)

    def within(self, storage: str) -> "_File":
        """The message in a storage of this one."""
        below, behind = f"{storage}/", f"{storage}0"  # the sign behind a slash
        own = self._paths[bisect_left(self._paths, below) : bisect_left(self._paths, behind)]
        return _File(self._ole, [path[len(below) :] for path in own], f"{self._storage}{below}")

    def stream(self, name: str) -> bytes:
        """What a stream holds, b"" where it is not there."""
        if name not in self.names:
            return b""
        try:
            found: bytes = self._ole.openstream(f"{self._storage}{name}").read()
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
        data = self.stream(_PROPERTIES)[_INNER_HEADER_BYTES if self._storage else _HEADER_BYTES :]
        entries = _ENTRY.iter_unpack(data[: len(data) // _ENTRY.size * _ENTRY.size])
        return next((value for _, own, _, value in entries if own == tag), bytes(8))


def _opened(data: bytes, options: ReadOptions) -> _File:
    import olefile

    try:
        found = olefile.OleFileIO(io.BytesIO(data))
        paths = found.listdir(streams=True, storages=True)
    except _ERRORS as error:
        raise Unreadable("unreadable", f"compound file: {type(error).__name__}") from error
    file = _File(found, sorted(map("/".join, paths)))
    if _PROPERTIES not in file.names:
        ole.read(data, options)  # some other file in the same container: it raises its cause
    return file


def _entries(
    file: _File, options: ReadOptions, inner: Inner, budget: Budget, depth: int = 0
) -> Iterator[Entry]:
    """The message and what is attached to it. Raises Unreadable."""
    if depth > _DEEPEST:
        raise Unreadable("too_large", f"messages in messages more than {_DEEPEST} deep")
    yield _record(file, options)
    for number, folder in enumerate(_folders(file), start=1):
        name = _name(file, folder) or f"part-{number}"
        storage = f"{folder}/__substg1.0_{_DATA:04X}000D"
        if storage not in file.names:
            yield from members.entries([_attachment(file, folder, name, budget)], inner, budget)
            continue
        try:
            for entry in _entries(file.within(storage), options, inner, budget, depth + 1):
                yield members.named(entry, name)
        except Unreadable as damage:
            yield members.named(damage.at(0, 0), name)


def _record(file: _File, options: ReadOptions) -> Record:
    said = _said(file, options)
    return Record(
        0,
        0,
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


def _folders(file: _File) -> list[str]:
    """The storages of the message's own attachments."""
    return sorted(
        name for name in file.names if name.startswith("__attach_version1.0_") and "/" not in name
    )


def _name(file: _File, folder: str) -> str:
    """What an attachment is called, on no path."""
    tags = (_LONG_NAME, _NAME, _SHOWN_NAME)
    given = next(filter(None, (file.text_of(tag, f"{folder}/") for tag in tags)), "")
    return given.replace("\\", "/").rpartition("/")[2].strip()


def _attachment(file: _File, folder: str, name: str, budget: Budget) -> Found:
    if name.lower().endswith(_SUFFIXES_WITHOUT_TEXT):
        return Skipped(0, 0, "image")
    return Member(name, 0, partial(_content, file, folder, budget))


def _content(file: _File, folder: str, budget: Budget) -> io.BytesIO:
    data = file.bytes_of(_DATA, f"{folder}/")
    budget.take(len(data))
    return io.BytesIO(data)
