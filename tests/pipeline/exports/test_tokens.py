"""Exports of token ids, read back by readers written from the published formats.

Where the consumers themselves are installed, they read them too.
"""

import hashlib
import json
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.pipeline.exports import mds
from taojin.pipeline.exports.datatrove import metric
from taojin.pipeline.exports.export import export
from taojin.pipeline.shards.layout import best_fit
from tests.pipeline.exports.runs import SEQUENCE_LENGTH, add_pretrain, add_tokenizer, run_of

TOKEN_FORMATS = ("megatron", "datatrove", "mds")
SMALL, LARGE = 1000, 70_000
"""Vocabularies whose ids take two bytes and four."""


def documents_of(seed: int, many: int, vocabulary: int) -> list[list[int]]:
    """Short and long documents, empty ones and ones that fill rows exactly."""
    random = np.random.default_rng(seed)
    lengths = [0, SEQUENCE_LENGTH - 1, 2 * SEQUENCE_LENGTH - 1, 3000]
    lengths += random.integers(0, 200, many).tolist()
    return [random.integers(300, vocabulary, length).tolist() for length in lengths]


@pytest.fixture(params=[SMALL, LARGE])
def vocabulary(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def given_run(tmp_path: Path, vocabulary: int) -> tuple[Path, list[list[list[int]]]]:
    """A run and the documents of its train shards, with their end tokens; no validation row."""
    run = run_of(tmp_path / "run", [])
    eos = add_tokenizer(run).eos_id
    shards = [documents_of(seed, 1500, vocabulary) for seed in range(2)]
    add_pretrain(run, [*shards, []], vocabulary)
    add_pretrain(run, [[]], vocabulary, "validation")
    return run, [[[*ids, eos] for ids in shard] for shard in shards]


def told(run: Path, to: str) -> Path:
    export(run, to, run.parent / to)
    return run.parent / to


def indexed(prefix: Path) -> tuple[list[list[int]], list[int]]:
    """The sequences and document borders of an indexed dataset, read field by field."""
    index, data = Path(f"{prefix}.idx").read_bytes(), Path(f"{prefix}.bin").read_bytes()
    assert index[:9] == b"MMIDIDX\0\0"
    version, code, sequences, borders = struct.unpack_from("<QBQQ", index, 9)
    assert version == 1
    kind = {8: "H", 4: "i"}[code]
    at = 9 + 8 + 1 + 8 + 8
    lengths = struct.unpack_from(f"<{sequences}i", index, at)
    starts = struct.unpack_from(f"<{sequences}q", index, at + 4 * sequences)
    documents = struct.unpack_from(f"<{borders}q", index, at + 12 * sequences)
    assert len(index) == at + 12 * sequences + 8 * borders
    assert len(data) == sum(lengths) * struct.calcsize(kind)
    found = [
        list(struct.unpack_from(f"<{length}{kind}", data, start))
        for start, length in zip(starts, lengths, strict=True)
    ]
    return found, list(documents)


def test_megatron_has_each_document_as_a_sequence(given_run: Any) -> None:
    run, shards = given_run
    folder = told(run, "megatron")
    sequences, borders = indexed(folder / "train")
    assert sequences == [ids for shard in shards for ids in shard]
    assert borders == list(range(len(sequences) + 1))
    assert not list(folder.glob("validation*"))


def test_pieces_that_best_fit_has_parted_are_documents_of_their_own(
    tmp_path: Path, vocabulary: int
) -> None:
    run = run_of(tmp_path / "run", [])
    run_toml = run / "run.toml"
    run_toml.write_text(run_toml.read_text().replace('"cut"', '"best_fit"'))
    eos = add_tokenizer(run).eos_id
    layout = best_fit(lambda ids: np.zeros(ids.size, np.bool_))
    documents = documents_of(0, 1500, vocabulary)
    add_pretrain(run, [documents], vocabulary, layout=layout)
    add_pretrain(run, [[]], vocabulary, "validation")
    pieces = [
        [*ids, eos][at : at + SEQUENCE_LENGTH]
        for ids in documents
        for at in range(0, len(ids) + 1, SEQUENCE_LENGTH)
    ]
    sequences, _ = indexed(told(run, "megatron") / "train")
    assert sorted(sequences) == sorted(pieces)


def test_megatron_reads_it(given_run: Any) -> None:
    datasets = pytest.importorskip("megatron.core.datasets.indexed_dataset")
    run, shards = given_run
    opened = datasets.IndexedDataset(str(told(run, "megatron") / "train"))
    assert [row.tolist() for row in opened] == [ids for shard in shards for ids in shard]
    assert opened.document_indices.tolist() == list(range(len(opened) + 1))


def test_datatrove_files_have_ids_ends_and_what_they_are(given_run: Any, vocabulary: int) -> None:
    run, shards = given_run
    folder = told(run, "datatrove")
    size = 2 if vocabulary == SMALL else 4
    files = sorted((folder / "train").glob("*.ds"))
    assert [path.name for path in files] == ["00000_small.ds", "00001_small.ds"]
    for path, shard in zip(files, shards, strict=True):
        flat = [token for ids in shard for token in ids]
        assert path.read_bytes() == struct.pack(f"<{len(flat)}{'H' if size == 2 else 'I'}", *flat)
        ends = np.cumsum([len(ids) for ids in shard]).tolist()
        index = path.with_name(f"{path.name}.index").read_bytes()
        assert index == struct.pack(f"<{len(ends)}Q", *ends)
        lines = path.with_name(f"{path.name}.metadata").read_text().split("\n")
        assert lines == [f"small|{size}", str(len(flat)), f"{len(flat) / 1000:.0f} kT"]
    assert not (folder / "validation").exists()


def test_datatrove_reads_it(given_run: Any, vocabulary: int) -> None:
    dataset = pytest.importorskip("datatrove.utils.dataset")
    run, shards = given_run
    size = 2 if vocabulary == SMALL else 4
    paths = sorted((told(run, "datatrove") / "train").glob("*.ds"))
    for path, shard in zip(paths, shards, strict=True):
        opened = dataset.DatatroveFileDataset(str(path), 63, token_size=size)
        flat = [token for ids in shard for token in ids]
        assert len(opened) == len(flat) // 64
        read = [token for at in range(len(opened)) for token in opened[at]["input_ids"].tolist()]
        assert read == flat[: len(read)]


@given(st.integers(0, 10**15))
def test_tokens_for_people_are_as_humanize_says(count: int) -> None:
    humanize = pytest.importorskip("humanize")
    assert metric(count) == humanize.metric(count, unit="T")


def samples(folder: Path) -> Iterator[dict[str, Any]]:
    """The samples of an MDS folder, read field by field."""
    index = json.loads((folder / "index.json").read_text())
    assert index["version"] == 2
    for shard in index["shards"]:
        assert (shard["format"], shard["version"], shard["zip_data"]) == ("mds", 2, None)
        data = (folder / shard["raw_data"]["basename"]).read_bytes()
        assert len(data) == shard["raw_data"]["bytes"]
        assert hashlib.sha256(data).hexdigest() == shard["raw_data"]["hashes"]["sha256"]
        (count,) = struct.unpack_from("<I", data)
        assert count == shard["samples"]
        places = struct.unpack_from(f"<{count + 1}I", data, 4)
        told = json.loads(data[4 * (count + 2) : places[0]])
        assert told.items() <= shard.items()
        assert places[-1] == len(data)
        for start, end in pairwise(places):
            yield sample(data[start:end], shard)


def sample(data: bytes, shard: dict[str, Any]) -> dict[str, Any]:
    sizes, at = [], 0
    for size in shard["column_sizes"]:
        sizes.append(size or struct.unpack_from("<I", data, at)[0])
        at += 0 if size else 4
    found: dict[str, Any] = {}
    for name, kind, size in zip(
        shard["column_names"], shard["column_encodings"], sizes, strict=True
    ):
        value, at = data[at : at + size], at + size
        if kind == "json":
            found[name] = json.loads(value)
        elif kind == "int":
            (found[name],) = struct.unpack("<q", value)
        else:
            _, values, length = kind.split(":")
            letter = {"uint16": "H", "uint32": "I"}[values]
            found[name] = list(struct.unpack(f"<{length}{letter}", value))
    assert at == len(data)
    return found


@pytest.fixture
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mds, "SIZE_LIMIT", 50_000)


