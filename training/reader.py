"""Rows of a packed dataset in an order that training can leave and take up again.

The order is an endless list of rows: every epoch holds each row once, in an order drawn by the seed
and the epoch. A place in it is one number, and all that a checkpoint needs: the workers of a step
take consecutive parts of it, so that what has been read stays read when there are more or fewer of
them afterwards. Shards are memory-mapped; a row costs what its bytes cost.
"""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taojin.core.errors import UserError

T = TypeVar("T")
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Shards:
    """The rows of a split of dataset/pretrain, by number; none is read before it is asked for."""

    tables: tuple[NDArray[np.generic], ...]
    """input_ids, [rows, length], of each record batch."""

    starts: Numbers
    """The first row of each, and how many there are."""

    def __len__(self) -> int:
        return int(self.starts[-1])

    def __getitem__(self, rows: Numbers) -> NDArray[np.generic]:
        """input_ids of these rows, [len(rows), length]; IndexError for one that is not there."""
        if rows.size and not (rows.min() >= 0 and rows.max() < len(self)):
            raise IndexError(f"rows from 0 to {len(self) - 1}, not {rows.min()} to {rows.max()}")
        tables = np.searchsorted(self.starts, rows, side="right") - 1
        places = zip(tables, rows - self.starts[tables], strict=True)
        return np.stack([self.tables[table][row] for table, row in places])


def open_shards(folder: Path) -> Shards:
    """The split in a folder; UserError where no row is."""
    tables = [table for path in sorted(folder.glob("data-*.arrow")) for table in _tables(path)]
    if not tables:
        raise UserError(f"{folder}: no rows of a packed dataset here; name a split of RUN/dataset")
    starts = np.cumsum([0, *(len(one) for one in tables)])
    return Shards(tuple(tables), starts.astype(np.int64))


def _tables(path: Path) -> Iterator[NDArray[np.generic]]:
    for batch in pa.ipc.open_stream(pa.memory_map(str(path))):
        ids = batch.column("input_ids").flatten().to_numpy()
        if batch.num_rows:
            yield ids.reshape(batch.num_rows, -1)


@dataclass(frozen=True)
class Order:
    """The endless order of so many rows."""

    rows: int
    seed: int

    def __getitem__(self, places: slice) -> Numbers:
        """The rows at the places from `start` to `stop`, which may be in several epochs."""
        epochs = range(places.start // self.rows, -(-places.stop // self.rows))
        parts = [self._epoch(epoch)[_within(places, epoch, self.rows)] for epoch in epochs]
        return np.concatenate([np.zeros(0, np.int64), *parts])

    def _epoch(self, epoch: int) -> Numbers:
        return np.random.default_rng((self.seed, epoch)).permutation(self.rows)


def _within(places: slice, epoch: int, rows: int) -> slice:
    first = epoch * rows
    return slice(max(places.start - first, 0), min(places.stop - first, rows))


def steps(
    order: Order, batch_size: int, place: int = 0, rank: int = 0, world: int = 1
) -> Iterator[tuple[int, Numbers]]:
    """(the place behind the step, this worker's rows), from a place on, without end.

    All workers together take `world * batch_size` consecutive places; whoever goes on from the
    place behind a step, with whatever number of workers, reads what comes next and nothing twice.
    """
    held = range(0)
    rows = np.zeros(0, np.int64)
    while True:
        start = place + rank * batch_size
        if start < held.start or start + batch_size > held.stop:
            held = range(start, start + max(order.rows, world * batch_size))
            rows = order[held.start : held.stop]
        place += world * batch_size
        yield place, rows[start - held.start : start - held.start + batch_size]


def ahead(items: Iterator[T], most: int = 2) -> Iterator[T]:
    """The items, up to `most` of them made by a thread before they are asked for.

    What the thread raises is raised here; closing the iterator ends it.
    """
    ready: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(most)
    stopped = threading.Event()
    thread = threading.Thread(target=_fill, args=(items, ready, stopped), daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        while thread.is_alive():
            _drain(ready)
            thread.join(0.01)


def _fill(
    items: Iterator[T],
    ready: "queue.Queue[tuple[T | None, BaseException | None]]",
    stopped: threading.Event,
) -> None:
    try:
        for item in items:
            ready.put((item, None))
            if stopped.is_set():
                return
        ready.put((None, StopIteration()))
    except BaseException as error:  # noqa: BLE001 - it is the reader's, and raised there
        ready.put((None, error))


def _drain(ready: "queue.Queue[tuple[T | None, BaseException | None]]") -> None:
    while not ready.empty():
        ready.get_nowait()
