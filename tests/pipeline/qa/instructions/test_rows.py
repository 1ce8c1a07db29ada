"""Rows as edits have left them."""

import polars as pl
import pytest

from taojin.core import schema
from taojin.pipeline.qa.instructions.rows import rows


def documents(*parts: tuple[str, str]) -> pl.DataFrame:
    """One document of a labelled table, with its parts where they lie."""
    text, places = "", []
    for role, said in parts:
        start = len(text) + 2 if text else 0
        text = f"{text}\n\n{said}" if text else said
        message = {"role": role, "start": start, "end": start + len(said)}
        places.append(dict.fromkeys(schema.CONVERSATION.inner.to_schema()) | message)
    source = dict.fromkeys(schema.SOURCE.to_schema()) | {"name": "s"}
    row = ("d", "h", text, source, "en", 1.0, places)
    return pl.DataFrame([row], schema=dict(schema.DOCUMENT), orient="row")


@pytest.mark.parametrize(("second", "left"), [("b", ["a", "b", "c"]), (" ", []), ("", [])])
def test_options_of_which_one_is_edited_away_are_none(second: str, left: list[str]) -> None:
    found = rows(
        documents(
            ("question", "q?"), ("option", "a"), ("option", second), ("option", "c"),
            ("answer", "C"),
        )
    )  # fmt: skip
    assert found["options"].to_list() == [left]
    assert found["question"].to_list() == ["q?"]
