import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.dedup.documents.components import (
    EDGE,
    both_ways,
    labels,
    large_star,
    node_key,
    shared_keys,
    small_star,
    star_labels,
    stars,
)
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK

ROWS = {"key": pl.UInt64, "doc_id": pl.String}
rows_of_keys = st.lists(st.tuples(st.integers(0, 6), st.sampled_from("abcdef012345")), max_size=20)
graphs = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=25)


def table_of(rows: list[tuple[int, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=ROWS, orient="row").unique().sort("key", "doc_id")


def edges_of(pairs: list[tuple[int, int]]) -> pl.DataFrame:
    named = [(f"{one:032x}", f"{other:032x}") for one, other in pairs if one != other]
    return pl.DataFrame(named, schema=EDGE, orient="row").unique()


def in_turns(edges: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The labels after large-star and small-star in turns, and how many rounds that took."""
    rounds, moved = 0, 1
    while moved:
        edges, first = large_star(both_ways(edges))
        edges, second = small_star(both_ways(edges))
        rounds, moved = rounds + 1, first + second
    return star_labels(edges).unique().sort("doc_id"), rounds


@QUICK
@given(rows=rows_of_keys)
def test_components_are_the_documents_that_reach_each_other(rows: list[tuple[int, str]]):
    table = table_of(rows)
    groups = oracles.components(
        [{doc_id for other, doc_id in rows if other == key} for key in {key for key, _ in rows}]
    )
    expected = {one: min(group) for group in groups if len(group) > 1 for one in group}
    found = labels(stars(table))
    assert dict(found.iter_rows()) == expected
    assert found.equals(found.sort("doc_id")) and found.height == len(expected)


@QUICK
@given(rows=rows_of_keys)
def test_only_keys_of_several_documents_are_shared(rows: list[tuple[int, str]]):
    keys = [key for key, _ in set(rows)]
    expected = sorted(row for row in set(rows) if keys.count(row[0]) > 1)
    assert sorted(shared_keys(table_of(rows)).rows()) == expected


@QUICK
@given(pairs=graphs)
def test_turns_of_stars_find_the_components_that_one_process_finds(pairs: list[tuple[int, int]]):
    edges = edges_of(pairs)
    found, _ = in_turns(edges)
    assert found.equals(labels(edges))


@QUICK
@given(pairs=graphs, parts=st.integers(1, 4))
def test_a_turn_over_parts_grouped_by_node_is_a_turn_over_all(pairs, parts: int):
    rows = both_ways(edges_of(pairs))
    split = [rows.filter(pl.col("key") % parts == part) for part in range(parts)]
    for star in (large_star, small_star):
        whole, moved = star(rows)
        found = [star(part) for part in split]
        assert (
            pl.concat([one for one, _ in found])
            .unique()
            .sort(pl.all())
            .equals(whole.sort(pl.all()))
        )
        assert sum(one for _, one in found) == moved


def test_a_long_chain_takes_few_turns():
    """1,000 documents, each like the next: far fewer rounds than the chain is long."""
    order = np.random.default_rng(1).permutation(1000)
    edges = edges_of(list(zip(order[:-1].tolist(), order[1:].tolist(), strict=True)))
    found, rounds = in_turns(edges)
    assert found["component"].n_unique() == 1 and found.height == 1000
    assert rounds <= 12


def test_one_hundred_thousand_equal_keys_cost_as_many_rows():
    """A self-join of the bucket would be 5 billion pairs."""
    ids = [f"{number:032x}" for number in range(100_000)]
    table = pl.DataFrame({"key": np.full(len(ids), 7, np.uint64), "doc_id": ids})
    edges = stars(table)
    assert edges.height == len(ids) - 1
    assert both_ways(edges).height == 2 * edges.height
    found = labels(edges)
    assert found["component"].unique().to_list() == [ids[0]] and found.height == len(ids)
    assert in_turns(edges)[0].equals(found)


def test_edges_between_the_same_two_documents_are_one():
    rows = [(key, doc_id) for key in range(25) for doc_id in "ab"]
    assert stars(table_of(rows)).rows() == [("b", "a")]


@pytest.mark.parametrize("prefix", ["", "12/"])
def test_the_key_of_a_node_is_made_of_its_last_digits(prefix: str):
    ids = [f"{prefix}{number:032x}" for number in (0, 5, 16**15 - 1, 16**15)]
    found = pl.DataFrame({"id": ids}).select(node_key(pl.col("id"))).to_series()
    assert found.dtype == pl.UInt64
    assert found.to_list() == [0, 5, 16**15 - 1, 0]
