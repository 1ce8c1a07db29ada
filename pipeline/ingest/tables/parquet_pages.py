"""What the pages of a Parquet column claim to hold, read before any of them is decompressed.

A page is decompressed into as many bytes as its header says, so that these are what it can take;
headers are structs of Thrift's compact protocol (parquet.thrift, PageHeader).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

MAX_PAGE_BYTES = 256 << 20
"""What a page may expand to; writers aim at one MiB, and a record has at most 64."""
MAX_NESTED_VALUES = 50_000_000
"""Values of a column of lists in one row group, as many as a row may need at once."""
_HEADER_BYTES = (4 << 10, 16 << 20)
"""What is read of a header, and what of one that is longer: as much as Arrow takes."""
_DEEPEST = 16
_SIZE, _PACKED, *_HEADS = 2, 3, 5, 8
"""Fields of a header: sizes of its page, and the heads of both kinds of page with values."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The most bytes that one page expands to, and the values of all; zeros without pages."""

    largest_bytes: int = 0
    value_count: int = 0


def claimed(file: IO[bytes], column: Any) -> Claimed:
    """What the pages of a column claim whose metadata these are.

    Raises ValueError where there is no header that can be read.
    """
    starts = (column.dictionary_page_offset or column.data_page_offset, column.data_page_offset)
    largest = count = 0
    for header in _headers(file, min(starts), column.total_compressed_size):
        largest = max(largest, _number(header, _SIZE))
        count += sum(_number(header[head], 1) for head in _HEADS if head in header)
    return Claimed(largest, count)


def _headers(file: IO[bytes], start: int, size_bytes: int) -> Iterator[Mapping[int, Any]]:
    at = start
    while at < start + size_bytes:
        header, length = _header(file, at)
        yield header
        at += length + _number(header, _PACKED)


def _number(struct: Any, field: int) -> int:
    """A number in a struct. ValueError where there is none, or one below 0."""
    number = struct.get(field) if isinstance(struct, dict) else None
    if not isinstance(number, int) or number < 0:
        raise ValueError("a header without a size")
    return number


def _header(file: IO[bytes], at: int) -> tuple[Mapping[int, Any], int]:
    """The header that starts there, and its length."""
    usual, most = _HEADER_BYTES
    for size_bytes in (usual, most):
        file.seek(at)
        reader = _Compact(file.read(size_bytes))
        try:
            return reader.struct(0), reader.at
        except ValueError:
            if size_bytes == most:
                raise
    raise AssertionError


class _Compact:
    """Structs of Thrift's compact protocol: the numbers and structs in them by their fields."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def struct(self, depth: int) -> dict[int, Any]:
        found: dict[int, Any] = {}
        field = 0
        while kind := (head := self._byte()) & 15:
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            found[field] = self._value(kind, depth + 1)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ValueError("a header nested too deep")
        read = {
            3: lambda: self._skip(1),
            7: lambda: self._skip(8),
            8: lambda: self._skip(self._number()),
            9: lambda: self._list(depth),
            10: lambda: self._list(depth),
            12: lambda: self.struct(depth),
            **dict.fromkeys((1, 2), lambda: None),  # a boolean is its own kind
            **dict.fromkeys((4, 5, 6), self._zigzag),
        }
        if kind not in read:
            raise ValueError("a field of no known kind")
        return read[kind]()

    def _list(self, depth: int) -> None:
        head = self._byte()
        count = self._number() if head >> 4 == 15 else head >> 4
        for _ in range(count):
            kind = head & 15
            self._skip(1) if kind in (1, 2) else self._value(kind, depth)

    def _skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self._data):
            raise ValueError("a header that does not end")

    def _byte(self) -> int:
        self._skip(1)
        return self._data[self.at - 1]

    def _number(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number
            if shift > 63:
                raise ValueError("a number that does not end")

    def _zigzag(self) -> int:
        number = self._number()
        return number >> 1 ^ -(number & 1)
