"""The order of training: every row once an epoch, taken up again anywhere, by any number."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.training.reader import Order, ahead, open_shards, steps


def read(order: Order, batch: int, place: int, world: int, many: int) -> tuple[int, list[int]]:
    """The rows that all workers read in so many steps, and the place behind them."""
    workers = [
        list(itertools.islice(steps(order, batch, place, rank, world), many))
        for rank in range(world)
    ]
    rows: list[int] = []
    for step in zip(*workers, strict=True):
        assert len({behind for behind, _ in step}) == 1
        rows += [row for _, own in step for row in own.tolist()]
        place = step[0][0]
    return place, rows


@given(st.integers(1, 20), st.integers(0, 3), st.lists(st.tuples(*[st.integers(1, 4)] * 3)))
def test_what_is_read_is_the_order_whatever_workers_come_and_go(rows, seed, phases):
    order = Order(rows, seed)
    place, found = 0, []
    for batch, world, many in phases:
        place, more = read(order, batch, place, world, many)
        found += more
    assert len(found) == place
    whole = [
        row
        for epoch in range(place // rows + 1)
        for row in np.random.default_rng((seed, epoch)).permutation(rows).tolist()
    ]
    assert found == whole[:place]


def test_rows_are_found_in_whichever_shard_they_are(tmp_path: Path) -> None:
    ids = np.arange(60, dtype=np.uint16).reshape(20, 3)
    for number, part in enumerate((ids[:0], ids[:13], ids[13:])):
        lists = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), 3)
        table = pa.table({"input_ids": lists})
        path = tmp_path / f"data-{number:05d}-of-00003.arrow"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table, max_chunksize=5)
    shards = open_shards(tmp_path)
    assert len(shards) == 20
    rows = np.random.default_rng(1).permutation(20)
    assert (shards[rows] == ids[rows]).all()
    for wrong in (-1, 20):
        with pytest.raises(IndexError, match="from 0 to 19"):
            shards[np.array([wrong])]
    with pytest.raises(UserError, match="no rows"):
        open_shards(tmp_path / "none")


def test_what_is_made_ahead_is_the_same_and_so_is_the_error() -> None:
    def fails() -> Iterator[int]:
        yield from range(5)
        raise ZeroDivisionError

    assert list(ahead(iter(range(50)))) == list(range(50))
    found = []
    with pytest.raises(ZeroDivisionError):
        found.extend(iter(()))
        for one in ahead(fails()):
            found.append(one)  # noqa: PERF402 - what came before the error counts
    assert found == list(range(5))


def test_no_more_is_made_than_was_asked_to_be_ahead() -> None:
    made: list[int] = []
    items = ahead((made.append(one) or one for one in itertools.count()), most=2)
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    items.close()  # type: ignore[attr-defined]
    assert len(made) <= 3 + 2 + 2
