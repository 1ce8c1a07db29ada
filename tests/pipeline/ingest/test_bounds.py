"""What tables claim to expand to is known, and bounded, before it is decompressed."""

import io
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, ReadOptions
from taojin.pipeline.ingest.tables import arrow_buffers, parquet, parquet_pages, sqlite

OPTIONS = ReadOptions()
TEXTS = st.lists(st.none() | st.text("ab淘", max_size=400), min_size=1, max_size=90)
BOMB = "gold " * 200_000


@settings(max_examples=60, deadline=None)
@given(
    texts=TEXTS,
    version=st.sampled_from(["1.0", "2.0"]),
    packs=st.sampled_from(["none", "snappy", "zstd"]),
    repeats=st.booleans(),
)
def test_pages_claim_what_pyarrow_reads(
    texts: list[str | None], version: str, packs: str, repeats: bool
) -> None:
    out = io.BytesIO()
    table = pa.table({"n": [[1, 2]] * len(texts), "text": pa.array(texts, pa.string())})
    pq.write_table(table, out, compression=packs, data_page_version=version, use_dictionary=repeats,
                   data_page_size=300, write_batch_size=7)  # fmt: skip
    metadata = pq.ParquetFile(out).metadata.row_group(0)
    for at in range(metadata.num_columns):
        column = metadata.column(at)
        found = parquet_pages.claimed(out, column)
        assert found.value_count == column.num_values
        assert 0 <= found.largest_bytes < column.total_uncompressed_size


def causes(path: Path, options: ReadOptions = OPTIONS) -> list[str]:
    return [one.cause if isinstance(one, Damaged) else "" for one in read(str(path), options)]


def test_a_page_that_expands_too_far_costs_its_row_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_pages, "MAX_PAGE_BYTES", 500_000)
    table = pa.table({"text": ["a", BOMB, "c"], "other": [BOMB, "b", "c"]})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=1, compression="zstd")
    assert causes(tmp_path / "a.parquet") == ["", "too_large", ""]  # other columns are not read


def test_lists_of_too_many_values_cost_their_row_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_pages, "MAX_NESTED_VALUES", 1_000)
    turns = [[{"role": "user", "content": "a"}] * count for count in (2, 3_000)]
    pq.write_table(pa.table({"messages": turns}), tmp_path / "a.parquet", row_group_size=1)
    assert causes(tmp_path / "a.parquet") == ["", "too_large"]


def test_a_word_that_fills_many_rows_is_read_a_few_rows_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_pages, "MAX_PAGE_BYTES", 2 * len(BOMB) + 100)
    out = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [BOMB] * 9}), out, compression="zstd")
    metadata = pq.ParquetFile(out).metadata.row_group(0)
    with out.open("rb") as file:
        assert parquet._step(file, metadata, ["text"]) == 2
        assert parquet._step(file, metadata, []) == parquet._BATCH_ROWS
    assert len(causes(out)) == 9


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS, step=st.integers(1, 40), is_file=st.booleans(), words=st.booleans())
def test_buffers_claim_what_pyarrow_decompresses(
    texts: list[str | None], step: int, is_file: bool, words: bool
) -> None:
    table = pa.table({"text": pa.array(texts, pa.string())})
    if words:
        table = table.set_column(0, "text", table["text"].dictionary_encode())
    out = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    make = pa.ipc.new_file if is_file else pa.ipc.new_stream
    with make(out, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=step)
    found = list(arrow_buffers.claimed(out))
    batches = table.to_batches(max_chunksize=step)
    assert len(found) >= len(batches)
    total = sum(len(text.encode()) for text in set(texts) if text) if words else sum(
        len(text.encode()) for text in texts if text
    )  # fmt: skip
    assert total <= sum(found) <= total + 200 * len(found) + 64 * len(texts)


@pytest.mark.parametrize("suffix", ["file", "stream"])
def test_a_batch_that_expands_too_far_is_not_decompressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(arrow_buffers, "MAX_BATCH_BYTES", 500_000)
    table = pa.table({"text": [BOMB]})
    make = pa.ipc.new_file if suffix == "file" else pa.ipc.new_stream
    with make(tmp_path / "a.arrow", table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:  # fmt: skip
        writer.write_table(table)
    assert causes(tmp_path / "a.arrow") == ["too_large"]
    lie = (tmp_path / "a.arrow").read_bytes().replace(
        len(BOMB).to_bytes(8, "little"), (1 << 50).to_bytes(8, "little")
    )  # fmt: skip
    monkeypatch.undo()
    (tmp_path / "b.arrow").write_bytes(lie)
    assert causes(tmp_path / "b.arrow") == ["too_large"]


def test_a_table_without_rowids_has_no_more_rows_than_its_file_has_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sqlite3.connect(tmp_path / "a.sqlite")
    database.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, text) WITHOUT ROWID")
    database.execute("CREATE TABLE b (text)")
    database.executemany("INSERT INTO a VALUES (?, 'gold')", [(n,) for n in range(50)])
    database.execute("INSERT INTO b VALUES ('sand')")
    database.commit()
    database.close()
    assert causes(tmp_path / "a.sqlite") == [""] * 51
    monkeypatch.setattr(sqlite, "_LEAST_ROW_BYTES", (tmp_path / "a.sqlite").stat().st_size // 20)
    found = causes(tmp_path / "a.sqlite")
    assert found[-2:] == ["unreadable", ""]  # the next table is read
    assert 20 <= len(found) - 2 < 25


def test_what_a_schema_would_compute_is_not_read(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "a.sqlite")
    database.execute("CREATE TABLE a (id, text AS (hex(zeroblob(9000000))), title)")
    database.execute("INSERT INTO a (id) VALUES (1)")
    numbers = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS text FROM c"
    )
    database.execute(f"CREATE VIEW b AS {numbers}")
    database.commit()
    database.close()
    assert causes(tmp_path / "a.sqlite") == ["missing_text"]
