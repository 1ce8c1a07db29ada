from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import schema
from taojin.dedup.documents.candidates import candidates
from taojin.dedup.documents.clusters import (
    CANDIDATE,
    MOST_CANDIDATES,
    exact_duplicates,
    follow,
    foreign,
    near_duplicates,
    placed,
    removed,
    url_duplicates,
)
from taojin.dedup.documents.components import labels, stars
from taojin.dedup.documents.keep import KEEP_RULES, RANKED
from taojin.dedup.documents.minhash import DedupKeys, band_rows
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK

THRESHOLD = 0.5
Sets = dict[str, set[int]]


def rank_of(ids: Sequence[str], **given_columns: Sequence[float]) -> pl.DataFrame:
    filled = {"contaminated": [False], "priority": [0], "quality": [0.0], "length": [0]}
    filled |= {"date": [0], "against": [False]}
    columns = {name: given_columns.get(name, value * len(ids)) for name, value in filled.items()}
    return pl.DataFrame({"doc_id": list(ids), **columns}, schema=dict(RANKED))


def candidates_of(
    sets: Sets, rank: pl.DataFrame, keys: Mapping[str, Sequence[int]] | None = None
) -> pl.DataFrame:
    """Candidates out of sets of numbers; without keys every number is one."""
    rows = [
        {
            "doc_id": doc_id,
            "bands": sorted(set(keys[doc_id] if keys else own)),
            "evidence": sorted(own),
        }
        for doc_id, own in sets.items()
    ]
    lists = {name: CANDIDATE[name] for name in ("bands", "evidence")}
    table = pl.DataFrame(rows, schema={"doc_id": pl.String, **lists})
    return table.join(rank, on="doc_id", how="left").select(*CANDIDATE)


def near(
    sets: Sets, rank: pl.DataFrame, keys: Mapping[str, Sequence[int]] | None = None
) -> pl.DataFrame:
    found = near_duplicates(candidates_of(sets, rank, keys), KEEP_RULES, THRESHOLD).clusters
    assert dict(found.schema) == dict(schema.CLUSTER)
    assert found.equals(found.sort("cluster_id", "doc_id"))
    return found


def removed_of(found: pl.DataFrame) -> dict[str, str]:
    gone = found.filter(pl.col("doc_id") != pl.col("kept_id"))
    return dict(gone.select("doc_id", "kept_id").iter_rows())


@st.composite
def collections(draw: st.DrawFn) -> tuple[Sets, pl.DataFrame]:
    """Small sets that resemble each other, and their ranks."""
    ids = [f"d{number}" for number in range(draw(st.integers(0, 9)))]
    start = draw(st.sets(st.integers(0, 8), min_size=3))
    change = st.one_of(
        st.sets(st.integers(0, 8), max_size=2).map(start.symmetric_difference),
        st.sets(st.integers(0, 12), min_size=1, max_size=8),
    )
    sets = {doc_id: draw(change) for doc_id in ids}
    few = st.integers(0, 2)
    rank = rank_of(
        ids,
        contaminated=[draw(st.booleans()) for _ in ids],
        priority=[draw(few) for _ in ids],
        quality=[draw(few) / 2 for _ in ids],
        length=[draw(few) for _ in ids],
    )
    return sets, rank


@QUICK
@given(case=collections())
def test_every_removed_document_resembles_the_kept_one_that_stands_for_it(case):
    sets, rank = case
    found = near(sets, rank)
    removed = removed_of(found)
    for row in found.iter_rows(named=True):
        assert row["kind"] == "near" and row["cluster_id"] == row["kept_id"]
        assert row["kept_id"] not in removed
        exact = oracles.jaccard(sets[row["doc_id"]], sets[row["kept_id"]])
        assert row["jaccard"] == pytest.approx(exact) and exact >= THRESHOLD
    assert found["doc_id"].n_unique() == found.height
    assert set(found["kept_id"]) <= set(found["doc_id"])  # the kept one is a member


