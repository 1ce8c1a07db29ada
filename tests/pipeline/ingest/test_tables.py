"""JSON Lines, CSV and Parquet: one entry per row, the bad ones included."""

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record
from taojin.pipeline.ingest.tables.jsonl import lines

OPTIONS = ReadOptions()
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = st.text(st.characters(exclude_characters="\r\0", exclude_categories=("Cs",)))


def entries(path: Path, data: bytes, options: ReadOptions = OPTIONS) -> list[Entry]:
    path.write_bytes(data)
    return list(read(str(path), options))


POEM = "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。" * 3


def outcome(entry: Entry) -> tuple[int, str]:
    return entry.position, entry.cause if isinstance(entry, Damaged) else "read"


BAD_LINES = {
    b'{"text": "cut': "bad_json",
    b'{"text": "\xff\xfe"}': "bad_encoding",
    b"[" * 100_000: "bad_json",
    b"null": "missing_text",
    b'{"title": "a"}': "missing_text",
    b'{"text": null}': "missing_text",
    b'{"text": ["a"]}': "missing_text",
    b'{"text": 5}': "missing_text",
}


@pytest.mark.parametrize("bad", BAD_LINES, ids=lambda bad: bad[:20].decode("latin-1"))
def test_a_bad_line_costs_only_itself(tmp_path: Path, bad: bytes) -> None:
    good = b'{"text": "\xe9\x87\x91"}\n'
    found = entries(tmp_path / "a.jsonl", good + bad + b"\r\n\n" + good)
    assert list(map(outcome, found)) == [(1, "read"), (2, BAD_LINES[bad]), (4, "read")]
    assert found[2].text == "金"


def test_a_line_that_is_too_large_is_read_past(tmp_path: Path) -> None:
    data = b'{"text": "a"}\n{"text": "%s"}\n{"text": "b"}' % (b"x" * 3_000_000)
    found = entries(tmp_path / "a.jsonl", data, ReadOptions(max_bytes=1000))
    assert list(map(outcome, found)) == [(1, "read"), (2, "too_large"), (3, "read")]


def test_columns_lead_into_objects_and_numbers_stay_as_written(tmp_path: Path) -> None:
    row = '{"doc": {"body": "a\\r\\nb\\u0000\\ud800"}, "version": 1.10, "a.b": "literal"}'
    columns = {"text": "doc.body", "title": "version", "url": "a.b"}
    (found,) = entries(tmp_path / "a.jsonl", row.encode(), ReadOptions(columns))
    assert (found.text, found.title, found.url) == ("a\nb\ufffd\ufffd", "1.10", "literal")


@QUICK
@given(texts=st.lists(TEXTS, max_size=8), packed=st.booleans())
def test_jsonl_agrees_with_json(tmp_path: Path, texts: list[str], *, packed: bool) -> None:
    data = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    found = entries(tmp_path / "a.jsonl.zst", zstandard.compress(data) if packed else data)
    assert [entry.text for entry in found] == texts
    assert sum(entry.size_bytes for entry in found) == len(data)


@QUICK
@given(data=st.binary(max_size=60), step=st.integers(1, 7))
def test_lines_do_not_depend_on_blocks(data: bytes, step: int) -> None:
    data = data.replace(b"\x01", b"\n").replace(b"\x00", b"\n")
    whole = [line.rstrip(b"\n") for line in io.BytesIO(data)]
    for size in (step, 60):
        blocks = [data[i : i + size] for i in range(0, len(data), size)]
        assert list(lines(blocks, 5)) == [line if len(line) <= 5 else len(line) for line in whole]


def test_what_follows_damaged_compression_is_one_entry(tmp_path: Path) -> None:
    rows = b"".join(b'{"text": "%d"}\n' % n for n in range(200_000))
    packed = gzip.compress(rows, mtime=0)
    found = entries(tmp_path / "a.jsonl.gz", packed[: len(packed) // 2])
    assert all(isinstance(entry, Record) for entry in found[:10_000])
    assert found[-1].cause == "truncated"
    assert found[-1].size_bytes == len(packed) // 2
    positions = [entry.position for entry in found]
    assert positions == sorted(set(positions))


@QUICK
@given(rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=8), delimiter=st.sampled_from(",;\t|"))
def test_csv_agrees_with_the_csv_module(
    tmp_path: Path, rows: list[tuple[str, str]], delimiter: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("title", "text"), *rows])
    found = entries(tmp_path / "a.csv", out.getvalue().encode())
    assert [(entry.title, entry.text) for entry in found] == rows
    starts, line = [], 2
    for row in rows:
        starts.append(line)
        line += 1 + "".join(row).count("\n")
    assert [entry.position for entry in found] == starts


