"""The bundled demo, compared with what its manuscripts say becomes of every record."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from taojin.core.hashing import doc_id
from taojin.pipeline import recipe as recipes
from taojin.pipeline.inputs import find

Expected = Mapping[str, object]


@pytest.fixture(scope="module")
def expected() -> dict[str, Expected]:
    """What the manuscripts say, by the doc_id that the record must have."""
    recipe = recipes.load(None)
    paths = {
        (source.name, Path(file.uri).relative_to(recipe.folder).as_posix()): file.path
        for source in recipe.sources
        for file in find(source, recipe.folder, {})
    }
    told = tomllib.loads((recipe.folder / "expected.toml").read_text(encoding="utf-8"))
    return {
        doc_id(one["source"], paths[one["source"], one["path"]], one["position"]): one
        for one in told["document"]
    }


@pytest.fixture(scope="module")
def ledger(demo_run: Path) -> dict[str, dict[str, object]]:
    rows = pl.read_parquet(demo_run / "ledger.parquet").to_dicts()
    return {str(row["doc_id"]): row for row in rows}


def test_every_record_is_told_once(expected: dict[str, Expected], ledger: dict) -> None:
    assert ledger.keys() == expected.keys()
    assert len(expected) >= 200


def test_every_record_has_the_fate_that_its_manuscript_says(
    expected: dict[str, Expected], ledger: dict
) -> None:
    wrong = [
        (one["name"], one["fate"], ledger[key]["fate"], ledger[key]["reasons"])
        for key, one in expected.items()
        if ledger[key]["fate"] != one["fate"]
    ]
    assert wrong == []


def test_every_record_that_leaves_has_the_reason_that_its_manuscript_says(
    expected: dict[str, Expected], ledger: dict
) -> None:
    wrong = [
        (one["name"], one["reason"], ledger[key]["reasons"])
        for key, one in expected.items()
        if one["fate"] != "kept"
        and not {str(one["reason"]), f"ingest.{one['reason']}"} & set(ledger[key]["reasons"])
    ]
    assert wrong == []
    assert len(Counter(one.get("reason") for one in expected.values())) >= 25


def test_a_duplicate_names_the_copy_that_is_kept(
    expected: dict[str, Expected], demo_run: Path
) -> None:
    places = {(one["path"], one["position"]): key for key, one in expected.items()}
    kept = dict(
        pl.read_parquet(demo_run / "dropped" / "*.parquet")
        .select("doc_id", "duplicate_of")
        .drop_nulls()
        .iter_rows()
    )
    said = {
        key: places[one["kept_path"], one["kept_position"]]
        for key, one in expected.items()
        if "kept_path" in one
    }
    assert kept == said
    assert len(said) >= 12


def test_personal_data_is_masked_and_look_alikes_stay(
    expected: dict[str, Expected], demo_run: Path
) -> None:
    columns = ["doc_id", "text", "pii"]
    rows = [
        row
        for folder in ("documents", "dropped")
        for row in pl.read_parquet(demo_run / folder / "*.parquet", columns=columns).to_dicts()
    ]
    checked = 0
    for row in rows:
        one = expected[row["doc_id"]]
        counts = {name: n for name, n in row["pii"].items() if name.endswith("_count") and n}
        found = {name.removesuffix("_count") for name in counts}
        assert found == set(one.get("pii", ())), one["name"]
        for value in one.get("survives", ()):
            assert value in row["text"], one["name"]
            checked += 1
    assert checked >= 3
