"""Evaluation sets as they are published, the audit of a run, cuts, and the self-test."""

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from taojin.core.errors import UserError
from taojin.dedup.evaluation import decontaminate
from taojin.dedup.evaluation.decontaminate import Index, Item
from taojin.pipeline import planted
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.evaluation import read_items
from taojin.pipeline.explain import explain
from taojin.pipeline.inputs import File
from taojin.pipeline.planted import SelfTestError, self_test
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.settings.evaluation import Evaluation
from taojin.pipeline.steps.evaluate import index_task
from taojin.pipeline.task import Checkpoint, execute


def items_of(path: Path, **evaluation: object) -> list[Item | None]:
    found = Evaluation.model_validate({"path": path.name, **evaluation})
    return list(read_items(File(path.name, str(path), path.stat().st_size, ""), found))


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def jsonl(*rows: Mapping[str, object]) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


CHOICES = ["上海菜", "徐海菜", "苏锡菜", "淮扬菜"]
PUBLISHED = {
    "gsm8k": (
        "test.jsonl",
        jsonl({"question": "How many?", "answer": "Four.\n#### 4"}),
        [("How many?", "test.jsonl:1", "question"), ("Four.\n#### 4", "test.jsonl:1", "answer")],
    ),
    "mmlu": (
        "anatomy_test.csv",
        as_csv(
            [["What is\nit?", "a", "b", "c", "d", "A"], ["And, this?", "e", "f", "g", "h", "B"]]
        ),
        [
            ("What is\nit?", "anatomy_test.csv:1", "question"),
            *((one, "anatomy_test.csv:1", "option") for one in "abcd"),
            ("And, this?", "anatomy_test.csv:2", "question"),
            *((one, "anatomy_test.csv:2", "option") for one in "efgh"),
        ],
    ),
    "humaneval": (
        "HumanEval.jsonl.gz",
        jsonl({"task_id": "HumanEval/0", "prompt": "def f():", "canonical_solution": "  return"}),
        [("def f():", "HumanEval/0", "question"), ("  return", "HumanEval/0", "answer")],
    ),
    "ceval": (
        "accountant_test.csv",
        as_csv([["id", "question", *"ABCD", "answer"], ["7", "以何种菜为主体____", *CHOICES, "D"]]),
        [
            ("以何种菜为主体____", "7", "question"),
            *((one, "7", "option") for one in CHOICES),
        ],
    ),
    "cmmlu": (
        "food.csv",
        as_csv([["", "Question", *"ABCD", "Answer"], ["0", "以何种菜为主体", *CHOICES, "D"]]),
        [("以何种菜为主体", "0", "question"), *((one, "0", "option") for one in CHOICES)],
    ),
}


@pytest.mark.parametrize("layout", PUBLISHED)
def test_the_published_layouts_are_read(tmp_path: Path, layout: str) -> None:
    name, text, expected = PUBLISHED[layout]
    data = text.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    items = items_of(tmp_path / name, layout=layout)
    assert items == [Item(one, layout, item_id, field) for one, item_id, field in expected]


def test_mmlu_is_read_from_parquet_too(tmp_path: Path) -> None:
    path = tmp_path / "test.parquet"
    pl.DataFrame({"question": ["What?"], "choices": [["a", "b"]], "answer": [1]}).write_parquet(
        path
    )
    assert items_of(path, layout="mmlu") == [
        Item("What?", "mmlu", "test.parquet:1"),
        Item("a", "mmlu", "test.parquet:1", "option"),
        Item("b", "mmlu", "test.parquet:1", "option"),
    ]


def test_columns_of_the_recipe_stand_over_those_of_the_layout(tmp_path: Path) -> None:
    path = tmp_path / "ours.v2.jsonl"
    path.write_text(jsonl({"q": "Why?", "a": "So.", "n": 12, "o": "or"}), encoding="utf-8-sig")
    columns = {"question": "q", "answer": "a", "id": "n", "options": ("o",)}
    assert items_of(path, **columns) == [
        Item("Why?", "ours", "12"),
        Item("or", "ours", "12", "option"),
        Item("So.", "ours", "12", "answer"),
    ]
    assert items_of(path, layout="gsm8k", name="mine", question="q") == [
        Item("Why?", "mine", "ours.v2.jsonl:1")
    ]


@pytest.mark.parametrize("named", [{"answer": "x"}, {"id": "x"}, {"options": ("o", "x")}])
def test_a_column_that_the_recipe_names_and_no_row_has_is_told(
    tmp_path: Path, named: dict[str, object]
) -> None:
    (tmp_path / "set.jsonl").write_text(jsonl({"question": "Why?"}, {"question": "So?", "o": "a"}))
    with pytest.raises(UserError, match=r"set\.jsonl has no column 'x'; check the columns"):
        items_of(tmp_path / "set.jsonl", **named)


