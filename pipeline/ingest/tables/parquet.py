"""Parquet tables: one record per row, row group by row group."""

from collections.abc import Iterator
from itertools import pairwise
from typing import IO, Any

from taojin.pipeline.ingest.parts import WHOLE, Part
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions
from taojin.pipeline.ingest.tables.row import RowReader

_BATCH_ROWS = 256


def read(file: IO[bytes], options: ReadOptions, part: Part = WHOLE) -> Iterator[Entry]:
    """One entry per row; positions are row numbers from 0, sizes the bytes of the text.

    A row group that cannot be read is one entry of as many stored bytes, at its first row.
    """
    table = _opened(file)
    if table is None:
        size_bytes = file.seek(0, 2)
        yield Damaged(0, size_bytes, "unreadable", "no Parquet footer that can be read")
        return
    row = RowReader(options.columns)
    names = row.wanted(table.schema_arrow.names)
    start = part.before
    for group in _owned(table, part):
        metadata = table.metadata.row_group(group)
        yield from _group(table, group, names, row, start)
        start += metadata.num_rows


def openings(file: IO[bytes]) -> Iterator[Part]:
    """Where a part can begin: at a row group, if they lie in the file in their order."""
    table = _opened(file)
    if table is None:
        return
    starts = [_start(table, group) for group in range(table.num_row_groups)]
    if any(one >= other for one, other in pairwise([-1, *starts])):
        return
    rows = 0
    for group, start in enumerate(starts[1:]):
        rows += table.metadata.row_group(group).num_rows
        yield Part(start, before=rows)


def columns(file: IO[bytes]) -> list[str]:
    """The names of its columns; none where they cannot be read."""
    table = _opened(file)
    return [] if table is None else list(table.schema_arrow.names)


def _opened(file: IO[bytes]) -> Any:
    """The table, None where its footer cannot be read. Raises OSError as its storage does."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise_if_device(error)
        return None


def _owned(table: Any, part: Part) -> Iterator[int]:
    """The row groups that start in a part."""
    for group in range(table.num_row_groups):
        start = 0 if part == WHOLE else _start(table, group)
        if part.start <= start and (part.end is None or start < part.end):
            yield group


def _start(table: Any, group: int) -> int:
    """Offset of a row group's first page, -1 for a group without columns."""
    metadata = table.metadata.row_group(group)
    return int(metadata.column(0).data_page_offset) if metadata.num_columns else -1


def _group(table: Any, group: int, names: list[str], row: RowReader, start: int) -> Iterator[Entry]:
    import pyarrow as pa

    metadata = table.metadata.row_group(group)
    done = 0
    try:
        for batch in table.iter_batches(_BATCH_ROWS, row_groups=[group], columns=names):
            rows = batch.to_pylist() if names else [{}] * batch.num_rows
            for values in rows:
                yield row.entry(values, start + done)
                done += 1
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise_if_device(error)
        left = metadata.num_rows - done
        size_bytes = metadata.total_byte_size * left // max(1, metadata.num_rows)
        yield Damaged(start + done, size_bytes, "unreadable", f"{left} rows of a damaged row group")


def raise_if_device(error: Exception) -> None:
    """Raise the error of storage that fails, which is no damage in the data."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error
