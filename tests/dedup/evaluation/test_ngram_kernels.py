"""The search kernels against plain Python: units, their places, and the runs that texts share."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.dedup.evaluation import ngram_kernels, stretch_kernels, unit_kernels
from taojin.dedup.evaluation.characters import folding
from taojin.dedup.evaluation.decontaminate import BY_KEY, BY_STRETCH, Index, Item, build, load
from taojin.dedup.evaluation.ngram_kernels import SEED
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, sliced, texts

FEW = st.lists(st.sampled_from(["a", "bb", "c", "A", "金", "沙", "、", "\n"]), max_size=40)
WORDS = FEW.map(" ".join)


def unit_hashes(column: list[str], cut: int = 0) -> list[list[int]]:
    folds = folding()
    offsets, hashes = unit_kernels.unit_hashes(
        *string_buffers(sliced(column, cut)), folds.table, folds.rest
    )
    return [hashes[a:b].tolist() for a, b in pairwise(offsets)]


@QUICK
@example(column=["か\u3099a", "が1", "e\u0301a\u0301", "\u0301a"], cut=0)
@given(column=st.lists(st.one_of(texts, WORDS), max_size=6), cut=cuts)
def test_units_are_those_of_the_oracle(column: list[str], cut: int) -> None:
    expected = [[unit for unit, *_ in oracles.folded_units(text)] for text in column[cut:]]
    found = unit_hashes(column, cut)
    assert [len(row) for row in found] == [len(row) for row in expected]
    names: dict[str, int] = {}
    for row, units in zip(found, expected, strict=True):
        for value, unit in zip(row, units, strict=True):
            assert names.setdefault(unit, value) == value
    assert len(set(names.values())) == len(names)


@QUICK
@given(column=columns, cut=cuts)
def test_characters_that_stand_alone_are_counted(column: list[str], cut: int) -> None:
    folds = folding()
    buffers = string_buffers(sliced(column, cut))
    counts = unit_kernels.unspaced_counts(*buffers, folds.table, folds.rest)
    assert counts.tolist() == [
        sum(oracles.UNSPACED.match(unit) is not None for unit, *_ in oracles.folded_units(text))
        for text in column[cut:]
    ]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_windows_have_one_hash_for_the_same_units(size: int) -> None:
    rows = unit_hashes(["a b c a b c a b", "", "a", "c a b c a"])
    offsets = np.cumsum([0, *(len(row) for row in rows)])
    hashes = np.array([value for row in rows for value in row], np.uint64)
    ends, found = unit_kernels.window_hashes(offsets, hashes, size)
    expected = [window for row in rows for window in oracles.windows(row, size)]
    assert np.diff(ends).tolist() == [max(len(row) - size + 1, 0) for row in rows]
    assert len(set(zip(found.tolist(), expected, strict=True))) == len(set(expected))
    assert len(set(found.tolist())) == len(set(expected))


def indexed(tmp_path_factory: pytest.TempPathFactory, items: list[str]) -> Index:
    path = tmp_path_factory.mktemp("index") / "i"
    build([Item(text) for text in items], path)
    return load(path)


def shared_runs(index: Index, column: list[str], cut: int = 0) -> list[tuple[int, ...]]:
    folds = folding()
    buffers = string_buffers(sliced(column, cut))
    runs = ngram_kernels.shared_runs(*buffers, folds.table, folds.rest, index.items)
    return [tuple(run) for run in runs.tolist()]


LONG = st.lists(st.sampled_from("abc金"), min_size=13, max_size=30).map(" ".join)


@QUICK
@given(
    items=st.lists(LONG, min_size=1, max_size=3),
    column=st.lists(st.one_of(LONG, texts), max_size=3),
    cut=cuts,
)
def test_runs_are_all_that_cannot_be_made_longer(
    tmp_path_factory: pytest.TempPathFactory, items: list[str], column: list[str], cut: int
) -> None:
    column = [*column, " ".join(items)]
    expected = []
    for document, text in enumerate(column[cut:]):
        units = oracles.folded_units(text)
        for item, other in enumerate(items):
            theirs = [unit for unit, *_ in oracles.folded_units(other)]
            for at, there, size in oracles.common_runs([unit for unit, *_ in units], theirs, SEED):
                start, end = units[at][1], units[at + size - 1][2]
                expected.append((document, item, at, there, size, start, end))
    index = indexed(tmp_path_factory, items)
    assert index.table["search"].to_list() == [BY_STRETCH] * len(items)
    assert sorted(shared_runs(index, column, cut)) == sorted(expected)


SHORT = "火警电话是什么"


@pytest.mark.parametrize(
    ("text", "stands_alone"),
    [
        (SHORT, True),
        ("什么？火警电话是什么", True),
        ("前面的话。\n火警电话是什么？\n后来的话", True),
        ("12. 火警电话是什么", True),
        ("1、火警电话是什么", True),
        ("（3）火警电话是什么（  ）A. 119", True),
        ("问：火警电话是什么____。答：", True),
        ("| 火警电话是什么 | 119 |", True),
        ("火警 电话\n是什么", True),
        ("火警電話是什麼", True),
        ("他问火警电话是什么", False),
        ("火警电话是什么号码", False),
        ("“火警电话是什么”的答案", False),
        ("一、二、火警电话是什么", False),
        ("其中（见上）火警电话是什么", False),
    ],
)
def test_a_short_item_counts_where_it_stands_by_itself(
    tmp_path_factory: pytest.TempPathFactory, text: str, stands_alone: bool
) -> None:
    index = indexed(tmp_path_factory, [SHORT])
    assert index.table["search"].to_list() == [BY_KEY]
    assert len(shared_runs(index, [text])) == stands_alone


def test_sentence_marks_inside_a_number_or_a_name_end_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    index = indexed(tmp_path_factory, ["5 is what a snake eats"])
    assert shared_runs(index, ["see 3.5 is what a snake eats"]) == []
    assert shared_runs(index, ["a_5 is what a snake eats"]) == []
    assert len(shared_runs(index, ["see 3. 5 is what a snake eats"])) == 1


@pytest.mark.parametrize("many", [1, 63, 64, 65, 300])
def test_any_number_of_runs_is_returned(
    tmp_path_factory: pytest.TempPathFactory, many: int
) -> None:
    index = indexed(tmp_path_factory, [SHORT])
    runs = shared_runs(index, [f"{SHORT}。" * many, "sand"])
    assert [run[2] for run in runs] == [number * len(SHORT) for number in range(many)]


def test_a_hash_that_is_no_seed_is_no_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The table of bits looks at the upper bits alone, the bisection at all, then the units."""
    text = "one two three four five six seven eight nine"
    index = indexed(tmp_path_factory, [text])
    assert len(shared_runs(index, [text])) == 1
    lower = index.items._replace(seeds=index.items.seeds ^ np.uint64(1))
    assert shared_runs(Index(index.table, lower), [text]) == []
    others = index.items._replace(hashes=index.items.hashes ^ np.uint64(1))
    assert shared_runs(Index(index.table, others), [text]) == []


