"""Rows put into words: the templates filled in by hand are the judge."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from taojin.core import schema
from taojin.core.hashing import content_hash
from taojin.pipeline.qa.instructions import made, templates
from taojin.pipeline.qa.instructions.made import Draw, Made
from taojin.pipeline.qa.instructions.put import Asked
from taojin.pipeline.qa.instructions.rows import ROW
from taojin.pipeline.shards.keys import split_of

DRAW = Draw(1, 0.3)


def row(number: int, lang: str = "en", **parts: Any) -> dict[str, Any]:
    name = content_hash(f"{number} {lang} {parts}")
    empty = dict.fromkeys(ROW)
    told = {"doc_id": name, "content_hash": name[::-1], "source": "t", "lang": lang}
    return {**empty, "is_cut": False, "options": [], **told, **parts}


def make(
    rows: Sequence[dict[str, Any]],
    most_tokens: int = 10_000,
    contaminated: Callable[[pl.Series], pl.Series] = lambda _: pl.Series([], dtype=pl.Int64),
    **asked: Any,
) -> Made:
    table = pl.DataFrame(rows, schema=dict(ROW))
    count = lambda texts: texts.str.len_chars().cast(pl.Int64).to_numpy()  # noqa: E731
    return made.make(table, {"t": Asked(**asked)}, DRAW, contaminated, count, most_tokens)


def spoken(found: Made) -> list[list[tuple[str, str, bool]]]:
    return [
        [(one["role"], one["content"], one["train"]) for one in messages]
        for messages in found.dialogues["messages"].to_list()
    ]


def said(found: Made, task: str) -> set[tuple[str, str]]:
    """(prompt, answer) of the dialogues of a task."""
    rows = found.dialogues.filter(task=f"t/{task}")["messages"].to_list()
    return {(one[-2]["content"], one[-1]["content"]) for one in rows}


def why(found: Made) -> dict[str, str]:
    return dict(found.left_out["doc_id", "reason"].iter_rows())


def phrased(task: str, lang: str, **values: str) -> set[tuple[str, str]]:
    """Every phrasing of a task with these values, by Python's own formatting."""
    return {
        (one.prompt.format(**values), one.answer.format(**values))
        for one in templates.phrasings(lang)[task]
    }


questions = [
    row(n, question=f"Who was number {n} of all?", answer=f"Person {n}") for n in range(60)
]


def test_every_row_is_a_dialogue_in_one_of_the_phrasings() -> None:
    found = make(questions, form="answer")
    assert found.left_out.is_empty()
    assert found.dialogues.schema == pl.Schema(schema.DIALOGUE)
    rows = [(one["question"], one["answer"]) for one in questions]
    every = [phrased("answer", "en", question=q, answer=a) for q, a in rows]
    told = said(found, "answer")
    assert all(len(told & each) == 1 for each in every)
    assert len(told) == 60
    used = {prompt.replace(q, "") for q, _ in rows for prompt, _ in told if q in prompt}
    assert len(used) == len(templates.phrasings("en")["answer"])


def test_a_dialogue_does_not_depend_on_other_rows_or_their_order() -> None:
    whole = make(questions, form="answer", inverted=0.4)
    part = make(questions[10:20][::-1], form="answer", inverted=0.4)
    names = part.dialogues["dialogue_id"]
    assert whole.dialogues.filter(pl.col("dialogue_id").is_in(names.to_list())).equals(
        part.dialogues
    )


def test_labels_have_names_and_a_label_without_one_is_left_out() -> None:
    rows = [row(n, "zh-Hans", text=f"第{n}家店的菜", label=str(n % 3)) for n in range(30)]
    found = make(rows, form="classify", labels={"0": "差", "1": "好"})
    expected = set()
    for one in rows:
        label = {"0": "差", "1": "好"}.get(one["label"])
        if label:
            expected |= phrased(
                "classify", "zh-Hans", text=one["text"], label=label, labels="差、好"
            )
    assert said(found, "classify") <= expected
    assert found.dialogues.height == 20
    assert why(found) == {one["doc_id"]: "label" for one in rows if one["label"] == "2"}


@pytest.mark.parametrize(("count", "listed"), [(20, True), (21, False)])
def test_labels_without_names_are_listed_while_they_are_few(count: int, listed: bool) -> None:
    rows = [row(n, text=f"text of {n}", label=f"label{n % count:02}") for n in range(200)]
    found = make(rows, form="classify")
    every = ", ".join(f"label{n:02}" for n in range(count))
    assert any(every in prompt for prompt, _ in said(found, "classify")) == listed
    assert found.dialogues.height == 200


def test_the_share_that_is_turned_round_asks_for_the_question() -> None:
    rows = [row(n, question=f"Who was number {n}?", answer=f"Person {n}") for n in range(400)]
    found = make(rows, form="answer", inverted=0.25)
    turned = said(found, "answer_inverted")
    assert 70 < len(turned) < 130
    every = set().union(
        *(
            phrased("answer_inverted", "en", question=one["question"], answer=one["answer"])
            for one in rows
        )
    )
    assert turned <= every
    assert len(said(found, "answer")) == 400 - len(turned)


def test_reasons_come_before_the_answer_where_a_row_has_them() -> None:
    rows = [
        row(
            n,
            question=f"{n} + 1?",
            answer=str(n + 1),
            reasoning=f"count on from {n}" if n % 2 else None,
        )
        for n in range(40)
    ]
    found = make(rows, form="answer")
    expected = set().union(*(
        phrased("answer_reasoned", "en", question=one["question"], answer=one["answer"], reasoning=one["reasoning"])
        for one in rows[1::2]
    ))  # fmt: skip
    assert said(found, "answer_reasoned") <= expected
    assert (len(said(found, "answer_reasoned")), len(said(found, "answer"))) == (20, 20)
    assert not said(make(rows, form="answer", reasoned=0.0), "answer_reasoned")


