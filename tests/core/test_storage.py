import hashlib
from pathlib import Path

import polars as pl
import pytest

from taojin.core import storage
from taojin.core.storage import publish, sha256, sweep, write_table


class StopError(Exception):
    pass


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_file_appears_when_the_block_ends(tmp_path: Path):
    path = tmp_path / "deep" / "table.txt"
    with publish(path) as partial:
        partial.write_text("金")
        assert not path.exists() and partial.parent == path.parent
        assert names(tmp_path) == ["deep", f"deep/{partial.name}"]
    assert path.read_text() == "金"
    assert names(tmp_path) == ["deep", "deep/table.txt"]


def test_a_folder_appears_whole(tmp_path: Path):
    with publish(tmp_path / "step") as partial:
        (partial / "inner").mkdir(parents=True)
        (partial / "inner" / "a").write_text("1")
        assert not (tmp_path / "step").exists()
    assert names(tmp_path) == ["step", "step/inner", "step/inner/a"]


@pytest.mark.parametrize("folder", [False, True])
def test_nothing_appears_on_an_exception(tmp_path: Path, folder: bool):
    with pytest.raises(StopError), publish(tmp_path / "x", replace=True) as partial:
        if folder:
            partial.mkdir()
        (partial / "a" if folder else partial).write_text("half")
        raise StopError
    assert names(tmp_path) == []


def test_on_an_exception_what_was_there_stays(tmp_path: Path):
    path = tmp_path / "x"
    path.write_text("old")
    with pytest.raises(StopError), publish(path) as partial:
        partial.write_text("new")
        raise StopError
    assert path.read_text() == "old" and names(tmp_path) == ["x"]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError), publish(tmp_path / "x"):
        pass
    assert names(tmp_path) == []


def test_a_file_replaces_an_older_one(tmp_path: Path):
    for text in ("old", "new"):
        with publish(tmp_path / "x") as partial:
            partial.write_text(text)
    assert (tmp_path / "x").read_text() == "new" and names(tmp_path) == ["x"]


@pytest.mark.parametrize(("replace", "left"), [(False, "old"), (True, "new")])
def test_a_folder_replaces_an_older_one_only_if_asked(tmp_path: Path, replace: bool, left: str):
    for name in ("old", "new"):
        with publish(tmp_path / "x", replace=replace) as partial:
            partial.mkdir()
            (partial / name).write_text(name)
    assert names(tmp_path) == ["x", f"x/{left}"]


def test_what_is_published_was_synced_before_its_name_appeared(tmp_path: Path, monkeypatch):
    calls = []
    sync, rename = storage._sync, storage.os.replace
    monkeypatch.setattr(storage, "_sync", lambda *a, **k: (calls.append("sync"), sync(*a, **k)))
    monkeypatch.setattr(storage.os, "replace", lambda *a: (calls.append("rename"), rename(*a)))
    with publish(tmp_path / "x") as partial:
        partial.write_text("a")
    assert calls == ["sync", "rename", "sync"]


def test_sweep_removes_what_was_left_half_written_and_nothing_else(tmp_path: Path):
    for name in ("a/x.partial-12ab34cd", "a/y", "b.partial-00000000/deep/z", "b/partial", "c.part"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    (tmp_path / "b.partial-00000000" / "q.partial-11111111").write_text("1")
    sweep(tmp_path)
    assert names(tmp_path) == ["a", "a/y", "b", "b/partial", "c.part"]


def test_what_a_killed_task_leaves_is_swept(tmp_path: Path):
    block = publish(tmp_path / "x")
    block.__enter__().write_text("half")
    assert len(names(tmp_path)) == 1
    sweep(tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize("rows", [0, 3])
def test_a_table_reads_back(tmp_path: Path, rows: int):
    table = pl.DataFrame({"text": ["沙", "金", ""], "n": [1, 2, 3]}).head(rows)
    write_table(table, tmp_path / "t.parquet")
    assert pl.read_parquet(tmp_path / "t.parquet").equals(table)


def test_the_same_table_is_the_same_bytes(tmp_path: Path):
    table = pl.DataFrame({"text": ["沙", "金"] * 50})
    for name in ("a", "b"):
        write_table(table, tmp_path / name)
    assert sha256(tmp_path / "a") == sha256(tmp_path / "b")


def test_a_table_that_lost_rows_on_disk_is_an_error(tmp_path: Path, monkeypatch):
    def lossy(self: pl.DataFrame, path: Path, **_: object) -> None:
        written(self.head(1), path)

    written = pl.DataFrame.write_parquet
    monkeypatch.setattr(pl.DataFrame, "write_parquet", lossy)
    with pytest.raises(OSError, match="wrote 2 rows, 1 read back"):
        write_table(pl.DataFrame({"n": [1, 2]}), tmp_path / "t.parquet")


def test_sha256_is_that_of_the_bytes(tmp_path: Path):
    (tmp_path / "x").write_bytes("金".encode() * 100_000)
    assert sha256(tmp_path / "x") == hashlib.sha256("金".encode() * 100_000).hexdigest()
