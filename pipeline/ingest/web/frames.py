"""Where the records of a WARC, WET or ARC file begin and end, also when it is damaged.

FastWARC reads an intact file faster but stops at the first fault, gives every record of a
one-member gzip file the same position, and takes a wrong Content-Length at its word. Here
a record ends where its Content-Length says only if the next one starts there; otherwise it ends
where the next one starts. What lies between is a frame of its own: frames cover the file. What a
frame is depends on the bytes from its start alone, never on how many were read ahead.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from taojin.pipeline.ingest.parts import WHOLE, Part
from taojin.pipeline.ingest.stored import Member, Stored
from taojin.pipeline.ingest.web.members import (
    ARC_LINE,
    LINE_BYTES,
    PADDING,
    START,
    WARC_LINE,
    members,
)

_HEAD_BYTES = 64 << 10
_TAIL_BYTES = 64

_NEXT = re.compile(rb"\n(?=" + WARC_LINE + rb"|" + ARC_LINE + rb")")
_BLANK = re.compile(rb"[" + PADDING + rb"]+")
_DAMAGED = "the compressed data is damaged"
_HEAD_END = re.compile(rb"\n\r*\n")
_LENGTH = re.compile(rb"\nContent-Length[ \t]*:[ \t]*(\d{1,18})[ \t\r]*$", re.I | re.M)
"""A length of more digits is none: no file has 10^18 bytes."""


class Frame(NamedTuple):
    """One record, or a stretch that is none (`cause` says why), from `position` to the next.

    `head` and `body` are empty for a stretch; `is_cut` says that the file ends inside the body.
    """

    position: int
    head: bytes = b""
    body: bytes = b""
    cause: str = ""
    detail: str = ""
    is_cut: bool = False


class _Window:
    """The part of a member's decompressed bytes that is being looked at."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.data: bytes | bytearray = b""
        self.dropped = 0
        # that of a compressed member shows at its end
        self.size_bytes = None if member.codec else member.plain_bytes

    def fill(self, count: int) -> bool:
        """Whether there are `count` bytes; reads until there are or the member ends."""
        while len(self.data) < count and (piece := self.member.read()):
            self._add(piece)
        return len(self.data) >= count

    def _add(self, piece: bytes) -> None:
        """Most members are one piece, which is looked at where it lies."""
        if not self.data:
            self.data = piece
        elif isinstance(self.data, bytearray):
            self.data += piece
        else:
            self.data = bytearray().join((self.data, piece))

    def drop(self, count: int) -> None:
        if isinstance(self.data, bytearray):
            del self.data[:count]
        elif count:
            self.data = bytearray(self.data[count:])
        self.dropped += count

    def skip(self, count: int) -> bool:
        """Drop that many bytes without keeping them; whether the member has as many."""
        end = self.dropped + count
        while self.dropped < end and self.fill(1):
            self.drop(min(end - self.dropped, len(self.data)))
        return self.dropped == end

    def rewind(self, offset: int) -> None:
        """Look at the member from that offset, once more."""
        self.member.restart()
        self.data = b""
        self.dropped = 0
        self.skip(offset)


def frames(stored: Stored, max_bytes: int, part: Part = WHOLE) -> Iterator[Frame]:
    """The frames of a file; their positions rise, the first is at 0 unless the file is empty.

    A plain file's positions are offsets. A compressed record has its member's; the n-th further
    record of one member has n added to it. A file that ends inside a record has one more frame,
    whose cause is `truncated`: at its end, or at its start where there is no other. Of a part, the
    frames that start in it.
    """
    for position, _, frame in _placed(stored, max_bytes, part):
        yield Frame(position, *frame[1:])


def openings(stored: Stored, max_bytes: int) -> Iterator[Part]:
    """Where a part can begin: at a frame of a plain file, at the first one of a member."""
    for position, opens, _ in _placed(stored, max_bytes, WHOLE):
        if opens:
            yield Part(position)


def _placed(stored: Stored, max_bytes: int, part: Part) -> Iterator[tuple[int, bool, Frame]]:
    """Each frame with its position, and whether it has that by itself, whatever came before."""
    last, is_cut = part.start - 1, False
    for member in members(stored, part):
        for ordinal, (offset, frame) in enumerate(_member_frames(member, max_bytes)):
            position = member.position + (ordinal if member.codec else offset)
            if part.end is not None and position >= part.end and not member.codec:
                return
            if last < 0 < position:  # a dictionary, or members without a record
                yield 0, False, Frame(0, cause="padding")
            opens = 0 <= last < position and not (member.codec and ordinal)
            last = max(last + 1, position)
            is_cut |= frame.is_cut
            yield last, opens, frame
        is_cut |= member.fault == "truncated"
    if is_cut:
        framed = last >= part.start
        end = max(last + 1, stored.size_bytes) if framed else part.start
        yield end, False, Frame(0, cause="truncated", detail="the file ends inside a record")


def _member_frames(member: Member, max_bytes: int) -> Iterator[tuple[int, Frame]]:
    """Each frame with its offset in the decompressed member."""
    window = _Window(member)
    is_told = False
    while _skip_padding(window):
        offset = window.dropped
        frame = _frame(window, max_bytes)
        if member.fault == "bad_record":
            frame = Frame(0, cause="bad_record", detail=_DAMAGED)
        is_told = bool(frame.cause)
        yield offset, frame
    if member.fault == "bad_record" and not is_told:
        yield window.dropped, Frame(0, cause="bad_record", detail=_DAMAGED)


