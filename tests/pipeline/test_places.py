"""Where verbs may write: a planned folder can be run, and a place that is taken is one sentence."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from taojin.core.errors import UserError
from taojin.pipeline import inputs, places
from taojin.pipeline.cli import main
from taojin.pipeline.curate import _lock


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_folder_that_was_planned_can_be_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert call("plan", "--out", run).exit_code == 0
    assert (run / "work" / "inputs.json").is_file()
    with _lock(run, "demo"):
        assert (run / inputs.RUN_MARK).is_file()


def test_a_folder_with_other_files_is_neither_planned_nor_run(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    for verb in (("plan",), ("run", "--workers", 0)):
        result = call(*verb, "--out", tmp_path)
        assert result.exit_code == 1
        assert result.output.startswith(f"Error: {tmp_path}: holds files that are no run's")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


@pytest.mark.parametrize("verb", [("plan",), ("run", "--workers", 0)])
def test_a_refused_recipe_leaves_no_folder(tmp_path: Path, verb: tuple[object, ...]) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('name = "mine"\nsources = [{ name = "web", path = "nothing/*.jsonl" }]\n')
    for above in ("run", "runs/run"):
        result = call(*verb, recipe, "--out", tmp_path / above)
        assert result.exit_code == 1 and "no file matches" in result.output
        assert [path.name for path in tmp_path.iterdir()] == ["recipe.toml"]


def test_a_refused_recipe_leaves_a_folder_that_was_there(tmp_path: Path) -> None:
    run = tmp_path / "run"
    mark = places.claim(run, "mine")
    with pytest.raises(UserError), places.claimed(run, "mine"):
        raise UserError("no")
    assert mark.is_file()
    with pytest.raises(UserError), places.claimed(run / "below", "mine"):
        (run / "below" / "ledger.parquet").write_text("rows")
        raise UserError("no")
    assert (run / "below" / "ledger.parquet").is_file()


@pytest.mark.parametrize("verb", [("plan",), ("run", "--workers", 0)])
def test_a_run_is_not_lost_to_another_recipe(tmp_path: Path, verb: tuple[object, ...]) -> None:
    mark = places.claim(tmp_path / "run", "company")
    result = call(*verb, "--out", tmp_path / "run")  # without a recipe: the demo
    assert result.exit_code == 1
    assert "holds the run of recipe 'company', and this one is 'demo'" in result.output
    assert mark.read_text() == "company"


def test_a_marked_folder_keeps_what_it_holds(tmp_path: Path) -> None:
    mark = places.claim(tmp_path / "run", "mine")
    (tmp_path / "run" / "ledger.parquet").write_text("rows")
    assert places.claim(tmp_path / "run", "mine") == mark
    assert (tmp_path / "run" / "ledger.parquet").read_text() == "rows"


@pytest.mark.parametrize("below", ["", "x", "x/y"])
def test_a_file_in_the_way_is_one_sentence(
    demo_run: Path, tmp_path: Path, below: str, shared_recipe: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    verbs = {
        "run": ("run", "--workers", 0, "--out", file / below),
        "plan": ("plan", "--out", file / below),
        "train": ("filters", "train", shared_recipe, "--out", file / below),
        "fit": ("filters", "fit", demo_run, "--fewest", 20, "--out", file / below),
        "try": ("filters", "try", demo_run, "--recipe", file / below / "x"),
        "try a run": ("filters", "try", file / below),
        "score": ("filters", "score", file / below / "x"),
        "model": ("filters", "score", file, "--model", file / below),
        "report": ("report", file / below),
        "explain": ("explain", file / below, "abc"),
    }
    for name, words in verbs.items():
        result = call(*words)
        assert result.exit_code == 1, name
        assert result.output.startswith("Error: "), (name, result.exception)
        assert len(result.output.splitlines()) == 1, name
    assert file.read_text() == "mine"


@pytest.fixture
def shared_recipe(tmp_path: Path) -> Path:
    path = tmp_path / "train.toml"
    path.write_text('name = "a"\n[[examples]]\npath = "none.jsonl"\nlabel = "good"\n')
    return path


def test_a_new_folder_may_be_named_below_one_that_is_not_there(tmp_path: Path) -> None:
    places.free(tmp_path / "models" / "mine", "folder")
    (tmp_path / "taken").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UserError, match="there already"):
        places.free(tmp_path / "taken", "folder")
