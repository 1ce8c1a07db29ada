"""An id is a string: 000123 stays 000123 in every table, and dotted names lead into each."""

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import ReadOptions

IDS = ["000123", "1.10", "9007199254740993", "1e5", "-0", "0x10", "TRUE", "null"]
ROWS = [{"text": "t", "id": one, "meta": {"id": one, "deep": {"id": one}}} for one in IDS]


def as_csv(path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(
            [("text", "id", "meta.id", "meta.deep.id"), *(("t", one, one, one) for one in IDS)]
        )


def as_parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), path)


def as_arrow(path: Path) -> None:
    table = pa.Table.from_pylist(ROWS)
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)


def as_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as opened:
        opened.execute('CREATE TABLE t (text TEXT, id TEXT, "meta.id" TEXT, "meta.deep.id" TEXT)')
        opened.executemany("INSERT INTO t VALUES ('t', ?1, ?1, ?1)", [(one,) for one in IDS])
        opened.commit()


WRITERS: dict[str, Callable[[Path], object]] = {
    "csv": as_csv,
    "json": lambda path: path.write_text(json.dumps(ROWS)),
    "jsonl": lambda path: path.write_text("\n".join(map(json.dumps, ROWS))),
    "parquet": as_parquet,
    "arrow": as_arrow,
    "sqlite": as_sqlite,
}


@pytest.mark.parametrize("column", ["id", "meta.id", "meta.deep.id"])
@pytest.mark.parametrize("kind", WRITERS)
def test_an_id_stays_as_it_is(tmp_path: Path, kind: str, column: str) -> None:
    path = tmp_path / f"a.{kind}"
    WRITERS[kind](path)
    assert [one.title for one in read(str(path), ReadOptions({"title": column}))] == IDS


def test_a_long_number_is_not_rounded(tmp_path: Path) -> None:
    number = 2**63 - 1
    table = pa.table({"text": ["t"], "id": pa.array([number], pa.int64())})
    pq.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "a.json").write_text(json.dumps([{"text": "t", "id": number}]))
    for name in ("a.parquet", "a.json"):
        (found,) = read(str(tmp_path / name), ReadOptions({"title": "id"}))
        assert found.title == str(number)
