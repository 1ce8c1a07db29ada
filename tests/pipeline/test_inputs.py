"""Files are known by their content, and a new one disturbs only its own group."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.pipeline.inputs import RUN_MARK, File, find, group
from taojin.pipeline.settings.sources import Source

FILES = st.lists(
    st.tuples(st.text("abcdef/", min_size=1, max_size=8), st.integers(0, 400)),
    unique_by=lambda one: one[0],
    max_size=60,
)


def files(pairs: list[tuple[str, int]]) -> list[File]:
    return [File(path, path, size, path) for path, size in sorted(pairs)]


@settings(deadline=None)
@given(pairs=FILES)
def test_groups_hold_every_file_once_in_order(pairs: list[tuple[str, int]]) -> None:
    chosen = files(pairs)
    groups = group(chosen, 1000)
    assert [file for one in groups for file in one] == chosen
    assert all(groups)
    assert all(sum(file.size_bytes for file in one) <= 1000 or len(one) == 1 for one in groups)


def test_a_path_is_relative_to_the_recipe_or_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a[1]").mkdir()
    (tmp_path / "a[1]" / "x.txt").write_text("gold")
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder, pattern in (
        (tmp_path / "a[1]", "x.txt"),
        (Path("/nowhere"), f"{tmp_path}/a?1?/*.txt"),
        (Path("/nowhere"), "~/a?1?/x.txt"),
    ):
        (found,) = find(Source(name="s", path=pattern), folder, {})
        assert found.uri.endswith("a[1]/x.txt")


def test_a_new_file_moves_no_group_but_its_own() -> None:
    chosen = [File(f"{number:04d}", "", 10, "") for number in range(600)]
    before = {tuple(file.path for file in one) for one in group(chosen, 1 << 20)}
    added = sorted([*chosen, File("0299-new", "", 10, "")], key=lambda file: file.path)
    after = {tuple(file.path for file in one) for one in group(added, 1 << 20)}
    assert len(before) > 10
    assert len(before - after) == 1


def test_a_glob_finds_files_below_folders_and_no_folders(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("in/b.txt", "in/a.txt", "in/deep/c.txt"):
        (tmp_path / name).write_text(name)
    found = find(Source(name="s", path="in/**/*"), tmp_path, {})
    assert [file.path for file in found] == ["a.txt", "b.txt", "deep/c.txt"]


def test_two_patterns_give_different_paths_and_each_file_once(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.txt").write_text(folder)
    source = Source(name="s", path=("one/*.txt", "two/*.txt", "one/same.*"))
    found = find(source, tmp_path, {})
    assert [file.path for file in found] == ["one/same.txt", "two/same.txt"]
    assert len({file.content for file in found}) == 2


def test_a_touched_file_keeps_its_digest_and_a_changed_one_does_not(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    source = Source(name="s", path="*.txt")
    (before,) = find(source, tmp_path, {})
    os.utime(path, (1, 1))
    (touched,) = find(source, tmp_path, {})
    path.write_text("two")
    (changed,) = find(source, tmp_path, {})
    assert touched.content == before.content != changed.content


def test_files_of_a_run_are_read_where_the_pattern_names_their_folder(tmp_path: Path) -> None:
    kept = tmp_path / "runs" / "a" / "documents"
    kept.mkdir(parents=True)
    (kept.parent / RUN_MARK).touch()
    for folder in (tmp_path, kept.parent, kept):
        (folder / "x.jsonl").write_text("{}")

    def paths(pattern: str) -> list[str]:
        return [file.uri for file in find(Source(name="s", path=pattern), tmp_path, {})]

    assert paths("runs/a/documents/*.jsonl") == [str(kept / "x.jsonl")]
    assert paths("runs/a/documents/**/*.jsonl") == [str(kept / "x.jsonl")]
    assert paths("**/*.jsonl") == [str(tmp_path / "x.jsonl")]
    with pytest.raises(UserError, match="no file matches"):
        paths("runs/a/**/*.jsonl")


def test_a_source_without_files_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"source 's': no file matches \*\.txt in .*check the path"):
        find(Source(name="s", path="*.txt"), tmp_path, {})


def test_a_source_of_empty_files_is_told_before_any_work(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").touch()
    source = Source(name="z", path="*.jsonl")
    with pytest.raises(UserError, match="source 'z' is empty: its 2 files are of 0 bytes"):
        find(source, tmp_path, {})
    (tmp_path / "b.jsonl").write_text("{}")
    assert [file.path for file in find(source, tmp_path, {})] == ["a.jsonl", "b.jsonl"]
