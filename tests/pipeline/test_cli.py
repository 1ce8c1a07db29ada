"""The command line as a user meets it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from taojin.pipeline.cli import main


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from taojin.pipeline.cli import main; main(['--help'], standalone_mode=False); "
        "print(sorted({'polars', 'numba', 'dask', 'torch', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")


def test_a_user_error_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    result = call("run", tmp_path / "nope.toml")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--nope",), "No such option '--nope'"),
        (("nope",), "No such command 'nope'"),
        (("run", "--wrkers", 3), "No such option '--wrkers'"),
        (("run", "--workers", "x"), "Invalid value for '--workers'"),
        (("filters", "score"), "Missing argument 'FILE'"),
    ],
)
def test_a_wrong_option_is_one_line(words: tuple[object, ...], said: str) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert result.output.startswith(f"Error: {said}")
    assert len(result.output.splitlines()) == 1
    assert "--help` tells what there is" in result.output


def test_without_a_verb_the_help_is_shown() -> None:
    assert "Commands:" in call().output


def test_a_wrong_bound_names_its_file(demo_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    bounds = "[filters.c4]\nsentence_cuont = { min = 1 }\n"
    path.write_text('name = "a"\n[[sources]]\nname = "x"\npath = "y"\n' + bounds)
    for words in (("plan", path), ("filters", "--recipe", path)):
        assert call(*words).output.startswith(f"Error: {path}: filters.c4: no metric")
    path.write_text(bounds)
    said = call("filters", "try", demo_run, "--recipe", path).output
    assert said.startswith(f"Error: {path}: filters.c4: no metric")


def test_a_kind_that_nobody_bounds_is_told_by_plan(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    recipe = tmp_path / "mine.toml"
    source = '[[sources]]\nname = "x"\npath = "a.txt"\nkind = "{}"\n'
    for kind, warns in (("poetyr", True), ("poetry", False)):
        recipe.write_text('name = "a"\n' + source.format(kind))
        said = call("plan", recipe, "--out", tmp_path / "run").output
        assert ("No bounds are made for kind 'poetyr'" in said) == warns


def test_explain_tells_a_kept_document(demo_run: Path) -> None:
    ledger = pl.read_parquet(demo_run / "ledger.parquet")
    doc_id = ledger.filter(fate="kept")["doc_id"][0]
    output = call("explain", demo_run, doc_id).output
    assert doc_id in output
    assert "kept" in output
    assert "reason" not in output


def test_explain_tells_every_reason_with_value_and_bound(demo_run: Path) -> None:
    dropped = pl.read_parquet(demo_run / "dropped" / "*.parquet")
    for row in dropped.select("doc_id", "drop_reasons").head(30).to_dicts():
        output = call("explain", demo_run, row["doc_id"]).output
        told = [line.split()[1:] for line in output.splitlines() if line.startswith("reason")]
        assert [words[0] for words in told] == row["drop_reasons"]
        for _, value, sign, bound in told:
            assert float(value) < float(bound) if sign == "<" else float(value) > float(bound)


def test_explain_tells_the_bound_of_the_kind(demo_run: Path, tmp_path: Path) -> None:
    """A kind's own bound, as the report has noted it, stands before the language's."""
    run = shutil.copytree(demo_run, tmp_path / "run")
    bounds = json.loads((run / "report" / "bounds.json").read_text())
    for kind, least in (("web", 777), ("code", 888)):
        row = {"filter": "gopher_quality", "metric": "word_count", "lang": None, "kind": kind}
        bounds.append({**row, "min": least, "max": None, "about": "", "source": ""})
    (run / "report" / "bounds.json").write_text(json.dumps(bounds))
    dropped = pl.read_parquet(run / "dropped" / "*.parquet").filter(
        pl.col("drop_reasons").list.contains("gopher_quality.word_count.min")
    )
    told = {
        row["source"]["kind"]: line.split()[-1]
        for row in dropped.to_dicts()
        for line in call("explain", run, row["doc_id"]).output.splitlines()
        if "gopher_quality.word_count.min" in line
    }
    assert told["web"] == "777"
    assert told["proprietary"] not in ("777", "888")


def test_explain_finds_a_document_by_its_file_or_url(demo_run: Path) -> None:
    for key in ("near-zh-release.html", "salaries.pdf"):
        output = call("explain", demo_run, key).output
        assert output.startswith("document ")
        assert key in output
    assert "documents fit; among them" in call("explain", demo_run, "crawl/").output
    assert "no such document; give its id" in call("explain", demo_run, "nowhere").output


def test_explain_tells_the_copy_that_is_kept(demo_run: Path) -> None:
    dropped = pl.read_parquet(demo_run / "dropped" / "*.parquet").drop_nulls("duplicate_of")
    row = dropped.row(0, named=True)
    assert f"copy of     {row['duplicate_of']}" in call("explain", demo_run, row["doc_id"]).output


def test_explain_tells_why_a_record_is_quarantined(demo_run: Path) -> None:
    for row in pl.read_parquet(demo_run / "quarantine" / "*.parquet").to_dicts():
        output = call("explain", demo_run, row["doc_id"]).output
        assert row["cause"] in output
        assert row["uri"] in output


@pytest.mark.parametrize(
    "verb", [("explain", "abc"), ("report",), ("filters", "try"), ("filters", "fit")]
)
def test_a_folder_without_a_run_is_said(tmp_path: Path, verb: tuple[str, ...]) -> None:
    words = ("explain", tmp_path, "abc") if verb[0] == "explain" else (*verb, tmp_path)
    result = call(*words)
    assert result.exit_code == 1
    assert "no finished run" in result.output


def test_plan_says_what_would_run(tmp_path: Path) -> None:
    output = call("plan", "--out", tmp_path / "run").output
    lines = {line.split()[0]: line for line in output.splitlines() if line}
    assert lines["ingest"].endswith("7 tasks, 0 cached, 7 to run")
    assert lines["sft"].endswith("depends on the steps above")
    assert "against" not in lines  # the recipe asks for none
    assert not (tmp_path / "run" / "work" / "ingest").exists()


def test_plan_says_what_is_done(demo_run: Path) -> None:
    output = call("plan", "--out", demo_run).output
    steps = output.split("steps\n")[1].splitlines()
    assert len(steps) > 20
    assert all(line.endswith("all cached") for line in steps)


def test_a_run_that_is_interrupted_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("taojin.pipeline.curate.curate", interrupted)
    result = call("run", "--out", tmp_path / "run")
    assert result.exit_code == 130
    assert "the same command goes on" in result.output
