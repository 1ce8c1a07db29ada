"""What a run promises: the same bytes however it was made, and nothing done twice."""

import filecmp
import gzip
import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from taojin.core.errors import UserError
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.explain import explain
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.summary import summary
from taojin.pipeline.task import Checkpoint

BESIDE = {"answers", "work", "report", "training", "manifest.json", ".taojin-run"}


def outputs(run: Path) -> dict[str, Path]:
    """Every file of a run whose bytes are promised, by its path in the run."""
    return {
        str(path.relative_to(run)): path
        for path in run.rglob("*")
        if path.is_file() and path.relative_to(run).parts[0] not in BESIDE
    }


def assert_same_bytes(left: Path, right: Path) -> None:
    ours, theirs = outputs(left), outputs(right)
    assert ours.keys() == theirs.keys()
    differing = [name for name in ours if not filecmp.cmp(ours[name], theirs[name], shallow=False)]
    assert differing == []
    assert json.loads((left / "manifest.json").read_text())["files"].keys() == ours.keys()


class Counted:
    """A progress that remembers which tasks were run and which were found."""

    def __init__(self) -> None:
        self.node = ""
        self.ran: list[str] = []

    def start(self, node: str, tasks: int) -> None:
        self.node = node

    def advance(self, checkpoint: Checkpoint) -> None:
        if not checkpoint.cached:
            self.ran.append(self.node)

    def finish(self) -> None: ...


def test_two_dask_workers_write_the_same_bytes(demo_run: Path, tmp_path: Path) -> None:
    curate(recipes.load(None), Where(tmp_path / "run", workers=2))
    assert_same_bytes(demo_run, tmp_path / "run")


def test_another_partition_size_gives_the_same_rows_and_the_same_dataset(
    demo_run: Path, tmp_path: Path
) -> None:
    curate(recipes.load(None), Where(tmp_path / "run", partition_bytes=20_000))
    for name in (
        "ledger.parquet",
        "clusters.parquet",
        "contamination.parquet",
        "edits.parquet",
    ):
        assert filecmp.cmp(demo_run / name, tmp_path / "run" / name, shallow=False), name
    for folder in ("documents", "dropped", "quarantine", "qa"):
        ours, theirs = (
            pl.read_parquet(run / folder / "*.parquet").sort("doc_id", maintain_order=True)
            for run in (demo_run, tmp_path / "run")
        )
        assert ours.equals(theirs), folder
    ours, theirs = (
        {name: path for name, path in outputs(run).items() if name.startswith(("dataset", "token"))}
        for run in (demo_run, tmp_path / "run")
    )
    assert ours.keys() == theirs.keys()
    assert all(filecmp.cmp(ours[name], theirs[name], shallow=False) for name in ours)


@pytest.fixture
def corpus(tmp_path: Path, demo_run: Path) -> Recipe:
    """A small recipe of two sources over copies of some demo documents."""
    documents = pl.read_parquet(demo_run / "documents" / "*.parquet").sort("doc_id")
    folder = tmp_path / "corpus"
    folder.mkdir()
    texts = documents["text"].to_list()
    for name, chosen in (("crawl", texts[:40]), ("handbook", texts[40:60])):
        lines = [json.dumps({"text": text}, ensure_ascii=False) for text in chosen]
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write("\n".join([*lines, *([lines[0]] * 3), "{broken"]))
    table = {
        "name": "small",
        "sources": [
            {"name": "crawl", "path": "crawl.jsonl.gz"},
            {"name": "handbook", "kind": "proprietary", "path": "handbook.jsonl.gz"},
        ],
        "tokenizer": {"vocabulary": 2000},
        "shards": {"sequence_length": 128},
    }
    return recipes.parse(table, folder)


def changed(recipe: Recipe, **tables: object) -> Recipe:
    return recipes.parse({**recipe.resolved(), **tables}, recipe.folder)


def test_a_second_run_has_nothing_to_do(corpus: Recipe, tmp_path: Path) -> None:
    where = Where(tmp_path / "run")
    first = curate(corpus, where)
    before = {name: path.stat().st_mtime_ns for name, path in outputs(where.run).items()}
    counted = Counted()
    second = curate(corpus, where, counted)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert counted.ran == []
    assert second.funnel.equals(first.funnel)
    assert {name: path.stat().st_mtime_ns for name, path in outputs(where.run).items()} == before


def test_a_changed_bound_redoes_only_what_depends_on_it(corpus: Recipe, tmp_path: Path) -> None:
    where = Where(tmp_path / "run")
    before = curate(corpus, where)
    counted = Counted()
    stricter = changed(corpus, filters={"gopher_quality": {"word_count": {"min": 250}}})
    after = curate(stricter, where, counted)
    untouched = {"ingest", "clean", "sample", "classifier", "evaluation", "measure"}
    assert not untouched & set(counted.ran)
    assert "decide" in counted.ran
    assert after.funnel["kept"].sum() < before.funnel["kept"].sum()


