"""Which option an answer names, against the obvious code."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.qa.instructions.options import resolved

words = st.sampled_from(["A", "b", "2", "0", "red", "蓝", "(C)", "D.", "26", "Ａ", "1", ""])


def right(options: list[str], answer: str, first: int) -> int | None:
    """The place of the right option: by text, by letter, by number."""
    if answer in options:
        place = options.index(answer)
    else:
        bare = answer.strip("()（）.．、:：")
        is_letter = len(bare) == 1 and bare.isascii() and bare.isalpha()
        place = (
            ord(bare.upper()) - 65 if is_letter else int(answer) - first if answer.isdigit() else -1
        )
    return place if 2 <= len(options) <= 26 and 0 <= place < len(options) else None


@given(st.lists(st.tuples(st.lists(words, max_size=28), words), max_size=6), st.integers(0, 1))
def test_the_right_option_is_found(rows: list[tuple[list[str], str]], first: int) -> None:
    columns = {"options": [one for one, _ in rows], "answer": [one for _, one in rows]}
    schema = {"options": pl.List(pl.String), "answer": pl.String}
    found = resolved(pl.DataFrame(columns, schema=schema), first)
    for (options, answer), told in zip(rows, found.to_dicts(), strict=True):
        place = right(options, answer, first)
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
