"""What a trainer makes of a row is the dialogue; what it cannot make of it is said."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.exports import chat
from taojin.pipeline.exports.chat import MASK, SEVERAL_TURNS, SHAPE, Message, Row

Back = Callable[[Sequence[Row]], list[tuple[object, object, bool]]]


def turn(role: str, content: str, *, train: bool) -> Message:
    return {"role": role, "content": content, "train": train}


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
turns = st.builds(turn, st.sampled_from(["user", "assistant"]), texts, train=st.booleans())
any_dialogue = st.lists(
    st.builds(turn, st.sampled_from(["system", "user", "assistant"]), texts, train=st.booleans()),
    max_size=7,
)


@st.composite
def usual(draw: st.DrawFn) -> list[Message]:
    """User and assistant in turns, with or without a system prompt; any answers are learnt."""
    head = [turn("system", draw(texts), train=False)] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        head.append(turn("user", draw(texts), train=False))
        head.append(turn("assistant", draw(texts), train=draw(st.booleans())))
    return head


dialogues = st.one_of(usual(), any_dialogue)


def openai(rows: Sequence[Row]) -> list[tuple[object, object, bool]]:
    """Every answer is learnt, unless its weight is 0."""
    (row,) = rows
    return [
        (one["role"], one["content"], one["role"] == "assistant" and one.get("weight", 1) != 0)
        for one in row["messages"]  # type: ignore[attr-defined]
    ]


def sharegpt(rows: Sequence[Row]) -> list[tuple[object, object, bool]]:
    (row,) = rows
    names = {"human": ("user", False), "gpt": ("assistant", True)}
    head = [("system", row["system"], False)] if row["system"] else []
    return head + [
        (names[one["from"]][0], one["value"], names[one["from"]][1])
        for one in row["conversations"]  # type: ignore[attr-defined]
    ]


def alpaca(rows: Sequence[Row]) -> list[tuple[object, object, bool]]:
    (row,) = rows
    asked = "\n".join(str(one) for one in (row["instruction"], row["input"]) if one)
    pairs = [*row["history"], [asked, row["output"]]]  # type: ignore[misc]
    head = [("system", row["system"], False)] if row["system"] else []
    return head + [
        said
        for question, answer in pairs
        for said in (("user", question, False), ("assistant", answer, True))
    ]


def trl(rows: Sequence[Row]) -> list[tuple[object, object, bool]]:
    """The longest row is the dialogue; learnt are the completions, each behind its prompt."""
    learnt = {len(row["prompt"]) for row in rows}  # type: ignore[arg-type]
    whole = [*rows[-1]["prompt"], *rows[-1]["completion"]]  # type: ignore[misc]
    for row in rows:
        said = [*row["prompt"], *row["completion"]]  # type: ignore[misc]
        assert said == whole[: len(said)]
    return [(one["role"], one["content"], at in learnt) for at, one in enumerate(whole)]


def trl_plain(rows: Sequence[Row]) -> list[tuple[object, object, bool]]:
    (row,) = rows
    prompt = str(row["prompt"])
    assert prompt.endswith("\n\n")
    return [("user", prompt[:-2], False), ("assistant", row["completion"], True)]


BACK: dict[chat.Format, Back] = {
    chat.openai: openai,
    chat.sharegpt: sharegpt,
    chat.alpaca: alpaca,
    chat.trl: trl,
    chat.trl_plain: trl_plain,
}
every_format = pytest.mark.parametrize("told", BACK, ids=lambda told: told.__name__)


@every_format
@given(messages=dialogues)
def test_what_a_trainer_reads_is_the_dialogue_or_it_is_said_what_is_not(
    told: chat.Format, messages: list[Message]
) -> None:
    found = told(messages)
    assert bool(found.rows) != bool(found.left_out)
    if not found.rows:
        return
    read = BACK[told](found.rows)
    said = [(one["role"], one["content"]) for one in messages]
    if told is chat.trl:  # what follows the last turn that is learnt teaches nothing
        said = said[: len(read)]
        assert not any(one["train"] for one in messages[len(read) :] if one["role"] == "assistant")
    assert [one[:2] for one in read] == said
    masks_agree = [one[2] for one in read] == [one["train"] for one in messages[: len(read)]]
    rest = any(one["train"] for one in messages[len(read) :])
    assert (found.lost == MASK) == (not masks_agree or rest)


@every_format
@given(messages=usual())
def test_a_dialogue_of_turns_is_left_out_by_the_plain_format_alone(
    told: chat.Format, messages: list[Message]
) -> None:
    found = told(messages)
    if told is chat.trl_plain:
        assert (found.left_out == SEVERAL_TURNS) == (len(messages) > 2 or not messages[1]["train"])
    elif told is chat.trl:
        assert (found.left_out == SHAPE) == (not any(one["train"] for one in messages))
    else:
        assert found.left_out == ""