@QUICK
@given(case=collections())
def test_no_two_kept_documents_that_share_a_key_resemble_each_other(case):
    sets, rank = case
    kept = sets.keys() - removed_of(near(sets, rank)).keys()
    for one, other in combinations(sorted(kept), 2):
        if sets[one] & sets[other]:
            assert oracles.jaccard(sets[one], sets[other]) < THRESHOLD


@QUICK
@given(case=collections())
def test_documents_are_settled_in_the_order_of_the_keep_rule(case):
    """Stated by brute force: each is removed for the most similar kept one before it."""
    sets, rank = case
    keys = rank.select("doc_id", "contaminated", "priority", "quality", "length").iter_rows()
    order = sorted(keys, key=lambda row: (row[1], row[2], -row[3], -row[4], row[0]))
    kept: list[str] = []
    removed: dict[str, float] = {}
    for doc_id, *_ in order:
        best = max((oracles.jaccard(sets[doc_id], sets[one]) for one in kept), default=0.0)
        if best >= THRESHOLD:
            removed[doc_id] = best
        else:
            kept.append(doc_id)
    found = near(sets, rank).filter(pl.col("doc_id") != pl.col("kept_id"))
    assert dict(found.select("doc_id", "jaccard").iter_rows()) == pytest.approx(removed)


@QUICK
@given(case=collections(), seed=st.integers(0, 99))
def test_the_order_of_the_input_does_not_matter(case, seed: int):
    sets, rank = case
    shuffled = list(sets)
    np.random.default_rng(seed).shuffle(shuffled)
    again = {doc_id: sets[doc_id] for doc_id in shuffled}
    assert near(again, rank.sample(fraction=1, shuffle=True, seed=seed)).equals(near(sets, rank))


@QUICK
@given(case=collections())
def test_deduplicating_what_is_kept_removes_nothing(case):
    sets, rank = case
    gone = removed_of(near(sets, rank))
    left = {doc_id: own for doc_id, own in sets.items() if doc_id not in gone}
    assert near(left, rank.filter(pl.col("doc_id").is_in(list(left)))).is_empty()


def test_a_chain_of_versions_does_not_lose_its_far_end():
    """A ~ B ~ C with A unlike C: connected components would remove C for A."""
    sets = {"a": {1, 2, 3, 4}, "b": {3, 4, 1, 5}, "c": {5, 1, 8, 9}, "d": {5, 8, 9, 7}}
    assert oracles.jaccard(sets["a"], sets["b"]) >= THRESHOLD
    assert oracles.jaccard(sets["a"], sets["c"]) < THRESHOLD
    removed = removed_of(near(sets, rank_of("abcd", priority=[0, 1, 2, 3])))
    assert removed == {"b": "a", "d": "c"}


def test_documents_that_share_no_key_are_not_compared():
    sets = {"a": {1, 2, 3}, "b": {1, 2, 3}}
    assert near(sets, rank_of("ab"), {"a": [1], "b": [2]}).is_empty()
    assert removed_of(near(sets, rank_of("ab"), {"a": [1], "b": [1]})) == {"b": "a"}


def test_a_key_shared_by_chance_removes_nothing():
    sets = {"a": {1, 2, 3}, "b": {7, 8, 9}}
    assert near(sets, rank_of("ab"), {"a": [1], "b": [1]}).is_empty()


def test_the_threshold_is_inclusive():
    assert removed_of(near({"a": {1, 2}, "b": {1}}, rank_of("ab"))) == {"b": "a"}


def test_the_most_similar_kept_document_stands_for_a_removed_one():
    sets = {"a": set(range(1, 7)), "b": set(range(4, 10)), "c": set(range(1, 9))}
    for first, last in ("ab", "ba"):
        rank = rank_of([first, last, "c"], priority=[0, 1, 2])
        assert removed_of(near(sets, rank)) == {"c": "a"}  # 6 of 8; for b 5 of 9


