"""Dialogues out of trees: exactly once, in order, in the right roles, however they are cut."""

from collections import Counter
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.core import schema
from taojin.pipeline.qa.dialogues.made import Made, Settings, make
from taojin.tests.pipeline.qa.dialogues.talks import Oracle, Said, Talk, Turns, documents, talks
from taojin.tokenizer.chat import render_column, render_messages
from taojin.tokenizer.encode import Encoder

MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FREE = 1e9  # growth that binds nobody

DIALOGUE = (*["user"] * 5, *["assistant"] * 5, "system")
EVERY = (*DIALOGUE, "tool", "other", "comment")
trees = st.one_of(
    talks(DIALOGUE),
    talks(DIALOGUE),
    talks(EVERY),
    talks(("user", "system"), 3),
    talks(("post", "comment"), 3),
)


def turns_of(made: Made) -> list[Turns]:
    return [
        [(one["role"], one["content"], one["train"]) for one in messages]
        for messages in made.dialogues["messages"].to_list()
    ]


def left_out(made: Made) -> dict[int, str]:
    return dict(made.left_out.select("message", "reason").iter_rows())


@MANY
@given(tree=trees, mode=st.sampled_from(["paths", "every_turn"]), limit=st.integers(8, 90),
       carried=st.integers(0, 3), whole=st.booleans())  # fmt: skip
def test_dialogues_are_those_of_the_obvious_recursion(
    encoder: Encoder, tree: Talk, mode: Any, limit: int, carried: int, whole: bool
) -> None:
    limit = 10**6 if whole else limit
    oracle = Oracle(tree, limit, carried, lambda turns: len(render_messages(turns, encoder)[0]))
    expected = getattr(oracle, mode)()
    made = make(documents(tree), encoder, Settings(limit, mode, None, carried, FREE))
    assert turns_of(made) == expected.found
    assists = {v for v, role in enumerate(expected.roles) if role == "assistant"}
    reasons = left_out(made)
    assert {v: why for v, why in reasons.items() if v in assists} == {
        v: why for v, why in expected.reasons.items() if v in assists
    }
    assert assists - set(reasons) == expected.learnt
    assert made.counts["learnt"] == len(expected.learnt)


@MANY
@given(trees=st.lists(trees, max_size=4), limit=st.integers(8, 60), growth=st.integers(1, 4))
def test_nothing_is_lost_and_nothing_is_learnt_twice(
    encoder: Encoder, trees: list[Talk], limit: int, growth: int
) -> None:
    """Every message is in a dialogue or left out once; every dialogue has the form it should."""
    found = documents(*trees)
    made = make(found, encoder, Settings(limit, growth=growth))
    out = made.left_out.select("doc_id", "message")
    assert out.is_unique().all()
    learnt: Counter[tuple[str, str]] = Counter()
    shown = set()
    for doc_id, messages in made.dialogues.select("doc_id", "messages").iter_rows():
        roles = [one["role"] for one in messages]
        assert all(a != b for a, b in pairwise(roles))
        asks = [role for role in roles if role != "system"]
        assert asks[0] == "user" and asks[-1] == "assistant" and messages[-1]["train"]
        assert not any(one["train"] for one in messages if one["role"] != "assistant")
        shown |= {(doc_id, one["content"]) for one in messages}
        learnt.update((doc_id, one["content"]) for one in messages if one["train"])
    assert set(learnt.values()) <= {1}
    lengths = render_column(made.dialogues["messages"], encoder)[0]
    assert max(lengths[1:] - lengths[:-1], default=0) <= limit
    given_out = set(out.iter_rows())
    for document, tree in zip(found["doc_id"], trees, strict=True):
        for place, one in enumerate(tree):
            is_shown = any(id_ == document and one.text in said for id_, said in shown)
            assert (document, place) in given_out or (one.text and is_shown)


def test_a_document_that_is_no_conversation_gives_nothing(encoder: Encoder) -> None:
    plain = documents([]).with_columns(text=pl.lit("Q: Why? A: Because."))
    for found in (plain, plain.clear()):
        made = make(found, encoder, Settings(100))
        assert made.dialogues.schema == pl.Schema(schema.DIALOGUE)
        assert made.left_out.schema == pl.Schema(schema.LEFT_OUT)
        assert made.preferences.schema == pl.Schema(schema.PREFERENCE)
        assert made.dialogues.height == made.left_out.height == made.preferences.height == 0


def test_where_a_dialogue_comes_from(encoder: Encoder) -> None:
    talk = [Said("user", "Q", None), Said("assistant", "A", 0), Said("assistant", "B", 0)]
    post = [Said("post", "Q", None, 0), Said("comment", "A", 0, 1)]
    found = documents(talk, [], post)
    made = make(found, encoder, Settings(100))
    told = made.dialogues.select("doc_id", "content_hash", "source", "lang", "task").rows()
    first, _, last = found.select("doc_id", "content_hash").rows()
    assert told == [
        (*first, "talk", "en", "conversation"),
        (*first, "talk", "en", "conversation"),
        (*last, "talk", "en", "thread"),
    ]
    assert made.dialogues["dialogue_id"].n_unique() == 3
    again = make(found[2:], encoder, Settings(100)).dialogues
    assert again["dialogue_id"].to_list() == made.dialogues["dialogue_id"].to_list()[2:]


USER, BOT = "user", "assistant"
BRANCHES = [
    Said("system", "Be short.", None),
    Said(USER, "Q1", 0),
    Said(BOT, "A1", 1),
    Said(USER, "Q2", 2),
    Said(BOT, "A2", 3),
    Said(BOT, "A3", 3),
    Said(BOT, "B1", 1),
    Said(USER, "thanks", 6),
]