def packed_rows(run: Path) -> list[dict[str, Any]]:
    datasets = pytest.importorskip("datasets")
    return list(datasets.load_from_disk(str(run / "dataset" / "pretrain" / "train")))


@pytest.mark.usefixtures("_small_shards")
def test_mds_has_the_rows(given_run: Any) -> None:
    run, _ = given_run
    folder = told(run, "mds")
    read = list(samples(folder / "train"))
    assert read == [
        {
            "tokens": row["input_ids"],
            "token_count": row["token_count"],
            "doc_ids": row["doc_ids"],
        }
        for row in packed_rows(run)
    ]
    sizes = [path.stat().st_size for path in sorted((folder / "train").glob("*.mds"))]
    assert len(sizes) > 3 and max(sizes) <= 50_000
    assert not (folder / "validation").exists()


@pytest.mark.usefixtures("_small_shards")
def test_mds_is_what_the_writer_of_streaming_writes(given_run: Any, tmp_path: Path) -> None:
    """Byte by byte: the shards and the index."""
    streaming = pytest.importorskip("streaming.base.format.mds.writer")
    run, _ = given_run
    folder = told(run, "mds") / "train"
    first = json.loads((folder / "index.json").read_text())["shards"][0]
    columns = dict(zip(first["column_names"], first["column_encodings"], strict=True))
    _, kind, _ = columns["tokens"].split(":")
    theirs = tmp_path / "theirs"
    with streaming.MDSWriter(
        columns=columns, out=str(theirs), hashes=["sha256"], size_limit=50_000
    ) as out:
        for row in packed_rows(run):
            ids = np.array(row["input_ids"], kind)
            out.write({"tokens": ids, **{name: row[name] for name in ("token_count", "doc_ids")}})
    for path in sorted(theirs.iterdir()):
        assert (folder / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("to", TOKEN_FORMATS)
def test_the_same_tokens_give_the_same_bytes(to: str, given_run: Any) -> None:
    run, _ = given_run
    first = told(run, to)
    again = first.with_name("again")
    export(run, to, again)
    paths = [path.relative_to(first) for path in sorted(first.rglob("*")) if path.is_file()]
    assert paths
    for path in paths:
        assert (first / path).read_bytes() == (again / path).read_bytes()


@pytest.mark.parametrize("to", [*TOKEN_FORMATS, "webdataset"])
def test_a_run_without_documents_is_one_sentence(to: str, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", [])
    add_tokenizer(run)
    for split in ("train", "validation"):
        add_pretrain(run, [[]], SMALL, split)
    with pytest.raises(UserError, match="no document was kept"):
        export(run, to, tmp_path / "out")
