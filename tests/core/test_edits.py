from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.edits import Edit, apply, merge, moved
from taojin.tests.core.texts import QUICK, texts


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text and spans of it, overlapping and empty ones among them."""
    text = draw(texts)
    place = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(place, place), max_size=6))
    return text, [
        Edit(min(span), max(span), f"kind{number}", draw(st.sampled_from(["", "<X>", "淘金👩"])))
        for number, span in enumerate(spans)
    ]


def covered(edits: list[Edit]) -> set[int]:
    return {at for edit in edits for at in range(edit.start, edit.end)}


@QUICK
@given(case=edited())
def test_merged_edits_are_in_order_apart_and_cover_the_same(case: tuple[str, list[Edit]]):
    merged = merge(case[1])
    assert all(a.end <= b.start for a, b in pairwise(merged))
    assert covered(merged) == covered(case[1])
    assert merge(merged) == merged


@QUICK
@given(case=edited(), seed=st.randoms(use_true_random=False))
def test_the_order_of_edits_does_not_matter(case: tuple[str, list[Edit]], seed):
    shuffled = seed.sample(case[1], len(case[1]))
    assert merge(shuffled) == merge(case[1])


@QUICK
@given(case=edited())
def test_nothing_covered_survives_and_all_else_stays(case: tuple[str, list[Edit]]):
    text, edits = case
    bare = merge(Edit(edit.start, edit.end, edit.kind) for edit in edits)
    gone = covered(edits)
    assert apply(text, bare) == "".join(c for at, c in enumerate(text) if at not in gone)


@QUICK
@given(case=edited())
def test_merged_edits_say_how_to_go_back(case: tuple[str, list[Edit]]):
    """Edits and the values they removed compose back to the text."""
    text, edits = case
    merged = merge(edits)
    result, shift, back = apply(text, merged), 0, []
    for edit in merged:
        start = edit.start + shift
        assert result[start : start + len(edit.replacement)] == edit.replacement
        removed = text[edit.start : edit.end]
        back.append(Edit(start, start + len(edit.replacement), edit.kind, removed))
        shift += len(edit.replacement) - len(removed)
    assert apply(result, back) == text


def test_offsets_are_code_points():
    text = "金😀e\u0301👩\u200d🌾沙"
    assert apply(text, [Edit(1, 2, "k", "!"), Edit(7, 8, "k")]) == "金!e\u0301👩\u200d🌾"


def test_overlapping_edits_take_the_kind_and_replacement_of_the_longest():
    edits = [Edit(0, 4, "phone", "<P>"), Edit(2, 9, "card", "<C>"), Edit(8, 10, "ip", "<I>")]
    assert merge(edits) == [Edit(0, 10, "card", "<C>")]
    assert merge([Edit(3, 5, "b", "<B>"), Edit(2, 4, "a", "<A>")]) == [Edit(2, 5, "a", "<A>")]


def test_an_edit_inside_an_earlier_longer_one_does_not_end_it():
    edits = [Edit(0, 9, "a"), Edit(1, 2, "b"), Edit(5, 12, "c")]
    assert merge(edits) == [Edit(0, 12, "a")]


def test_neighbours_stay_apart():
    edits = [Edit(0, 3, "a", "<A>"), Edit(3, 6, "b", "<B>")]
    assert merge(edits) == edits
    assert apply("abcdefg", edits) == "<A><B>g"


def test_the_field_is_kept():
    edits = [Edit(0, 3, "a", field="title"), Edit(2, 4, "b", field="title")]
    assert merge(edits) == [Edit(0, 4, "a", field="title")]


@pytest.mark.parametrize(
    "edits",
    [[Edit(2, 9, "k")], [Edit(3, 2, "k")], [Edit(0, 3, "k"), Edit(2, 4, "k")], [Edit(-1, 1, "k")]],
)
def test_edits_outside_the_text_or_overlapping_are_refused(edits: list[Edit]):
    with pytest.raises(ValueError, match="outside"):
        apply("abcdef", edits)


def test_no_edit_changes_nothing():
    assert merge([]) == [] and apply("沙", []) == "沙"


PLACES = st.tuples(st.integers(0, 40), st.integers(0, 9), st.integers(0, 4))


@given(lengths=st.lists(st.integers(0, 6), max_size=5), found=st.lists(PLACES, max_size=6))
def test_moved_spans_hold_what_is_left_of_each(
    lengths: list[int], found: list[tuple[int, int, int]]
) -> None:
    """Letters carry the number of their span; a replacement belongs to the span that holds it."""
    spans: list[tuple[int, int]] = []
    labels: list[int | None] = []
    for number, length in enumerate(lengths):
        spans.append((len(labels), len(labels) + length))
        labels += [number] * length + [None, None]
    merged = merge(
        Edit(start % len(labels), min(start % len(labels) + size, len(labels)), "k", "x" * grow)
        for start, size, grow in found
        if labels
    )
    after: list[int | None] = []
    at = 0
    for edit in merged:
        held = [n for n, (s, e) in enumerate(spans) if s <= edit.start and edit.end <= e]
        after += labels[at : edit.start] + (held[:1] or [None]) * len(edit.replacement)
        at = edit.end
    after += labels[at:]
    for number, (start, end) in enumerate(moved(spans, merged)):
        assert after[start:end] == [label for label in after if label == number]
