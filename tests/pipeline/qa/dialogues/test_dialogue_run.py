"""Conversations through a whole run: what is masked, dropped or a copy, and what is then learnt."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from taojin.pipeline import recipe
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.shards.keys import split_of
from taojin.tokenizer.encode import Encoder

SENTENCES = (
    "The kettle stands on the stove and {} waits until the water has come to the boil.",
    "A river that comes from the hills of {} carries sand, and in the sand there is some gold.",
    "Whoever asks {} for the way to the station will hear that it is behind the old market.",
    "The library of {} opens at nine, and who comes later finds no place at the window.",
    "In winter the ferry to {} goes only twice a day, because the lake is half frozen over.",
    "The baker in {} bakes his bread at night, so that it is still warm when the shop opens.",
)
PLACES = ("Anna", "Bertram", "Clarissa", "Dagobert", "Eleonore", "Ferdinand", "Gudrun", "Hildegard")


def said(place: int, number: int) -> str:
    return SENTENCES[number].format(PLACES[place])


def talk(place: int, *extra: str) -> dict[str, Any]:
    texts = [said(place, number) for number in range(4)]
    texts = [f"{text} {more}".strip() for text, more in zip(texts, (*extra, *[""] * 4))]  # noqa: B905
    roles = ("user", "assistant", "user", "assistant")
    return {"messages": [{"role": r, "content": t} for r, t in zip(roles, texts, strict=True)]}


TREE = {
    "prompt": {
        "text": said(4, 0),
        "role": "prompter",
        "replies": [
            {"text": said(4, 1), "role": "assistant", "rank": 1, "replies": [
                {"text": said(4, 2), "role": "prompter", "replies": [
                    {"text": said(4, 3), "role": "assistant", "replies": []}]}]},
            {"text": said(4, 4), "role": "assistant", "rank": 0, "replies": []},
            {"text": said(4, 5), "role": "assistant", "deleted": True, "replies": []},
        ],
    }
}  # fmt: skip
LOG = {
    "messages": [
        {"i": 0, "user": "Gale", "text": said(5, 0), "reply_to": []},
        {"i": 1, "user": "Will", "text": said(5, 1), "reply_to": [0]},
        {"i": 2, "user": "Nella", "text": said(5, 2), "reply_to": [1]},
    ]
}
ROWS = [
    talk(0, "", "Call +86 138 1234 5678 or write to jane.doe@example.org, please."),
    talk(1),
    talk(1, "Indeed."),  # nearly the one before
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
    TREE,
    LOG,
    {"text": "\n".join(said(6, number) for number in range(6))},
]
RECIPE = """
name = "t"
languages = ["en"]
sources = [{ name = "talk", path = "talk.jsonl", kind = "chat" }]
qa = { generator = "off" }
filters = { use = ["gopher_quality"], gopher_quality = { word_count = { min = 20 } } }
dedup = { passages = false }
tokenizer = { vocabulary = 400 }
shards = { sequence_length = 400, validation = 0.5 }
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("talk")
    (folder / "talk.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (folder / "recipe.toml").write_text(RECIPE + "[dialogues]\nthread_share = 1.0\n")
    curate(recipe.load(folder / "recipe.toml"), Where(folder / "run"))
    return folder / "run"


def table(run: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(run / name / "*.parquet")


def of_row(run: Path, line: int, name: str = "dialogues") -> list[dict[str, Any]]:
    """The rows of a table that line `line` of the source gave, from 1."""
    documents = pl.concat([table(run, "documents"), table(run, "dropped")], how="diagonal_relaxed")
    here = documents.filter(pl.col("source").struct.field("position") == line)["doc_id"]
    return table(run, name).filter(pl.col("doc_id").is_in(here.implode())).to_dicts()


def turns(row: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(one["role"], one["content"], one["train"]) for one in row["messages"]]


def test_what_is_masked_in_a_turn_leaves_roles_and_boundaries_right(run: Path) -> None:
    (row,) = of_row(run, 1)
    found = turns(row)
    assert [(role, learns) for role, _, learns in found] == [
        ("user", False), ("assistant", True), ("user", False), ("assistant", True)
    ]  # fmt: skip
    assert found[1][1].startswith(said(0, 1)) and found[1][1].endswith(", please.")
    assert not any(one in found[1][1] for one in ("138", "jane", "example.org"))
    assert [found[number][1] for number in (0, 2, 3)] == [said(0, number) for number in (0, 2, 3)]


def test_a_conversation_that_falls_gives_nothing(run: Path) -> None:
    reasons = {one["reason"] for line in (2, 3, 4) for one in of_row(run, line, "left_out")}
    found = [len(of_row(run, line)) for line in (2, 3, 4)]
    assert sorted(found[:2]) == [0, 1]  # one of the two near-duplicates
    assert (found[2], reasons) == (0, set())


def test_a_tree_is_learnt_once_and_its_mask_reads_as_its_answers(run: Path) -> None:
    encoder = Encoder(run / "tokenizer")
    rows = {row["dialogue_id"]: row for row in dataset(run)}
    learnt: Counter[str] = Counter()
    for row in of_row(run, 5):
        packed = rows[row["dialogue_id"]]
        marked = [
            token if learns else encoder.special_id("<|end|>")
            for token, learns in zip(packed["input_ids"], packed["loss_mask"], strict=True)
        ]
        end = encoder.special_id("<|end|>")
        pieces = [[]]  # type: ignore[var-annotated]
        for token in marked:
            pieces = [*pieces, []] if token == end else [*pieces[:-1], [*pieces[-1], token]]
        learnt.update(encoder.decode(piece) for piece in pieces if piece)
        assert packed["messages"] == row["messages"]
    assert learnt == Counter([said(4, 1), said(4, 3), said(4, 4)])


def test_a_log_gives_what_the_one_who_asks_and_the_first_answer_say(run: Path) -> None:
    (row,) = of_row(run, 6)
    assert (row["task"], turns(row)) == (
        "thread", [("user", said(5, 0), False), ("assistant", said(5, 1), True)]
    )  # fmt: skip
    assert [(one["message"], one["reason"]) for one in of_row(run, 6, "left_out")] == [
        (2, "third_party")
    ]


def test_ranked_replies_are_preferences(run: Path) -> None:
    (row,) = of_row(run, 5, "preferences")
    assert (row["chosen"], row["rejected"], row["margin"]) == (said(4, 4), said(4, 1), 1.0)


def dataset(run: Path) -> list[dict[str, Any]]:
    rows = []
    for split in ("train", "validation"):
        for path in sorted((run / "dataset/sft" / split).glob("*.arrow")):
            found = pa.ipc.open_stream(path).read_all().to_pylist()
            hashes = pl.Series([row["content_hash"] for row in found], dtype=pl.String)
            assert set(split_of(hashes, 0.5, 1)) <= {split}
            rows += found
    return rows


def test_the_dataset_holds_every_dialogue_with_where_it_comes_from(run: Path) -> None:
    rows = {row["dialogue_id"]: row for row in dataset(run)}
    made = table(run, "dialogues")
    assert set(rows) == set(made["dialogue_id"])
    for row in made.iter_rows(named=True):
        assert {name: rows[row["dialogue_id"]][name] for name in row} == row
    told = json.loads((run / "report/dataset.json").read_text())
    assert told["dialogues"] == told["sft_rows"] == made.height
    assert told["left_out"] == table(run, "left_out").height
    assert (told["sft_rejected"], told["sft_over_share"], told["preferences"]) == (0, 0, 1)


def test_threads_alone_are_over_their_share(run: Path, tmp_path: Path) -> None:
    """The share is one of the dataset's tokens, and here a conversation has far too few."""
    (tmp_path / "talk.jsonl").write_text(json.dumps(LOG) + "\n" + json.dumps(talk(2)) + "\n")
    (tmp_path / "recipe.toml").write_text(RECIPE.replace("400 }", "350 }"))
    curate(recipe.load(tmp_path / "recipe.toml"), Where(tmp_path / "run"))
    assert {row["task"] for row in dataset(tmp_path / "run")} == {"conversation"}
    assert set(table(tmp_path / "run", "dialogues")["task"]) == {"conversation", "thread"}
    warnings = json.loads((tmp_path / "run/report/warnings.json").read_text())
    assert any("thread_share" in one["en"] for one in warnings)
