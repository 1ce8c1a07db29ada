"""Zip archives: every entry of the directory, in its order."""

import stat
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, TypeVar

from taojin.pipeline.ingest.archives import members
from taojin.pipeline.ingest.archives.members import Budget, Found, Inner, Lost, Member
from taojin.pipeline.ingest.documents.packages import OF_THE_FILE, ZIP_ERRORS, directory_entries
from taojin.pipeline.ingest.records import Entry, Skipped, Unreadable

MAX_DIRECTORY_ENTRIES = 5 * members.MAX_MEMBERS
"""As many as its directory has room for; names take room too."""
_ENCRYPTED = 1
_UTF8 = 1 << 11
_T = TypeVar("_T")


def read(file: IO[bytes], inner: Inner, budget: Budget, fault: str = "") -> Iterator[Entry]:
    """One entry per member or more; one for the file if its directory cannot be read.

    `fault` says why its decompression ended early: the directory, at the end, is lost then.
    """
    size_bytes = file.seek(0, 2)
    try:
        archive = _opened(file, fault)
    except Unreadable as damage:
        yield damage.at(0, size_bytes)
        return
    with archive:
        found = (_found(archive, entry, budget) for entry in archive.infolist())
        yield from members.entries(found, inner, budget)


def _opened(file: IO[bytes], fault: str) -> zipfile.ZipFile:
    if fault:
        raise Unreadable(fault, "the compressed data ends early")
    if (count := directory_entries(file)) > MAX_DIRECTORY_ENTRIES:
        raise Unreadable("too_large", f"a directory with room for {count} entries")
    return guarded(lambda: zipfile.ZipFile(file), "unreadable")


def guarded(act: Callable[[], _T], cause: str) -> _T:
    """What the act gives. Raises Unreadable with that cause where the archive is damaged."""
    try:
        return act()
    except ZIP_ERRORS as error:
        raise Unreadable(cause, f"zipfile: {type(error).__name__}") from error
    except OSError as error:
        if error.errno not in OF_THE_FILE:
            raise
        raise Unreadable(cause, "no data that can be read") from error


def _found(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> Found:
    name = _name(entry)
    mode = entry.external_attr >> 16
    if entry.filename.endswith("/"):  # is_dir() fails for an entry without a name
        return Skipped(0, 0, "folder")
    lost = partial(Lost, name, entry.compress_size)
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return lost("bad_path", "a link or a device")
    if entry.flag_bits & _ENCRYPTED:
        return lost("encrypted", "needs a password")
    return Member(name, entry.compress_size, partial(_content, archive, entry, budget))


def _name(entry: zipfile.ZipInfo) -> str:
    """The path; without a flag that says UTF-8 it may be that all the same, or Chinese Windows'."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> IO[bytes]:
    members.check_ratio(entry.file_size, entry.compress_size)
    budget.take(entry.file_size)
    return guarded(partial(_copy, archive, entry), "bad_record")


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    with archive.open(entry) as stream:
        return members.spooled(members.copied(stream))
