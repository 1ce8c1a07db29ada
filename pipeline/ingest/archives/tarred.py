"""Tar archives, compressed or not: every member in its order.

tarfile ends quietly where a header is damaged, so the block that it ended at is looked at again:
only zeros end an archive.
"""

import tarfile
from collections.abc import Iterator
from functools import partial
from typing import IO, Any, cast

from taojin.pipeline.ingest.archives import members
from taojin.pipeline.ingest.archives.members import Budget, Found, Inner, Lost, Member
from taojin.pipeline.ingest.documents.packages import ZIP_ERRORS
from taojin.pipeline.ingest.records import Damaged, Entry, Skipped, Unreadable

_ERRORS: tuple[type[BaseException], ...] = (tarfile.TarError, *ZIP_ERRORS)


def read(file: IO[bytes], inner: Inner, budget: Budget, fault: str = "") -> Iterator[Entry]:
    """One entry per member or more, and one for what is damaged behind them.

    `fault` says why the archive's decompression ended, if it ended early.
    """
    size_bytes = file.seek(0, 2)
    file.seek(0)
    try:
        archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115  # closed below
    except _ERRORS as error:
        yield Damaged(0, size_bytes, fault or "unreadable", f"tarfile: {type(error).__name__}")
        return
    with archive:
        yield from members.entries(_found(archive, file, budget, fault), inner, budget)


def _found(
    archive: tarfile.TarFile, file: IO[bytes], budget: Budget, fault: str
) -> Iterator[Found]:
    size_bytes = file.seek(0, 2)
    try:
        while (member := archive.next()) is not None:
            cast("Any", archive).members = []  # it would remember them all
            yield _member(archive, member, budget)
    except _ERRORS as error:
        yield _rest(archive, size_bytes, fault or "bad_record", type(error).__name__)
        return
    file.seek(min(archive.offset, size_bytes))
    if fault or file.read(tarfile.BLOCKSIZE).strip(b"\0"):
        yield _rest(archive, size_bytes, fault or "bad_record", "no header")


def _rest(archive: tarfile.TarFile, size_bytes: int, cause: str, detail: str) -> Lost:
    left = max(0, size_bytes - archive.offset)
    return Lost("", left, cause, f"the archive cannot be read from here on: {detail}")


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo, budget: Budget) -> Found:
    name = member.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if member.isdir():
        return Skipped(0, 0, "folder")
    if not member.isfile():
        return Lost(name, member.size, "bad_path", "a link or a device")
    return Member(name, member.size, partial(_content, archive, member, budget))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, budget: Budget) -> IO[bytes]:
    if member.issparse():  # holes take no room in the archive
        members.check_ratio(member.size, 1)
    budget.take(member.size)
    try:
        stream = archive.extractfile(member)
        assert stream is not None
        with stream:
            return members.spooled(members.copied(stream))
    except _ERRORS as error:
        raise Unreadable("truncated", f"tarfile: {type(error).__name__}") from error
