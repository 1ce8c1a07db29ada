"""Which option an answer names, against the obvious code."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.qa.instructions.options import resolved

words = st.sampled_from(["A", "b", "2", "0", "red", "蓝", "(C)", "D.", "26", "Ａ", "1", ""])


def places(options: list[str], answer: str, first: int) -> list[int | None]:
    """The place that an answer is as a text, as a letter and as a number."""
    bare = answer.strip("()（）.．、:：")
    is_letter = len(bare) == 1 and bare.isascii() and bare.isalpha()
    read = [
        options.index(answer) if answer in options else None,
        ord(bare.upper()) - 65 if is_letter else None,
        int(answer) - first if answer.isdigit() else None,
    ]
    return [
        at if at is not None and 2 <= len(options) <= 26 and 0 <= at < len(options) else None
        for at in read
    ]


def right(rows: list[tuple[list[str], str]], first: int) -> list[int | None]:
    """The places of the right options, read as most rows of the table can be."""
    read = [places(options, answer, first) for options, answer in rows]
    order = sorted(range(3), key=lambda how: -sum(one[how] is not None for one in read))
    return [next((one[how] for how in order if one[how] is not None), None) for one in read]


@given(st.lists(st.tuples(st.lists(words, max_size=28), words), max_size=6), st.integers(0, 1))
def test_the_right_option_is_found(rows: list[tuple[list[str], str]], first: int) -> None:
    columns = {"options": [one for one, _ in rows], "answer": [one for _, one in rows]}
    schema = {"options": pl.List(pl.String), "answer": pl.String}
    found = resolved(pl.DataFrame(columns, schema=schema), first)
    wanted = right(rows, first)
    for (options, _), place, told in zip(rows, wanted, found.to_dicts(), strict=True):
        if place is None:
            assert told == {"options": None, "answer": None, "letter": None}
            continue
        lines = [f"{chr(65 + at)}. {one}" for at, one in enumerate(options)]
        expected = {
            "options": "\n".join(lines),
            "answer": options[place],
            "letter": chr(65 + place),
        }
        assert told == expected


def test_places_of_options_that_are_numbers_are_no_texts() -> None:
    """As in tests of arithmetic, whose right options are told by their places from 0."""
    options = [["3", "2", "1", "0"], ["5", "7", "9", "8"], ["1", "0", "4", "6"]]
    rows = pl.DataFrame({"options": options, "answer": ["0", "1", "1"]})
    assert resolved(rows, 0)["answer"].to_list() == ["3", "7", "0"]
    texts = rows.with_columns(answer=pl.Series(["0", "9", "1"]))
    assert resolved(texts, 0)["answer"].to_list() == ["0", "9", "1"]