def test_a_bound_that_changes_back_finds_everything_cached(corpus: Recipe, tmp_path: Path) -> None:
    where = Where(tmp_path / "run")
    curate(corpus, where)
    shutil.copytree(where.run, tmp_path / "first")
    curate(changed(corpus, filters={"c4": {"sentence_count": {"min": 9}}}), where)
    counted = Counted()
    curate(corpus, where, counted)
    assert counted.ran == []
    assert_same_bytes(tmp_path / "first", where.run)


def test_a_changed_file_redoes_its_own_partition(corpus: Recipe, tmp_path: Path) -> None:
    where = Where(tmp_path / "run")
    curate(corpus, where)
    with gzip.open(corpus.folder / "handbook.jsonl.gz", "at", encoding="utf-8") as file:
        file.write("\n" + json.dumps({"text": "One more."}))
    counted = Counted()
    curate(corpus, where, counted)
    assert counted.ran.count("ingest") == 1
    assert counted.ran.count("clean") == 1


def test_every_input_record_is_kept_dropped_or_quarantined(corpus: Recipe, tmp_path: Path) -> None:
    outcome = curate(corpus, Where(tmp_path / "run"))
    for row in outcome.funnel.to_dicts():
        with gzip.open(corpus.folder / f"{row['source']}.jsonl.gz", "rt", encoding="utf-8") as file:
            lines = len(file.read().split("\n"))
        assert row["read"] == lines
        assert row["kept"] + row["dropped"] + row["quarantined"] == lines
        assert row["quarantined"] == 1


def test_a_limit_reads_only_so_many_records_of_each_file(corpus: Recipe, tmp_path: Path) -> None:
    outcome = curate(
        changed(corpus, tokenizer={"vocabulary": 1100}), Where(tmp_path / "run", limit=7)
    )
    assert outcome.funnel["read"].to_list() == [7, 7]


def test_a_source_that_loses_almost_everything_stops_the_run(
    corpus: Recipe, tmp_path: Path
) -> None:
    strict = changed(
        corpus,
        filters={"gopher_quality": {"word_count": {"min": 90_000}}},
        guard={"from_documents": 20},
    )
    with pytest.raises(UserError, match=r"decide: 100.0% of source 'crawl'.*word_count\.min"):
        curate(strict, Where(tmp_path / "run"))
    assert not (tmp_path / "run" / "manifest.json").exists()


def test_a_run_that_stops_leaves_its_account_and_no_older_dataset(
    corpus: Recipe, tmp_path: Path
) -> None:
    where = Where(tmp_path / "run")
    curate(corpus, where)
    with pytest.raises(UserError, match=r"smallest that works is \d+\. What .*report/index\.html"):
        curate(changed(corpus, tokenizer={"vocabulary": 300}), where)
    ledger = pl.read_parquet(where.run / "ledger.parquet")
    assert ledger.height == 68
    kept = ledger.filter(fate="kept")["doc_id"][0]
    assert kept in explain(where.run, kept)
    assert (where.run / "report" / "index.html").is_file()
    assert not (where.run / "dataset").exists()
    assert not (where.run / "manifest.json").exists()


def test_a_corpus_that_cannot_fill_the_vocabulary_gets_what_it_can(
    corpus: Recipe, tmp_path: Path
) -> None:
    where = Where(tmp_path / "run")
    curate(changed(corpus, tokenizer={"vocabulary": 200_000}), where)
    report = json.loads((where.run / "tokenizer" / "report.json").read_text())
    assert 2000 < report["vocabulary"] < 200_000
    (warning,) = [
        one["en"]
        for one in json.loads((where.run / "report" / "warnings.json").read_text())
        if one["en"].startswith("The tokenizer")
    ]
    assert f"{report['vocabulary']:,} pieces, not 200,000" in warning


def test_a_dataset_without_a_training_row_is_told(corpus: Recipe, tmp_path: Path) -> None:
    where = Where(tmp_path / "run")
    curate(changed(corpus, shards={"validation": 1, "sequence_length": 128}), where)
    warnings = json.loads((where.run / "report" / "warnings.json").read_text())
    assert [one for one in warnings if one["en"].startswith("The training split is empty")]


def test_a_run_that_validates_nothing_says_so(corpus: Recipe, tmp_path: Path) -> None:
    where = Where(tmp_path / "run")
    curate(changed(corpus, shards={"validation": 1e-9, "sequence_length": 128}), where)
    warnings = json.loads((where.run / "report" / "warnings.json").read_text())
    assert [one for one in warnings if one["en"].startswith("No document was drawn for validation")]


def test_a_source_that_cannot_be_read_stops_the_run(corpus: Recipe, tmp_path: Path) -> None:
    (tmp_path / "numbers.jsonl").write_text('{"text": 7}\n' * 43)
    wrong = [{"name": "crawl", "path": str(tmp_path / "numbers.jsonl")}]
    recipe = changed(corpus, sources=wrong, guard={"from_documents": 20})
    with pytest.raises(UserError, match=r"ingest: 100.0% of source 'crawl'.*missing_text \(43\)"):
        curate(recipe, Where(tmp_path / "run"))


