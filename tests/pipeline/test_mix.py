import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.core.hashing import content_hash
from taojin.pipeline.mix import copies, plan_mix

UNTIMED = settings(deadline=None)
SOURCES = pl.DataFrame(
    {
        "source": ["crawl", "handbook", "wiki"],
        "documents": [600, 20, 80],
        "tokens": [6000, 1000, 3000],
    }
)


def documents(count: int, source: str = "crawl") -> pl.DataFrame:
    hashes = [content_hash(f"{source} {index}") for index in range(count)]
    return pl.DataFrame({"content_hash": hashes, "source": source})


def test_without_weights_every_source_has_its_natural_share():
    plan = plan_mix(SOURCES, {})
    assert plan["epochs"].to_list() == [1.0, 1.0, 1.0]
    assert plan["asked_share"].to_list() == plan["achieved_share"].to_list() == [0.6, 0.1, 0.3]
    assert plan["shortfall_tokens"].to_list() == [0, 0, 0]


def test_a_weight_multiplies_the_tokens_and_the_limit_shows():
    plan = plan_mix(SOURCES, {"handbook": 10, "crawl": 0.5})
    assert plan["epochs"].to_list() == [0.5, 4.0, 1.0]
    assert plan["expected_tokens"].to_list() == [3000, 4000, 3000]
    assert plan["asked_share"].to_list() == [3000 / 16000, 10000 / 16000, 3000 / 16000]
    assert plan["achieved_share"].to_list() == [0.3, 0.4, 0.3]
    assert plan["shortfall_tokens"].to_list() == [0, 6000, 0]


def test_nothing_asked_is_no_share():
    plan = plan_mix(SOURCES, dict.fromkeys(SOURCES["source"], 0.0))
    assert plan["asked_share"].to_list() == plan["achieved_share"].to_list() == [0, 0, 0]
    assert plan_mix(SOURCES.clear(), {}).height == 0


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"handbok": 1}, "no source 'handbok'; known: crawl, handbook, wiki"),
        ({"wiki": -1}, "sources.wiki.weight: -1"),
        ({"wiki": float("nan")}, "sources.wiki.weight: nan"),
    ],
)
def test_a_wrong_weight_is_an_error_of_the_user(weights, message):
    with pytest.raises(UserError, match=message):
        plan_mix(SOURCES, weights)


@UNTIMED
@given(st.permutations(range(40)), st.floats(0, 4), st.integers(0, 3), st.integers(0, 40))
def test_copies_depend_on_the_document_alone(order, epochs, seed, cut):
    table = documents(40)
    wanted = copies(table, {"crawl": epochs}, seed)
    assert copies(table[order], {"crawl": epochs}, seed).equals(wanted[order])
    alone = [copies(part, {"crawl": epochs}, seed) for part in (table[:cut], table[cut:])]
    assert pl.concat(alone).equals(wanted)
    assert set(wanted.unique()) <= {int(epochs), int(epochs) + 1}


def test_copies_add_up_to_the_epochs():
    table = pl.concat([documents(4000, "crawl"), documents(4000, "handbook")])
    table = table.with_columns(copies(table, {"crawl": 0.25, "handbook": 2.5}, seed=1))
    sums = dict(table.group_by("source").agg(pl.col("copies").sum()).iter_rows())
    assert sums["crawl"] == pytest.approx(1000, abs=130)  # five standard deviations
    assert sums["handbook"] == pytest.approx(10_000, abs=160)


def test_whole_epochs_are_exact_and_more_epochs_keep_every_copy():
    table = documents(500)
    assert copies(table, {"crawl": 3.0}, 0).to_list() == [3] * 500
    assert copies(table, {"crawl": 0.0}, 0).to_list() == [0] * 500
    few, more = (copies(table, {"crawl": epochs}, 0) for epochs in (0.3, 0.6))
    assert (few <= more).all() and few.sum() < more.sum()


def test_another_seed_draws_other_documents():
    table = documents(500)
    assert not copies(table, {"crawl": 0.5}, 0).equals(copies(table, {"crawl": 0.5}, 1))


def test_no_documents():
    assert copies(documents(0), {}, 0).to_list() == []
