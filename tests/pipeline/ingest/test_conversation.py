"""Rows that hold conversations: one document each, whose messages are spans of its text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import schema, stage
from taojin.pipeline import recipe
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, ReadOptions, Record
from taojin.pipeline.pii.stage import MaskPersonalData
from taojin.pipeline.steps import cutting


def found(path: Path, *rows: object, **columns: str) -> list[Any]:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return list(read(str(path), ReadOptions(columns)))


def turns(record: Record) -> list[tuple[str, str, int | None]]:
    return [(one.role, record.text[one.start : one.end], one.parent) for one in record.messages]


OPENAI = {
    "messages": [
        {"role": "system", "content": "Be short."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "你好 😀\r\n在吗？"}, {"type": "image_url"}],
        },
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "42"},
        {"role": "assistant", "content": " It is 42. \n"},
    ]
}
SHAREGPT = {
    "id": "000123",
    "conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}],
}
TREE = {
    "message_tree_id": "t",
    "prompt": {
        "text": "Q",
        "role": "prompter",
        "replies": [
            {"text": "A1", "role": "assistant", "replies": [{"text": "Q2", "role": "prompter"}]},
            {
                "text": "gone",
                "role": "assistant",
                "deleted": True,
                "replies": [{"text": "Q3", "role": "prompter"}],
            },
            {"text": "A3", "role": "assistant", "replies": []},
        ],
    },
}
POST = {
    "title": "Tea",
    "selftext": "Which one?",
    "author": "someone",
    "comments": [
        {"author": "a", "body": "Green.", "replies": [{"body": "No.", "replies": ""}]},
        {
            "body": "[deleted]",
            "replies": {
                "kind": "Listing",
                "data": {"children": [{"kind": "t1", "data": {"body": "Why gone?"}}]},
            },
        },
    ],
}
LOG = {
    "id": "channel",
    "messages": [
        {"i": 10, "user": "Felicia", "text": "hello", "reply_to": []},
        {"i": 11, "system": True, "text": "=== Nella entered", "reply_to": []},
        {"i": 12, "user": "Gale", "text": "hi", "reply_to": [10]},
    ],
}


def test_openai_messages(tmp_path: Path) -> None:
    (record,) = found(tmp_path / "a.jsonl", OPENAI)
    assert turns(record) == [
        ("system", "Be short.", None),
        ("user", "你好 😀\n在吗？", 0),
        ("assistant", "", 1),
        ("tool", "42", 2),
        ("assistant", "It is 42.", 3),
    ]
    assert record.text == "Be short.\n\n你好 😀\n在吗？\n\n42\n\nIt is 42."


def test_sharegpt(tmp_path: Path) -> None:
    (record,) = found(tmp_path / "a.jsonl", SHAREGPT, title="id")
    assert turns(record) == [("user", "Why?", None), ("assistant", "Because.", 0)]
    assert record.title == "000123"


def test_a_tree_is_written_depth_first_and_a_deleted_message_keeps_its_replies(
    tmp_path: Path,
) -> None:
    (record,) = found(tmp_path / "a.jsonl", TREE)
    assert turns(record) == [
        ("user", "Q", None),
        ("assistant", "A1", 0),
        ("user", "Q2", 1),
        ("assistant", "", 0),
        ("user", "Q3", 3),
        ("assistant", "A3", 0),
    ]


def test_a_post_and_its_comments_without_the_names_of_those_who_wrote(tmp_path: Path) -> None:
    (record,) = found(tmp_path / "a.jsonl", POST)
    assert turns(record) == [
        ("post", "Tea\n\nWhich one?", None),
        ("comment", "Green.", 0),
        ("comment", "No.", 1),
        ("comment", "", 0),
        ("comment", "Why gone?", 3),
    ]
    assert record.title == "Tea"


def test_a_log_with_named_replies(tmp_path: Path) -> None:
    (record,) = found(tmp_path / "a.jsonl", LOG)
    assert turns(record) == [
        ("user", "hello", None), ("system", "=== Nella entered", None), ("user", "hi", 0)
    ]  # fmt: skip


def test_speakers_are_numbers_and_scores_are_kept(tmp_path: Path) -> None:
    """OpenAssistant's rank 0 is the best; on Reddit the highest score is."""
    rated = [{"text": str(rank), "role": "assistant", "rank": rank} for rank in (0, 2, None)]
    tree = {"prompt": {"text": "Q", "role": "prompter", "replies": rated}}
    post = {
        "title": "Tea",
        "selftext": "Which?",
        "author": "someone",
        "comments": [
            {"author": "a", "body": "Green.", "score": 12, "replies": []},
            {"author": "[deleted]", "body": "None.", "score": -3},
            {"author": "someone", "body": "Thanks.", "score": True},
        ],
    }
    records = found(tmp_path / "a.jsonl", tree, post, LOG, OPENAI)
    assert [[(one.speaker, one.score) for one in record.messages] for record in records] == [
        [(None, None), (None, 0.0), (None, -2.0), (None, None)],
        [(0, None), (1, 12.0), (None, -3.0), (0, None)],
        [(0, None), (None, None), (1, None)],
        [(None, None)] * 5,
    ]


