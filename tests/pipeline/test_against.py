"""A run that is deduplicated against an earlier one and against files."""

import json
import shutil
from pathlib import Path

import datasketch
import numpy as np
import polars as pl
import pytest

from taojin.core import schema
from taojin.core.errors import UserError
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.explain import explain
from taojin.pipeline.plan import plan
from taojin.pipeline.recipe import Recipe

MAIL = "joe.smith@mail.example"


@pytest.fixture(scope="module")
def texts(demo_run: Path) -> list[str]:
    kept = pl.read_parquet(demo_run / "documents" / "*.parquet").sort("doc_id")["text"]
    return kept.head(45).to_list()


def recipe_of(folder: Path, texts: list[str], **dedup: object) -> Recipe:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"text": text, "url": f"https://www.pages.example/{number}/?utm_source=x&id={MAIL * (number == 3)}"}
        for number, text in enumerate(texts)
    ]  # fmt: skip
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "crawl.jsonl").write_text("\n".join(lines), encoding="utf-8")
    table = {
        "name": "part",
        "sources": [{"name": "crawl", "path": "crawl.jsonl"}],
        "tokenizer": {"vocabulary": 1500},
        "dedup": dedup,
    }
    return recipes.parse(table, folder)


@pytest.fixture(scope="module")
def before(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run over the first thirty texts."""
    folder = tmp_path_factory.mktemp("before")
    curate(recipe_of(folder, texts[:30]), Where(folder / "run"))
    return folder / "run"


@pytest.fixture(scope="module")
def later(
    before: Path, texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Recipe, Path]:
    """A run over the last 25 texts, five of which another set has and ten the run before."""
    folder = tmp_path_factory.mktemp("later")
    (folder / "archive").mkdir()
    other = [text + " One more sentence at the very end." for text in texts[30:35]]
    pl.DataFrame({"text": other}).write_parquet(folder / "archive" / "a.parquet")
    recipe = recipe_of(folder, texts[20:], against=[str(before), "archive/*.parquet"])
    curate(recipe, Where(folder / "run"))
    return recipe, folder / "run"


def test_copies_of_earlier_documents_are_dropped_for_the_usual_reasons(
    later: tuple[Recipe, Path], before: Path
) -> None:
    ledger = pl.read_parquet(later[1] / "ledger.parquet").filter(stage="dedup")
    dropped = pl.read_parquet(later[1] / "dropped" / "*.parquet")
    clusters = pl.read_parquet(later[1] / "clusters.parquet")
    assert ledger.height == 15
    assert ledger["reasons"].explode().value_counts().sort("reasons").rows() == [
        ("dedup.exact.max", 10),
        ("dedup.near.max", 5),
    ]
    places = clusters.group_by("kept_in").len().sort("kept_in").rows()
    assert places == [(str(before), 10), ("archive/*.parquet", 5)]
    assert set(clusters["why"]) == {"against"}
    kept_before = set(pl.read_parquet(before / "documents" / "*.parquet")["doc_id"])
    named = dict(dropped.select("doc_id", "duplicate_of").iter_rows())
    for row in clusters.iter_rows(named=True):
        assert named[row["doc_id"]] == row["kept_id"]
        assert (row["kept_id"] in kept_before) == (row["kept_in"] == str(before))


def test_explain_says_where_the_kept_one_lies(later: tuple[Recipe, Path], before: Path) -> None:
    row = pl.read_parquet(later[1] / "clusters.parquet").filter(kind="exact").row(0, named=True)
    told = explain(later[1], row["doc_id"])
    assert f"{row['kept_id']} (exact, Jaccard 1.000, in {before})" in told


def test_the_earlier_run_is_not_touched(
    before: Path, later: tuple[Recipe, Path], texts: list[str]
) -> None:
    folder = before.parent
    assert curate(recipe_of(folder, texts[:30]), Where(before)).unchanged


def test_an_index_holds_what_is_kept_as_datasketch_reads_it(before: Path) -> None:
    index = pl.read_parquet(before / "index" / "*.parquet")
    kept = pl.read_parquet(before / "documents" / "*.parquet").select("doc_id", "text")
    assert dict(index.schema) == dict(schema.INDEX)
    assert sorted(index["doc_id"]) == sorted(kept["doc_id"])
    made = json.loads((before / "index" / "index.json").read_text())
    assert (made["scheme"], made["seed"], made["permutations"]) == ("affine32", 1, 128)
    for row in index.head(5).iter_rows(named=True):
        ours = datasketch.LeanMinHash(
            seed=made["seed"],
            scheme=made["scheme"],
            hashvalues=np.array(row["signature"], np.uint32),
        )
        theirs = datasketch.MinHash(scheme="affine32", seed=1, hashfunc=int)
        theirs.update_batch(row["shingles"])
        assert ours == datasketch.LeanMinHash(theirs)
        assert ours.jaccard(theirs) == 1.0


def test_no_hash_of_a_url_with_personal_data_is_kept(before: Path) -> None:
    documents = pl.read_parquet(before / "documents" / "*.parquet")
    masked = documents.filter(pl.col("source").struct.field("url").str.contains("<|EMAIL"))
    index = pl.read_parquet(before / "index" / "*.parquet")
    assert masked.height == 1 and "url_key" not in documents.columns
    assert (
        index.filter(pl.col("url_key").is_null())["doc_id"].to_list() == masked["doc_id"].to_list()
    )


def test_a_changed_index_is_a_changed_input(
    later: tuple[Recipe, Path], before: Path, tmp_path: Path
) -> None:
    recipe, run = later
    assert curate(recipe, Where(run)).unchanged
    moved = shutil.copytree(before, tmp_path / "moved")
    table = {**recipe.resolved(), "dedup": {"against": [str(moved)]}}
    one = recipes.parse(table, recipe.folder)
    told = plan(one, run, None, 32 << 20)
    assert "against             1 tasks, all cached" in told  # the same content at another place
    manifest = json.loads((moved / "manifest.json").read_text())
    manifest["files"]["index/part-00000.parquet"]["sha256"] = "0" * 64
    (moved / "manifest.json").write_text(json.dumps(manifest))
    assert "against             1 tasks, 0 cached, 1 to run" in plan(one, run, None, 32 << 20)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda run: (run / "manifest.json").unlink(), r"has not finished; run it to its end"),
        (lambda run: shutil.rmtree(run / "index"), r"has no index; an older version"),
        (lambda run: (run / "index" / "part-00000.parquet").unlink(), r"lacks index/part-00000"),
        (lambda run: described(run, permutations=64), r"its permutations is 64, this run's 128"),
        (lambda run: described(run, version=0), r"its version is 0, this run's"),
        (lambda run: described(run, shingles=False), r"holds no shingles.*verify = \"estimate\""),
        (shutil.rmtree, r"neither the folder of a run nor a file or glob"),
    ],
)
def test_an_index_that_cannot_be_used_is_one_sentence(
    before: Path, tmp_path: Path, spoil: object, sentence: str
) -> None:
    moved = shutil.copytree(before, tmp_path / "moved")
    spoil(moved)  # type: ignore[operator]
    recipe = recipe_of(tmp_path / "new", ["text"], against=["../moved"])
    for ask in (
        lambda: plan(recipe, tmp_path / "run", None, 32 << 20),
        lambda: curate(recipe, Where(tmp_path / "other")),
    ):
        with pytest.raises(UserError, match=sentence) as caught:
            ask()
        assert str(caught.value).startswith("dedup.against: '../moved'")
        assert "\n" not in str(caught.value)


def described(run: Path, **changes: object) -> None:
    path = run / "index" / "index.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_source_of_copies_stops_the_run_with_its_largest_clusters(
    texts: list[str], tmp_path: Path
) -> None:
    copies = [f"{texts[0]}\n{number}" for number in range(30)]
    table = recipe_of(tmp_path / "in", copies).resolved()
    recipe = recipes.parse({**table, "guard": {"from_documents": 20}}, tmp_path / "in")
    with pytest.raises(UserError, match=r"dedup: 96\.7% of source 'crawl'") as caught:
        curate(recipe, Where(tmp_path / "run"))
    clusters = pl.read_parquet(tmp_path / "run" / "clusters.parquet")
    (kept,) = clusters["kept_id"].unique()
    assert f"largest clusters: near {kept} (removed 29 crawl; kept {kept})" in str(caught.value)
    assert texts[0][:20] not in str(caught.value)
    expecting = {**table, "guard": {"from_documents": 20, "expected": {"crawl": 0.97}}}
    outcome = curate(recipes.parse(expecting, tmp_path / "in"), Where(tmp_path / "run"))
    assert outcome.funnel["kept"].to_list() == [1]


def test_an_entry_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text('{"body": "sand"}\n{"body": "gold"}\n{"text"\n')
    recipe = recipe_of(tmp_path, ["The river."], against=["other.jsonl"])
    with pytest.raises(
        UserError, match="'other.jsonl' can be compared: 2 of its 3 records are missing_text"
    ):
        curate(recipe, Where(tmp_path / "run"))
