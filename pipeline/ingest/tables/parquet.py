"""Parquet tables: one record per row, row group by row group."""

from collections.abc import Iterator
from typing import IO, Any

from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions
from taojin.pipeline.ingest.tables.row import RowReader

_BATCH_ROWS = 256


def read(file: IO[bytes], options: ReadOptions) -> Iterator[Entry]:
    """One entry per row; positions are row numbers from 0, sizes the bytes of the text.

    A row group that cannot be read is one entry of as many stored bytes, at its first row.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise_if_device(error)
        size_bytes = file.seek(0, 2)
        yield Damaged(0, size_bytes, "unreadable", "no Parquet footer that can be read")
        return
    row = RowReader(options.columns)
    names = row.wanted(table.schema_arrow.names)
    start = 0
    for group in range(table.num_row_groups):
        metadata = table.metadata.row_group(group)
        yield from _group(table, group, names, row, start)
        start += metadata.num_rows


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
