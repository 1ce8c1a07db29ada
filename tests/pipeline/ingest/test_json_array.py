"""JSON files: arrays, objects that hold one, single objects; the json module is the judge."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record
from taojin.pipeline.ingest.tables.json_array import _elements
from taojin.pipeline.ingest.tables.json_scanner import BRACKETS, Scanner

TEXTS = st.text(st.characters(exclude_characters="\r\0", exclude_categories=("Cs",)))
OPTIONS = ReadOptions()
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def entries(path: Path, data: bytes, options: ReadOptions = OPTIONS) -> list[Entry]:
    path.write_bytes(data)
    return list(read(str(path), options))


def texts(path: Path, value: object, options: ReadOptions = OPTIONS) -> list[str]:
    return [getattr(one, "text", "?") for one in entries(path, json.dumps(value).encode(), options)]


@QUICK
@given(
    rows=st.lists(st.fixed_dictionaries({"text": TEXTS, "a": TEXTS | st.integers()})),
    indent=st.sampled_from([None, 1]),
    mark=st.booleans(),
)
def test_an_array_agrees_with_json(
    tmp_path: Path, rows: list[Any], indent: int | None, *, mark: bool
) -> None:
    data = json.dumps(rows, indent=indent, ensure_ascii=False).encode(
        "utf-8-sig" if mark else "utf-8"
    )
    found = entries(tmp_path / "a.json", data)
    assert [(one.position, one.text) for one in found] == list(
        enumerate(row["text"] for row in rows)
    )


def test_one_object_with_one_array_of_objects_is_its_rows(tmp_path: Path) -> None:
    rows = [{"text": "a"}, {"text": "b"}]
    assert texts(tmp_path / "a.json", {"version": 1, "data": rows, "tags": ["x"]}) == ["a", "b"]


def test_an_object_with_a_text_or_with_two_arrays_is_one_row(tmp_path: Path) -> None:
    rows = [{"text": "a"}]
    assert texts(tmp_path / "a.json", {"text": "whole", "data": rows}) == ["whole"]
    assert texts(tmp_path / "a.json", {"one": rows, "two": rows}) == ["?"]
    talk = {"messages": [{"role": "user", "content": "hi"}]}
    assert texts(tmp_path / "a.json", talk) == ["hi"]
    assert texts(tmp_path / "a.json", [talk, talk]) == ["hi", "hi"]
    assert texts(tmp_path / "a.json", {"a": {"b": "deep"}}, ReadOptions({"text": "a.b"})) == [
        "deep"
    ]


def test_an_object_larger_than_the_limit_is_read_as_a_stream(tmp_path: Path) -> None:
    rows = [{"text": "a" * 300}, {"text": "b" * 3000}, {"text": "c", "x": [1, {"text": "no"}]}]
    value = {"info": {"rows": [{"text": "no"}]}, "data": rows, "after": 1}
    found = entries(tmp_path / "a.json", json.dumps(value).encode(), ReadOptions(max_bytes=1000))
    assert [getattr(one, "cause", "read") for one in found] == ["read", "too_large", "read"]
    assert [one.position for one in found] == [0, 1, 2]


def test_lines_under_the_name_of_json_are_read_as_lines(tmp_path: Path) -> None:
    data = b'{"text": "a"}\n{"text": "b"}\nno\n{"text": "c"}\n'
    found = entries(tmp_path / "a.json", data)
    assert [getattr(one, "text", "?") for one in found] == ["a", "b", "?", "c"]
    packed = gzip.compress(data * 20000)
    assert entries(tmp_path / "a.json", packed[:-20])[-1].cause == "truncated"


BAD = {
    b'[{"text": "a"}, {"text": ': "truncated",
    b'[{"text": "a"}, {"text": 01}]': "bad_json",
    b'[{"text": "a"}, {"text": "\xff"}]': "bad_encoding",
    b'[{"text": "a"}] more': "bad_json",
    b'[{"text": "a"},]': "bad_json",
    b'[{"text": "a"}, 5]': "missing_text",
    b'[{"text": "a"}, {"text": 5}]': "missing_text",
    b'[{"text": "a"}, {"text": ' + b"[" * 9999 + b"]" * 9999 + b"}]": "bad_json",
    b'[{"text": "a"}, {"n": ' + b"9" * 9999 + b"}]": "missing_text",
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad[15:40].decode("latin-1"))
def test_damage_costs_itself_and_is_told(tmp_path: Path, bad: bytes) -> None:
    good, lost = entries(tmp_path / "a.json", bad)
    assert isinstance(good, Record) and isinstance(lost, Damaged)
    assert (lost.position, lost.cause) == (1, BAD[bad])
    assert "text" not in lost.detail.replace("column 'text'", "")


@pytest.mark.parametrize("data", [b" ", b"5", b'"text"', b"[]x", b"{", b"null", b"{} {"])
def test_what_is_no_table_is_one_entry(tmp_path: Path, data: bytes) -> None:
    assert any(isinstance(one, Damaged) for one in entries(tmp_path / "a.json", data))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('\\"{}[], a金'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('\\"{}[],'), inner),
)


@QUICK
@given(rows=st.lists(JSON, min_size=1), step=st.integers(1, 9))
def test_values_do_not_depend_on_blocks(rows: list[Any], step: int) -> None:
    data = json.dumps(rows, ensure_ascii=False).encode()
    scanner = Scanner(iter([data[at : at + step] for at in range(0, len(data), step)]), 1 << 20)
    assert scanner.sign(BRACKETS) == b"[" and scanner.value() == b""
    assert [json.loads(one) for one in _elements(scanner)] == rows
    assert scanner.position == len(data) and scanner.is_at_end()


def test_one_bad_row_of_an_array_costs_itself(tmp_path: Path) -> None:
    data = b'[{"text": "a"}, {"text": tru}, {"text": "\xff"}, {"text": "b"}]'
    found = entries(tmp_path / "a.json", data)
    assert [getattr(one, "cause", "read") for one in found] == [
        "read",
        "bad_json",
        "bad_encoding",
        "read",
    ]


def test_the_rows_of_an_object_that_was_cut_are_kept(tmp_path: Path) -> None:
    data = b'{"v": ["x"], "data": [{"text": "a"}, {"text": "b"}, {"te'
    found = entries(tmp_path / "a.json", data)
    assert [getattr(one, "cause", "read") for one in found] == ["read", "read", "truncated"]


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    data = b'[{"text": "a\\ud800", "id": 1e5}, {"text": "b", "id": 12345678901234567890.10}]'
    found = entries(tmp_path / "a.json", data, ReadOptions({"title": "id"}))
    assert [one.title for one in found] == ["1e5", "12345678901234567890.10"]
    assert found[0].text == "a\ufffd"


def test_a_token_without_end_is_not_held(tmp_path: Path) -> None:
    data = b'[{"text": "a"}, {"text": "' + b"x" * 3_000_000 + b'"}, {"text": "b"}]'
    found = entries(tmp_path / "a.json", data, ReadOptions(max_bytes=1000))
    assert [getattr(one, "cause", "read") for one in found] == ["read", "too_large", "read"]


def test_a_file_cut_anywhere_never_gives_a_row_that_was_not_whole(tmp_path: Path) -> None:
    rows = [{"text": f"row {number} 金"} for number in range(30)]
    whole = json.dumps(rows, ensure_ascii=False).encode()
    for size in range(0, len(whole), 3):
        found = entries(tmp_path / "a.json", whole[:size])
        read_ = [one.text for one in found if isinstance(one, Record)]
        assert read_ == [row["text"] for row in rows[: len(read_)]]
        assert size == len(whole) or isinstance(found[-1], Damaged)


def test_the_real_files_agree_with_json(shared_data: Path, tmp_path: Path) -> None:
    import zstandard

    packed = (shared_data / "conversations/qa_xquad-zh.jsonl.zst").read_bytes()
    lines = zstandard.ZstdDecompressor().stream_reader(packed).read().splitlines()
    rows = [json.loads(line) for line in lines]
    (tmp_path / "a.json").write_text(json.dumps({"data": rows}))
    found = list(read(str(tmp_path / "a.json"), ReadOptions({"text": "context", "title": "id"})))
    assert [(one.text, one.title) for one in found] == [(row["context"], row["id"]) for row in rows]
