"""SQLite files, judged by the sqlite3 module that writes them."""

import gzip
import random
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record
from taojin.tests.pipeline.ingest.seeds import seeds

OPTIONS = ReadOptions({"title": "id"})


def database(path: Path, *statements: str, rows: int = 3) -> Path:
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE pages (id TEXT, text TEXT, n INTEGER)")
        values = [(f"{number:06d}", f"第 {number} 页", number) for number in range(rows)]
        opened.executemany("INSERT INTO pages VALUES (?, ?, ?)", values)
        for statement in statements:
            opened.execute(statement)
        opened.commit()
    return path


def told(found: list[Entry]) -> list[tuple[int, str]]:
    return [(one.position, one.text if isinstance(one, Record) else one.cause) for one in found]


def test_rows_come_in_the_order_of_their_rowids_and_ids_stay_strings(tmp_path: Path) -> None:
    path = database(
        tmp_path / "a.db",
        "DELETE FROM pages WHERE n = 1",
        "INSERT INTO pages (rowid, id, text) VALUES (-5, '000999', '第 9 页')",
        "CREATE INDEX other ON pages (text)",
    )
    found = list(read(str(path), OPTIONS))
    assert [(one.position, one.title, one.text) for one in found] == [
        (0, "000999", "第 9 页"), (1, "000000", "第 0 页"), (2, "000002", "第 2 页"),
    ]  # fmt: skip


def test_every_table_with_the_text_column_and_no_view_nor_virtual_table(tmp_path: Path) -> None:
    path = database(
        tmp_path / "a.sqlite",
        "CREATE TABLE aa (text TEXT, key TEXT PRIMARY KEY) WITHOUT ROWID",
        "INSERT INTO aa VALUES ('second', 'b'), ('one', 'a')",
        "CREATE TABLE other (body TEXT)",
        "INSERT INTO other VALUES ('not read')",
        "CREATE VIEW v AS SELECT text FROM pages",
        "CREATE VIRTUAL TABLE f USING fts5 (text)",
        "INSERT INTO f VALUES ('indexed')",
        'CREATE TABLE "we""ird" (text)',
        "INSERT INTO \"we\"\"ird\" VALUES (NULL), (5), (x'e98791'), (x'ff'), ('a' || char(0) || 'b')",
        rows=1,
    )
    assert told(list(read(str(path), ReadOptions()))) == [
        (0, "one"), (1, "second"), (2, "第 0 页"),
        (3, "missing_text"), (4, "missing_text"), (5, "金"), (6, "bad_encoding"), (7, "a\ufffdb"),
    ]  # fmt: skip


def test_a_database_without_the_column_is_told(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db")
    (lost,) = read(str(path), ReadOptions({"text": "body"}))
    assert (lost.cause, lost.size_bytes) == ("missing_text", path.stat().st_size)


def test_nothing_is_written_beside_it_and_a_log_beside_it_is_told(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db")
    path.chmod(0o444)
    before = sorted(tmp_path.iterdir()), path.read_bytes()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)):
        assert len(list(read(str(path), OPTIONS))) == 3
    assert (sorted(tmp_path.iterdir()), path.read_bytes()) == before
    path.chmod(0o644)
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("INSERT INTO pages VALUES ('9', 'new', 9)")
        opened.commit()
        found = list(read(str(path), OPTIONS))
    assert isinstance(found[-1], Damaged)
    assert "log" in found[-1].detail
    assert [one.title for one in found[:-1] if isinstance(one, Record)] == [
        "000000",
        "000001",
        "000002",
    ]
    assert len({one.position for one in found}) == len(found)


def test_a_compressed_database_is_read(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db")
    packed = tmp_path / "b.db.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert told(list(read(str(packed), OPTIONS))) == told(list(read(str(path), OPTIONS)))
    packed.write_bytes(packed.read_bytes()[:-30])
    assert told(list(read(str(packed), OPTIONS))) == [(0, "truncated")]


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_database_is_told_and_gives_no_other_rows(tmp_path: Path, seed: int) -> None:
    whole = database(tmp_path / "a.db", rows=400).read_bytes()
    right = {f"第 {number} 页" for number in range(400)}
    draw = random.Random(seed)
    for size in range(17, len(whole), len(whole) // 25):
        (tmp_path / "b.db").write_bytes(whole[:size])
        assert any(isinstance(one, Damaged) for one in read(str(tmp_path / "b.db"), OPTIONS)), size
    for _ in range(25):
        data = bytearray(whole)
        start = draw.randrange(len(data))
        data[start : start + 300] = draw.randbytes(len(data[start : start + 300]))
        (tmp_path / "b.db").write_bytes(data)
        found = list(read(str(tmp_path / "b.db"), OPTIONS))
        assert found
        assert all(isinstance(one, (Record, Damaged)) for one in found)
    assert right


def test_a_value_that_is_too_large_is_told(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", "INSERT INTO pages VALUES ('x', zeroblob(90000), 1)")
    found = list(read(str(path), ReadOptions(max_bytes=50_000)))
    assert told(found)[-1] == (3, "too_large")


def test_a_name_with_signs_of_a_url_is_a_name(tmp_path: Path) -> None:
    path = database(tmp_path / "a?mode=rw&b#c%20.db")
    assert len(list(read(str(path), OPTIONS))) == 3


def test_a_page_whose_cells_were_shifted_is_read_to_an_end(tmp_path: Path) -> None:
    """Every row that cannot be read makes SQLite begin the list of its ids once more."""
    data = seeds()["a.sqlite"]
    path = tmp_path / "a.sqlite"
    path.write_bytes(data[:6313] + b"x" * 31 + data[6313:])
    found = list(islice(read(str(path), OPTIONS), 1_000))
    assert len(found) < 1_000
    assert isinstance(found[-1], Damaged)
