"""Every record of a container is an entry: as many as an independent reader counts, none twice.

Where sizes are stretches of the file, they cover it without a gap or an overlap.
"""

import csv
import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Entry, ReadOptions
from taojin.tests.pipeline.ingest.crawls import Cut, cuts, damaged, http, page, warc
from taojin.tests.pipeline.ingest.hostile import entries_of

FAST = ReadOptions(extractor="resiliparse")
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
PAGES = st.sampled_from(
    [page(1), page(2), warc(b"", "revisit"), warc(http(b"\x89PNG\r\n")), warc(b"a: b", "metadata")]
)
VALUES = st.sampled_from(["gold", "淘金\n", 'a "pan"', "", None, 3])
ROWS = st.lists(st.fixed_dictionaries({"text": VALUES}), max_size=20)


def assert_rising(found: list[Entry]) -> None:
    positions = [entry.position for entry in found]
    assert positions == sorted(set(positions))


def assert_covers(found: list[Entry], size_bytes: int) -> None:
    end = 0
    for entry in found:
        assert entry.position == end
        end += entry.size_bytes
    assert end == size_bytes


@QUICK
@given(pages=st.lists(PAGES, min_size=1, max_size=8), packs=st.booleans())
def test_as_many_records_as_warcio_reads(tmp_path: Path, pages: list[bytes], packs: bool) -> None:
    data = b"".join(map(gzip.compress, pages) if packs else pages)
    found = entries_of(tmp_path / "a.warc", data, FAST)
    assert len(found) == sum(1 for _ in ArchiveIterator(io.BytesIO(data)))
    assert_covers(found, len(data))


@QUICK
@given(rows=st.lists(st.text('ab\r淘{}" ', max_size=12), max_size=30), cut=cuts())
def test_as_many_lines_as_wc_counts(tmp_path: Path, rows: list[str], cut: list[Cut]) -> None:
    lines = [json.dumps({"text": row}, ensure_ascii=False) for row in rows]
    data = b'{"text": "first"}\n' + damaged("".join(line + "\n" for line in lines).encode(), cut)
    found = entries_of(tmp_path / "a.jsonl", data)
    written = data.split(b"\n")
    assert [entry.position for entry in found] == [
        number for number, line in enumerate(written, start=1) if line.strip()
    ]
    starts = [0]
    for line in written:
        starts.append(starts[-1] + len(line) + 1)
    ends = [starts[entry.position - 1] + entry.size_bytes for entry in found]
    assert ends == [starts[entry.position] for entry in found]  # each to where the next begins


@QUICK
@given(
    rows=st.lists(
        st.tuples(st.text('a,"\n淘', max_size=9), st.text("ab ", max_size=4)), max_size=15
    )
)
def test_as_many_rows_as_the_csv_module_reads(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([("text", "title"), *rows])
    data = out.getvalue()
    found = entries_of(tmp_path / "a.csv", data.encode())
    assert len(found) == sum(1 for row in csv.reader(io.StringIO(data)) if row) - 1
    assert_rising(found)
    assert sum(entry.size_bytes for entry in found) == len(data.encode()) - len(b"text,title\n")


@QUICK
@given(rows=ROWS, group=st.integers(1, 9))
def test_as_many_rows_as_pyarrow_reads(
    tmp_path: Path, rows: list[dict[str, object]], group: int
) -> None:
    texts = [None if row["text"] is None else str(row["text"]) for row in rows]
    table = pa.table({"text": pa.array(texts, pa.string())})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=group)
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table, max_chunksize=group)
    for name in ("a.parquet", "a.arrow"):
        found = list(read(str(tmp_path / name), FAST))
        assert [entry.position for entry in found] == list(range(len(rows)))


@QUICK
@given(rows=ROWS)
def test_as_many_elements_as_the_json_module_reads(tmp_path: Path, rows: list[object]) -> None:
    for value in (rows, {"meta": 1, "rows": rows}):
        if rows:
            found = entries_of(tmp_path / "a.json", json.dumps(value).encode())
            assert len(found) == len(rows)
            assert_rising(found)


@QUICK
@given(rows=ROWS)
def test_as_many_rows_as_sqlite_counts(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    path = tmp_path / "a.sqlite"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (text)")
    database.executemany("INSERT INTO t VALUES (:text)", rows)
    database.commit()
    (count,) = database.execute("SELECT count(*) FROM t").fetchone()
    database.close()
    assert len(list(read(str(path), FAST))) == count


NAMES = st.lists(st.sampled_from(["a.txt", "b.md", "f/c.txt", "f/", "d.bin"]), unique=True)


@QUICK
@given(names=NAMES, content=st.text("gold ", max_size=20))
def test_as_many_members_as_zipfile_and_tarfile_list(
    tmp_path: Path, names: list[str], content: str
) -> None:
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for name in names:
            archive.writestr(name, "" if name.endswith("/") else content)
    with tarfile.open(fileobj=tarred, mode="w") as tape:
        for name in names:
            info = tarfile.TarInfo(name.rstrip("/"))
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            info.size = 0 if name.endswith("/") else len(content)
            tape.addfile(info, io.BytesIO(content.encode()))
    found = entries_of(tmp_path / "a.zip", zipped.getvalue())
    with zipfile.ZipFile(zipped) as archive:
        assert len(found) == len(archive.infolist())
    assert_rising(found)
    found = entries_of(tmp_path / "a.tar", tarred.getvalue())
    with tarfile.open(fileobj=io.BytesIO(tarred.getvalue())) as tape:
        assert len(found) == len(tape.getmembers())
    assert_rising(found)
