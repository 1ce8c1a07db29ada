"""What is in quarantine is read again when a user asks for it, and everything behind it redone."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from taojin.core.errors import UserError
from taojin.pipeline import recipe as recipes
from taojin.pipeline.cli import main
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.ingest import readers
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable
from taojin.pipeline.recipe import Recipe

TEXT = "The pan is washed in the cold river until only the heavy gold remains in it. " * 20


def broken(_: bytes, __: ReadOptions) -> Record:
    raise Unreadable("unreadable", "no program for it")


def mended(data: bytes, _: ReadOptions) -> Record:
    return Record(0, len(data), TEXT)


@pytest.fixture
def recipe(demo_run: Path, tmp_path: Path) -> Recipe:
    """One file that is a PDF by its name, and thirty documents that are kept."""
    kept = pl.read_parquet(demo_run / "documents" / "*.parquet").sort("doc_id")["text"]
    lines = [json.dumps({"text": text}) for text in kept.head(30)]
    (tmp_path / "b.jsonl").write_text("\n".join(lines))
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 gold")
    sources = [{"name": "a", "path": "*.pdf"}, {"name": "b", "path": "*.jsonl"}]
    table = {"name": "retry", "sources": sources, "tokenizer": {"vocabulary": 1500}}
    return recipes.parse(table, tmp_path)


def test_what_could_not_be_read_is_read_again(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = Where(tmp_path / "run", workers=0)
    again = replace(where, retry_quarantine=True)
    monkeypatch.setitem(readers._WHOLE, "pdf", broken)  # type: ignore[index]
    curate(recipe, where)
    assert fates(where.run)["a"] == ["quarantined"]
    assert json.loads((where.run / "report" / "retry.json").read_text()) == where.retry()
    curate(recipe, again)  # it fails once more
    assert fates(where.run)["a"] == ["quarantined"]
    monkeypatch.setitem(readers._WHOLE, "pdf", mended)  # type: ignore[index]
    assert curate(recipe, where).unchanged
    assert not curate(recipe, again).unchanged
    assert fates(where.run)["a"] != ["quarantined"]
    assert len(fates(where.run)["b"]) == 30
    files = pl.read_parquet(where.run / "files" / "*.parquet")
    assert dict(files.select("uri", "attempt").iter_rows()) == {"a/a.pdf": 3, "b/b.jsonl": 1}
    assert len(list((where.run / "work" / "ingest").iterdir())) == 4  # b.jsonl was left alone
    assert curate(recipe, where).unchanged
    with pytest.raises(UserError, match="no record of this recipe's files is in quarantine"):
        curate(recipe, again)


@pytest.mark.parametrize("limit", [None, 7])
@pytest.mark.parametrize("partition_mb", [32, 5])
@pytest.mark.parametrize("name", [None, "a recipe's.toml"])
def test_the_command_of_a_retry_is_that_of_the_run(
    tmp_path: Path, name: str | None, limit: int | None, partition_mb: int
) -> None:
    file = None if name is None else tmp_path / name
    if file:
        file.write_text("")
    run = tmp_path / "my run"
    size = partition_mb << 20
    told = Where(run, limit=limit, partition_bytes=size, recipe=file).retry()
    words = shlex.split(told)
    assert words[:2] == ["taojin", "run"]
    parsed = main.commands["run"].make_context("run", words[2:]).params
    assert (parsed["recipe"], parsed["out"], parsed["limit"]) == (file, run, limit)
    assert (parsed["partition_mb"], parsed["retry_quarantine"]) == (partition_mb, True)
    assert ("--partition-mb" in told) == (partition_mb != 32)


def fates(run: Path) -> dict[str, list[str]]:
    rows = pl.read_parquet(run / "ledger.parquet").group_by("source").agg("fate")
    return dict(rows.iter_rows())