def test_candidates_are_those_that_share_most_keys():
    """Beyond the limit of kept candidates the likeliest are still verified."""
    many = [f"k{number:03}" for number in range(MOST_CANDIDATES + 6)]
    sets = {doc_id: {1000 + number} for number, doc_id in enumerate(many)}
    keys = {doc_id: [1] for doc_id in many}
    sets |= {"z0": {5, 6}, "z1": {5, 6}}
    keys |= {"z0": [1, 2], "z1": [1, 2]}
    rank = rank_of([*many, "z0", "z1"])
    assert removed_of(near(sets, rank, keys)) == {"z1": "z0"}


def exact(keys: Mapping[str, str], rank: pl.DataFrame) -> pl.DataFrame:
    rows = rank.with_columns(exact_key=pl.col("doc_id").replace_strict(keys, default=None))
    return exact_duplicates(rows, KEEP_RULES)


@QUICK
@given(keys=st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("xyz"), max_size=8))
def test_of_equal_keys_the_preferred_document_stays(keys: dict[str, str]):
    ids = sorted(keys, reverse=True)
    rank = rank_of(ids, length=[ord(doc_id) % 3 for doc_id in ids])
    found = exact(keys, rank)
    assert dict(found.schema) == dict(schema.CLUSTER)
    expected = {}
    for doc_id, key in keys.items():
        same = [one for one in keys if keys[one] == key]
        if len(same) > 1:
            expected[doc_id] = min(same, key=lambda one: (-(ord(one) % 3), one))
    assert dict(found.select("doc_id", "kept_id").iter_rows()) == expected
    assert found["kind"].unique().to_list() == (["exact"] if expected else [])
    assert (found["jaccard"] == 1).all() and (found["cluster_id"] == found["kept_id"]).all()
    assert exact(keys, rank.reverse()).equals(found)
    assert found.equals(found.sort("cluster_id", "doc_id"))


@QUICK
@given(case=collections())
def test_why_names_the_first_key_in_which_the_kept_one_is_better(case):
    sets, rank = case
    better = {"contaminated": -1, "priority": -1, "quality": 1, "length": 1, "date": 1}
    values = {row["doc_id"]: row for row in rank.iter_rows(named=True)}
    for row in near(sets, rank).iter_rows(named=True):
        own, kept = values[row["doc_id"]], values[row["kept_id"]]
        keys = ("contaminated", *KEEP_RULES)
        differing = [name for name in keys if own[name] != kept[name]]
        assert row["why"] == (differing[0] if differing else None)
        if differing and differing[0] != "doc_id":
            assert (kept[differing[0]] - own[differing[0]]) * better[differing[0]] > 0


def test_a_document_of_another_run_comes_first_and_stays():
    """Both of the others resemble each other, as an archive may; neither is removed."""
    sets = {"0/a": {1, 2, 3}, "0/b": {1, 2, 3, 4}, "c": {1, 2, 3}, "d": {7, 8}, "e": {7, 8}}
    rank = rank_of(list(sets), against=[True, True, False, False, False], priority=[9, 9, 0, 0, 0])
    found = near(sets, rank)
    assert found.select("doc_id", "kept_id", "why").rows() == [
        ("c", "0/a", "against"),
        ("d", "d", None),
        ("e", "d", "doc_id"),
    ]
    told = placed(found, ["../runs/2025"])
    assert told.select("cluster_id", "kept_id", "kept_in").rows()[0] == ("a", "a", "../runs/2025")
    assert told["kept_in"].to_list()[1:] == [None, None]


def test_a_copy_of_another_runs_document_of_the_same_id_is_removed():
    """The same file, read again by a later run, has the same doc_id."""
    rank = rank_of(["0/a", "a", "b"], against=[True, False, False])
    rows = rank.with_columns(exact_key=pl.lit("x"))
    found = placed(follow([exact_duplicates(rows, KEEP_RULES)], KEEP_RULES), ["before"])
    assert sorted(removed(found)["doc_id"]) == ["a", "b"]
    assert found["kept_id"].to_list() == ["a", "a"]
    assert foreign(pl.lit("a"), 0).meta.eq(pl.lit("0/") + pl.lit("a"))


