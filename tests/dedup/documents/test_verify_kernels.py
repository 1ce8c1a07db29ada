"""The kernel that verifies candidates, against the obvious code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.dedup.documents.verify_kernels import greedy
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK

THRESHOLD = 0.5
sets = st.sets(st.integers(0, 9), max_size=7)
documents = st.lists(st.tuples(sets, st.sets(st.integers(0, 4), max_size=4)), max_size=14)


def csr(rows: list[list[int]], dtype: type) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    return offsets, np.array([value for row in rows for value in row], dtype)


def run(rows, order, fixed=0, estimate=False, most=64, holders=4096):
    keys = csr([[2**60 + key for key in sorted(keys)] for _, keys in rows], np.uint64)
    values = csr([list(own) if estimate else sorted(own) for own, _ in rows], np.uint32)
    found = greedy(
        np.array(order, np.int64), fixed, *keys, *values, THRESHOLD, estimate, most, holders
    )
    return [array.tolist() for array in found]


@QUICK
@given(rows=documents, data=st.data())
def test_greedy_agrees_with_the_obvious_code(rows, data):
    order = data.draw(st.permutations(range(len(rows))))
    fixed = data.draw(st.integers(0, len(rows)))
    most, holders = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    expected = oracles.verified(rows, order, fixed, oracles.jaccard, THRESHOLD, most, holders)
    kept, similarity, capped = run(rows, order, fixed, most=most, holders=holders)
    assert kept == expected[0]
    assert similarity == pytest.approx(expected[1])
    assert capped == expected[2]


signatures = st.lists(st.integers(0, 2), min_size=6, max_size=6)
signed = st.lists(st.tuples(signatures, st.sets(st.integers(0, 3), max_size=3)), max_size=10)


@QUICK
@given(rows=signed)
def test_an_estimate_is_the_share_of_equal_values(rows):
    def share(left: list[int], right: list[int]) -> float:
        return sum(one == other for one, other in zip(left, right, strict=True)) / 6

    order = list(range(len(rows)))
    expected = oracles.verified(rows, order, 0, share, THRESHOLD, 64, 4096)
    assert run(rows, order, estimate=True)[0] == expected[0]


@QUICK
@given(
    left=st.sets(st.integers(0, 300), min_size=1), right=st.sets(st.integers(0, 300), min_size=1)
)
def test_the_similarity_of_large_sets_is_exact(left: set[int], right: set[int]):
    """It is counted only as far as it can still reach the threshold."""
    kept, similarity, _ = run([(left, {1}), (right, {1})], [0, 1])
    exact = oracles.jaccard(left, right)
    assert (kept[1] == 0) == (exact >= THRESHOLD)
    assert similarity[1] == pytest.approx(exact if exact >= THRESHOLD else 0.0)


def test_a_key_of_very_many_kept_documents_is_cut_off_and_told():
    """20,000 unlike pages share one key: the work does not grow with their square."""
    rows = [({2 * number, 2 * number + 1}, {1}) for number in range(20_000)]
    kept, _, capped = run(rows, range(len(rows)), holders=100)
    assert set(kept) == {-1}
    assert capped == [False] * 65 + [True] * (len(rows) - 65)
