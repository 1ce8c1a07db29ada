"""Arrow IPC, the file and the stream (Feather, shards of Hugging Face datasets): a row a record."""

from collections.abc import Iterator
from typing import IO, Any

from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions
from taojin.pipeline.ingest.tables import arrow_buffers
from taojin.pipeline.ingest.tables.parquet import raise_if_device
from taojin.pipeline.ingest.tables.row import RowReader

_ROWS = 256
_FILE = b"ARROW1"
_END = b"\xff\xff\xff\xff\0\0\0\0"


def read(file: IO[bytes], options: ReadOptions) -> Iterator[Entry]:
    """One entry per row; positions are row numbers from 0, sizes the bytes of the text.

    What follows a batch that cannot be read is one entry. Raises OSError as its storage does.
    """
    import pyarrow as pa

    size_bytes = file.seek(0, 2)
    row = RowReader(options.columns)
    start = 0
    if max(arrow_buffers.claimed(file), default=0) > arrow_buffers.MAX_BATCH_BYTES:
        told = f"a batch of more than {arrow_buffers.MAX_BATCH_BYTES} bytes when decompressed"
        yield Damaged(0, size_bytes, "too_large", told)
        return
    try:
        for batch in _batches(file):
            batch.validate(full=True)  # offsets that lead out of a buffer end the process
            yield from _entries(batch, row, start)
            start += batch.num_rows
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
        raise_if_device(error)
        yield Damaged(start, size_bytes, "unreadable", "no Arrow data from here on")
        return
    if not _is_whole(file):
        yield Damaged(start, 0, "truncated", "the stream has no end")


def columns(file: IO[bytes]) -> list[str]:
    """The names of its columns; none where they cannot be read."""
    import pyarrow as pa

    try:
        return list(_opened(file).schema.names)
    except (pa.ArrowException, OSError, ValueError):
        return []


def _opened(file: IO[bytes]) -> Any:
    import pyarrow as pa

    file.seek(0)
    is_file = file.read(len(_FILE)) == _FILE
    file.seek(0)
    return pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file)


def _batches(file: IO[bytes]) -> Iterator[Any]:
    reader = _opened(file)
    if hasattr(reader, "num_record_batches"):
        yield from map(reader.get_batch, range(reader.num_record_batches))
    else:
        yield from reader


def _entries(batch: Any, row: RowReader, start: int) -> Iterator[Entry]:
    names = row.wanted(batch.schema.names)
    chosen = batch.select(names)
    for first in range(0, batch.num_rows, _ROWS):
        count = min(_ROWS, batch.num_rows - first)
        values = chosen.slice(first, count).to_pylist() if names else [{}] * count
        for at, one in enumerate(values, start + first):
            yield row.entry(one, at)


def _is_whole(file: IO[bytes]) -> bool:
    """Whether a stream has its end: one that was cut between two batches has none."""
    file.seek(0)
    if file.read(len(_FILE)) == _FILE:
        return True
    file.seek(-min(len(_END), file.seek(0, 2)), 2)
    return file.read() == _END
