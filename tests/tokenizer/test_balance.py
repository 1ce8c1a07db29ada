import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.tokenizer.balance import quotas

sizes = st.lists(st.integers(0, 10**9), min_size=1, max_size=8)


@given(sizes=sizes, budget=st.floats(1, 1e10), temperature=st.floats(1, 100))
def test_the_budget_is_used_and_no_group_gives_more_than_it_has(sizes, budget, temperature):
    found = quotas(np.array(sizes, float), budget, temperature)
    assert (found <= np.array(sizes) * (1 + 1e-9)).all() and (found >= 0).all()
    assert found.sum() == pytest.approx(min(budget, sum(sizes)), rel=1e-9)


@given(sizes=sizes, budget=st.floats(1, 1e10))
def test_at_temperature_1_shares_are_the_sizes(sizes, budget):
    share = min(1.0, budget / max(1, sum(sizes)))
    assert quotas(np.array(sizes, float), budget, 1) == pytest.approx(np.array(sizes) * share)


@pytest.mark.parametrize(
    ("temperature", "wanted"),
    [(1, [160, 40]), (2, [200 * 2 / 3, 200 / 3]), (1e9, [100, 100])],
)
def test_shares_are_powers_of_the_sizes(temperature, wanted):
    assert quotas(np.array([1600.0, 400.0]), 200, temperature) == pytest.approx(wanted, rel=1e-6)


def test_what_a_small_group_leaves_goes_to_the_others():
    assert quotas(np.array([10.0, 500.0, 500.0]), 300, 1e9).tolist() == pytest.approx(
        [10, 145, 145]
    )