def test_rows_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"question": "Why?"}\n{broken\n\n[1]\n{"question": ""}\n{"question": null}\n')
    assert items_of(path) == [Item("Why?", "set", "set.jsonl:1"), None, None, None, None]
    table = tmp_path / "set.csv"
    table.write_text("question,answer\nWhy?,So\nToo,many,fields\n")
    assert items_of(table) == [Item("Why?", "set", "set.csv:1"), None]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.jsonl", '{"query": "Why?"}', "no column 'question'.*`layout`"),
        ("a.txt", "Why?", "no table"),
        ("a.parquet", "PAR1 broken", "no Parquet file"),
        ("a.jsonl.gz", "broken", "no column 'question'|damaged"),
    ],
)
def test_a_set_that_is_not_right_is_told(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=message):
        items_of(tmp_path / name)


QUESTIONS = [
    "Why does the ferryman of the old crossing light his lamp before the sun has gone down?",
    "渡口的老人为什么在太阳还没有下山的时候就把船头的灯点起来了",
    "摆渡的老人姓什么",
]


def evaluated(folder: Path, rows: Sequence[Mapping[str, object]], **table: object) -> Checkpoint:
    (folder / "set.jsonl").write_text(jsonl(*rows), encoding="utf-8")
    recipe = recipes.parse(
        {
            "name": "r",
            "sources": [{"name": "s", "path": "*.txt"}],
            "decontaminate": {"against": [{"path": "set.jsonl"}], **table},
        },
        folder,
    )
    return execute(index_task(recipe, {}), folder / "work")


def test_the_self_test_finds_items_of_every_kind(tmp_path: Path) -> None:
    checkpoint = evaluated(tmp_path, [{"question": one} for one in QUESTIONS])
    assert checkpoint.counts == {"searched": 3, "short": 0, "unread": 0}
    self_test(checkpoint)
    texts = checkpoint.read("planted")
    assert texts["item"].drop_nulls().unique().sort().to_list() == [0, 1, 2]
    assert texts.filter(pl.col("item").is_null()).height == len(planted.CARRIERS)


@pytest.mark.parametrize("broken", ["nothing", "everything", "elsewhere"])
def test_a_search_that_is_broken_fails_the_self_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """One peer's decontamination never tagged anything."""
    checkpoint = evaluated(tmp_path, [{"question": one} for one in QUESTIONS])
    right = Index.hits

    def hits(self: Index, texts: pl.Series) -> pl.DataFrame:
        found = right(self, texts)
        if broken == "nothing":
            return found.clear()
        if broken == "elsewhere":
            return found.with_columns(pl.col("start") - 40, pl.col("end") - 40)
        every = pl.DataFrame({"document": range(texts.len())}).with_columns(
            item=0, start=0, end=1, overlap=1.0
        )
        return pl.concat([found, every.cast(pl.Schema(found.schema))])

    monkeypatch.setattr(decontaminate.Index, "hits", hits)
    with pytest.raises(SelfTestError):
        self_test(checkpoint)


def test_a_set_with_nothing_to_search_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="none of the 2 items of 'set'"):
        evaluated(tmp_path, [{"question": "Why?"}, {"question": "阑尾"}])


FILLER = (
    "The crossing lies below the hills, where the river is wide and slow, and people of both "
    "banks have used it for as long as anyone can remember. In spring the water is brown and "
    "carries branches, and then the ferry waits until the worst is over. In summer children swim "
    "beside the boat and hold on to the rope that leads it. Grain, salt, cloth and letters have "
    "all come this way, and the book in which the fares are noted goes back two hundred years."
)
OTHER = (
    "A bridge was planned more than once, and each time the village had reasons against it: the "
    "piers would catch the ice, the road would cut the common, and nobody would stop at the inn. "
    "So the engineers measured the depth, drew their maps, drank their tea and went home again. "
    "What they left are six brass marks on the stones of the landing, which show how high the "
    "floods have been, and the youngest of the marks is older than the oldest of the people."
)


