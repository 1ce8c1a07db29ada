"""`taojin filters fit`: bounds from a run's reference documents, written for a recipe."""

import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from taojin.core.errors import UserError
from taojin.filters import fitting
from taojin.pipeline import recipe as recipes
from taojin.pipeline.cli import main
from taojin.pipeline.filter_verbs import fit as verb
from taojin.pipeline.fit import SETTINGS, Settings, fit
from taojin.pipeline.what_if import what_if


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["filters", "fit", *(str(word) for word in words)])


def documents(run: Path) -> pl.DataFrame:
    tables = [pl.read_parquet(run / name / "*.parquet") for name in ("documents", "dropped")]
    return pl.concat(tables, how="diagonal_relaxed")


def test_bounds_are_quantiles_of_the_trusted_documents(demo_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "bounds.toml"
    result = call(demo_run, "--fewest", 20, "--drop", 0.1, "--language", "zh-Hans", "--out", out)
    assert result.exit_code == 0, result.output
    table = tomllib.loads(out.read_text())["filters"]
    assert {lang for one in table.values() for lang in one["lang"]} == {"zh-Hans"}
    assert not set(SETTINGS) & set(table)
    mine = documents(demo_run).filter(
        pl.col("source").struct.field("name") == "handbook",
        pl.col("lang") == "zh-Hans",
        pl.col("duplicate_of").is_null(),
    )
    words = np.sort(mine["gopher_quality"].struct.field("word_count").to_numpy())
    bounds = table["gopher_quality"]["lang"]["zh-Hans"]["word_count"]
    assert bounds["min"] == fitting.outward(float(words[int(0.1 * (len(words) - 1))]), "min")
    assert f"{mine.height} documents" in out.read_text()


def test_what_is_fitted_can_be_tried_as_it_is(demo_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "bounds.toml"
    said = fit(demo_run, out, Settings(fewest=20, drop=0.1))
    found = what_if(demo_run, out)
    now, fitted = (float(cell.rstrip("%")) / 100 for cell in together(said, "zh-Hans")[-2:])
    rest = found.documents.filter(pl.col("source") != "handbook", pl.col("lang") == "zh-Hans")
    for share, side in ((now, "before"), (fitted, "after")):
        dropped = rest.filter(pl.col(side).list.len() > 0)
        assert share == pytest.approx(dropped.height / rest.height, abs=1e-4)


def together(said: str, lang: str) -> list[str]:
    """The line of all rules of one language."""
    heads = ["all", "rules", "together", lang]
    (cells,) = [line.split() for line in said.splitlines() if line.split()[:4] == heads]
    return cells


def test_only_sides_with_a_bound_are_fitted_unless_all_are_asked_for(
    demo_run: Path, tmp_path: Path
) -> None:
    fit(demo_run, tmp_path / "bound.toml", Settings(fewest=20))
    fit(demo_run, tmp_path / "every.toml", Settings(fewest=20, every_side=True))
    bound, every = (
        tomllib.loads((tmp_path / f"{name}.toml").read_text())["filters"]
        for name in ("bound", "every")
    )
    assert "min" not in bound["gopher_repetition"]["lang"]["en"]["top_2_gram_ratio"]
    recipe = recipes.load(None)
    metrics = {name: one.metrics for name, one in recipe.registry().filters.items()}
    assert set(every) == set(metrics)
    for name, table in every.items():
        assert set(table["lang"]["en"]) == {metric.name for metric in metrics[name]}
        assert all(set(sides) == {"min", "max"} for sides in table["lang"]["en"].values())


def test_sources_that_are_named_are_the_reference(demo_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "bounds.toml"
    call(demo_run, "--fewest", 20, "--source", "crawl", "--source", "wet", "--out", out)
    mine = documents(demo_run).filter(
        pl.col("source").struct.field("name").is_in(["crawl", "wet"]),
        pl.col("lang") == "en",
        pl.col("duplicate_of").is_null(),
    )
    assert "crawl, wet of" in out.read_text()
    assert f"lang.en]  # {mine.height} documents" in out.read_text()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), r"no language has 200 documents in handbook \(en 21, zh-Hans 21, zh-Hant 2\)"),
        (Settings(sources=("handbok",)), "no source 'handbok'; known: crawl, feeds, handbook"),
        (
            Settings(languages=("ja",), fewest=1),
            r"no language has 1 documents in handbook \(ja 0\)",
        ),
        (Settings(languages=("zz",)), r"--language: no language 'zz'; known: af, ar, .*zh-Hans"),
        (Settings(languages=("zh",)), "'zh' is written as zh-Hans and zh-Hant; name one"),
    ],
)
def test_what_cannot_be_fitted_is_told(
    demo_run: Path, tmp_path: Path, settings: Settings, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        fit(demo_run, tmp_path / "bounds.toml", settings)
    assert not (tmp_path / "bounds.toml").exists()


def test_a_file_that_is_there_stays(demo_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "bounds.toml"
    out.write_text("mine")
    assert "there already" in call(demo_run, "--fewest", 20, "--out", out).output
    assert out.read_text() == "mine"


def test_the_defaults_of_the_verb_are_those_of_the_module() -> None:
    defaults = {option.name: option.default for option in verb.params}
    assert (defaults["drop"], defaults["fewest"]) == (fitting.DROP, fitting.FEWEST)
