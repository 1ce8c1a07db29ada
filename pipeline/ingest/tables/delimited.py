"""CSV and TSV tables: one record per row, whose fields may hold line ends.

A quote that is never closed would swallow the rows after it. A row that is wrong and spans
several lines therefore costs its first line alone, and reading goes on at the second.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions
from taojin.pipeline.ingest.tables.jsonl import lines
from taojin.pipeline.ingest.tables.row import RowReader

_SAMPLE_BYTES = 256 << 10
_MOST_RETURNS = 100
_DELIMITERS = ",;\t|"
_NO_LINES = ("utf-16", "utf-32", "iso2022", "hz")
"""Encodings in which a line by itself may not decode, or its end is no single byte."""


def read(blocks: Iterable[bytes], options: ReadOptions) -> Iterator[Entry]:
    """One entry per row below the header; its position is the number of its first line from 1."""
    text = _decoded(iter(blocks), options.max_bytes)
    source = _Lines(text.lines)
    delimiter = _delimiter(source.first())
    csv.field_size_limit(options.max_bytes)
    header: list[str] | None = None
    row = RowReader(options.columns, text.charset, text.charset_from)
    for fields in _rows(source, delimiter):
        if isinstance(fields, Damaged):
            yield fields
            if fields.cause == "too_large" and header is None:
                header = []  # it is lost; no other line takes its place
        elif fields and header is None:
            header = fields
        elif fields and header is not None:
            yield _entry(header, fields, source, row)


def header(blocks: Iterable[bytes], max_bytes: int) -> list[str]:
    """The names that the first row gives the columns; none where it cannot be read."""
    source = _Lines(_decoded(iter(blocks), max_bytes).lines)
    for fields in _rows(source, _delimiter(source.first())):
        if isinstance(fields, Damaged) or fields:
            return [] if isinstance(fields, Damaged) else fields
    return []


def _entry(header: list[str], fields: list[str], source: "_Lines", row: RowReader) -> Entry:
    number, taken = source.start, source.taken
    size_bytes = sum(len(line.encode("utf-8", "surrogateescape")) for line in taken)
    if len(fields) != len(header):
        if len(taken) > 1 and source.give_back(taken[1:]):
            size_bytes = len(taken[0].encode("utf-8", "surrogateescape"))
        detail = f"{len(fields)} fields, the header has {len(header)}"
        return Damaged(number, size_bytes, "bad_row", detail)
    if any(_is_undecodable(line) for line in taken):
        return Damaged(number, size_bytes, "bad_encoding", "bytes that the encoding does not have")
    return row.record(dict(zip(header, fields, strict=True)), number, size_bytes)


def _is_undecodable(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return True
    return False


class _Lines:
    """Lines for the csv module that remembers those of the current row and takes them back.

    A line that is too large ends the row before it and is a blank row of `excess_bytes`.
    """

    def __init__(self, source: Iterator[str | int]) -> None:
        self._source = source
        self._returned: list[str | int] = []
        self._left = _MOST_RETURNS
        self.taken: list[str] = []
        self.start = 1
        self.excess_bytes = 0

    def first(self) -> str:
        """The first line, which will be read once more; "" if it is too large or not there."""
        line = next(self._source, "")
        line = line.removeprefix("\ufeff") if isinstance(line, str) else line
        self._returned = [line] if line else []
        return line if isinstance(line, str) else ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._returned.pop() if self._returned else next(self._source)
        if isinstance(line, int):
            if self.taken:
                self._returned.append(line)
                raise StopIteration
            self.excess_bytes, line = line, "\n"
        self.taken.append(line)
        return line

    def begin_row(self) -> None:
        """Forget the last row's lines; the next line is the first of a row."""
        self.start += len(self.taken)
        self.taken = []
        self.excess_bytes = 0

    def give_back(self, rows: list[str]) -> bool:
        """Read these last lines of the row once more; refused after a hundred times."""
        if self._left == 0:
            return False
        self._left -= 1
        self._returned += reversed(rows)
        self.taken = self.taken[: len(self.taken) - len(rows)]
        return True


def _rows(source: _Lines, delimiter: str) -> Iterator[list[str] | Damaged]:
    """Each row's fields, the first being the header; what the csv module refuses as damaged."""
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.begin_row()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            taken = source.taken
            kept = taken[:1] if len(taken) > 1 and source.give_back(taken[1:]) else taken
            size_bytes = sum(len(line.encode("utf-8", "surrogateescape")) for line in kept)
            yield Damaged(source.start, size_bytes, "bad_row", str(error))
            reader = csv.reader(source, delimiter=delimiter, strict=True)
            continue
        if size_bytes := source.excess_bytes:
            yield Damaged(source.start, size_bytes, "too_large", f"a line of {size_bytes} bytes")
        else:
            yield fields


def _delimiter(header: str) -> str:
    """The separator that the header line has most of, a comma if it has none."""
    return max(_DELIMITERS, key=header.count)


@dataclass(frozen=True)
class _Text:
    """A table's lines with their ends, its encoding and how that was told.

    A byte that does not decode is a lone surrogate; of a line that is longer than allowed there is
    its size alone.
    """

    lines: Iterator[str | int]
    charset: str
    charset_from: str


def _decoded(blocks: Iterator[bytes], max_bytes: int) -> _Text:
    import codecs
    from itertools import chain

    first = next(blocks, b"")
    sample = first[:_SAMPLE_BYTES]
    decoded = charset.decode(sample[: sample.rfind(b"\n") + 1] or sample)
    encoding = decoded.encoding
    if codecs.lookup(encoding).name.startswith(_NO_LINES):
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        recoded = (decoder.decode(block).encode("utf-8") for block in chain([first], blocks))
        blocks, encoding = recoded, "utf-8"
    else:
        blocks = chain([first], blocks)
    found = (
        line if isinstance(line, int) else line.decode(encoding, "surrogateescape") + "\n"
        for line in lines(blocks, max_bytes)
    )
    return _Text(found, decoded.encoding, decoded.told)
