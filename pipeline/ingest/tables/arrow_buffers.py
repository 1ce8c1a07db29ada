"""What the buffers of Arrow IPC claim to hold, read before any of them is decompressed.

A compressed buffer opens with the bytes that it expands to, and so much is allocated for it; its
place stands in the metadata of its message, a flatbuffer (Message.fbs, File.fbs).
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

MAX_BATCH_BYTES = 2 << 30
"""What the buffers of one batch may expand to; writers put 65,536 rows in one."""
_CONTINUES = 0xFFFFFFFF
_DICTIONARY, _BATCH = 2, 3
_MOST_METADATA = 256 << 20
_FILE = b"ARROW1"


def claimed(file: IO[bytes]) -> Iterator[int]:
    """The bytes that each batch, of rows or of a dictionary, expands to.

    Metadata that cannot be read are left out: Arrow does not decompress what they belong to.
    """
    for at, body_at in _messages(file):
        with suppress(ValueError, struct.error):
            yield _expanded(file, at, body_at)


def _messages(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """The metadata of each message and where its body is: a file's by its footer."""
    size_bytes = file.seek(0, 2)
    file.seek(0)
    if file.read(len(_FILE)) == _FILE:
        with suppress(ValueError, struct.error):
            yield from _blocks(file, size_bytes)
        return
    at = 0
    while at < size_bytes:
        message, body_at = _message(file, at, size_bytes)
        if not message:
            return
        yield message, body_at
        try:
            at = body_at + max(0, _number(message, _root(message), 3, "<q"))
        except (ValueError, struct.error):
            return


def _blocks(file: IO[bytes], size_bytes: int) -> Iterator[tuple[bytes, int]]:
    file.seek(max(0, size_bytes - len(_FILE) - 4))
    (length,) = struct.unpack_from("<i", file.read(4))
    if not 0 < length <= min(size_bytes - len(_FILE) - 4, _MOST_METADATA):
        raise ValueError("a footer of no size")
    file.seek(size_bytes - len(_FILE) - 4 - length)
    footer = file.read(length)
    root = _root(footer)
    for field in (2, 3):
        first, count = _vector(footer, root, field)
        for one in range(count):
            (at,) = struct.unpack_from("<q", footer, first + 24 * one)
            message, body_at = _message(file, at, size_bytes)
            if message:
                yield message, body_at


def _message(file: IO[bytes], at: int, size_bytes: int) -> tuple[bytes, int]:
    """The metadata of a message, empty at the end, and where its body begins."""
    if not 0 <= at < size_bytes:
        return b"", at
    file.seek(at)
    length, more = struct.unpack("<LL", file.read(8).ljust(8, b"\0"))
    start = at + 4
    if length == _CONTINUES:
        length, start = more, at + 8
    if not 0 < length <= min(size_bytes - start, _MOST_METADATA):
        return b"", start
    file.seek(start)
    return file.read(length), start + length


def _expanded(file: IO[bytes], message: bytes, body_at: int) -> int:
    root = _root(message)
    kind, batch = _number(message, root, 1, "<B"), _table(message, root, 2)
    if kind == _DICTIONARY and batch:
        batch = _table(message, batch, 1)
    if kind not in (_DICTIONARY, _BATCH) or not batch or not _field(message, batch, 3):
        return 0  # what is not compressed lies in the file as it is
    first, count = _vector(message, batch, 2)
    total = 0
    for one in range(count):
        at, length = struct.unpack_from("<qq", message, first + 16 * one)
        if length >= 8 and body_at + at >= 0:
            file.seek(body_at + at)
            (size,) = struct.unpack("<q", file.read(8).ljust(8, b"\0"))
            total += length if size < 0 else size
    return total


def _root(data: bytes) -> int:
    return int(struct.unpack_from("<L", data)[0])


def _field(data: bytes, table: int, number: int) -> int:
    """Where a field of a table is, 0 if it has none."""
    (back,) = struct.unpack_from("<l", data, table)
    names = table - back
    if names < 0:
        raise ValueError("a table before the data")
    (size,) = struct.unpack_from("<H", data, names)
    if 4 + 2 * number >= size:
        return 0
    (offset,) = struct.unpack_from("<H", data, names + 4 + 2 * number)
    return table + int(offset) if offset else 0


def _number(data: bytes, table: int, number: int, form: str) -> Any:
    at = _field(data, table, number)
    return struct.unpack_from(form, data, at)[0] if at else 0


def _table(data: bytes, table: int, number: int) -> int:
    at = _field(data, table, number)
    return at + int(struct.unpack_from("<L", data, at)[0]) if at else 0


def _vector(data: bytes, table: int, number: int) -> tuple[int, int]:
    """Where the first entry of a vector is, and how many there are."""
    at = _table(data, table, number)
    return (at + 4, int(struct.unpack_from("<L", data, at)[0])) if at else (0, 0)