def stretches(*runs: tuple[int, ...], length: int = 100) -> list[list[int]]:
    rows = np.array(sorted(runs, key=lambda run: (*run[:3], -run[4])), np.int64).reshape(-1, 7)
    found: list[list[int]] = stretch_kernels.stretches(rows, np.array([length, length])).tolist()
    return found


def run(at: int, item_at: int, units: int, document: int = 0, item: int = 0) -> tuple[int, ...]:
    return document, item, at, item_at, units, 10 * at, 10 * (at + units)


def test_runs_that_follow_each_other_are_one_stretch() -> None:
    assert stretches(run(0, 0, 8), run(9, 9, 10)) == [[0, 0, 0, 190, 18]]


@pytest.mark.parametrize(
    "other",
    [
        run(20, 0, 8),  # the item begins again
        run(9 + 51, 9, 8),  # too far behind
        run(9, 9, 8, item=1),
        run(9, 9, 8, document=1),
    ],
)
def test_other_runs_are_other_stretches(other: tuple[int, ...]) -> None:
    assert len(stretches(run(0, 0, 8), other)) == 2


def test_no_more_is_between_two_runs_than_the_item_is_long() -> None:
    assert len(stretches(run(0, 0, 8), run(38, 9, 8), length=30)) == 1
    assert len(stretches(run(0, 0, 8), run(39, 9, 8), length=30)) == 2


def test_what_two_runs_have_in_common_counts_once() -> None:
    """An item that says something twice: both runs reach over the same units of it."""
    assert stretches(run(0, 0, 10), run(12, 6, 10)) == [[0, 0, 0, 220, 16]]
    assert stretches(run(0, 0, 10), run(6, 12, 10)) == [[0, 0, 0, 160, 16]]
    assert stretches(run(0, 0, 12), run(0, 4, 8), run(4, 0, 8)) == [[0, 0, 0, 120, 12]]


def test_no_runs_are_no_stretches() -> None:
    assert stretches() == []


def test_polars_and_arrow_columns_give_the_same() -> None:
    folds = folding()
    column = pl.Series(["金 a", "b"])
    found = unit_kernels.unit_hashes(*string_buffers(column), folds.table, folds.rest)
    assert found[1].tolist() == [value for row in unit_hashes(["金 a", "b"]) for value in row]
