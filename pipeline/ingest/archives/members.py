"""The members of an archive as entries of its own, numbered in their order.

Each is read by the reader of its format, as if it lay beside the archive. What archives may cost is
bounded by one budget for a file and all that is packed in it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from taojin.pipeline.ingest.records import Damaged, Entry, Record, Skipped, Unreadable
from taojin.pipeline.ingest.stored import DamagedFile, Stored, pieces

MAX_MEMBERS = 100_000
DEEPEST = 2
"""An archive may hold archives, but those none."""
MAX_RATIO = 250
"""Times its stored size; text that people wrote shrinks to a tenth, a log to a hundredth."""
FREE_BYTES = 1 << 20
"""What anything may expand to, whatever its ratio."""
_MEMORY_BYTES = 16 << 20
_BLOCK_BYTES = 256 << 10
_OUTSIDE = re.compile(r"[/\\]|[A-Za-z]:|(?:.*[/\\])?\.\.(?:[/\\]|\Z)", re.S)


@dataclass
class Budget:
    """What is left to a file and all that is packed in it."""

    members: int
    size_bytes: int

    def take(self, size_bytes: int) -> None:
        """Take the bytes of one member. Raises Unreadable where not that many are left."""
        if size_bytes > self.size_bytes:
            raise Unreadable("too_large", "the archive expands to more than is allowed")
        self.size_bytes -= size_bytes


@dataclass(frozen=True)
class Member:
    """A file in an archive: its path there and how to get what it holds.

    `content` raises Unreadable.
    """

    name: str
    size_bytes: int
    content: Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Lost:
    """A member that is not read; `size_bytes` as the archive has it."""

    name: str
    size_bytes: int
    cause: str
    detail: str


Found = Member | Lost | Skipped
Inner = Callable[[str, IO[bytes]], Iterator[Entry]]
"""Reads a member by its path and content."""


def entries(
    found: Iterable[Found], inner: Inner, budget: Budget, start: int = 0
) -> Iterator[Entry]:
    """Every member's entries; at least one for each, so that none is lost."""
    position = start
    for member in found:
        if budget.members <= 0:
            yield Damaged(position, 0, "too_large", f"more than {MAX_MEMBERS} members")
            return
        budget.members -= 1
        for entry in _member(member, inner):
            yield replace(entry, position=position)
            position += 1


def _member(member: Found, inner: Inner) -> Iterator[Entry]:
    if isinstance(member, Skipped):
        yield member
        return
    if isinstance(member, Lost):
        yield Damaged(0, member.size_bytes, member.cause, member.detail, member.name)
        return
    if _OUTSIDE.match(member.name):
        detail = "a path that leads out of the archive"
        yield Damaged(0, member.size_bytes, "bad_path", detail, member.name)
        return
    yield from _read(member, inner)


def _read(member: Member, inner: Inner) -> Iterator[Entry]:
    try:
        file = member.content()
    except Unreadable as damage:
        yield replace(damage.at(0, member.size_bytes), member=member.name)
        return
    is_empty = True
    with file:
        for entry in inner(member.name, file):
            is_empty = False
            yield named(entry, member.name)
    if is_empty:  # a table without rows
        yield Skipped(0, member.size_bytes, "empty")


def named(entry: Entry, name: str) -> Entry:
    """The entry as one of a member of that name."""
    if isinstance(entry, Record | Damaged):
        return replace(entry, member=f"{name}/{entry.member}" if entry.member else name)
    return entry


def check_ratio(size_bytes: int, stored_bytes: int) -> None:
    """Raises Unreadable for what expands to more than any text does."""
    if size_bytes > FREE_BYTES and size_bytes > MAX_RATIO * max(1, stored_bytes):
        raise Unreadable("too_large", f"expands more than {MAX_RATIO} times")


def spooled(blocks: Iterable[bytes]) -> IO[bytes]:
    """The blocks as a seekable file at its start, in memory while it is small."""
    file = cast("Any", SpooledTemporaryFile(_MEMORY_BYTES))  # noqa: SIM115  # the caller closes it
    try:
        for block in blocks:
            file.write(block)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return cast("IO[bytes]", file)


def copied(stream: IO[bytes]) -> Iterator[bytes]:
    """What is left of a stream, block by block."""
    while block := stream.read(_BLOCK_BYTES):
        yield block


@dataclass
class Unpacked:
    """What a compressed archive holds, as far as it can be read; `fault` says why no further."""

    file: IO[bytes]
    fault: str = ""


def unpacked(stored: Stored, budget: Budget) -> Unpacked:
    """The decompressed file, within the ratio and the budget."""
    fault: list[str] = []
    stored.seek(0)
    return Unpacked(spooled(_bounded(stored, budget, fault)), "".join(fault))


def _bounded(stored: Stored, budget: Budget, fault: list[str]) -> Iterator[bytes]:
    size_bytes = 0
    try:
        for block in pieces(stored):
            size_bytes += len(block)
            check_ratio(size_bytes, stored.size_bytes)
            budget.take(len(block))
            yield block
    except DamagedFile as damage:
        fault.append(damage.fault)
    except Unreadable as damage:
        fault.append(damage.cause)