def test_a_row_with_a_text_is_no_conversation_unless_the_recipe_says_so(tmp_path: Path) -> None:
    row = {"text": "plain", "a": {"talk": SHAREGPT["conversations"]}, **OPENAI}
    assert [one.text for one in found(tmp_path / "a.jsonl", row)] == ["plain"]
    named = found(tmp_path / "a.jsonl", row, {"text": "only"}, conversation="a.talk")
    assert [one.text for one in named] == ["Why?\n\nBecause.", "only"]
    assert (
        found(tmp_path / "a.jsonl", TREE["prompt"], {"talk": TREE["prompt"]}, conversation="talk")[
            1
        ]
        .messages[0]
        .role
        == "user"
    )


BAD = (
    {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": 5}]},
    {"messages": [{"role": "user", "content": "a"}, "b"]},
    {"messages": [{"role": "user", "content": "a"}, {"role": "user"}]},
    {"messages": []},
    {"messages": "text"},
    {"prompt": {"text": "a", "replies": ["b"]}},
    {"prompt": "a", "response": "b"},
)


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_what_is_no_conversation_is_told_without_its_text(
    tmp_path: Path, bad: dict[str, Any]
) -> None:
    entries = found(tmp_path / "a.jsonl", bad, SHAREGPT)
    assert isinstance(entries[0], Damaged)
    assert entries[0].cause == "missing_text"
    assert isinstance(entries[1], Record)


def test_a_chain_of_replies_may_be_long(tmp_path: Path) -> None:
    rows = [{"replies": []}]
    for number in range(300):
        rows.append({"text": str(number), "role": "prompter", "replies": [rows[-1]]})
    (record,) = found(tmp_path / "a.jsonl", {"prompt": rows[-1]})
    assert [one.parent for one in record.messages] == [None, *range(300)]


def test_parquet_with_messages_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = [{"id": "000123", **SHAREGPT}, {"id": "2", "conversations": None}]
    pq.write_table(pa.Table.from_pylist(rows), path)
    record, lost = read(str(path), ReadOptions({"title": "id"}))
    assert turns(record)[0] == ("user", "Why?", None)
    assert (record.title, record.size_bytes) == ("000123", len(record.text))
    assert lost.cause == "missing_text"


def test_real_trees_keep_every_message(shared_data: Path) -> None:
    path = shared_data / "conversations/oasst_trees.jsonl.zst"
    lines = zstandard.ZstdDecompressor().stream_reader(path.open("rb")).read().splitlines()
    records = list(read(str(path), ReadOptions()))
    assert len(records) == len(lines) == 49
    for record, line in zip(records, lines, strict=True):
        expected = list(walked(json.loads(line)["prompt"]))
        assert [record.text[one.start : one.end] for one in record.messages] == expected


def walked(node: dict[str, Any]) -> Iterator[str]:
    yield "" if node.get("deleted") else node["text"].replace("\r\n", "\n").strip()
    for reply in node["replies"]:
        yield from walked(reply)


def test_real_logs_keep_every_message(shared_data: Path) -> None:
    records = list(read(str(shared_data / "conversations/irc_threads.jsonl.zst"), ReadOptions()))
    assert sum(len(record.messages) for record in records) == 52_448
    assert {one.role for record in records for one in record.messages} == {"user", "system"}


def test_masking_moves_the_messages(tmp_path: Path) -> None:
    said = ["write to jane.doe@example.org now", "call +86 138 1234 5678", "no data"]
    row = {"messages": [{"role": "user", "content": one} for one in said]}
    (record,) = found(tmp_path / "a.jsonl", row)
    whole = masked(
        record.text, [[one.role, one.start, one.end, one.parent] for one in record.messages]
    )
    alone = [masked(one, []) for one in said]
    assert [whole["text"][one["start"] : one["end"]] for one in whole["conversation"]] == [
        one["text"] for one in alone
    ]
    assert "jane" not in whole["text"] and whole["text"] != record.text


def masked(text: str, messages: list[list[Any]]) -> dict[str, Any]:
    spans = [dict(zip(("role", "start", "end", "parent"), one, strict=True)) for one in messages]
    row = {"doc_id": "1", "text": text, "source": {}, "conversation": spans or None}
    table = pl.DataFrame([row], schema=dict(schema.DOCUMENT))
    table = table.with_columns(
        pl.col("source").struct.with_fields(
            pl.lit("").alias(name)
            for name in ("title", "url", "uri", "fetched_at", "mime", "licence")
        )
    )
    marked = stage.run(MaskPersonalData(), table)
    return stage.apply_edits(marked, "pii", 1)[0].row(0, named=True)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["user", "assistant"]),
            st.text(st.characters(exclude_categories=("Cs",))),
        )
    )
)
def test_every_message_is_its_span(said: list[tuple[str, str]]) -> None:
    from taojin.pipeline.ingest.charset import clean
    from taojin.pipeline.ingest.tables import conversation

    row = {"messages": [{"role": role, "content": text} for role, text in said]}
    if not said:
        assert conversation.find(row) is None
        return
    text, messages = conversation.find(row) or ("", ())
    assert [(one.role, text[one.start : one.end]) for one in messages] == [
        (role, clean(said_).strip()) for role, said_ in said
    ]
    assert [one.start for one in messages] == sorted(one.start for one in messages)


