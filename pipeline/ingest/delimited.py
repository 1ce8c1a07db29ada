"""CSV and TSV tables: one record per row, whose fields may hold line ends.

A quote that is never closed would swallow the rows after it. A row that is wrong and spans
several lines therefore costs its first line alone, and reading goes on at the second.
"""

import csv
from collections.abc import Iterable, Iterator

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.jsonl import lines
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions
from taojin.pipeline.ingest.row import RowReader

_SAMPLE_BYTES = 256 << 10
_MOST_RETURNS = 100
_DELIMITERS = ",;\t|"


def read(blocks: Iterable[bytes], options: ReadOptions) -> Iterator[Entry]:
    """One entry per row below the header; its position is the number of its first line from 1."""
    source = _Lines(_decoded(iter(blocks), options.max_bytes))
    header_line = next(source, "").removeprefix("\ufeff")
    delimiter = _delimiter(header_line)
    source.give_back([header_line])
    csv.field_size_limit(options.max_bytes)
    header: list[str] = []
    row = RowReader(options.columns)
    for fields in _rows(source, delimiter):
        if isinstance(fields, Damaged):
            yield fields
        elif not header:
            header = fields
        elif fields:
            yield _entry(header, fields, source, row)


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
    """Lines for the csv module that remembers those of the current row and takes them back."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._returned: list[str] = []
        self._left = _MOST_RETURNS
        self.taken: list[str] = []
        self.start = 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._returned.pop() if self._returned else next(self._source)
        self.taken.append(line)
        return line

    def begin_row(self) -> None:
        """Forget the last row's lines; the next line is the first of a row."""
        self.start += len(self.taken)
        self.taken = []

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
        yield fields


def _delimiter(header: str) -> str:
    """The separator that the header line has most of, a comma if it has none."""
    return max(_DELIMITERS, key=header.count)


def _decoded(blocks: Iterator[bytes], max_bytes: int) -> Iterator[str]:
    """Text lines with their ends; a byte that does not decode becomes a lone surrogate."""
    import codecs
    from itertools import chain

    first = next(blocks, b"")
    sample = first[:_SAMPLE_BYTES]
    encoding = charset.decode(sample[: sample.rfind(b"\n") + 1] or sample).encoding
    if encoding.startswith("utf-16"):
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        recoded = (decoder.decode(block).encode("utf-8") for block in chain([first], blocks))
        blocks, encoding = recoded, "utf-8"
    else:
        blocks = chain([first], blocks)
    for line in lines(blocks, max_bytes):
        if isinstance(line, int):
            yield "\n"
        else:
            yield line.decode(encoding, "surrogateescape") + "\n"
