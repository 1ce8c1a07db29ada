"""Tar files of kept documents, read by tarfile and by webdataset itself where it is installed."""

import json
import tarfile
from pathlib import Path

import pytest

from taojin.pipeline.exports.export import export
from taojin.pipeline.shards.keys import split_of
from tests.pipeline.exports.runs import add_documents, run_of

ODD = '第一行\n\n二\u2028三\x85四\r\n\t"引号" \\ 😀 é\0'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = run_of(tmp_path / "run", [])
    add_documents(run, [f"{at} {ODD}" for at in range(20)])
    export(run, "webdataset", tmp_path / "out")
    return tmp_path / "out"


def test_members_are_pairs_of_text_and_origin(folder: Path) -> None:
    documents = add_documents((folder.parent / "again"), [f"{at} {ODD}" for at in range(20)])
    drawn = split_of(documents["content_hash"], 0.5, 1)
    for split in ("train", "validation"):
        expected = documents.filter(drawn == split)
        found = [one for path in sorted((folder / split).glob("*.tar")) for one in members(path)]
        assert [name for name, _ in found] == [
            f"{doc_id}.{kind}" for doc_id in expected["doc_id"] for kind in ("json", "txt")
        ]
        assert [data.decode() for _, data in found[1::2]] == expected["text"].to_list()
        origins = [json.loads(data) for _, data in found[::2]]
        sources = expected["source"].to_list()
        assert [one["url"] for one in origins] == [one["url"] for one in sources]
        assert [one["licence"] for one in origins] == [one["licence"] for one in sources]


def members(path: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(path) as tar:
        return [(one.name, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]


def test_headers_hold_no_time_and_no_owner(folder: Path) -> None:
    (path, *_) = sorted(folder.glob("train/*.tar"))
    with tarfile.open(path) as tar:
        told = {(one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode) for one in tar}
    assert told == {(0, 0, 0, "", "", 0o644)}
    assert path.read_bytes()[257:265] == b"ustar\x0000"


def test_webdataset_reads_it(folder: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    paths = list(map(str, sorted(folder.glob("*/*.tar"))))
    samples = list(webdataset.WebDataset(paths, shardshuffle=False).decode())
    assert sorted(one["txt"] for one in samples) == sorted(f"{at} {ODD}" for at in range(20))
    assert all(one["__key__"] == one["json"]["doc_id"] for one in samples)
