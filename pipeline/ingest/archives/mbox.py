"""Mailboxes: message after message, each read as one that lies in a file of its own.

A message begins with a line `From`, an address and a time, behind a blank line. Its position is the
offset of that line, and its size reaches to the next, so that the messages cover the file.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from taojin.pipeline.ingest.archives import mail
from taojin.pipeline.ingest.archives.members import Budget, Inner
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Skipped
from taojin.pipeline.ingest.stored import DamagedFile

_NEXT = re.compile(rb"\n\r?\n(?=From [^\n]{0,400}\d\d?:\d\d[^\n]{0,400}\n)")
_LONGEST_LINE = 1_000
_BLANK_END = re.compile(rb"(?<=\n)\r?\n\Z")
_ESCAPED = re.compile(rb"^>(?=>*From )", re.M)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A message with the line before it, or the size alone of one that is too large."""

    position: int
    size_bytes: int
    data: bytes = b""


def read(
    blocks: Iterable[bytes], options: ReadOptions, inner: Inner, budget: Budget
) -> Iterator[Entry]:
    """The entries of each message; those of an attachment stand at positions within it."""
    at = 0
    try:
        for stretch in _stretches(blocks, options.max_bytes):
            yield from _entries(stretch, options, inner, budget)
            at = stretch.position + stretch.size_bytes
    except DamagedFile as damage:
        detail = "the compressed data is damaged from here on"
        yield Damaged(at, damage.size_bytes, damage.fault, detail)


def _entries(
    stretch: _Stretch, options: ReadOptions, inner: Inner, budget: Budget
) -> Iterator[Entry]:
    if not stretch.data:
        detail = f"a message of {stretch.size_bytes} bytes"
        yield Damaged(stretch.position, stretch.size_bytes, "too_large", detail)
        return
    if not stretch.data.strip():
        yield Skipped(stretch.position, stretch.size_bytes, "padding")
        return
    is_opened = stretch.data.startswith(b"From ")
    message = stretch.data.partition(b"\n")[2] if is_opened else stretch.data
    message = _ESCAPED.sub(b"", _BLANK_END.sub(b"", message))
    for entry in mail.read(message, options, inner, budget):
        size_bytes = 0 if entry.position else stretch.size_bytes
        yield replace(entry, position=stretch.position + entry.position, size_bytes=size_bytes)


def _stretches(blocks: Iterable[bytes], most: int) -> Iterator[_Stretch]:
    held = bytearray()
    position = dropped = searched = 0
    for block in blocks:
        held += block
        while found := _NEXT.search(held, searched):
            yield _stretch(position, dropped, held[: found.end()], most)
            position += dropped + found.end()
            del held[: found.end()]
            dropped = searched = 0
        searched = max(0, len(held) - _LONGEST_LINE)  # a line may be cut by the block's end
        if len(held) > most:
            dropped += searched
            del held[:searched]
            searched = 0
    if held or dropped:
        yield _stretch(position, dropped, held, most)


def _stretch(position: int, dropped: int, held: bytearray, most: int) -> _Stretch:
    size_bytes = dropped + len(held)
    return _Stretch(position, size_bytes, b"" if size_bytes > most else bytes(held))
