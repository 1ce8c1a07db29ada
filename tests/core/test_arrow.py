from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import list_buffers, list_column, string_buffers
from taojin.tests.core.texts import QUICK, columns, cuts, sliced

STRINGS = [pa.string(), pa.large_string(), pa.string_view()]


def read(column: pl.Series | pa.Array | pa.ChunkedArray) -> list[str]:
    offsets, data = string_buffers(column)
    assert offsets.dtype == np.int64 and data.dtype == np.uint8
    assert not offsets.flags.writeable and not data.flags.writeable
    whole = data.tobytes()
    return [whole[a:b].decode() for a, b in pairwise(offsets)]


@QUICK
@given(column=columns, cut=cuts, kind=st.sampled_from(STRINGS))
def test_sliced_arrays_read_as_their_texts(column: list[str], cut: int, kind: pa.DataType):
    array = pa.array(column, kind).slice(min(cut, len(column)))
    assert read(array) == column[cut:]
    assert read(array.slice(0, 1)) == column[cut:][:1]


@QUICK
@given(column=columns, cut=cuts)
def test_series_read_as_their_texts(column: list[str], cut: int):
    series = pl.Series("text", column, pl.String)
    assert read(series) == column
    assert read(series.slice(cut, 2)) == column[cut : cut + 2]


@QUICK
@given(column=columns, cut=cuts)
def test_chunked_columns_read_as_their_texts(column: list[str], cut: int):
    chunks = [sliced(column, cut), sliced([], 0), sliced(column, 0)]
    assert read(pa.chunked_array(chunks)) == column[cut:] + column
    series = pl.concat([pl.Series(column, dtype=pl.String)] * 2, rechunk=False)
    assert read(series.slice(cut)) == (column * 2)[cut:]


def test_nulls_read_as_empty_texts():
    assert read(pa.array(["沙", None, "金"], pa.string())) == ["沙", "", "金"]
    assert read(pl.Series(["沙", None, "金"])) == ["沙", "", "金"]
    assert read(pa.array([None, None], pa.large_string())) == ["", ""]


def test_what_stands_behind_a_null_is_not_read():
    texts = pl.Series(["kept", "what a null covers up"])
    assert read(pl.select(pl.when(pl.Series([True, False])).then(texts)).to_series()) == [
        "kept",
        "",
    ]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([], dtype=pl.String),
        pl.Series(["a"]).clear(),
        pl.Series(["a"]).slice(1),
        pa.array([], pa.string()),
        pa.array(["a"], pa.large_string()).slice(1),
        pa.chunked_array([], pa.string()),
    ],
)
def test_an_empty_column_has_one_offset(column: pl.Series | pa.Array):
    assert read(column) == []
    assert string_buffers(column)[0].tolist() == [0]


@QUICK
@given(rows=st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=5), max_size=6), cut=cuts)
def test_lists_go_there_and_back(rows: list[list[int]], cut: int):
    column = pl.Series("hashes", rows, pl.List(pl.UInt32))
    for part in (column, column.slice(cut), pl.concat([column, column], rechunk=False).slice(cut)):
        offsets, values = list_buffers(part)
        assert offsets.dtype == np.int64 and values.dtype == np.uint32
        assert not offsets.flags.writeable and not values.flags.writeable
        assert [values[a:b].tolist() for a, b in pairwise(offsets)] == part.to_list()
        back = list_column("hashes", offsets, values)
        assert back.to_list() == part.to_list()
        assert back.dtype == pl.List(pl.UInt32) and back.name == "hashes"
