"""Both runners do the same; the exchange groups rows by key, whoever writes them."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.graph import LocalRunner, Runner, bucket_count, exchange, open_runner
from taojin.pipeline.task import Checkpoint, Task
from tests.pipeline.test_run import assert_same_bytes

ROWS = st.lists(st.tuples(st.integers(0, 2**64 - 1), st.text("abc", max_size=3)), max_size=30)


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a Dask scheduler with two workers."""
    from dask.distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as running:
        yield running.scheduler_address


def write(folder: Path, tables: list[list[tuple[int, str]]]) -> list[Path]:
    paths = [folder / f"{number}.parquet" for number in range(len(tables))]
    for path, rows in zip(paths, tables, strict=True):
        schema = {"key": pl.UInt64, "doc_id": pl.String}
        pl.DataFrame(rows, schema=schema, orient="row").write_parquet(path)
    return paths


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tables=st.lists(ROWS, min_size=1, max_size=3), buckets=st.integers(1, 4))
def test_an_exchange_loses_no_row_and_splits_no_key(
    tables: list[list[tuple[int, str]]], buckets: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("exchange")
    found = exchange(LocalRunner(), write(folder, tables), buckets, folder / "out")
    rows = [pl.read_parquet(path).rows() for path in found]
    assert sorted(row for bucket in rows for row in bucket) == sorted(sum(tables, []))
    assert all(bucket == sorted(bucket) and bucket for bucket in rows)
    keys = [{key for key, _ in bucket} for bucket in rows]
    assert sum(map(len, keys)) == len(set().union(*keys))


def test_dask_exchanges_the_same_bytes(cluster: str, tmp_path: Path) -> None:
    rows = [[(key * 2**60 + key % 7, f"{table}-{key}") for key in range(15)] for table in range(4)]
    tables = write(tmp_path, rows)
    for number, table in enumerate(tables):
        ranked = pl.read_parquet(table).with_columns(
            rank=pl.when(pl.col("key") % (number + 1) == 0).then(pl.lit(number - 2**62)),
            known=pl.when(pl.col("key") % 2 == 0).then(pl.lit(value=True)),
            score=pl.when(pl.col("key") % 3 == 0).then(pl.lit(0.1)),
            name=pl.when(pl.col("key") % 3 == 1).then("doc_id"),
        )
        ranked.write_parquet(table)
    ours = exchange(LocalRunner(), tables, 3, tmp_path / "local")
    with open_runner(0, cluster, "1GiB") as runner:
        theirs = exchange(runner, tables, 3, tmp_path / "dask")
    assert [path.name for path in ours] == [path.name for path in theirs]
    assert [path.read_bytes() for path in ours] == [path.read_bytes() for path in theirs]
    assert len(ours) == 3


def test_a_run_on_an_existing_scheduler_writes_the_same_bytes(
    cluster: str, demo_run: Path, tmp_path: Path
) -> None:
    curate(recipes.load(None), Where(tmp_path / "run", scheduler=cluster))
    assert_same_bytes(demo_run, tmp_path / "run")


def test_a_scheduler_that_is_not_there_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(UserError, match="--scheduler tcp://127.0.0.1:9: no Dask scheduler answers"),
        open_runner(0, "tcp://127.0.0.1:9", "1GiB"),
    ):
        pass


def test_buckets_depend_on_the_rows_alone() -> None:
    assert [bucket_count(rows) for rows in (0, 999_999, 1_000_000, 2_500_000)] == [1, 1, 2, 3]


def _fill(folder: Path, task: Task) -> dict[str, int]:
    (folder / "value").write_text(str(task.parameters["value"]))
    return {"documents": 1}


def _break(folder: Path, task: Task) -> dict[str, int]:
    (folder / "half").write_text("written")
    raise RuntimeError("in the middle")


def test_a_task_runs_once_and_its_folder_appears_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taojin.pipeline.task.digests", lambda node, module: {})
    tasks = [Task("decide", _fill, {"value": value}) for value in (1, 2)]
    with open_runner(0, None, "1GiB") as runner:
        first = _run(runner, tasks, tmp_path)
        again = _run(runner, tasks, tmp_path)
    assert [one.cached for one in first] == [False, False]
    assert [one.cached for one in again] == [True, True]
    assert [(one.path / "value").read_text() for one in again] == ["1", "2"]
    broken = Task("decide", _break, {"value": 3})
    with pytest.raises(RuntimeError):
        _run(LocalRunner(), [broken], tmp_path)
    assert not broken.folder(tmp_path).exists()
    assert not list(tmp_path.rglob("half"))


def _run(runner: Runner, tasks: list[Task], work: Path) -> list[Checkpoint]:
    return runner.run(tasks, work, lambda _: None)
