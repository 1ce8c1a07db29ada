"""Files to entries: which format a file is in, and the reader for it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import IO

from taojin.pipeline.ingest.archives import mail, mbox, mhtml, outlook, tarred, zipped
from taojin.pipeline.ingest.archives.members import (
    DEEPEST,
    MAX_MEMBERS,
    Budget,
    Inner,
    unpacked,
)
from taojin.pipeline.ingest.documents import (
    docx,
    epub,
    ipynb,
    markdown,
    ods,
    odt,
    ole,
    pptx,
    source,
    text,
    xlsx,
)
from taojin.pipeline.ingest.documents.latex import document as latex
from taojin.pipeline.ingest.documents.pdf import document as pdf
from taojin.pipeline.ingest.documents.rst import document as rst
from taojin.pipeline.ingest.documents.rtf import document as rtf
from taojin.pipeline.ingest.formats import HEAD_BYTES, format_of, is_package, package_of, suffix
from taojin.pipeline.ingest.opened import watched
from taojin.pipeline.ingest.parts import WHOLE, Part, cut, even
from taojin.pipeline.ingest.records import (
    Damaged,
    Entry,
    ReadOptions,
    Record,
    Unreadable,
)
from taojin.pipeline.ingest.stored import DamagedFile, Stored, codec_of, pieces, stretch
from taojin.pipeline.ingest.tables import arrow, delimited, json_array, jsonl, parquet, sqlite
from taojin.pipeline.ingest.web import html, warc

__all__ = ["FORMATS", "ReadOptions", "format_of", "read"]

_WHOLE: Mapping[str, Callable[[bytes, ReadOptions], Record]] = {
    "pdf": pdf.read,
    "docx": docx.read,
    "epub": epub.read,
    "ipynb": ipynb.read,
    "latex": latex.read,
    "ods": ods.read,
    "odt": odt.read,
    "ole": ole.read,
    "pptx": pptx.read,
    "rst": rst.read,
    "rtf": rtf.read,
    "source": source.read,
    "xlsx": xlsx.read,
    "html": html.read,
    "markdown": markdown.read,
    "mhtml": mhtml.read,
    "text": text.read,
}
_LINES = ("jsonl", "csv")
_STORED = {"warc": warc.read, "parquet": parquet.read}
_ARCHIVES = {"zip": zipped.read, "tar": tarred.read}
_MESSAGES = {"eml": mail.read, "msg": outlook.read}
_HOLDERS = (*_ARCHIVES, *_MESSAGES, "mbox")
FORMATS = tuple(sorted({*_WHOLE, *_LINES, *_STORED, *_HOLDERS, "arrow", "json", "sqlite"}))
"""Every format there is a reader for."""

_TOTAL_TIMES = 64
"""An archive and all that is packed in it may hold as many times the bytes of one record."""


@dataclass(frozen=True)
class _Within:
    """Where a file lies: itself, what the outermost one has left, how many archives are around."""

    file: IO[bytes]
    budget: Budget
    depth: int = 0


def read(
    path: str, options: ReadOptions, size_bytes: int | None = None, part: Part = WHOLE
) -> Iterator[Entry]:
    """Every record of a local file or fsspec URL as one entry, in the order of their positions.

    What cannot be read is a `Damaged` entry, and reading goes on behind it. A part of a record
    that cannot be read is one behind the record, at a position that no record has. Raises OSError
    where the file or its storage cannot be reached, and Changed, which is one, where the file
    changes while it is read or has not the size that was listed.
    """
    found = watched(path, size_bytes)
    with found.file as file:
        budget = Budget(MAX_MEMBERS, _TOTAL_TIMES * options.max_bytes)
        for entry in _read(path, file, options, _Within(file, budget), part):
            yield entry
            if isinstance(entry, Record) and entry.unread:
                yield Damaged(~entry.position, 0, *entry.unread, member=entry.member)
        found.check()


def parts(path: str, options: ReadOptions, size_bytes: int, most_bytes: int) -> list[Part]:
    """The parts of a file that together give what it gives, of about `most_bytes` or less.

    One where it cannot be cut, and larger ones where its records or row groups are. All of a WARC
    or a JSON Lines file is read for it, of a Parquet file the footer. Raises as `read` does.
    """
    found = watched(path, size_bytes)
    with found.file as file:
        step_bytes = even(size_bytes, most_bytes)
        chosen = cut(_openings(path, file, options, step_bytes), size_bytes, step_bytes)
        found.check()
    return chosen


def _openings(path: str, file: IO[bytes], options: ReadOptions, step_bytes: int) -> Iterator[Part]:
    kind, stored = _kind(path, file)
    if kind == "warc":
        yield from warc.openings(file, options)
    elif kind == "parquet":
        yield from parquet.openings(file)
    elif kind == "jsonl" and codec_of(stored.peek(16)) is None:
        yield from jsonl.openings(pieces(stored), step_bytes)


def _kind(path: str, file: IO[bytes]) -> tuple[str, Stored]:
    """The format of a file, and the file at its beginning."""
    stored = Stored(file)
    kind = format_of(path, head_of(stored))
    stored.seek(0)
    if is_package(kind) and codec_of(stored.peek(16)) is None:
        kind = package_of(file) or kind
        stored = Stored(file)
    if kind == "json" and json_array.is_lines(stored):
        kind = "jsonl"
    stored.seek(0)
    return kind, stored


def _read(
    path: str, file: IO[bytes], options: ReadOptions, within: _Within, part: Part = WHOLE
) -> Iterator[Entry]:
    kind, stored = _kind(path, file)
    if kind in _STORED:
        yield from _STORED[kind](file, options, part)
    elif kind == "arrow":
        yield from arrow.read(file, options)
    elif kind in _HOLDERS:
        yield from _held(kind, stored, options, within)
    elif kind == "json":
        yield from json_array.read(stored, options)
    elif kind == "sqlite":
        yield from sqlite.read(None if within.depth else path, stored, options)
    elif kind in _LINES:
        yield from _line_entries(kind, stored, options, part)
    elif kind in _WHOLE:
        entry = _whole(kind, stored, options)
        if isinstance(entry, Record) and kind == "source":
            entry = replace(entry, mime=source.mime(suffix(path)))
        yield entry
    else:
        yield Damaged(0, stored.size_bytes, "unknown_format", "no reader for this file")


def _held(kind: str, stored: Stored, options: ReadOptions, within: _Within) -> Iterator[Entry]:
    """The entries of what is packed in an archive or sent with a message."""
    if within.depth >= DEEPEST:
        yield Damaged(0, stored.size_bytes, "too_large", f"packed more than {DEEPEST} deep")
        return

    def inner(name: str, file: IO[bytes]) -> Iterator[Entry]:
        around = _Within(file, within.budget, within.depth + 1)
        return _read(name, file, options, around)

    if kind == "mbox":
        yield from mbox.read(pieces(stored), options, inner, within.budget)
    elif kind in _MESSAGES:
        yield from _message(kind, stored, options, inner, within.budget)
    elif codec_of(stored.peek(16)) is None:
        yield from _ARCHIVES[kind](within.file, inner, within.budget)
    else:
        packed = unpacked(stored, within.budget)
        with packed.file:
            yield from _ARCHIVES[kind](packed.file, inner, within.budget, packed.fault)


def _message(
    kind: str, stored: Stored, options: ReadOptions, inner: Inner, budget: Budget
) -> Iterator[Entry]:
    try:
        data = _all(stored, options.max_bytes)
    except Unreadable as damage:
        yield damage.at(0, stored.size_bytes)
    except DamagedFile as damage:
        yield Damaged(0, stored.size_bytes, damage.fault, "the compressed data is damaged")
    else:
        yield from _MESSAGES[kind](data, options, inner, budget)


def head_of(stored: Stored) -> bytes:
    """The first bytes of what the file holds, decompressed."""
    head = b""
    try:
        for block in pieces(stored):
            head += block[:HEAD_BYTES]
            if len(head) >= HEAD_BYTES:
                break
    except DamagedFile:
        pass
    return head


def _whole(kind: str, stored: Stored, options: ReadOptions) -> Entry:
    try:
        record = _WHOLE[kind](_all(stored, options.max_bytes), options)
        return replace(record, size_bytes=stored.size_bytes)
    except Unreadable as damage:
        return damage.at(0, stored.size_bytes)
    except RecursionError:
        return Damaged(0, stored.size_bytes, "too_large", "nested too deep")
    except DamagedFile as damage:
        return Damaged(0, stored.size_bytes, damage.fault, "the compressed data is damaged")


def _all(stored: Stored, max_bytes: int) -> bytes:
    data = bytearray()
    for block in pieces(stored):
        data += block
        if len(data) > max_bytes:
            raise Unreadable("too_large", f"more than {max_bytes} bytes")
    return bytes(data)


def _line_entries(kind: str, stored: Stored, options: ReadOptions, part: Part) -> Iterator[Entry]:
    """The entries of a table; where its compression breaks, one more for what is lost."""
    source = _Blocks(pieces(stored) if part == WHOLE else stretch(stored, part.start, part.end))
    number = 0
    is_jsonl = kind == "jsonl"
    rows = jsonl.read(source, options, part.before) if is_jsonl else delimited.read(source, options)
    for entry in rows:
        number = entry.position
        yield entry
    if source.damage:
        detail = "the compressed data is damaged from here on"
        yield Damaged(number + 1, source.damage.size_bytes, source.damage.fault, detail)


class _Blocks:
    """The decompressed blocks of a file; ends at damage and keeps what it was."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.damage: DamagedFile | None = None
        self._pieces = blocks

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except DamagedFile as damage:
            self.damage = damage
