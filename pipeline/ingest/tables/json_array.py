"""JSON files: an array of objects, or one object that holds one, read as a stream; else one row."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Unreadable
from taojin.pipeline.ingest.stored import DamagedFile, Stored, pieces
from taojin.pipeline.ingest.tables import jsonl
from taojin.pipeline.ingest.tables.json_scanner import BRACKETS, ITEMS, Scanner
from taojin.pipeline.ingest.tables.row import RowReader

_SAMPLE_BYTES = 1 << 20
_MARK = b"\xef\xbb\xbf"


def is_lines(stored: Stored) -> bool:
    """Whether a file is JSON Lines: its first line is an object by itself and one follows."""
    stored.seek(0)
    sample = b""
    with suppress(DamagedFile):
        for block in pieces(stored):
            sample += block
            if len(sample) >= _SAMPLE_BYTES:
                break
    stored.seek(0)
    first, _, rest = sample.removeprefix(_MARK).lstrip().partition(b"\n")
    if not first.startswith(b"{") or not rest.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def read(stored: Stored, options: ReadOptions) -> Iterator[Entry]:
    """One entry per row, its position its number from 0.

    A row that cannot be read costs itself; where the file ends too early, one entry tells so.
    """
    row = RowReader(options.columns, *jsonl.CHARSET)
    decode = jsonl.decoder()
    position = 0
    try:
        for value in _rows(stored, options, decode):
            if isinstance(value, int):
                yield Damaged(position, value, "too_large", f"a row of {value} bytes")
            elif isinstance(value, bytes):
                yield jsonl.entry(value, position, decode, row)
            else:
                yield row.record(value, position, 0)
            position += 1
    except Unreadable as damage:
        yield damage.at(position, 0 if position else stored.size_bytes)
    except DamagedFile as damage:
        yield Damaged(position, damage.size_bytes, damage.fault, "the compressed data is damaged")


def _rows(stored: Stored, options: ReadOptions, decode: Callable[[str], Any]) -> Iterator[Any]:
    """Rows as they are written, as the size of one that is too large, or as they were read."""
    scanner = _scanner(stored, options)
    scanner.skip(len(_MARK) if stored.peek(3) == _MARK else 0)
    opening = scanner.sign(BRACKETS)
    before = scanner.value() if opening else b""
    if opening == b"{" and before == b"":
        yield from _object(stored, options, decode)
    elif opening == b"[" and isinstance(before, bytes) and not before.strip():
        yield from _elements(scanner)
        if not scanner.is_at_end():
            raise Unreadable("bad_json", "more behind the end of the array")
    else:
        raise Unreadable("bad_json", "neither an array nor an object")


def _scanner(stored: Stored, options: ReadOptions) -> Scanner:
    stored.seek(0)
    return Scanner(pieces(stored), options.max_bytes)


def _elements(scanner: Scanner) -> Iterator[bytes | int]:
    """The elements of an array whose bracket has been passed; Unreadable if it has no end."""
    depth = count = 0
    while sign := scanner.sign(BRACKETS if depth else ITEMS):
        if sign in b"{[":
            depth += 1
        elif depth:
            depth -= 1
        else:
            value = scanner.value()
            is_last = sign != b","
            if count or not is_last or isinstance(value, int) or value.strip():
                yield value
            count += 1
            if is_last:
                return
    raise Unreadable("truncated", "the array has no end")


def _object(stored: Stored, options: ReadOptions, decode: Callable[[str], Any]) -> Iterator[Any]:
    """The rows of the only array of objects in an object, or the object where it is a row."""
    whole = _whole(stored, options, decode)
    if whole is not None:
        tables = [one for one in whole.values() if _is_table(one)]
        is_row = not isinstance(RowReader(options.columns).record(whole, 0, 0), Damaged)
        yield from [whole] if is_row or len(tables) != 1 else tables[0]
        return
    start = _only_array(_scanner(stored, options))
    scanner = _scanner(stored, options)
    scanner.skip(start)
    yield from _elements(scanner)
    depth = 1
    while depth and (sign := scanner.sign(BRACKETS)):
        depth += 1 if sign in b"{[" else -1
    if depth or not scanner.is_at_end():
        raise Unreadable("truncated" if depth else "bad_json", "no end of the object")


def _whole(
    stored: Stored, options: ReadOptions, decode: Callable[[str], Any]
) -> dict[str, Any] | None:
    """The object that the file is, if it is one and small enough to be held."""
    stored.seek(0)
    data = bytearray()
    for block in pieces(stored):
        data += block
        if len(data) > options.max_bytes:
            return None
    try:
        value = decode(data.removeprefix(_MARK).decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _only_array(scanner: Scanner) -> int:
    """Where the only array of objects in an object begins; Unreadable if there is no single one."""
    found = []
    depth, opened = 0, 0
    while sign := scanner.sign(BRACKETS):
        between = scanner.value()
        if sign == b"{" and opened and isinstance(between, bytes) and not between.strip():
            found.append(opened)
        depth += 1 if sign in b"{[" else -1
        opened = scanner.position if sign == b"[" and depth == 2 else 0
        if not depth:
            break
    if len(found) != 1:
        raise Unreadable("bad_json", "an object that cannot be read, or no single array in it")
    return found[0]
