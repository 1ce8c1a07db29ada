"""Where tasks run: in this process, or on a Dask cluster. The only file that imports Dask.

Both runners execute the same functions on the same files, so they leave the same bytes. Dask
carries tasks, paths and counters; only the exchange moves rows, and those hold keys and ids.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from taojin.core.errors import UserError
from taojin.core.storage import publish, write_table
from taojin.pipeline.task import Checkpoint, Task, cached, execute

if TYPE_CHECKING:
    import pandas as pd

OnDone = Callable[[Checkpoint], None]
ROWS_PER_BUCKET = 1_000_000


class Runner(Protocol):
    """Executes tasks and exchanges rows."""

    def run(self, tasks: Sequence[Task], work: Path, done: OnDone) -> list[Checkpoint]:
        """The checkpoints of independent tasks, in their order; `done` hears of each at once."""
        ...

    def scatter(self, tables: Sequence[Path], buckets: int, folder: Path) -> None:
        """Write `<bucket>.parquet` into the folder: the rows of all tables with key % buckets."""
        ...


@dataclass(frozen=True)
class LocalRunner:
    """A loop in this process."""

    def run(self, tasks: Sequence[Task], work: Path, done: OnDone) -> list[Checkpoint]:
        found = []
        for task in tasks:
            found.append(execute(task, work))
            done(found[-1])
        return found

    def scatter(self, tables: Sequence[Path], buckets: int, folder: Path) -> None:
        parts = folder / "parts"
        parts.mkdir()
        for number, table in enumerate(tables):
            rows = pl.read_parquet(table).with_columns(_bucket(buckets))
            split = rows.partition_by("bucket", as_dict=True, include_key=False)
            for (bucket,), found in split.items():
                found.write_parquet(parts / f"{bucket}-{number}.parquet")
        for bucket in range(buckets):
            files = sorted(parts.glob(f"{bucket}-*.parquet"))
            if files:
                _write_bucket(pl.read_parquet(files), bucket, folder)
        for part in parts.iterdir():
            part.unlink()
        parts.rmdir()


@dataclass(frozen=True)
class DaskRunner:
    """A Dask cluster; its workers must see the run's folder and the sources."""

    client: Any

    def run(self, tasks: Sequence[Task], work: Path, done: OnDone) -> list[Checkpoint]:
        from dask.distributed import as_completed

        found = {task.fingerprint: cached(task, work) for task in tasks}
        pending = {task.fingerprint: task for task in tasks if found[task.fingerprint] is None}
        for checkpoint in found.values():
            if checkpoint is not None:
                done(checkpoint)
        futures = [
            self.client.submit(execute, task, work, key=f"{task.node}-{name}", pure=False)
            for name, task in pending.items()
        ]
        for future in as_completed(futures):
            checkpoint = future.result()
            found[checkpoint.fingerprint] = checkpoint
            done(checkpoint)
        return [found[task.fingerprint] for task in tasks]  # type: ignore[misc]

    def scatter(self, tables: Sequence[Path], buckets: int, folder: Path) -> None:
        import dask.dataframe as dd

        rows = dd.from_map(_read_pandas, list(tables), buckets=buckets, meta=_meta(tables[0]))
        shuffled = rows.shuffle(on="bucket", npartitions=buckets, shuffle_method="p2p")
        written = shuffled.map_partitions(_write_pandas, folder, meta=(None, "int64"))
        self.client.compute(written.to_delayed(), sync=True)


@contextmanager
def open_runner(workers: int, scheduler: str | None, memory: str) -> Iterator[Runner]:
    """The runner for `--workers N` (0: no Dask) or for an existing scheduler's address."""
    if scheduler is None and workers == 0:
        yield LocalRunner()
        return
    import dask
    from dask.distributed import Client

    with dask.config.set(_SETTINGS):
        if scheduler is not None:
            with _connect(scheduler) as client:
                yield DaskRunner(client)
            return
        with _cluster(workers, memory) as cluster, Client(cluster) as client:
            yield DaskRunner(client)


_SETTINGS = {
    "dataframe.convert-string": False,
    "distributed.worker.daemon": True,
    "logging.distributed": "critical",  # a failed task reaches the driver anyway
}


def _cluster(workers: int, memory: str) -> Any:
    from dask.distributed import LocalCluster
    from dask.utils import parse_bytes

    try:
        limit = parse_bytes(memory)
    except ValueError:
        raise UserError(f"--memory {memory}: not a size; write 4GiB or 500MB") from None
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        memory_limit=limit,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    )


def _connect(scheduler: str) -> Any:
    from dask.distributed import Client

    try:
        return Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise UserError(
            f"--scheduler {scheduler}: no Dask scheduler answers there; start one with "
            "`dask scheduler` or leave the option out"
        ) from error


def exchange(runner: Runner, tables: Sequence[Path], buckets: int, folder: Path) -> list[Path]:
    """Group the rows of tables (key UInt64, doc_id ...) by key: the bucket files, in order.

    Each holds whole keys, sorted by (key, doc_id), so that it does not depend on who wrote it.
    A bucket without rows has no file.
    """
    if not (folder.is_dir()):
        with publish(folder) as partial:
            partial.mkdir()
            if tables:
                runner.scatter(tables, buckets, partial)
    return sorted(folder.glob("*.parquet"))


def bucket_count(rows: int) -> int:
    """How many buckets an exchange of that many rows has: it depends on nothing else."""
    return rows // ROWS_PER_BUCKET + 1


def _bucket(buckets: int) -> pl.Expr:
    return (pl.col("key") % buckets).cast(pl.Int64).alias("bucket")


def _write_bucket(rows: pl.DataFrame, bucket: int, folder: Path) -> None:
    write_table(rows.sort("key", "doc_id"), folder / f"{bucket:05d}.parquet")


def _read_pandas(table: Path, buckets: int) -> "pd.DataFrame":
    """The rows in Arrow's own types: NumPy's would make floats of integers that may be null."""
    rows = pl.read_parquet(table).with_columns(_bucket(buckets))
    return rows.to_pandas(use_pyarrow_extension_array=True)


def _meta(table: Path) -> "pd.DataFrame":
    return _read_pandas(table, 1).head(0)


def _write_pandas(rows: "pd.DataFrame", folder: Path) -> int:
    """Write the buckets of one shuffled partition; how many rows."""
    for (bucket,), found in pl.from_pandas(rows).partition_by("bucket", as_dict=True).items():
        _write_bucket(found.drop("bucket"), int(bucket), folder)
    return len(rows)