@pytest.mark.parametrize("bad", ["only one", "a,b,c", '"a"x,b', '"never closed,b', "a,\udcff"])
def test_a_bad_row_costs_only_its_line(tmp_path: Path, bad: str) -> None:
    data = f'title,text\n1,"{POEM}\nlines"\n{bad}\n2,b\n3,c\n'.encode("utf-8", "surrogateescape")
    found = entries(tmp_path / "a.csv", data)
    cause = "bad_encoding" if "\udcff" in bad else "bad_row"
    assert list(map(outcome, found)) == [(2, "read"), (4, cause), (5, "read"), (6, "read")]


def test_a_csv_line_that_is_too_large_costs_only_itself(tmp_path: Path) -> None:
    data = b"text,n\na,1\n" + b"x" * 3000 + b",2\nc,3\n" + b"y" * 4000
    found = entries(tmp_path / "a.csv", data, ReadOptions(max_bytes=1000))
    causes = [(2, "read"), (3, "too_large"), (4, "read"), (5, "too_large")]
    assert list(map(outcome, found)) == causes
    assert [entry.size_bytes for entry in found] == [4, 3002, 4, 4000]


def test_a_quoted_row_with_a_line_that_is_too_large_is_told_line_by_line(tmp_path: Path) -> None:
    data = b'text,n\n"open,1\nb,2\n' + b"x" * 3000 + b'\n",3\nd,4\n'
    found = entries(tmp_path / "a.csv", data, ReadOptions(max_bytes=1000))
    assert list(map(outcome, found))[:3] == [(2, "bad_row"), (3, "read"), (4, "too_large")]
    assert found[-1].position >= 5


def test_rows_below_a_header_that_is_too_large_are_told(tmp_path: Path) -> None:
    data = b"h" * 3000 + b",text\na,1\n\nb,2\n"
    found = entries(tmp_path / "a.csv", data, ReadOptions(max_bytes=1000))
    assert list(map(outcome, found)) == [(1, "too_large"), (2, "bad_row"), (4, "bad_row")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "big5"])
def test_csv_encodings(tmp_path: Path, encoding: str) -> None:
    found = entries(tmp_path / "a.csv", f"text,n\n{POEM},1\n{POEM},2\n".encode(encoding))
    assert [entry.text for entry in found] == [POEM, POEM]


def test_parquet_agrees_with_pyarrow(shared_data: Path) -> None:
    for path in sorted((shared_data / "office/built/tabular").glob("docs_*.parquet")):
        texts = pq.read_table(path)["text"].to_pylist()
        found = list(read(str(path), OPTIONS))
        assert [entry.position for entry in found] == list(range(len(texts)))
        assert [getattr(entry, "text", None) for entry in found] == [
            text and text.replace("\r\n", "\n") for text in texts
        ]


def test_parquet_nulls_nested_columns_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = [{"d": {"t": "a"}, "n": 7}, {"d": {"t": None}, "n": 8}, {"d": None, "n": 9}]
    pq.write_table(pa.Table.from_pylist(rows), path)
    found = list(read(str(path), ReadOptions({"text": "d.t", "title": "n"})))
    causes = [(0, "read"), (1, "missing_text"), (2, "missing_text")]
    assert list(map(outcome, found)) == causes
    assert found[0].title == "7"


def test_a_damaged_row_group_costs_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"text": [f"{n}" * 999 for n in range(30)]})
    pq.write_table(table, path, row_group_size=10, compression="none", use_dictionary=False)
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    data[start : start + 40] = b"\xff" * 40
    found = entries(path, bytes(data))
    assert list(map(outcome, found)) == [
        *((n, "read") for n in range(10)),
        (10, "unreadable"),
        *((n, "read") for n in range(20, 30)),
    ]
    assert entries(path, bytes(data[:-9]))[0].cause == "unreadable"


DAMAGED_CODES = {
    "utf-32": "text\n一二三\n四\n".encode("utf-32")[:-2] + b"\xff" * 6,
    "iso-2022-jp": "text\n砂の中の金を探す。\n川\n".encode("iso-2022-jp") * 20 + b"\x1b$\n",
}


@pytest.mark.parametrize("name", DAMAGED_CODES)
def test_a_table_in_a_code_that_knows_no_lines_is_read_behind_damage(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(DAMAGED_CODES[name])
    found = list(read(str(path), ReadOptions()))
    assert any(isinstance(entry, Record) for entry in found)
