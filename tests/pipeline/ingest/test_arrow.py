"""Arrow IPC files and streams; pyarrow writes them, datasets saves folders of them."""

import io
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pytest

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record
from taojin.pipeline.inputs import find
from taojin.pipeline.settings.sources import Source

ROWS = [
    {"text": f"第 {number} 行", "id": f"{number:06d}", "d": {"t": "x"}} for number in range(600)
]
TABLE = pa.Table.from_pylist(ROWS)


def packed(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "feather":
        pyarrow.feather.write_feather(TABLE, out, chunksize=100)
        return out.getvalue()
    new = pa.ipc.new_stream if kind == "stream" else pa.ipc.new_file
    with new(out, TABLE.schema) as writer:
        writer.write_table(TABLE, max_chunksize=100)
    return out.getvalue()


def entries(path: Path, data: bytes, **columns: str) -> list[Entry]:
    path.write_bytes(data)
    return list(read(str(path), ReadOptions(columns)))


@pytest.mark.parametrize("kind", ["file", "stream", "feather"])
def test_rows_agree_with_what_was_written(tmp_path: Path, kind: str) -> None:
    found = entries(tmp_path / "a.arrow", packed(kind), title="id", url="d.t")
    told = [(one.position, one.text, one.title, one.url) for one in found]
    assert told == [(at, row["text"], row["id"], "x") for at, row in enumerate(ROWS)]


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_a_table_cut_anywhere_is_told(tmp_path: Path, kind: str) -> None:
    whole = packed(kind)
    for size in [*range(0, len(whole) - 1, 97), len(whole) - 8]:
        found = entries(tmp_path / "a.arrow", whole[:size])
        assert isinstance(found[-1], Damaged), size
        read_ = [one.text for one in found if isinstance(one, Record)]
        assert read_ == [row["text"] for row in ROWS[: len(read_)]]


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_bytes_that_are_wrong_never_end_the_process(tmp_path: Path, kind: str) -> None:
    draw = random.Random(7)
    whole = packed(kind)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(3):
            data[draw.randrange(len(data))] = draw.randrange(256)
        found = entries(tmp_path / "a.arrow", bytes(data))
        assert all(isinstance(one, (Record, Damaged)) for one in found)


def test_a_dictionary_and_a_null(tmp_path: Path) -> None:
    texts = pa.array(["a", None, "a"]).dictionary_encode()
    out = io.BytesIO()
    with pa.ipc.new_file(out, pa.schema([("text", texts.type)])) as writer:
        writer.write_table(pa.table({"text": texts}))
    found = entries(tmp_path / "a.arrow", out.getvalue())
    assert [getattr(one, "text", "?") for one in found] == ["a", "?", "a"]


@pytest.mark.parametrize("path", ["saved", "saved/**/*"])
@pytest.mark.parametrize("split", [False, True])
def test_a_saved_dataset_is_its_arrow_files(tmp_path: Path, path: str, *, split: bool) -> None:
    import datasets

    saved = datasets.Dataset.from_list(ROWS)
    whole = datasets.DatasetDict({"train": saved, "test": saved}) if split else saved
    whole.save_to_disk(tmp_path / "saved", num_proc=None, max_shard_size="12KB")
    folder = tmp_path / "saved" / ("train" if split else "")
    (folder / "cache-0123.arrow").write_bytes(packed("stream"))
    files = find(Source(name="s", path=path), tmp_path, {})
    shards = [file for file in files if "test" not in file.path]
    assert len(shards) > 1
    found = [one.text for file in shards for one in read(file.uri, ReadOptions())]
    assert found == [row["text"] for row in ROWS]
    assert all(file.uri.endswith(".arrow") for file in files)