def test_a_choice_has_lettered_options() -> None:
    rows = [row(1, question="Which is red?", options=["sky", "blood"], answer="B")]
    ((prompt, answer),) = said(make(rows, form="choice"), "choice")
    assert (prompt, answer) in phrased(
        "choice",
        "en",
        question="Which is red?",
        options="A. sky\nB. blood",
        letter="B",
        answer="blood",
    )
    same = [
        row(n, question="Which is true?", options=[f"a{n}", f"b{n}"], answer="A") for n in range(9)
    ]
    assert make(same, form="choice").dialogues.height == 9
    wrong = row(2, question="Which?", options=["x", "y"], answer="C")
    assert why(make([wrong], form="choice")) == {wrong["doc_id"]: "answer"}


def test_instructions_are_in_their_own_words_in_any_language() -> None:
    rows = [
        row(1, "fr", instruction="Traduis.", input="Bonjour", output="你好"),
        row(2, instruction="Say hello.", output="Hello."),
    ]
    assert said(make(rows, form="follow"), "follow") == {
        ("Traduis.\n\nBonjour", "你好"), ("Say hello.", "Hello."),
    }  # fmt: skip
    asked = make(rows, form="follow", inverted=1.0)
    assert said(asked, "follow") == {("Traduis.\n\nBonjour", "你好")}
    assert said(asked, "follow_inverted") == phrased(
        "follow_inverted", "en", instruction="Say hello.", output="Hello."
    )


def test_what_a_row_is_about_stands_before_the_question() -> None:
    rows = [row(1, question="Who?", answer="Ada", context="Ada wrote it.")]
    ((prompt, _),) = said(make(rows, form="answer"), "answer")
    assert prompt.startswith("Ada wrote it.\n\n")


def test_rows_are_left_out_for_a_reason_each() -> None:
    rows = {
        "language": row(1, "fr", question="Qui?", answer="Ada"),
        "empty": row(2, question="Who?"),
        "cut": row(3, question="Where is it?", answer="There", is_cut=True),
        "length": row(4, question="How much?", answer="x" * 31),
        "contaminated": row(5, question="bad?", answer="Bad one"),
    }
    good = row(6, question="Fine?", answer="Quite so")
    bad = lambda texts: texts.str.contains("bad").arg_true()  # noqa: E731
    found = make([*rows.values(), good], contaminated=bad, form="answer", most_answer=30)
    assert why(found) == {one["doc_id"]: reason for reason, one in rows.items()}
    assert found.dialogues["doc_id"].to_list() == [good["doc_id"]]
    assert found.left_out.schema == pl.Schema(schema.LEFT_OUT)


def test_a_question_is_asked_once() -> None:
    rows = [
        row(1, question="What is TiDB?", answer="A database"),
        row(2, question="what is ＴｉＤＢ", answer="Something else"),
        row(3, question="What is the tallest of the high mountains?", answer="Everest"),
        row(4, question="What is the tallest of the high mountains here?", answer="Everest"),
    ]
    found = make(rows, form="answer")
    assert sorted(why(found).values()) == ["repeated", "repeated"]
    reviews = [row(n, text=f"the food was good number {n}", label="good") for n in range(5)]
    assert make(reviews, form="classify").dialogues.height == 5


def test_demonstrations_are_others_of_the_training_split_and_are_not_learnt() -> None:
    found = make(questions, form="answer", demonstrations=3, description="Be brief.")
    hashes = pl.Series([one["content_hash"] for one in questions])
    train = dict(zip([one["question"] for one in questions], split_of(hashes, 0.3, 1), strict=True))
    counts = []
    for messages in spoken(found):
        assert messages[0] == ("system", "Be brief.", False)
        turns = messages[1:]
        assert [one[0] for one in turns] == ["user", "assistant"] * (len(turns) // 2)
        assert [one[2] for one in turns] == [False] * (len(turns) - 1) + [True]
        about = [next(q for q in train if q in one[1]) for one in turns[::2]]
        assert len(set(about)) == len(about)
        assert all(train[q] == "train" for q in about[:-1])
        answers = [next(one["answer"] for one in questions if one["question"] == q) for q in about]
        assert all(a in one[1] for a, one in zip(answers, turns[1::2], strict=True))
        counts.append(len(turns) // 2 - 1)
    assert set(counts) == {0, 1, 2, 3}


def test_nothing_that_was_left_out_is_shown() -> None:
    bad = lambda texts: texts.str.contains(r"number [0-4]\d").arg_true()  # noqa: E731
    found = make(questions, contaminated=bad, form="answer", demonstrations=4)
    said = " ".join(one[1] for messages in spoken(found) for one in messages)
    assert found.left_out.height == 40
    assert not [n for n in range(10, 50) if f"number {n} " in said or f"Person {n} " in said]


def test_a_dialogue_is_no_longer_than_a_row_of_the_dataset_for_its_demonstrations() -> None:
    found = make(questions, most_tokens=150, form="answer", demonstrations=4)
    sizes = [sum(len(one[1]) + 4 for one in messages) for messages in spoken(found)]
    assert found.dialogues.height == 60
    assert max(sizes) <= 150
    free = [len(one) for one in spoken(make(questions, form="answer", demonstrations=4))]
    assert np.mean([len(one) for one in spoken(found)]) < np.mean(free)


def test_no_rows_give_no_dialogues() -> None:
    found = make([], form="answer", demonstrations=2)
    assert (found.dialogues.height, found.left_out.height) == (0, 0)