def test_a_shared_turn_is_learnt_on_the_first_path_alone(encoder: Encoder) -> None:
    made = make(documents(BRANCHES), encoder, Settings(1000))
    prefix = [("system", "Be short.", False), (USER, "Q1", False)]
    assert turns_of(made) == [
        [*prefix, (BOT, "A1", True), (USER, "Q2", False), (BOT, "A2", True)],
        [*prefix, (BOT, "A1", False), (USER, "Q2", False), (BOT, "A3", True)],
        [*prefix, (BOT, "B1", True)],
    ]
    assert left_out(made) == {7: "unanswered"}


def test_the_best_replies_alone(encoder: Encoder) -> None:
    """Of equals the first; those that nobody rated come last."""
    talk = [Said(USER, "Q", None)]
    talk += [Said(BOT, f"A{s}", 0, None, s) for s in (None, -2.0, 1.0, 1.0, 0.0)]
    made = make(documents(talk), encoder, Settings(1000, replies=2))
    assert [turns[-1][1] for turns in turns_of(made)] == ["A1.0", "A1.0"]
    assert left_out(made) == {1: "rank", 2: "rank", 5: "rank"}


REASONS = (
    ("empty", [Said(USER, "Q", None), Said(BOT, "", 0), Said(USER, "R", 1), Said(BOT, "A", 2)]),
    ("tool", [Said(USER, "Q", None), Said("tool", "42", 0), Said(BOT, "It is 42.", 1)]),
    ("role", [Said(USER, "Q", None), Said("other", "hm", 0), Said(BOT, "A", 1)]),
    ("leading", [Said(BOT, "Welcome!", None), Said(USER, "Q", 0)]),
    ("too_long", [Said(USER, "Q", None), Said(BOT, "the sand " * 200, 0)]),
    ("third_party", [Said("post", "Q", None, 0), Said("comment", "A", 0, 1),
                     Said("comment", "No.", 1, 2)]),
    ("notice", [Said("post", "Q", None, 0), Said("system", "=== came", 0)]),
)  # fmt: skip


@pytest.mark.parametrize(("reason", "talk"), REASONS, ids=[one for one, _ in REASONS])
def test_why_the_last_is_left_out(encoder: Encoder, reason: str, talk: Talk) -> None:
    out = left_out(make(documents(talk), encoder, Settings(100)))
    last = len(talk) - 1
    if reason == "leading":
        assert out == {0: "leading", 1: "unanswered"}
    else:
        assert out[last] == reason


def test_what_edits_left_at_the_ends_of_a_message_is_no_part_of_it(encoder: Encoder) -> None:
    talk = [Said(USER, "\n Q ", None), Said(BOT, "A\n", 0), Said(USER, " \n", 1)]
    made = make(documents(talk), encoder, Settings(100))
    assert turns_of(made) == [[(USER, "Q", False), (BOT, "A", True)]]
    assert left_out(made) == {2: "empty"}


def chain(pairs: int) -> Talk:
    roles = [(USER, "Q"), (BOT, "A")] * pairs
    return [
        Said(role, f"{name}{place}", place - 1 if place else None)
        for place, (role, name) in enumerate(roles)
    ]


def test_a_long_dialogue_is_cut_at_pairs_and_nothing_is_lost(encoder: Encoder) -> None:
    talk = [Said("system", "Be kind.", None), *chain(40)]
    talk = [one._replace(parent=place - 1 if place else None) for place, one in enumerate(talk)]
    made = make(documents(talk), encoder, Settings(120, carried=2))
    found = turns_of(made)
    assert len(found) > 3
    assert all(turns[0] == ("system", "Be kind.", False) for turns in found)
    learnt = [content for turns in found for _, content, learns in turns if learns]
    assert learnt == [one.text for one in talk if one.role == BOT]
    for before, after in pairwise(found):
        assert [said[:2] for said in after[1:5]] == [said[:2] for said in before[-4:]]
        assert not any(learns for *_, learns in after[1:5]) and after[6][2]
    assert made.left_out.is_empty()


@pytest.mark.parametrize("mode", ["paths", "every_turn"])
def test_a_chain_may_be_as_long_as_it_likes(encoder: Encoder, mode: Any) -> None:
    talk = chain(50_000)
    made = make(documents(talk), encoder, Settings(200, mode))
    assert made.counts["learnt"] + made.left_out.filter(role=BOT).height == 50_000
    if mode == "paths":
        assert made.counts["learnt"] == 50_000


def test_what_a_wide_tree_repeats_is_bounded_and_the_rest_is_told(encoder: Encoder) -> None:
    talk = [Said(USER, "the sand and the gold " * 20, None)]
    talk += [Said(BOT, f"A{number}", 0) for number in range(20_000)]
    made = make(documents(talk), encoder, Settings(1000, growth=3))
    lengths = render_column(made.dialogues["messages"], encoder)[0]
    size = render_messages([{"role": one.role, "content": one.text, "train": False}
                            for one in talk], encoder)[0].size  # fmt: skip
    assert 2 * size < lengths[-1] <= 3 * size
    reasons = Counter(made.left_out["reason"])
    assert reasons == {"growth": 20_000 - made.counts["learnt"]}


def test_a_caterpillar_takes_no_more_than_its_bound(encoder: Encoder) -> None:
    """A reply at every message of a chain: its paths would have a billion messages."""
    talk = chain(20_000)
    talk += [Said(BOT, f"B{place}", place) for place in range(0, 40_000, 2)]
    made = make(documents(talk), encoder, Settings(500))
    assert made.counts["learnt"] + made.left_out.filter(role=BOT).height == 40_000
    ends = render_column(made.dialogues["messages"], encoder)[0]
    assert ends[-1] < 20 * 60_000 * 12
