"""Large files are read by many tasks: the rows are those of one task, whoever does them."""

import gzip
import json
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taojin.core.errors import UserError
from taojin.pipeline import recipe as recipes
from taojin.pipeline.graph import LocalRunner, Runner, open_runner
from taojin.pipeline.inputs import find_all
from taojin.pipeline.order import Order
from taojin.pipeline.progress import Silent
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Checkpoint
from taojin.pipeline.walk import Walk
from taojin.tests.pipeline.ingest.crawls import page

ROWS = [{"text": f"{n}: the pan is washed in the cold river"} for n in range(60)]
MOST = 700


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """An archive with a damaged record, JSON Lines with bad ones, row groups and a small text."""
    folder = tmp_path / "in"
    folder.mkdir()
    members = [gzip.compress(page(n % 10)) for n in range(20)]
    members[7] = members[7][:60] + b"\xff" * 20 + members[7][80:]
    (folder / "a.warc.gz").write_bytes(b"".join(members))
    lines = [json.dumps(row) for row in ROWS]
    lines[5:5], lines[30:30] = ["", "no json"], ["{"]
    (folder / "b.jsonl").write_text("\n".join(lines))
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "c.parquet", row_group_size=10)
    (folder / "d.txt").write_text("gold")
    return recipes.parse({"name": "t", "sources": [{"name": "s", "path": "in/*"}]}, tmp_path)


def ingested(
    recipe: Recipe, work: Path, runner: Runner, most: int, limit: int | None = None
) -> list[Checkpoint]:
    files = find_all(recipe, work)
    order = Order(recipe, files, Walk(work / "work", runner, Silent()), limit, most)
    return runner.run([task for _, task in order.ingest_tasks()], work / "work", lambda _: None)


def rows(done: list[Checkpoint], name: str) -> pl.DataFrame:
    """All rows of one kind in the order of the tasks."""
    return pl.concat(
        [pl.read_parquet(path) for one in done for path in sorted(one.path.glob(f"{name}*"))]
    )


NAMES = ("documents", "edits", "quarantine", "skipped")


def test_parts_leave_the_rows_that_whole_files_leave(recipe: Recipe, tmp_path: Path) -> None:
    whole = ingested(recipe, tmp_path / "whole", LocalRunner(), 1 << 24)
    parts = ingested(recipe, tmp_path / "parts", LocalRunner(), MOST)
    assert len(whole) == 1
    assert len(parts) > 12
    for name in NAMES:
        assert rows(parts, name).equals(rows(whole, name)), name
    assert rows(parts, "documents").height == 19 + 60 + 60 + 1
    assert rows(parts, "quarantine")["cause"].to_list() == ["bad_record", "bad_json", "bad_json"]
    read_bytes = [sum(one.counts["size_bytes"] for one in done) for done in (whole, parts)]
    assert read_bytes[0] == read_bytes[1]


def test_two_workers_leave_the_same_rows(recipe: Recipe, tmp_path: Path) -> None:
    here = ingested(recipe, tmp_path / "here", LocalRunner(), MOST)
    with open_runner(2, None, "1GiB") as runner:
        there = ingested(recipe, tmp_path / "there", runner, MOST)
    assert [one.fingerprint for one in here] == [one.fingerprint for one in there]
    for name in NAMES:
        assert rows(here, name).equals(rows(there, name)), name


def test_with_a_limit_no_file_is_cut(recipe: Recipe, tmp_path: Path) -> None:
    done = ingested(recipe, tmp_path / "run", LocalRunner(), MOST, limit=7)
    assert rows(done, "documents").height + rows(done, "quarantine").height == 7 + 7 + 7 + 1


def test_a_file_that_changes_before_it_is_cut_is_a_sentence(recipe: Recipe, tmp_path: Path) -> None:
    files = find_all(recipe, tmp_path / "run")
    with (tmp_path / "in" / "b.jsonl").open("a") as file:
        file.write("more")
    order = Order(recipe, files, Walk(tmp_path, LocalRunner(), Silent()), None, MOST)
    with pytest.raises(UserError, match=r"source 's': b\.jsonl is not what was listed"):
        order.ingest_tasks()
