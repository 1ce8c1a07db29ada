"""Keep by quantile: exact counts per source and language, whatever the partitions."""

import json
import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.explain import explain
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.steps import quantile
from taojin.pipeline.steps.quantile import REASON, add_reason, bounds, ranked
from taojin.pipeline.what_if import what_if
from taojin.tests.core.texts import QUICK

rows = st.lists(
    st.tuples(
        st.sampled_from(["crawl", "feeds"]),
        st.sampled_from(["en", "zh-Hans"]),
        st.sampled_from([0.1, 0.5, 0.9]),
        st.sampled_from("abc"),
        st.booleans(),
    ),
    max_size=25,
)


def metrics(found) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "doc_id": [f"{place:04x}" for place in range(len(found))],
            "content_hash": [row[3] for row in found],
            "source": [{"name": row[0]} for row in found],
            "lang": [row[1] for row in found],
            "classifier": [{"score": row[2]} for row in found],
            "caught": [row[4] for row in found],
        },
        schema={
            "doc_id": pl.String,
            "content_hash": pl.String,
            "source": pl.Struct({"name": pl.String}),
            "lang": pl.String,
            "classifier": pl.Struct({"score": pl.Float64}),
            "caught": pl.Boolean,
        },
    )


def decided(table: pl.DataFrame) -> pl.DataFrame:
    reasons = pl.when("caught").then(pl.lit([REASON])).otherwise(pl.lit([], pl.List(pl.String)))
    return table.select("doc_id", reasons.alias("drop_reasons"))


def lost(table: pl.DataFrame, keep: dict[str, float]) -> set[str]:
    """The doc_ids that the quantile takes, no other rule having caught any."""
    found = bounds(ranked(table.lazy()).collect(), keep)
    told = add_reason(decided(table.with_columns(caught=pl.lit(value=False))), table, found)
    return set(told.filter(pl.col("drop_reasons").list.len() > 0)["doc_id"])


@QUICK
@given(found=rows, share=st.sampled_from([0.0, 0.2, 0.3, 0.5, 1 / 3, 0.99]))
def test_the_best_share_of_each_source_and_language_stays(found, share):
    """By score, then content hash, then doc_id: the oracle sorts and counts."""
    table = metrics(found)
    expected = set()
    for name, lang in {(row[0], row[1]) for row in found}:
        cell = [
            (-row["classifier"]["score"], row["content_hash"], row["doc_id"])
            for row in table.to_dicts()
            if (row["source"]["name"], row["lang"]) == (name, lang)
        ]
        expected |= {one[2] for one in sorted(cell)[math.ceil(share * len(cell)) :]}
    assert lost(table, {"crawl": share, "feeds": share}) == expected


@QUICK
@given(found=rows, draw=st.randoms())
def test_the_order_of_the_documents_does_not_matter(found, draw):
    table = metrics(found)
    order = list(range(table.height))
    draw.shuffle(order)
    assert lost(table, {"crawl": 0.5}) == lost(table[order], {"crawl": 0.5})


@QUICK
@given(found=rows)
def test_a_source_that_is_not_named_keeps_all(found):
    table = metrics(found)
    named = set(table.filter(pl.col("source").struct.field("name") == "crawl")["doc_id"])
    assert lost(table, {"crawl": 0.5}) <= named
    assert lost(table, {}) == set()


def test_a_reason_that_is_there_is_not_added_again():
    table = metrics([("crawl", "en", 0.1, "a", True), ("crawl", "en", 0.9, "b", False)])
    found = bounds(ranked(table.lazy()).collect(), {"crawl": 0.5})
    assert add_reason(decided(table), table, found)["drop_reasons"].to_list() == [[REASON], []]


def test_reasons_of_other_rules_stay():
    table = metrics([("crawl", "en", 0.1, "a", False), ("crawl", "en", 0.9, "b", False)])
    decisions = table.select("doc_id", pl.lit(["c4.sentence_count.min"]).alias("drop_reasons"))
    found = bounds(ranked(table.lazy()).collect(), {"crawl": 0.5})
    assert add_reason(decisions, table, found)["drop_reasons"].to_list() == [
        ["c4.sentence_count.min", REASON],
        ["c4.sentence_count.min"],
    ]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, demo_run: Path) -> Recipe:
    """A crawl and a handbook out of the demo's documents."""
    folder = tmp_path_factory.mktemp("corpus")
    documents = pl.read_parquet(demo_run / "documents" / "*.parquet").sort("doc_id")
    for name, chosen in (("crawl", documents[:50]), ("handbook", documents[50:80])):
        lines = [json.dumps({"text": text}, ensure_ascii=False) for text in chosen["text"]]
        (folder / f"{name}.jsonl").write_text("\n".join([*lines, lines[0]]))
    return recipes.parse(TABLE, folder)


TABLE = {
    "name": "kept",
    "sources": [
        {"name": "crawl", "path": "crawl.jsonl"},
        {"name": "handbook", "kind": "proprietary", "path": "handbook.jsonl"},
    ],
    "filters": {"use": ["classifier"]},
    "dedup": {"passages": False},
    "tokenizer": {"vocabulary": 2500},
    "shards": {"sequence_length": 128},
}


