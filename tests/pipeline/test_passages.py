"""Lines that many documents share are cut, and what changed is judged once more."""

import json
from pathlib import Path

import polars as pl
import pytest

from taojin.core.hashing import doc_id
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.recipe import Recipe

LINE = "This article first appeared in the weekly letter of the river valley observatory."
GOOD = "正文的这一行出现在许多文档里，它来自同一个网站的页脚模板，应当被删掉。"


@pytest.fixture(scope="module")
def recipe(demo_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Thirty kept demo documents, all but the last ten of which carry the same two lines."""
    folder = tmp_path_factory.mktemp("corpus")
    texts = pl.read_parquet(demo_run / "documents" / "*.parquet").sort("doc_id")["text"]
    rows = []
    for number, text in enumerate(texts.head(30)):
        first, _, rest = text.partition("\n")
        carried = "\n".join([first, LINE, rest, GOOD]) if number < 20 else text
        rows.append(json.dumps({"text": carried}, ensure_ascii=False))
    (folder / "crawl.jsonl").write_text("\n".join([*rows, rows[0]]), encoding="utf-8")
    table = {
        "name": "passages",
        "sources": [{"name": "crawl", "path": "crawl.jsonl"}],
        "tokenizer": {"vocabulary": 1500},
    }
    return recipes.parse(table, folder)


@pytest.fixture(scope="module")
def run(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = Where(tmp_path_factory.mktemp("passages") / "run")
    curate(recipe, where)
    return where.run


def test_one_document_keeps_a_shared_line(run: Path) -> None:
    texts = pl.read_parquet(run / "documents" / "*.parquet")["text"]
    for line in (LINE, GOOD):
        assert texts.str.contains(line, literal=True).sum() == 1


def test_the_cuts_are_edits_and_metrics(run: Path) -> None:
    edits = pl.read_parquet(run / "edits.parquet").filter(stage="passages")
    assert edits["kind"].unique().to_list() == ["line"]
    assert edits["inserted"].sum() == 0
    documents = pl.read_parquet(run / "documents" / "*.parquet")
    counted = documents["passages"].struct.field("cut_line_count")
    assert (documents["passages"].struct.field("spared_character_ratio") == 0).all()
    assert counted.sum() == 2 * 19
    lengths = {len(LINE) + 1, len(GOOD) + 1, len(GOOD)}
    assert set((edits["end"] - edits["start"]).unique()) <= lengths


def test_what_changed_is_measured_again(run: Path) -> None:
    documents = pl.read_parquet(run / "documents" / "*.parquet")
    units = documents["text"].str.count_matches(r"[\p{Han}]|[\w--\p{Han}]+").to_list()
    stored = documents["gopher_quality"].struct.field("word_count").to_list()
    assert stored == units


def test_a_copy_is_cut_like_its_original_and_stays_a_copy(run: Path) -> None:
    clusters = pl.read_parquet(run / "clusters.parquet")
    assert clusters.filter(pl.col("doc_id") != pl.col("kept_id")).height == 1
    ledger = pl.read_parquet(run / "ledger.parquet")
    assert ledger["fate"].value_counts().sort("fate").rows() == [("dropped", 1), ("kept", 30)]


def test_switched_off_nothing_is_cut(recipe: Recipe, tmp_path: Path) -> None:
    table = {**recipe.resolved(), "dedup": {"passages": False}}
    curate(recipes.parse(table, recipe.folder), Where(tmp_path / "run"))
    texts = pl.read_parquet(tmp_path / "run" / "documents" / "*.parquet")["text"]
    assert texts.str.contains(LINE, literal=True).sum() == 20


def test_exact_copies_of_the_keeper_stay_whole_with_it(recipe: Recipe, tmp_path: Path) -> None:
    lines = (recipe.folder / "crawl.jsonl").read_text(encoding="utf-8").splitlines()[:30]
    (tmp_path / "crawl.jsonl").write_text("\n".join(lines * 2), encoding="utf-8")
    table = {**recipe.resolved(), "dedup": {"near": False}}
    outcome = curate(recipes.parse(table, tmp_path), Where(tmp_path / "run"))
    assert outcome.funnel["kept"].to_list() == [30]


def test_a_document_that_keeps_a_line_for_others_and_would_fail_is_put_back(tmp_path: Path) -> None:
    """The second holds both lines and keeps one; without the other it is too short, as the rest."""
    order = sorted(range(1, 15), key=lambda number: doc_id("crawl", "crawl.jsonl", number))
    rows = {}
    for place, number in enumerate(order):
        body = " ".join(f"Claim {number} on creek {number * line} gave gold." for line in range(20))
        lines = [LINE, body, "More of it." * 20] if place == 0 else [LINE, body, GOOD]
        rows[number] = json.dumps({"text": "\n".join(lines)}, ensure_ascii=False)
    (tmp_path / "crawl.jsonl").write_text("\n".join(rows[number] for number in sorted(rows)))
    least = len(LINE.split()) + 20 * 7 + 30
    open_ended = {name: {"min": 0} for name in ("stop_word_count", "mean_word_length")}
    table = {
        "name": "passages",
        "languages": ["en"],
        "sources": [{"name": "crawl", "path": "crawl.jsonl"}],
        "filters": {
            "use": ["gopher_quality"],
            "gopher_quality": {"word_count": {"min": least}, **open_ended},
        },
        "dedup": {"near": False, "passages": {"substring": False}},
        "guard": {"most_removed": 1.0},
        "qa": {"generator": "off"},
        "tokenizer": {"vocabulary": 400},
    }
    curate(recipes.parse(table, tmp_path), Where(tmp_path / "run"))
    documents = pl.read_parquet(tmp_path / "run" / "documents" / "*.parquet")
    assert set(documents["doc_id"]) == {doc_id("crawl", "crawl.jsonl", one) for one in order[:2]}
    second = documents.filter(doc_id=doc_id("crawl", "crawl.jsonl", order[1]))
    assert second["text"].item() == json.loads(rows[order[1]])["text"]
    counts = second["passages"][0]
    assert counts["cut_line_count"] == counts["cut_character_ratio"] == 0
    assert counts["spared_character_ratio"] > 0
    edits = pl.read_parquet(tmp_path / "run" / "edits.parquet").filter(stage="passages")
    assert edits["doc_id"].n_unique() == 12
