"""What if: the figures are those of a run with the changed bounds, and no text is read for them."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
import tomli_w
from click.testing import CliRunner, Result

from taojin.core.errors import UserError
from taojin.filters.rules import Measure
from taojin.pipeline import recipe as recipes
from taojin.pipeline import stored
from taojin.pipeline.cli import main
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Checkpoint
from taojin.pipeline.what_if import WhatIf, _over, what_if

BOUNDS = {
    "use": [name for name in recipes.load(None).used if name not in ("url", "language", "c4")],
    "gopher_quality": {
        "lang": {"en": {"word_count": {"min": 180}}, "zh-Hans": {"word_count": {"min": 270}}},
        "kind": {
            "proprietary": {
                "word_count": {"min": 10},
                "lang": {"en": {"word_count": {"min": 150}}},
            }
        },
    },
    "gopher_repetition": {"lang": {"zh-Hans": {"top_2_gram_ratio": {"max": 0.05}}}},
}
UP_TO_DEDUP = (
    "decide",
    "exact_rows",
    "exact",
    "near_rows",
    "stars",
    "components",
    "candidates",
    "near",
    "clusters",
)


class StoppedError(Exception):
    """The run has come as far as a test wants it."""


class Until:
    """A progress that stops the run after a step and remembers what its tasks left."""

    def __init__(self, last: str) -> None:
        self.last, self.node = last, ""
        self.left: dict[str, list[Checkpoint]] = {}

    def start(self, node: str, tasks: int) -> None:
        self.node = node
        self.left[node] = []

    def advance(self, checkpoint: Checkpoint) -> None:
        self.left[self.node].append(checkpoint)

    def finish(self) -> None:
        if self.node == self.last:
            raise StoppedError


def changed(recipe: Recipe, filters: object) -> Recipe:
    """The recipe with these bounds put over its own."""
    return recipes.parse(_over(recipe.resolved(), {"filters": filters}), recipe.folder)


def rerun(recipe: Recipe, run: Path, last: str = "decide_again") -> Until:
    """What the steps of a run leave, up to the last one wanted."""
    until = Until(last)
    with pytest.raises(StoppedError):
        curate(recipe, Where(run), until)
    return until


def decided(until: Until) -> dict[str, list[str]]:
    """The reasons of each document as the last decision on it wrote them."""
    tables = [one.read("decisions") for one in until.left["decide_again"]]
    return dict(pl.concat(tables).select("doc_id", "drop_reasons").iter_rows())


def write(path: Path, filters: object) -> Path:
    path.write_text(tomli_w.dumps({"filters": filters}))
    return path


def told(found: WhatIf, side: str) -> dict[str, list[str]]:
    return dict(found.documents.select("doc_id", side).iter_rows())


@pytest.fixture
def copied(demo_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_run, tmp_path / "copied"))


def test_what_if_decides_as_the_run_then_does(demo_run: Path, copied: Path, tmp_path: Path) -> None:
    found = what_if(demo_run, write(tmp_path / "bounds.toml", BOUNDS))
    demo = recipes.load(None)
    assert told(found, "after") == decided(rerun(changed(demo, BOUNDS), copied))
    assert told(found, "before") == decided(rerun(demo, copied))
    assert found.leaving.height > 0
    assert found.returning.height > 0
    (note,) = found.notes
    assert note.startswith("Lines that many documents share are taken to be those of this run")


def test_the_figures_are_counts_of_those_decisions(demo_run: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "bounds.toml", BOUNDS)
    command = ["filters", "try", str(demo_run), "--recipe", str(path), "--json", "--examples", "3"]
    figures = json.loads(CliRunner().invoke(main, command).output)
    documents = what_if(demo_run, path).documents.to_dicts()
    assert figures["documents"] == len(documents)
    for row in figures["passing"]:
        mine = [
            one for one in documents if (one["source"], one["lang"]) == (row["source"], row["lang"])
        ]
        assert row["documents"] == len(mine)
        assert row["before"] == sum(not one["before"] for one in mine)
        assert row["after"] == sum(not one["after"] for one in mine)
    assert sum(row["documents"] for row in figures["passing"]) == len(documents)
    for side in ("before", "after"):
        caught = Counter(reason for one in documents for reason in one[side])
        assert {row["rule"]: row[side] for row in figures["rules"] if row[side]} == caught
    for verb, passes, fails in (("leaving", "before", "after"), ("returning", "after", "before")):
        moved = sorted(one["doc_id"] for one in documents if not one[passes] and one[fails])
        assert figures[verb]["documents"] == len(moved)
        assert [one["doc_id"] for one in figures[verb]["examples"]] == moved[:3]
        assert all(one["rules"] for one in figures[verb]["examples"])


def test_the_table_says_the_same(demo_run: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "bounds.toml", BOUNDS)
    found = what_if(demo_run, path)
    passing = [
        sum(row[side] for row in found.passing()) for side in ("documents", "before", "after")
    ]
    output = call("filters", "try", demo_run, "--recipe", path).output
    (total,) = [line.split() for line in output.splitlines() if line.startswith("all ")]
    assert total == ["all", *map(str, passing), f"{passing[2] - passing[1]:+}"]
    assert f"{found.leaving.height} documents leave" in output
    rules = [line for line in output.splitlines() if ".m" in line and line[0] != " "]
    assert {line.split()[0] for line in rules} == {
        row["rule"] for row in found.rules() if row["before"] != row["after"]
    }


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_without_a_recipe_nothing_moves(demo_run: Path) -> None:
    found = what_if(demo_run, None)
    assert told(found, "before") == told(found, "after")
    assert "0 documents leave" in call("filters", "try", demo_run).output


def test_a_file_without_sources_changes_only_what_it_names() -> None:
    own = {
        "name": "a",
        "filters": {"use": ["c4", "url"], "c4": {"brace_count": {"min": 1, "max": 9}}},
    }
    over = {"filters": {"use": ["c4"], "c4": {"brace_count": {"max": 5}, "lang": {}}}}
    assert _over(own, over) == {
        "name": "a",
        "filters": {"use": ["c4"], "c4": {"brace_count": {"min": 1, "max": 5}, "lang": {}}},
    }


# Documents that lost lines after they were decided on


@pytest.fixture(scope="module")
def shared_line(demo_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recipe, Path]:
    """A run over documents with a line that all share and that is cut, and its recipe."""
    folder = tmp_path_factory.mktemp("shared")
    kept = pl.read_parquet(demo_run / "documents" / "*.parquet").sort("doc_id")
    texts = kept.filter(lang="en")["text"].to_list()[:30]
    footer = "Read this page again tomorrow and tell a good friend what you have seen of it."
    lines = [json.dumps({"text": f"{text}\n{footer}"}) for text in texts]
    (folder / "crawl.jsonl").write_text("\n".join(lines))
    table = {
        "name": "shared",
        "sources": [{"name": "crawl", "path": "crawl.jsonl"}],
        "tokenizer": {"vocabulary": 1500},
        "shards": {"sequence_length": 128},
        "guard": {"most_removed": 1.0},
    }
    recipe = recipes.parse(table, folder)
    curate(recipe, Where(folder / "run"))
    return recipe, folder / "run"


def test_documents_that_were_cut_are_judged_as_they_came(
    shared_line: tuple[Recipe, Path], tmp_path: Path
) -> None:
    recipe, run = shared_line
    uncut = pl.read_parquet(run / stored.UNCUT)
    final = pl.read_parquet(run / "documents" / "*.parquet")
    both = uncut.select("doc_id", before="gopher_quality").join(
        final.select("doc_id", after="gopher_quality"), on="doc_id"
    )
    lost = both.select(
        pl.col("before").struct.field("word_count") - pl.col("after").struct.field("word_count")
    ).to_series()
    assert lost.len() > 10
    assert (lost == 16).all()
    words = both["after"].struct.field("word_count").sort()[lost.len() // 2]
    filters = {"gopher_quality": {"word_count": {"min": words + 8}}}
    found = what_if(run, write(tmp_path / "bounds.toml", filters))
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    assert told(found, "after") == decided(rerun(changed(recipe, filters), copy))
    assert found.leaving.height > 10
    rules = found.leaving["rules"].explode().unique().to_list()
    assert rules == ["gopher_quality.word_count.min"]


def test_a_run_whose_cuts_change_verdicts_is_told_as_its_ledger_has_it(
    shared_line: tuple[Recipe, Path], tmp_path: Path
) -> None:
    """Documents that pass as they came and fall once the shared line is gone."""
    recipe, run = shared_line
    run = Path(shutil.copytree(run, tmp_path / "run"))
    final = pl.read_parquet(run / "documents" / "*.parquet")["gopher_quality"]
    words = final.struct.field("word_count").sort()[final.len() // 2]
    filters = {"gopher_quality": {"word_count": {"min": words + 8}}}
    curate(changed(recipe, filters), Where(run))
    ledger = pl.read_parquet(run / "ledger.parquet").filter(pl.col("stage") != "ingest")
    fallen = ledger.filter(stage="decide")
    uncut = pl.read_parquet(run / stored.UNCUT)
    least = uncut.filter(pl.col("doc_id").is_in(fallen["doc_id"].implode()))["gopher_quality"]
    assert (least.struct.field("word_count") >= words + 8).sum() > 5  # only the cut made them fall
    found = what_if(run, None)
    for side in ("before", "after"):
        counts = Counter(reason for reasons in found.documents[side] for reason in reasons)
        assert counts == Counter(reason for reasons in fallen["reasons"] for reason in reasons)
        assert told(found, side) == {
            row["doc_id"]: row["reasons"] if row["stage"] == "decide" else []
            for row in ledger.to_dicts()
        }
    assert found.passing()[0]["after"] == ledger.height - fallen.height
    assert found.notes == []


def test_without_cuts_documents_are_judged_once(
    shared_line: tuple[Recipe, Path], tmp_path: Path
) -> None:
    recipe, run = shared_line
    filters = {"gopher_quality": {"word_count": {"min": 150}}}
    path = tmp_path / "recipe.toml"
    path.write_text(tomli_w.dumps({"filters": filters, "dedup": {"passages": False}}))
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    whole = recipes.parse({**recipe.resolved(), "dedup": {"passages": False}}, recipe.folder)
    until = rerun(changed(whole, filters), copy, last="decide")
    found = what_if(run, path)
    assert told(found, "after") == dict(
        pl.concat(one.read("decisions") for one in until.left["decide"])
        .select("doc_id", "drop_reasons")
        .iter_rows()
    )


@pytest.mark.parametrize(("passages", "told"), [({"most": 5}, 1), (False, 0)])
def test_other_passages_are_for_a_run_to_find(
    shared_line: tuple[Recipe, Path], tmp_path: Path, passages: object, told: int
) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(tomli_w.dumps({"dedup": {"passages": passages}}))
    notes = what_if(shared_line[1], path).notes
    assert [note.startswith("The recipe also changes dedup.passages") for note in notes] == (
        [True] * told
    )


def test_an_older_run_says_that_documents_were_cut(
    shared_line: tuple[Recipe, Path], tmp_path: Path
) -> None:
    run = Path(shutil.copytree(shared_line[1], tmp_path / "older"))
    cut = pl.read_parquet(run / stored.UNCUT).height
    (run / stored.UNCUT).unlink()
    (note,) = what_if(run, None).notes
    assert note.startswith(f"{cut} documents are judged by what is left")


def test_a_run_that_cuts_nothing_any_more_leaves_nothing_of_an_older_one(
    shared_line: tuple[Recipe, Path], tmp_path: Path
) -> None:
    recipe, run = shared_line
    run = Path(shutil.copytree(run, tmp_path / "again"))
    whole = recipes.parse({**recipe.resolved(), "dedup": {"passages": False}}, recipe.folder)
    curate(whole, Where(run))
    assert not (run / stored.UNCUT).exists()


# No text is read


def break_column(path: Path, column: str) -> None:
    """Overwrite the data of one column of a Parquet file, and nothing else."""
    chunks = pq.ParquetFile(path).metadata
    with path.open("r+b") as file:
        for group in range(chunks.num_row_groups):
            for number in range(chunks.num_columns):
                chunk = chunks.row_group(group).column(number)
                if chunk.path_in_schema.split(".")[0] == column:
                    start = chunk.dictionary_page_offset or chunk.data_page_offset
                    file.seek(start)
                    file.write(b"\xff" * chunk.total_compressed_size)


def test_no_text_is_read_to_try_or_to_fit_bounds(copied: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "bounds.toml", BOUNDS)
    before = what_if(copied, path).documents.sort("doc_id")
    fit = ("filters", "fit", copied, "--fewest", 20, "--out")
    fitted = call(*fit, tmp_path / "before.toml").output
    shutil.rmtree(copied / "work")
    for folder in ("documents", "dropped"):
        for file in (copied / folder).glob("*.parquet"):
            break_column(file, "text")
    with pytest.raises(pl.exceptions.PolarsError):
        pl.read_parquet(copied / "documents" / "*.parquet", columns=["text"])
    assert what_if(copied, path).documents.sort("doc_id").equals(before)
    again = call(*fit, tmp_path / "after.toml").output
    assert again.splitlines()[:-1] == fitted.splitlines()[:-1]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], set[str]]]:
    """The names of the tables that have been opened, without the number of a chunk."""
    names: list[str] = []
    real = {name: getattr(pl, name) for name in ("read_parquet", "scan_parquet")}

    def opening(name: str) -> Callable[..., object]:
        def opened(source: Path | list[Path], *rest: object, **options: object) -> object:
            paths = source if isinstance(source, list) else [source]
            names.extend(Path(path).stem.rstrip("-0123456789") for path in paths)
            return real[name](source, *rest, **options)

        return opened

    for name in real:
        monkeypatch.setattr(pl, name, opening(name))
    yield lambda: set(names)


def test_a_rerun_with_a_changed_bound_reads_no_text_to_decide_and_deduplicate(
    copied: Path, opened: Callable[[], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts are opened by what writes them: where shared lines are cut, and for the datasets."""
    monkeypatch.setattr(Measure, "__call__", None)  # nothing is measured
    until = rerun(changed(recipes.load(None), BOUNDS), copied, last="clusters")
    ran = {node for node, left in until.left.items() if not all(one.cached for one in left)}
    assert ran == set(UP_TO_DEDUP)
    assert "metrics" in opened()
    found = {"metrics", "keep", "decisions", "keys", "rows", "edges", "labels", "candidates"}
    found |= {"planted", "index"}  # the self-test of the evaluation sets
    found |= {"clusters", "components", ""}  # "": a bucket
    assert opened() <= found


