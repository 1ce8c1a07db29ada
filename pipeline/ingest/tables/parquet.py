"""Parquet tables: one record per row, row group by row group."""

from collections.abc import Iterator
from itertools import pairwise
from typing import IO, Any

from taojin.pipeline.ingest.parts import WHOLE, Part
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Unreadable
from taojin.pipeline.ingest.tables import parquet_pages
from taojin.pipeline.ingest.tables.row import RowReader

_BATCH_ROWS = 256


def read(file: IO[bytes], options: ReadOptions, part: Part = WHOLE) -> Iterator[Entry]:
    """One entry per row; positions are row numbers from 0, sizes the bytes of the text.

    A row group that cannot be read, or with a page that expands too far, is one entry of as many
    stored bytes, at its first row.
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
        try:
            step = _step(file, metadata, names)
        except Unreadable as damage:
            yield damage.at(start, metadata.total_byte_size)
        else:
            yield from _group(table, group, names, row, start, step)
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


def _step(file: IO[bytes], metadata: Any, names: list[str]) -> int:
    """How many rows of a row group can be read at once: a page of one word may fill many rows.

    Raises Unreadable: too_large for pages that expand too far, unreadable.
    """
    largest = 1
    for column in (
        () if not metadata.num_rows else map(metadata.column, range(metadata.num_columns))
    ):
        if column.path_in_schema.partition(".")[0] not in names:
            continue
        try:
            found = parquet_pages.claimed(file, column)
        except (ValueError, OverflowError) as error:
            told = f"{metadata.num_rows} rows of a damaged row group"
            raise Unreadable("unreadable", told) from error
        if found.largest_bytes > parquet_pages.MAX_PAGE_BYTES:
            told = f"a page of {found.largest_bytes} bytes when decompressed"
            raise Unreadable("too_large", told)
        is_nested = "." in column.path_in_schema
        if is_nested and found.value_count > parquet_pages.MAX_NESTED_VALUES:
            raise Unreadable("too_large", f"lists of {found.value_count} values in a row group")
        largest = max(largest, found.largest_bytes)
    return max(1, min(_BATCH_ROWS, parquet_pages.MAX_PAGE_BYTES // largest))


def _group(
    table: Any, group: int, names: list[str], row: RowReader, start: int, step: int
) -> Iterator[Entry]:
    import pyarrow as pa

    metadata = table.metadata.row_group(group)
    done = 0
    try:
        for batch in table.iter_batches(step, row_groups=[group], columns=names):
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
