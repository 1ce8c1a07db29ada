"""Demonstrations: others of the table, drawn by hash and by nothing else."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.hashing import content_hash
from taojin.pipeline.qa.instructions.demonstrations import drawn, within


def hashes(count: int, offset: int = 0) -> pl.Series:
    return pl.Series(
        [content_hash(str(at)) for at in range(offset, offset + count)], dtype=pl.String
    )


@given(st.integers(0, 30), st.integers(1, 6), st.integers(0, 99), st.data())
def test_others_that_may_be_shown_and_none_twice(
    count: int, most: int, seed: int, data: st.DataObject
) -> None:
    may = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), np.bool_)
    found = drawn(hashes(count), may, most, seed)
    assert found.shape == (count, most)
    for row, line in enumerate(found):
        shown = line[line >= 0]
        assert (line[shown.size :] == -1).all()
        assert row not in shown
        assert may[shown].all()
        assert np.unique(shown).size == shown.size


def test_how_many_is_drawn_evenly_and_a_row_gets_all_that_it_draws() -> None:
    counts = (drawn(hashes(3000), np.ones(3000, np.bool_), 2, 1) >= 0).sum(axis=1)
    assert all(900 < (counts == wanted).sum() < 1100 for wanted in range(3))


def test_order_changes_nothing() -> None:
    names = hashes(50)
    order = np.random.default_rng(0).permutation(50)
    may = np.arange(50) % 3 > 0
    found = drawn(names, may, 3, 1)
    turned = drawn(names.gather(order), may[order], 3, 1)
    there = np.where(turned >= 0, order[turned], -1)
    assert (found[order] == there).all()


def test_a_new_row_changes_the_demonstrations_of_few() -> None:
    names = hashes(201)
    before = drawn(names[:200], np.ones(200, np.bool_), 3, 1)
    after = drawn(names, np.ones(201, np.bool_), 3, 1)[:200]
    assert 0 < (before != after).any(axis=1).sum() < 20


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 40), st.integers(0, 5))
def test_demonstrations_end_where_the_room_does(tokens: list[int], most: int, beside: int) -> None:
    sizes = np.array(tokens, np.int64)
    rows = range(len(tokens))
    chosen = np.array([[other for other in rows if other != row] for row in rows], np.int64)
    found = within(chosen, sizes, most, np.full(sizes.size, beside))
    for row, line in enumerate(found):
        total, kept = tokens[row] + beside, []
        for other in chosen[row]:
            total += tokens[other]
            if total > most:
                break
            kept.append(other)
        assert line[line >= 0].tolist() == kept
