"""Rows of labelled tables as documents: their parts, to the letter, where the messages say."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.schema import LABELLED
from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.records import Damaged, Record
from taojin.pipeline.ingest.tables.labelled import NAMES, OPTIONAL
from taojin.pipeline.ingest.tables.row import RowReader
from taojin.pipeline.ingest.tables.values import Number

QUESTION = {"question": "q", "options": "c.text", "answer": "a", "context": "p"}


def parts(entry: Record | Damaged) -> list[tuple[str, str]]:
    assert isinstance(entry, Record)
    return [(one.role, entry.text[one.start : one.end]) for one in entry.messages]


def read(columns: dict[str, Any], row: dict[str, Any]) -> Record | Damaged:
    return RowReader(columns).record(row, 3, 10)


def test_a_row_is_its_parts_in_one_order() -> None:
    row = {
        "a": "B",
        "c": {"text": ["红", "blue"], "label": ["A", "B"]},
        "q": " 什么颜色？ ",
        "p": None,
    }
    entry = read(QUESTION, row)
    assert parts(entry) == [
        ("question", "什么颜色？"), ("option", "红"), ("option", "blue"), ("answer", "B"),
    ]  # fmt: skip
    assert isinstance(entry, Record)
    assert entry.text == "什么颜色？\n\n红\n\nblue\n\nB"
    assert [one.parent for one in entry.messages] == [None, 0, 1, 2]


def test_options_may_stand_in_several_columns() -> None:
    columns = {"question": "Q", "options": ("A", "B"), "answer": "k"}
    entry = read(columns, {"Q": "one?", "A": "x", "B": Number("7"), "k": "B"})
    assert parts(entry) == [("question", "one?"), ("option", "x"), ("option", "7"), ("answer", "B")]


@pytest.mark.parametrize(
    "value", ['["[0, 1]", "b", 7.50]', ["[0, 1]", "b", Number("7.50"), "", None]]
)
def test_a_list_of_options_may_be_written_as_json_and_end_with_nothing(value: Any) -> None:
    columns = {"question": "Q", "options": "o", "answer": "k"}
    told = parts(read(columns, {"Q": "one?", "o": value, "k": "B"}))
    assert [text for role, text in told if role == "option"] == ["[0, 1]", "b", "7.50"]


def test_options_in_columns_of_their_own_are_no_json() -> None:
    columns = {"question": "Q", "options": ("A", "B", "C"), "answer": "k"}
    told = parts(read(columns, {"Q": "one?", "A": "[0, 1]", "B": "[]", "C": None, "k": "B"}))
    assert [text for role, text in told if role == "option"] == ["[0, 1]", "[]"]


def test_an_empty_option_before_others_would_shift_their_letters() -> None:
    columns = {"question": "Q", "options": "o", "answer": "k"}
    entry = read(columns, {"Q": "one?", "o": ["a", "", "c"], "k": "C"})
    assert entry == Damaged(3, 10, "missing_text", "an option of column 'o' is empty")


@pytest.mark.parametrize(("value", "said"), [(Number("0"), "0"), (True, "true"), (["a", "b"], "a")])
def test_a_label_may_be_a_number_a_truth_or_the_first_of_several(value: Any, said: str) -> None:
    assert parts(read({"text": "t", "label": "y"}, {"t": "words", "y": value})) == [
        ("text", "words"), ("label", said),
    ]  # fmt: skip


@pytest.mark.parametrize("missing", [{}, {"y": None}, {"y": "  "}, {"y": []}])
def test_a_row_without_a_part_is_quarantined_by_its_column(missing: dict[str, Any]) -> None:
    entry = read({"text": "t", "label": "y"}, {"t": "words", **missing})
    assert entry == Damaged(3, 10, "missing_text", "nothing in column 'y'")


def test_parts_that_need_not_be_there_are_left_out() -> None:
    columns = {name: name for name in NAMES}
    entry = read(columns, {name: name.upper() for name in NAMES if name not in OPTIONAL})
    assert [role for role, _ in parts(entry)] == [one for one in LABELLED if one not in OPTIONAL]


def test_a_table_that_names_a_text_alone_is_no_labelled_one() -> None:
    entry = read({"text": "question"}, {"question": "just text"})
    assert isinstance(entry, Record)
    assert (entry.text, entry.messages) == ("just text", ())


@given(st.dictionaries(st.sampled_from(NAMES), st.text(), min_size=1))
def test_the_parts_are_the_values(row: dict[str, str]) -> None:
    entry = RowReader({**{name: name for name in NAMES}}).record(row, 0, 0)
    row = json.loads(json.dumps(row))
    cleaned = {name: clean(row.get(name, "")).strip() for name in NAMES}
    needed = [name for name in NAMES if name not in OPTIONAL and not cleaned[name]]
    if needed:
        assert isinstance(entry, Damaged)
        return
    expected = [(role, cleaned[name]) for role, name in zip(LABELLED, NAMES, strict=True)]
    assert parts(entry) == [pair for pair in expected if pair[1]]


def test_a_reader_takes_the_columns_of_the_parts_alone() -> None:
    row = RowReader(QUESTION)
    assert row.wanted(["q", "c", "a", "p", "other", "prompt"]) == ["q", "c", "a", "p"]
    several = RowReader({"question": "q", "options": ("x", "y"), "answer": "a"})
    assert several.wanted(["q", "x", "y", "z"]) == ["q", "x", "y"]
    assert row.is_table(["c", "other"])
    assert not row.is_table(["text"])
