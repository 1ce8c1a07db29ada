"""The only door between Arrow and Numba: buffers out, read-only, offsets always int64.

Polars hands out views that are read-only, `pa.array` writable ones; a kernel compiled for one type
would be compiled again for the other, so every array that passes here is read-only. A sliced
column keeps its offset, an empty one gets empty buffers.
"""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)
Offsets = NDArray[np.int64]
Bytes = NDArray[np.uint8]


def string_buffers(column: pl.Series | pa.Array | pa.ChunkedArray) -> tuple[Offsets, Bytes]:
    """(offsets int64[n + 1], UTF-8 bytes): document i is `data[offsets[i]:offsets[i + 1]]`.

    Nulls read as empty strings.
    """
    array = column.to_arrow() if isinstance(column, pl.Series) else column
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    array = array.cast(pa.large_string())
    if array.null_count:  # bytes may stand behind a null
        array = array.fill_null("")
    _, offsets, data = array.buffers()
    return _offsets(offsets, array.offset, len(array)), _read_only(_bytes(data))


def blocks(offsets: Offsets, size_bytes: int) -> Iterator[tuple[int, int]]:
    """(first, end) of consecutive rows of that many bytes at most, or of one that takes more.

    What a kernel works on then stays in the cache, and what it allocates is memory it had before.
    """
    first = 0
    while first < offsets.size - 1:
        end = int(np.searchsorted(offsets, offsets[first] + size_bytes, "right")) - 1
        end = max(end, first + 1)
        yield first, end
        first = end


def strings(name: str, offsets: Offsets, data: Bytes) -> pl.Series:
    """The string column whose row i is `data[offsets[i]:offsets[i + 1]]`, valid UTF-8."""
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pl.Series(name, pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, buffers))


def list_buffers(column: pl.Series) -> tuple[Offsets, NDArray[np.generic]]:
    """(offsets int64[n + 1], values) of a list column of numbers without nulls."""
    array = column.rechunk().to_arrow()
    array = array.cast(pa.large_list(array.type.value_type))
    values = array.values.to_numpy(zero_copy_only=False)
    return _offsets(array.buffers()[1], array.offset, len(array)), _read_only(values)


def list_column(name: str, offsets: Offsets, values: NDArray[np.generic]) -> pl.Series:
    """The list column whose row i is `values[offsets[i]:offsets[i + 1]]`."""
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(values))
    return pl.Series(name, lists)


def _offsets(buffer: pa.Buffer | None, start: int, length: int) -> Offsets:
    if buffer is None or length == 0:
        return _read_only(np.zeros(1, np.int64))
    return _read_only(np.frombuffer(buffer, np.int64)[start : start + length + 1])


def _bytes(buffer: pa.Buffer | None) -> Bytes:
    return np.zeros(0, np.uint8) if buffer is None else np.frombuffer(buffer, np.uint8)


def _read_only(array: NDArray[T]) -> NDArray[T]:
    view = array.view()
    view.flags.writeable = False
    return view
