"""JSON Lines: one object per line, its text in a column.

The lines are found by splitting large blocks, and the standard library's scanner reads them at
some 500 MB/s, so that no faster parser is needed.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from taojin.pipeline.ingest.parts import Part
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions
from taojin.pipeline.ingest.tables.row import RowReader
from taojin.pipeline.ingest.tables.values import Number

CHARSET = ("utf-8", "format")
"""JSON has no other encoding."""


def read(blocks: Iterable[bytes], options: ReadOptions, before: int = 0) -> Iterator[Entry]:
    """One entry per line that is not blank; its position is the line's number from 1.

    `before` lines of the file lie before these.
    """
    row = RowReader(options.columns, *CHARSET)
    decode = decoder()
    for number, line in enumerate(lines(blocks, options.max_bytes), start=before + 1):
        if isinstance(line, int):
            yield Damaged(number, line, "too_large", f"a line of {line} bytes")
        elif line.strip():
            yield entry(line, number, decode, row)


def openings(blocks: Iterable[bytes], step_bytes: int) -> Iterator[Part]:
    """Where a part can begin: the first line behind every so many bytes."""
    before, base, wanted = 0, 0, step_bytes
    for block in blocks:
        at = 0
        while end := block.find(b"\n", max(at, wanted - base - 1)) + 1:
            before += block.count(b"\n", at, end)
            yield Part(base + end, before=before)
            at, wanted = end, base + end + step_bytes
        before += block.count(b"\n", at)
        base += len(block)


def decoder() -> Callable[[str], Any]:
    """What reads a value; numbers stay as written: 1.10 is not 1.1, and no long id is rounded."""
    return json.JSONDecoder(strict=False, parse_int=Number, parse_float=Number).decode


def entry(line: bytes, number: int, decode: Callable[[str], Any], row: RowReader) -> Entry:
    """The entry of one value as it is written; its size is that with the sign behind it."""
    size_bytes = len(line) + 1
    try:  # a byte order mark opens the file, or any line of files that were put together
        value = decode(line.removeprefix(b"\xef\xbb\xbf").decode())
    except UnicodeDecodeError:
        return Damaged(number, size_bytes, "bad_encoding", "not UTF-8")
    except RecursionError:
        return Damaged(number, size_bytes, "bad_json", "nested too deep")
    except json.JSONDecodeError as error:
        return Damaged(
            number,
            size_bytes,
            "bad_json",
            f"{error.msg.removesuffix(' at')} at character {error.pos}",
        )
    return row.record(value, number, size_bytes)


def lines(blocks: Iterable[bytes], max_bytes: int) -> Iterator[bytes | int]:
    """The lines without their ends; of a line longer than `max_bytes` its length alone."""
    rest: list[bytes] = []
    held = 0
    for block in blocks:
        *whole, last = block.split(b"\n")
        if whole:
            yield _line(rest, held, whole[0], max_bytes)
            for line in whole[1:]:
                yield line if len(line) <= max_bytes else len(line)
            rest, held = [], 0
        held += len(last)
        if held <= max_bytes:
            rest.append(last)
        else:
            rest = []
    if held:
        yield _line(rest, held, b"", max_bytes)


def _line(rest: list[bytes], held: int, last: bytes, max_bytes: int) -> bytes | int:
    size = held + len(last)
    return b"".join((*rest, last)) if size <= max_bytes else size