def test_a_source_without_records_stands_in_the_funnel(corpus: Recipe, tmp_path: Path) -> None:
    (corpus.folder / "empty.jsonl").write_text("\n")
    sources = [*corpus.resolved()["sources"], {"name": "empty", "path": "empty.jsonl"}]
    outcome = curate(changed(corpus, sources=sources), Where(tmp_path / "run"))
    assert outcome.funnel.row(-1) == ("empty", 0, 0, 0, 0, 0)
    assert "warning   Source 'empty' holds no record.\n" in summary(outcome)


def test_a_folder_that_holds_other_files_is_refused(corpus: Recipe, tmp_path: Path) -> None:
    own = tmp_path / "mine" / "documents" / "own.txt"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    with pytest.raises(UserError, match="holds files that are no run's; choose an empty folder"):
        curate(corpus, Where(tmp_path / "mine"))
    assert own.read_text() == "mine"


def test_a_run_does_not_read_what_it_has_written(corpus: Recipe, tmp_path: Path) -> None:
    sources = [{"name": "all", "path": "**/*.json*"}]
    where = Where(corpus.folder / "out")
    first = curate(changed(corpus, sources=sources), where)
    second = curate(changed(corpus, sources=sources), where)
    other = curate(changed(corpus, sources=sources), Where(corpus.folder / "other"))
    assert second.unchanged
    assert second.funnel.equals(first.funnel)
    assert other.funnel.equals(first.funnel)
    own = [{"name": "kept", "path": "out/documents/*"}]
    with pytest.raises(UserError, match="names files of this run, .*write it elsewhere with --out"):
        curate(changed(corpus, sources=own), where)


def test_a_copy_of_a_copy_names_the_document_that_is_kept(demo_run: Path, tmp_path: Path) -> None:
    long = pl.read_parquet(demo_run / "documents" / "*.parquet").sort("text")["text"]
    text = max(long.filter(long.str.contains("[a-z] the ")), key=len)
    folder = tmp_path / "corpus"
    folder.mkdir()
    near = text + " One more sentence at the end of it all."
    lines = [json.dumps({"text": one}) for one in (text, text.upper(), *long.head(30))]
    (folder / "crawl.jsonl").write_text("\n".join(lines))
    (folder / "book.jsonl").write_text(json.dumps({"text": near}))
    table = {
        "name": "chain",
        "sources": [
            {"name": "crawl", "path": "crawl.jsonl"},
            {"name": "book", "kind": "proprietary", "path": "book.jsonl"},
        ],
        "tokenizer": {"vocabulary": 1500},
    }
    curate(recipes.parse(table, folder), Where(tmp_path / "run"))
    kept = set(pl.read_parquet(tmp_path / "run" / "documents" / "*.parquet")["doc_id"])
    dropped = pl.read_parquet(tmp_path / "run" / "dropped" / "*.parquet")
    named = set(dropped["duplicate_of"].drop_nulls())
    clusters = pl.read_parquet(tmp_path / "run" / "clusters.parquet")
    assert len(named) >= 1
    assert named <= kept
    assert set(clusters["kept_id"]) <= kept
    assert clusters["kind"].unique().sort().to_list() == ["exact", "near"]


def test_a_second_writer_of_a_folder_is_refused(corpus: Recipe, tmp_path: Path) -> None:
    import fcntl

    run = tmp_path / "run"
    run.mkdir()
    with (run / ".taojin-run").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another run is writing here"):
            curate(corpus, Where(run))


def test_no_planted_value_stands_anywhere_in_the_run(tmp_path: Path, corpus: Recipe) -> None:
    planted = ["wang.xiaoming@example.com", "13912345678"]
    text = "请联系王经理，" + "电话13912345678，邮箱wang.xiaoming@example.com。" + "这是正文。" * 60
    row = {"text": text, "title": planted[0], "date": planted[1], "licence": f"ask {planted[0]}"}
    with gzip.open(corpus.folder / "crawl.jsonl.gz", "at", encoding="utf-8") as file:
        file.write("\n" + json.dumps(row, ensure_ascii=False))
    for name, content in (("简历", text), ("damaged", "%PDF-1.4 no more")):
        (corpus.folder / f"{name}_{planted[1]}_{planted[0]}.txt").write_text(content)
    (corpus.folder / f"scan_{planted[1]}.pdf").write_text("%PDF-1.4 no more")
    sources = [*corpus.resolved()["sources"], {"name": "files", "path": "*_*"}]
    run = tmp_path / "run"
    curate(changed(corpus, sources=sources), Where(run))
    seen = 0
    for file in run.rglob("*"):
        if file.is_file():
            seen += 1
            content = _decoded(file)
            assert not [value for value in planted if value in content], file
    assert seen > 50


def _decoded(path: Path) -> str:
    """What a file says, Parquet and Arrow unpacked."""
    if path.suffix == ".parquet":
        return str(pl.read_parquet(path).to_dicts())
    return path.read_bytes().decode("utf-8", errors="replace")