@pytest.fixture
def corpus(tmp_path: Path) -> Recipe:
    """A copy with a planted question from the trusted source, a clean one from the crawl, one that
    is nearly nothing but a question, and one with a short question on a line of its own.
    """
    texts = {
        "handbook": [
            f"{FILLER}\n{QUESTIONS[0]}\n{OTHER}",
            f"{OTHER}\n{QUESTIONS[2]}？\n{OTHER[:200]}",
        ],
        "crawl": [f"{FILLER}\n{OTHER}", QUESTIONS[1]],
    }
    for name, found in texts.items():
        (tmp_path / f"{name}.jsonl").write_text(jsonl(*({"text": text} for text in found)))
    (tmp_path / "set.jsonl").write_text(jsonl(*({"question": one} for one in QUESTIONS)))
    table = {
        "name": "small",
        "sources": [
            {"name": "crawl", "path": "crawl.jsonl"},
            {"name": "handbook", "kind": "proprietary", "path": "handbook.jsonl"},
        ],
        "decontaminate": {"against": [{"path": "set.jsonl"}], "action": "cut"},
        "filters": {"use": []},
        "dedup": {"passages": False},
        "tokenizer": {"vocabulary": 600},
        "shards": {"sequence_length": 64},
    }
    return recipes.parse(table, tmp_path)


def with_(recipe: Recipe, **decontaminate: object) -> Recipe:
    table = {**recipe.resolved(), "decontaminate": {
        **recipe.decontaminate.model_dump(), **decontaminate
    }}  # fmt: skip
    return recipes.parse(table, recipe.folder)


def test_a_cut_is_recorded_and_the_clean_copy_is_kept(corpus: Recipe, tmp_path: Path) -> None:
    run = tmp_path / "run"
    curate(corpus, Where(run))
    audit = pl.read_parquet(run / "contamination.parquet").sort("item")
    assert audit.select("benchmark", "item", "field", "start", "end", "overlap", "cut").rows() == [
        ("set", "set.jsonl:1", "question", len(FILLER) + 1, len(FILLER + QUESTIONS[0]), 1.0, True),
        ("set", "set.jsonl:2", "question", 0, len(QUESTIONS[1]), 1.0, False),
        (
            "set",
            "set.jsonl:3",
            "question",
            len(OTHER) + 1,
            len(OTHER + QUESTIONS[2]) + 1,
            1.0,
            True,
        ),
    ]
    edits = pl.read_parquet(run / "edits.parquet").filter(stage="decontaminate").sort("start")
    assert edits.select("step", "kind", "start", "end").rows() == [
        (3, "question", len(FILLER) + 1, len(FILLER + QUESTIONS[0]) + 1),
        (3, "question", len(OTHER) + 1, len(OTHER + QUESTIONS[2]) + 2),
    ]
    kept = pl.read_parquet(run / "documents" / "*.parquet")
    ledger = pl.read_parquet(run / "ledger.parquet")
    reasons = ledger.select("source", "fate", pl.col("reasons").list.join(",")).sort(pl.all())
    assert reasons.rows() == [
        ("crawl", "dropped", "decontamination.overlap.max"),
        ("crawl", "kept", ""),
        ("handbook", "dropped", "dedup.exact.max"),
        ("handbook", "kept", ""),
    ]
    assert not kept["text"].str.contains_any(QUESTIONS).any()
    assert kept["cut_items"].struct.field("item_count").sort().to_list() == [0, 1]
    told = explain(run, audit["doc_id"][0])
    assert f"cut         set set.jsonl:1 (question, 100%) at {len(FILLER) + 1}-" in told
    assert "decontaminate: 1 x question" in told


def test_what_holds_items_is_dropped_by_default(corpus: Recipe, tmp_path: Path) -> None:
    curate(with_(corpus, action="drop"), Where(tmp_path / "run"))
    ledger = pl.read_parquet(tmp_path / "run" / "ledger.parquet")
    assert sorted(ledger["reasons"].to_list()) == [
        [],
        *[["decontamination.overlap.max"]] * 3,
    ]
    audit = pl.read_parquet(tmp_path / "run" / "contamination.parquet")
    assert audit["cut"].to_list() == [False] * 3


def test_under_a_lenient_bound_the_clean_copy_is_kept(corpus: Recipe, tmp_path: Path) -> None:
    """Though the other one is of the trusted source, and longer."""
    curate(with_(corpus, action="drop", most_overlap=1.0), Where(tmp_path / "run"))
    clusters = pl.read_parquet(tmp_path / "run" / "clusters.parquet").filter(
        pl.col("doc_id") != pl.col("kept_id")
    )
    kept = pl.read_parquet(tmp_path / "run" / "documents" / "*.parquet")
    survivor = kept.filter(pl.col("doc_id") == clusters["kept_id"][0])
    assert survivor["source"].struct.field("name").to_list() == ["crawl"]


def test_a_run_whose_search_is_broken_ends_before_it_reads_documents(
    corpus: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decontaminate.Index, "hits", lambda self, texts: pl.DataFrame(
        schema=dict(decontaminate._HIT)
    ))  # fmt: skip
    with pytest.raises(SelfTestError, match="item 0 of evaluation set 'set' is not found"):
        curate(corpus, Where(tmp_path / "run"))
    assert not (tmp_path / "run" / "work" / "ingest").exists()
