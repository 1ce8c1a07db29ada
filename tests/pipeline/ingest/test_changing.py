"""What is no file, and files that change under our hands: told, never waited for, never halved."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from taojin.core.errors import UserError
from taojin.pipeline import recipe
from taojin.pipeline.ingest import readers
from taojin.pipeline.ingest.opened import Changed, opened
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Entry, ReadOptions
from taojin.pipeline.inputs import File, find
from taojin.pipeline.settings.sources import Source
from taojin.pipeline.steps import ingest
from taojin.pipeline.task import Checkpoint, execute

OPTIONS = ReadOptions()
LINE = '{"text": "%s"}\n' % ("x" * 1000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.jsonl").write_text(LINE * 3000)
    return tmp_path


def files(folder: Path, path: str = "in/**/*") -> list[File]:
    return find(Source(name="s", path=path), folder, {})


def faults(folder: Path, path: str = "in/**/*") -> dict[str, str]:
    return {file.path: file.fault for file in files(folder, path)}


def bound(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


SPECIAL: dict[str, tuple[Callable[[Path], object], str]] = {
    "pipe": (os.mkfifo, "a named pipe"),
    "socket": (bound, "a socket"),
    "nothing": (lambda path: path.symlink_to("/no/such/file"), "a link to nothing"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "a device"),
    "circle": (lambda path: path.symlink_to(path.name), "a link in a circle"),
}


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_file_is_told_and_never_waited_for(folder: Path, kind: str) -> None:
    make, says = SPECIAL[kind]
    make(folder / "in" / "b")
    told = faults(folder)
    assert told["a.jsonl"] == ""
    assert told["b"].startswith(says)
    with pytest.raises(UserError, match=f"source 's': b is {says}"):
        files(folder, "in/b")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_told(folder: Path) -> None:
    (folder / "in" / "b").touch(0o000)
    assert faults(folder)["b"] == "a file that may not be read"


def test_a_link_that_leads_out_is_told_unless_it_is_named(folder: Path) -> None:
    outside = folder / "other"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (folder / "in" / "out.txt").symlink_to(outside / "secret.txt")
    (folder / "in" / "away").symlink_to(outside)
    (folder / "in" / "deep" / "in.jsonl").symlink_to(folder / "in" / "a.jsonl")
    told = faults(folder)
    assert told.pop("out.txt").startswith("a link that leads out")
    assert told.pop("away/secret.txt").startswith("a link that leads out")
    assert told == {"a.jsonl": "", "deep/in.jsonl": ""}
    assert faults(folder, "in/out.txt") == {"out.txt": ""}
    (folder / "linked").symlink_to(folder / "in")
    assert faults(folder, "linked/*.jsonl") == {"a.jsonl": ""}


def test_a_link_to_a_folder_above_is_not_followed(folder: Path) -> None:
    (folder / "in" / "deep" / "up").symlink_to(folder / "in")
    (folder / "in" / "deep" / "b.jsonl").write_text(LINE)
    assert list(faults(folder)) == ["a.jsonl", "deep/b.jsonl"]


def taken(folder: Path, found: list[File]) -> Checkpoint:
    text = 'name = "t"\nlanguages = ["en"]\n[[sources]]\nname = "s"\npath = "in/**/*"\n'
    (folder / "recipe.toml").write_text(text)
    rules = recipe.load(folder / "recipe.toml")
    task = ingest.task(rules, rules.sources[0], found, None, 1 << 24)
    return execute(task, folder / "work")


def test_what_is_no_file_is_a_row_of_the_quarantine(folder: Path) -> None:
    os.mkfifo(folder / "in" / "b")
    done = taken(folder, files(folder))
    quarantine = pl.read_parquet(done.path / "quarantine.parquet")
    assert quarantine.select("uri", "cause").rows() == [("s/b", "no_file")]
    assert done.counts["documents"] == 3000


def grow(path: Path) -> None:
    with path.open("a") as file:
        file.write(LINE)


def shrink(path: Path) -> None:
    os.truncate(path, 1_500_000)


def replace(path: Path) -> None:
    path.with_suffix(".new").write_text(path.read_text().replace("x", "y"))
    os.replace(path.with_suffix(".new"), path)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b'{"text": "y')
    os.utime(path, ns=(1, 1))


CHANGES = [grow, shrink, replace, overwrite, Path.unlink]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_is_an_error(
    folder: Path, change: Callable[[Path], None]
) -> None:
    path = folder / "in" / "a.jsonl"
    found = read(str(path), OPTIONS)
    next(found)
    change(path)
    with pytest.raises((Changed, FileNotFoundError)):
        list(found)


@pytest.mark.parametrize("change", CHANGES)
def test_a_run_over_a_file_that_changes_ends_with_a_sentence_and_leaves_nothing(
    folder: Path, change: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = folder / "in" / "a.jsonl", readers.read

    def meddling(*given: object) -> Iterator[Entry]:
        entries = real(*given)  # type: ignore[arg-type]
        yield next(entries)
        change(path)
        yield from entries

    found = files(folder)
    monkeypatch.setattr(ingest, "read", meddling)
    with pytest.raises(UserError, match=r"source 's': a\.jsonl (is not what was|cannot be read)"):
        taken(folder, found)
    assert not list((folder / "work" / "ingest").glob("*"))


@pytest.mark.parametrize("change", [grow, shrink, Path.unlink])
def test_a_file_that_changes_before_it_is_read_is_a_sentence(
    folder: Path, change: Callable[[Path], None]
) -> None:
    found = files(folder)
    change(folder / "in" / "a.jsonl")
    with pytest.raises(UserError, match=r"source 's': a\.jsonl"):
        taken(folder, found)


def test_a_file_that_becomes_a_pipe_is_not_waited_for(folder: Path) -> None:
    path = folder / "in" / "a.jsonl"
    path.unlink()
    os.mkfifo(path)

    def tried() -> None:
        with suppress(Changed):
            opened(str(path))

    waits = threading.Thread(target=tried, daemon=True)
    waits.start()
    waits.join(10)
    assert not waits.is_alive()
    with pytest.raises(Changed):
        opened(str(path))


def test_a_file_that_stays_is_read_whole(folder: Path) -> None:
    (file,) = files(folder)
    found = list(read(file.uri, OPTIONS, file.size_bytes))
    assert [getattr(one, "text", "") for one in found] == [json.loads(LINE)["text"]] * 3000