def test_two_documents_of_other_runs_are_no_cluster():
    rank = rank_of(["0/a", "1/a"], against=[True, True])
    assert exact_duplicates(rank.with_columns(exact_key=pl.lit("x")), KEEP_RULES).is_empty()
    assert near({"0/a": {1, 2}, "1/a": {1, 2}}, rank).is_empty()


def test_a_copy_follows_its_survivor_to_the_document_that_stands_for_it():
    """a is b's newer page, b is c's exact copy's survivor, and b itself is like d."""
    rank = rank_of("abcd", priority=[1, 1, 1, 0], length=[5, 5, 3, 3], date=[1, 2, 2, 2])
    url = url_duplicates(
        rank.filter(pl.col("doc_id").is_in(["a", "b"])).with_columns(url_key=pl.lit("u")),
        ["date", *KEEP_RULES],
    )
    same = rank.filter(pl.col("doc_id").is_in(["b", "c"])).with_columns(exact_key=pl.lit("e"))
    like = near(
        {"b": {1, 2, 3}, "d": {1, 2, 3, 4}}, rank.filter(pl.col("doc_id").is_in(["b", "d"]))
    )
    found = follow([url, exact_duplicates(same, KEEP_RULES), like], KEEP_RULES)
    gone = found.filter(pl.col("doc_id") != pl.col("kept_id"))
    last = gone.unique("doc_id", keep="last").sort("doc_id")
    assert last.select("doc_id", "kind", "kept_id", "why").rows() == [
        ("a", "url", "d", "date"),
        ("b", "near", "d", "priority"),
        ("c", "exact", "d", "priority"),
    ]
    assert last["jaccard"].to_list() == [None, 0.75, 0.75]


def test_measured_on_versions_of_real_pages(shared_data: Path):
    """Recall: pairs at Jaccard 0.8 or more of which at most one is kept; precision: removed
    documents whose kept one is at 0.8 or more. The truth was computed apart from this code."""
    folder = shared_data / "near_dup"
    pages = pl.read_ndjson(folder / "near_dup.jsonl.zst").select(
        pl.col("id").alias("doc_id"), "text"
    )
    keys = DedupKeys()(pages)
    lengths = pages["text"].str.len_chars().cast(pl.Int64)
    rank = rank_of(pages["doc_id"].to_list(), length=lengths.to_list())
    same = exact_duplicates(rank.with_columns(keys["exact_key"]), KEEP_RULES)
    survivors = removed_of(same)
    left = keys.filter(~pl.col("doc_id").is_in(list(survivors)))
    found = labels(stars(band_rows(left, 0.8)))
    chosen = candidates(left, rank, found, 0.8, estimate=False)
    survivors |= removed_of(near_duplicates(chosen, KEEP_RULES, 0.8).clusters)
    truth = pl.read_parquet(folder / "pairs_ge_0.7.parquet")
    pairs = {
        frozenset(row[:2]): row[2] for row in truth.select("id_a", "id_b", "jaccard").iter_rows()
    }
    similar = [pair for pair, jaccard in pairs.items() if jaccard >= 0.8]
    found = [pair for pair in similar if pair & survivors.keys()]
    right = [pairs.get(frozenset(pair), 0.0) >= 0.8 for pair in survivors.items()]
    assert len(similar) > 8000 and len(right) > 3000
    assert len(found) / len(similar) >= 0.99
    assert np.mean(right) >= 0.99


def test_what_holds_nothing_of_an_evaluation_set_is_kept_whatever_else_it_is() -> None:
    rank = rank_of(
        ["dirty", "clean"], contaminated=[True, False], priority=[0, 9], quality=[1.0, 0.0]
    )
    sets = {"dirty": set(range(9)), "clean": set(range(9))}
    assert removed_of(near(sets, rank)) == {"dirty": "clean"}
    rows = rank.with_columns(pl.lit("same").alias("exact_key"))
    assert removed_of(exact_duplicates(rows, ["length"])) == {"dirty": "clean"}