def test_a_cut_and_its_undoing_take_the_messages_along() -> None:
    def table(text: str, end: int, cut: float) -> pl.DataFrame:
        messages = [{"role": "user", "start": 0, "end": end, "parent": None}]
        counts = dict.fromkeys(COUNTS, 0) | {name: 0.0 for name in COUNTS if "ratio" in name}
        row = {"doc_id": "1", "text": text, "conversation": messages}
        row["passages"] = counts | {"cut_character_ratio": cut}
        types = {"doc_id": pl.String, "text": pl.String, "conversation": schema.CONVERSATION}
        return pl.DataFrame(
            [row],
            schema={
                **types,
                "passages": cutting.with_counts(pl.DataFrame({"doc_id": ["1"]})).schema["passages"],
            },
        )

    whole, cut = table("one two", 7, 0.0), table("one", 3, 0.5)
    changed = cutting._replaced(whole, cut)
    assert changed.equals(cut)
    back = cutting.put_back(changed, whole)
    assert back.select("text", "conversation").equals(whole.select("text", "conversation"))


COUNTS = [
    field.name
    for field in cutting.with_counts(pl.DataFrame({"doc_id": ["1"]})).schema["passages"].fields
]  # type: ignore[attr-defined]
LONG = "The kettle stands on the stove and {} waits until the water has come to the boil, slowly."


def test_a_run_keeps_the_messages_with_the_text_that_it_leaves(tmp_path: Path) -> None:
    rows = [
        {
            "messages": [
                {
                    "role": "user",
                    "content": LONG.format(f"person {number}") + f"\nmail: a{number}@example.org",
                },
                {
                    "role": "assistant",
                    "content": "Cookie Policy\n" + LONG.format(f"helper {number}"),
                },
            ]
        }
        for number in range(3)
    ]
    rows.append({"text": LONG.format("nobody")})  # type: ignore[dict-item]
    (tmp_path / "talk.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "recipe.toml").write_text(
        'name = "t"\nlanguages = ["en"]\n[[sources]]\nname = "talk"\npath = "talk.jsonl"\nkind = "chat"\n'
        '[dedup]\nnear = false\n[qa]\ngenerator = "off"\n[filters]\nuse = ["language"]\n'
    )
    curate(recipe.load(tmp_path / "recipe.toml"), Where(tmp_path / "run"))
    kept = pl.concat(map(pl.read_parquet, (tmp_path / "run/documents").glob("*.parquet")))
    talks = kept.filter(pl.col("conversation").is_not_null())
    assert (kept.height, talks.height) == (4, 3)
    for text, messages in talks.select("text", "conversation").iter_rows():
        asked, answered = (text[one["start"] : one["end"]] for one in messages)
        assert asked.startswith("The kettle stands on the stove and person")
        assert "example.org" not in asked
        assert answered.endswith("slowly.")
        assert [one["role"] for one in messages] == ["user", "assistant"]