def _skip_padding(window: _Window) -> bool:
    """Whether something follows the blank lines and zeros, which belong to the frame before.

    Those a plain file opens with have none before them and make a frame of their own.
    """
    while window.fill(1):
        blank = _blank(window)
        if blank and not window.dropped and window.member.codec is None:
            return True
        window.drop(blank)
        if window.data:
            return True
    return False


def _blank(window: _Window) -> int:
    found = _BLANK.match(window.data)
    return found.end() if found else 0


def _frame(window: _Window, max_bytes: int) -> Frame:
    if blank := _blank(window):
        window.drop(blank)
        return Frame(0, cause="padding")
    if not _starts(window) or not (head := _head(window)):
        return _lost(window, "no record starts here")
    length = _content_length(head)
    size_bytes = len(head) + (length or 0)
    if length is not None and length > max_bytes:
        if _skip(window, size_bytes):
            return Frame(0, cause="too_large", detail=f"{size_bytes} bytes")
    elif length is not None and _ends_at(window, size_bytes):
        return _taken(window, head, size_bytes)
    return _until_next(window, head, length, max_bytes)


def _starts(window: _Window) -> bool:
    for count in (_TAIL_BYTES, LINE_BYTES):
        window.fill(count)
        if START.match(window.data, 0, count):
            return True
    return False


def _head(window: _Window) -> bytes:
    """The record's header with its blank line, empty if it has no end within 64 KiB."""
    if not window.data.startswith(b"WARC"):
        window.fill(LINE_BYTES)
        return bytes(window.data[: window.data.find(b"\n") + 1])
    wanted = 1024
    while wanted <= _HEAD_BYTES:
        is_more = window.fill(wanted)
        if found := _HEAD_END.search(window.data, 0, _HEAD_BYTES):
            return bytes(window.data[: found.end()])
        if not is_more:
            break
        wanted *= 4
    return b""


def _content_length(head: bytes) -> int | None:
    if not head.startswith(b"WARC"):
        return int(head.split()[-1])
    found = _LENGTH.search(head)
    return int(found[1]) if found else None


def _ends_at(window: _Window, end: int) -> bool:
    """Whether a record can end there: the next follows, or its blank lines, or nothing."""
    for count in (_TAIL_BYTES, LINE_BYTES):
        window.fill(end + count)
        if len(window.data) < end:
            return False
        if _is_end(bytes(window.data[end : end + count])):
            return True
    return False


def _is_end(tail: bytes) -> bool:
    near = tail[:_TAIL_BYTES]
    following = near.lstrip(PADDING)
    if not following or near.startswith((b"\r\n\r\n", b"\n\n")):
        return True
    return START.match(tail, len(near) - len(following)) is not None


def _skip(window: _Window, size_bytes: int) -> bool:
    """Go past a record that is larger than allowed; False, and nothing done, if it ends elsewhere.

    A compressed member is taken at its word until it ends too early. It is read a second time
    then, never a third: its size is known.
    """
    start, end = window.dropped, window.dropped + size_bytes
    if window.size_bytes is not None and end > window.size_bytes:
        return False
    if window.member.codec is None and not _is_end(window.member.peek(end, LINE_BYTES)):
        return False
    if window.skip(size_bytes):
        return True
    window.size_bytes = window.dropped
    window.rewind(start)
    return False


def _taken(window: _Window, head: bytes, end: int) -> Frame:
    with memoryview(window.data) as view:
        body = bytes(view[len(head) : end])
    window.drop(end)
    return Frame(0, head, body)


def _until_next(window: _Window, head: bytes, length: int | None, max_bytes: int) -> Frame:
    """The record whose length is wrong or missing: up to the next one, or to the end."""
    start = len(head) - 1
    while not (found := _NEXT.search(window.data, start)):
        start = max(start, len(window.data) - LINE_BYTES)
        is_enough = len(window.data) >= max_bytes + LINE_BYTES
        if is_enough or not window.fill(len(window.data) + 1):
            break
    if (found.end() if found else len(window.data)) > max_bytes:
        return _lost(window, "no end within the bytes a record may have", len(head) - 1)
    if not found:
        return _rest(window, head, length)
    body = bytes(window.data[len(head) : found.end()]).rstrip(b"\r\n")
    window.drop(found.end())
    return Frame(0, head, body)


def _rest(window: _Window, head: bytes, length: int | None) -> Frame:
    """The last record of a member, whose length does not say where it ends."""
    has_more = length is not None and length > len(window.data) - len(head)
    member = window.member
    frame = _taken(window, head, len(window.data))
    if has_more and (member.codec is None or member.fault):
        return frame._replace(is_cut=True)
    return frame._replace(body=frame.body.rstrip(b"\r\n"))


def _lost(window: _Window, detail: str, start: int = 0) -> Frame:
    """The stretch from here to the next record behind `start` bytes."""
    while not (found := _NEXT.search(window.data, start)):
        keep = min(len(window.data), LINE_BYTES)
        start = max(0, start - len(window.data) + keep)
        window.drop(len(window.data) - keep)
        if not window.fill(keep + 1):
            window.drop(keep)
            return Frame(0, cause="bad_record", detail=detail)
    window.drop(found.end())
    return Frame(0, cause="bad_record", detail=detail)
