"""A labelled table goes through a run: masked, clean of evaluation items, put into words, mixed."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from taojin.core.errors import UserError
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.exports.export import export

ITEM = "Which of the four rivers that cross the old town reaches the harbour below the mill?"
EMAIL = "jane.roe@mail.example"


def lines(*rows: dict[str, Any]) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def question(number: int) -> dict[str, Any]:
    return {
        "q": f"What does shelf number {number} of the big store hold, if one counts from the door?",
        "options": [f"bolts of size {number}", f"nuts of size {number * 3 + 1}", "only dust"],
        "key": "AB"[number % 2],
    }


PLANTED = [
    {"q": ITEM, "options": ["the Aller", "the Ilm"], "key": "A"},
    {"q": "Whom does one write to about parts?", "options": [EMAIL, "nobody at all"], "key": "A"},
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "table.jsonl").write_text(lines(*map(question, range(60)), *PLANTED))
    (folder / "set.jsonl").write_text(lines({"question": ITEM}))
    text = "The {0}th keeper of the store wrote {0} lines about the bolts that were lost there. "
    texts = [{"text": "".join(text.format(n * m) for m in range(1, 30))} for n in range(1, 30)]
    (folder / "text.jsonl").write_text(lines(*texts))
    table = {
        "name": "store",
        "languages": ["en"],
        "sources": [
            {
                "name": "store",
                "kind": "dialogue",
                "path": "table.jsonl",
                "columns": {"question": "q", "options": "options", "answer": "key"},
                "weight": 0,
                "instructions": {"form": "choice", "demonstrations": 3, "inverted": 0.3},
            },
            {"name": "text", "path": "text.jsonl"},
        ],
        "filters": {"use": []},
        "dedup": {"near": False, "passages": False},
        "decontaminate": {"against": [{"path": "set.jsonl"}]},
        "tokenizer": {"vocabulary": 500},
        "shards": {"sequence_length": 256, "validation": 0.2},
        "sft": {
            "most_per_task": 25,
            "weights": {"store/choice_inverted": 2},
            "pretraining_share": 0.25,
        },
    }
    curate(recipes.parse(table, folder), Where(folder / "run"))
    return folder / "run"


def messages(run: Path) -> list[list[dict[str, Any]]]:
    return pl.read_parquet(run / "dialogues" / "*.parquet")["messages"].to_list()


def dataset(run: Path) -> pl.DataFrame:
    parts = []
    for path in sorted((run / "dataset" / "sft").rglob("*.arrow")):
        with pa.memory_map(str(path)) as file:
            parts.append(pl.DataFrame(pa.ipc.open_stream(file).read_all()))
    return pl.concat(parts)


def test_a_value_is_masked_wherever_its_row_is_said(run: Path) -> None:
    said = [turn["content"] for one in messages(run) for turn in one]
    assert any("<EMAIL>" in one for one in said)
    for path in run.rglob("*"):
        assert path.is_dir() or path.suffix == ".json" or EMAIL.encode() not in path.read_bytes()
    assert EMAIL not in str(said)


def test_an_evaluation_item_is_neither_asked_nor_shown(run: Path) -> None:
    (dropped,) = pl.read_parquet(run / "dropped" / "*.parquet").to_dicts()
    assert dropped["drop_reasons"] == ["decontamination.overlap.max"]
    assert ITEM not in str(messages(run))
    assert len(messages(run)) == 61


def test_labelled_rows_are_no_conversations_and_are_not_asked_about(run: Path) -> None:
    tasks = pl.read_parquet(run / "dialogues" / "*.parquet")["task"].unique().sort().to_list()
    assert tasks == ["store/choice", "store/choice_inverted"]
    assert pl.read_parquet(run / "left_out" / "*.parquet").is_empty()
    assert "store" not in pl.read_parquet(run / "qa" / "*.parquet")["source"].to_list()


def test_the_mix_is_what_was_asked_for(run: Path) -> None:
    mix = {
        one["task"]: one
        for one in json.loads((run / "report" / "report.json").read_text())["sft_mix"]
    }
    rows = dataset(run)
    counted = dict(rows.group_by("task").len().iter_rows())
    tokens = (
        rows.with_columns(n=pl.col("input_ids").list.len()).group_by("task").agg(pl.col("n").sum())
    )
    assert {task: one["rows"] for task, one in mix.items()} == counted
    assert {task: one["tokens"] for task, one in mix.items()} == dict(tokens.iter_rows())
    assert counted["store/choice"] == 25
    assert counted["store/choice_inverted"] == 2 * mix["store/choice_inverted"]["dialogues"]
    assert 0.2 < mix["pretraining"]["token_share"] <= 0.25
    asked = [one["asked_share"] for one in mix.values() if one["asked_share"] is not None]
    assert sum(asked) == pytest.approx(1)


def test_pretraining_text_is_of_documents_that_are_no_dialogues_and_is_all_learnt(
    run: Path,
) -> None:
    text = dataset(run).filter(task="pretraining")
    assert text["source"].unique().to_list() == ["text"]
    assert all(set(mask) == {1} for mask in text["loss_mask"].to_list())
    assert max(text["input_ids"].list.len()) <= 256
    kept = pl.read_parquet(run / "documents" / "*.parquet")
    assert set(text["doc_id"]) <= set(kept["doc_id"])


def test_what_is_no_dialogue_is_told_by_an_export(run: Path, tmp_path: Path) -> None:
    told = export(run, "sharegpt", tmp_path / "out")
    text = dataset(run).filter(task="pretraining").height
    assert f"left out    {text} rows of pre-training text, which is no dialogue" in told
    masked = [one for one in messages(run) if len(one) > 2]
    assert masked
    assert "lost        " in told


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ({"columns": {"question": "q", "answer": "a"}}, r"its columns are those of a labelled table"),
        ({"instructions": {"form": "answer"}, "columns": {"question": "q"}}, r"needs a column for `answer`"),
        ({"instructions": {"form": "ask"}}, r"instructions.form: input should be 'answer'"),
        ({"instructions": {"form": "answer", "x": 1}}, r"no key 'sources.0.instructions.x'; known: demo"),
        ({"columns": {"text": ["a", "b"]}}, r"text: one column is needed; `options` alone may be several"),
    ],
)  # fmt: skip
def test_a_recipe_that_cannot_be_asked_is_told_so(source: dict[str, Any], error: str) -> None:
    table = {"name": "a", "sources": [{"name": "s", "path": "x.jsonl", **source}]}
    with pytest.raises(UserError, match=error):
        recipes.parse(table, Path())


def test_a_column_that_no_table_has_is_told_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines({"q": "x", "c": {"text": ["a", "b"]}, "key": "A"}))
    columns = {"question": "q", "options": "c.text", "answer": "label", "reasoning": "why"}
    source = {
        "name": "s",
        "path": "a.jsonl",
        "columns": columns,
        "instructions": {"form": "choice"},
    }
    with pytest.raises(UserError, match=r"no column 'label'; known: c, key, q"):
        curate(recipes.parse({"name": "a", "sources": [source]}, tmp_path), Where(tmp_path / "run"))