def test_the_count_of_reads_sees_a_text_that_is_read(
    copied: Path, opened: Callable[[], set[str]]
) -> None:
    rerun(changed(recipes.load(None), BOUNDS), copied, last="passage_rows")
    assert "documents" in opened()


# What cannot be tried


def test_a_metric_that_was_not_measured_is_told(copied: Path, tmp_path: Path) -> None:
    for folder in ("documents", "dropped"):
        for file in (copied / folder).glob("*.parquet"):
            braces = pl.struct(pl.col("c4").struct.field("brace_count")).alias("c4")
            pl.read_parquet(file).with_columns(braces).write_parquet(file)
    with pytest.raises(UserError, match=r"has not measured 'c4\.[a-z_]+'; `taojin run"):
        what_if(copied, None)


def test_bounds_that_were_not_noted_are_told(copied: Path) -> None:
    (copied / "report" / "bounds.json").unlink()
    with pytest.raises(UserError, match="has not noted its bounds"):
        what_if(copied, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[filters.c4]\nsentence_cuont = { min = 1 }", "no metric 'sentence_cuont'"),
        ("[filter.c4]\nsentence_count = { min = 1 }", "no key 'filter'"),
        ("[filters", "not valid TOML"),
    ],
)
def test_a_recipe_that_is_wrong_is_told(
    demo_run: Path, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "bounds.toml"
    path.write_text(text)
    result = call("filters", "try", demo_run, "--recipe", path)
    assert result.exit_code == 1
    assert said in result.output
    assert len(result.output.splitlines()) == 1


def test_a_recipe_that_changes_more_than_bounds_is_told(demo_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text('languages = ["zh-Hans"]\n[url]\nwords = ["casino"]\n[qa]\ngenerator = "off"')
    (note,) = what_if(demo_run, path).notes
    assert note.startswith("The recipe also changes languages, url:")
