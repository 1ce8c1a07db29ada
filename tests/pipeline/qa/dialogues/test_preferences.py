"""Pairs of replies to one message, the better one first."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.pipeline.qa.dialogues.made import Settings, make
from taojin.pipeline.qa.dialogues.preferences import MOST
from taojin.tests.pipeline.qa.dialogues.talks import Said, documents
from taojin.tokenizer.chat import render_messages
from taojin.tokenizer.encode import Encoder

scores = st.one_of(st.none(), st.integers(-3, 3).map(float))
USER, BOT = "user", "assistant"


@settings(max_examples=200, deadline=None)
@given(rated=st.lists(st.lists(scores, max_size=12), min_size=1, max_size=4))
def test_every_two_of_the_best_replies_that_differ_are_a_pair(
    encoder: Encoder, rated: list[list[float | None]]
) -> None:
    """The first reply to each question is the one that the conversation goes on below."""
    talk, expected, prompt, before = [], [], [], None
    for level, many in enumerate(rated):
        talk.append(Said(USER, f"Q{level}", before))
        asked = len(talk) - 1
        prompt = [*prompt, (USER, f"Q{level}")]
        replies = [Said(BOT, f"A{level}.{i}", asked, None, score) for i, score in enumerate(many)]
        before = len(talk) if replies else asked
        talk += replies
        if not replies:
            prompt = [*prompt[:-1], (USER, f"Q{level}")]
        known = sorted(
            (one for one in replies if one.score is not None), key=lambda one: -one.score
        )
        expected += [
            (_joined(prompt), a.text, b.text, a.score - b.score)
            for a, b in combinations(known[:MOST], 2)
            if a.score > b.score
        ]
        prompt = [*prompt, *((BOT, one.text) for one in replies[:1])]
    made = make(documents(talk), encoder, Settings(10_000)).preferences
    found = [
        ([(one["role"], one["content"]) for one in row["prompt"]],
         row["chosen"], row["rejected"], row["margin"])
        for row in made.iter_rows(named=True)
    ]  # fmt: skip
    assert sorted(found) == sorted(expected)
    assert made["preference_id"].n_unique() == made.height


def _joined(prompt: list[tuple[str, str]]) -> list[tuple[str, str]]:
    turns: list[tuple[str, str]] = []
    for role, text in prompt:
        if turns and turns[-1][0] == role:
            turns[-1] = (role, f"{turns[-1][1]}\n\n{text}")
        else:
            turns.append((role, text))
    return turns


def test_what_is_deleted_below_it_or_none_of_the_assistants_is_in_no_pair(
    encoder: Encoder,
) -> None:
    talk = [
        Said("system", "Be short.", None),
        Said(USER, "Q", 0),
        Said(BOT, "", 1, None, 3.0),
        Said(BOT, "good", 1, None, 2.0),
        Said(BOT, "bad", 1, None, 1.0),
        Said(USER, "R", 2, None, 9.0),
        Said(BOT, "x", 5, None, 1.0),
        Said(BOT, "y", 5, None, 0.0),
        Said(USER, "fine", 3, None, 1.0),
        Said(USER, "poor", 3, None, 0.0),
    ]
    (row,) = make(documents(talk), encoder, Settings(100)).preferences.iter_rows(named=True)
    assert row["prompt"] == [
        {"role": "system", "content": "Be short."},
        {"role": USER, "content": "Q"},
    ]
    assert (row["chosen"], row["rejected"], row["margin"]) == ("good", "bad", 1.0)
    assert (row["doc_id"], row["source"], row["lang"]) == (f"{0:032x}", "talk", "en")


def test_a_pair_of_which_one_does_not_fit_is_counted_and_left_out(encoder: Encoder) -> None:
    talk = [Said(USER, "Q", None)]
    talk += [Said(BOT, "the sand " * n, 0, None, float(n)) for n in (1, 2, 3)]
    longest = [{"role": one.role, "content": one.text.strip(), "train": False}
               for one in (talk[0], talk[3])]  # fmt: skip
    size = render_messages(longest, encoder)[0].size
    for limit, pairs in ((size, 3), (size - 1, 1)):
        made = make(documents(talk), encoder, Settings(limit))
        assert made.preferences.height == pairs
        assert made.counts["preferences_too_long"] == 3 - pairs