def judged(run: Path) -> pl.DataFrame:
    """Source name, lang, score and reasons of every document, by doc_id."""
    tables = [
        pl.read_parquet(run / name / "*.parquet").select(
            "doc_id",
            pl.col("source").struct.field("name"),
            "lang",
            pl.col("classifier").struct.field("score"),
            "drop_reasons",
        )
        for name in ("documents", "dropped")
    ]
    return pl.concat(tables).sort("doc_id")


class Ran:
    """A progress that remembers which steps have run."""

    def __init__(self) -> None:
        self.node, self.nodes = "", []

    def start(self, node: str, tasks: int) -> None:
        self.node = node

    def advance(self, checkpoint) -> None:
        if not checkpoint.cached:
            self.nodes.append(self.node)

    def finish(self) -> None: ...


def test_a_run_keeps_the_share_of_the_source(corpus: Recipe, tmp_path: Path) -> None:
    changed = {**TABLE, "classifier": {"keep": {"crawl": 0.3}}}
    run = tmp_path / "run"
    curate(corpus, Where(run))
    assert not judged(run)["drop_reasons"].explode().eq(REASON).any()
    ran = Ran()
    curate(recipes.parse(changed, corpus.folder), Where(run), ran)
    assert ran.nodes[:2] == ["keep", "decide"]  # nothing is measured again
    table = judged(run)
    caught = table.with_columns(pl.col("drop_reasons").list.contains(REASON).alias("caught"))
    for (source, _), cell in caught.partition_by("name", "lang", as_dict=True).items():
        kept = math.ceil(0.3 * cell.height) if source == "crawl" else cell.height
        assert cell.height - cell["caught"].sum() == kept
        assert cell.filter("caught")["score"].max() in (None, *cell["score"].to_list())
        if kept < cell.height:
            worst = cell.filter(~pl.col("caught"))["score"].min()
            assert cell.filter("caught")["score"].max() <= worst
    other = tmp_path / "other"
    curate(recipes.parse(changed, corpus.folder), Where(other, partition_bytes=20_000))
    assert judged(other).equals(table)


def test_without_a_classifier_all_is_kept(corpus: Recipe, tmp_path: Path) -> None:
    """Every score is 1 then: a quantile would take documents by their hashes."""
    sources = [{"name": "crawl", "path": "crawl.jsonl"}]
    table = {**TABLE, "sources": sources, "classifier": {"keep": 0.3}}
    curate(recipes.parse(table, corpus.folder), Where(tmp_path / "run"))
    found = judged(tmp_path / "run")
    assert set(found["score"]) == {1.0}
    assert not found["drop_reasons"].explode().eq(REASON).any()


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ({"crawls": 0.5}, r"classifier.keep: no source 'crawls'; known: crawl, handbook"),
        (1.5, r"classifier.keep.*less than or equal to 1"),
        ({"crawl": -1}, r"classifier.keep.*greater than or equal to 0"),
    ],
)
def test_a_mistake_is_told(keep: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        recipes.parse({**TABLE, "classifier": {"keep": keep}}, tmp_path)


def test_which_sources_are_thinned() -> None:
    def shares(keep: object) -> dict[str, float]:
        recipe = recipes.parse({**TABLE, "classifier": {"keep": keep}}, Path())
        return dict(quantile.shares(recipe))

    assert shares(0.3) == {"crawl": 0.3, "handbook": 0.3}
    assert shares({"crawl": 0.2}) == {"crawl": 0.2}
    assert shares({"crawl": 1.0}) == {}
    assert shares(1) == {}


@pytest.fixture(scope="module")
def thinned(corpus: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("thinned") / "run"
    table = {**TABLE, "classifier": {"keep": {"crawl": 0.5}}}
    curate(recipes.parse(table, corpus.folder), Where(run))
    return run


def test_what_if_tells_what_another_quantile_keeps(
    thinned: Path, corpus: Recipe, tmp_path: Path
) -> None:
    (tmp_path / "less.toml").write_text("[classifier]\nkeep = { crawl = 0.3 }\n")
    found = what_if(thinned, tmp_path / "less.toml")
    assert found.notes == []
    table = {**TABLE, "classifier": {"keep": {"crawl": 0.3}}}
    curate(recipes.parse(table, corpus.folder), Where(tmp_path / "run"))
    passing = judged(tmp_path / "run").filter(~pl.col("drop_reasons").list.contains(REASON))
    assert sum(row["after"] for row in found.passing()) == passing.height
    before = judged(thinned).filter(~pl.col("drop_reasons").list.contains(REASON))
    assert sum(row["before"] for row in found.passing()) == before.height
    assert set(found.leaving["rules"].explode()) == {REASON}


def test_explain_tells_the_score_of_the_last_one_kept(thinned: Path) -> None:
    dropped = pl.read_parquet(thinned / "dropped" / "*.parquet")
    caught = dropped.filter(pl.col("drop_reasons").list.contains(REASON))
    for row in caught.head(3).to_dicts():
        told = explain(thinned, row["doc_id"])
        (line,) = [one.split() for one in told.splitlines() if REASON in one]
        assert line[3] == "<=" and float(line[2]) <= float(line[4])
        assert float(line[2]) == pytest.approx(row["classifier"]["score"], rel=1e-3)


def test_the_report_names_the_rule(thinned: Path) -> None:
    assert REASON in (thinned / "report" / "index.html").read_text()
    kept = json.loads((thinned / "report" / "keep.json").read_text())
    assert {row["name"] for row in kept} == {"crawl"}
    assert all(row["kept"] == math.ceil(0.5 * row["documents"]) for row in kept)
