from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.report import differences
from taojin.pipeline.report.differences import Piece, difference, shown
from taojin.tests.core.texts import QUICK, texts

words = st.lists(
    st.sampled_from(["gold ", "sand ", "沙里", "淘金。", "Pan it. ", "\n", "“好。” ", "🙂"]), max_size=30
).map("".join)  # fmt: skip


def sides(pieces: list[Piece], side: str) -> str:
    return "".join(piece.text for piece in pieces if piece.side in ("both", side))


@QUICK
@given(kept=st.one_of(texts, words), other=st.one_of(texts, words))
def test_the_pieces_are_both_texts(kept: str, other: str):
    pieces = difference(kept, other)
    assert sides(pieces, "kept") == kept and sides(pieces, "other") == other
    assert all(piece.text for piece in pieces)
    assert all(a.side != b.side for a, b in pairwise(pieces))


@QUICK
@given(text=words)
def test_equal_texts_have_no_difference(text: str):
    assert {piece.side for piece in difference(text, text)} <= {"both"}


@pytest.mark.parametrize(
    ("kept", "other", "expected"),
    [
        ("第一条。自2016年起。", "第一条。自2019年起。", [("kept", "2016"), ("other", "2019")]),
        ("Pan the sand. Twice.", "Pan the sand.", [("kept", " Twice.")]),
        ("a\nb\nc", "a\nc", [("kept", "b\n")]),
    ],
)
def test_only_what_differs_is_told(kept: str, other: str, expected: list[tuple[str, str]]):
    found = [(one.side, one.text) for one in difference(kept, other) if one.side != "both"]
    assert found == expected


def test_long_stretches_of_both_are_shortened_to_what_is_near_a_difference():
    text = "".join(f"Sentence {number} is here. " for number in range(200))
    pieces, cut = shown(difference("First. " + text + "Last", "First. " + text + "End"))
    assert not cut
    assert [piece.side for piece in pieces] == ["both", "kept", "other"]
    assert pieces[0].text.startswith(" … ") and pieces[0].text.endswith("199 is here. ")
    assert len(pieces[0].text) == differences.CONTEXT + 3


def test_a_difference_that_is_too_long_is_cut_and_says_so():
    pieces, cut = shown(difference("a " * 2_000, "b " * 2_000))
    assert cut and sum(len(piece.text) for piece in pieces) <= differences.MOST + 1


@pytest.mark.parametrize("many", [30, 5_000])
def test_sentences_that_all_recur_take_no_square_time(many: int):
    text = "Pan the sand. " * many
    assert sides(difference(text, text + "Gold."), "other") == text + "Gold."
