from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from taojin.filters.sampling import TIMES_SMALLER, balanced, choose, shares
from taojin.tests.core.texts import QUICK

rows = st.lists(
    st.tuples(
        st.integers(0, 30), st.booleans(), st.sampled_from("ab"), st.sampled_from(["en", "zh-Hans"])
    ),
    max_size=60,
)


def table(found) -> pl.DataFrame:
    columns = ("content_hash", "positive", "source", "lang")
    named = [(f"{number:032x}", positive, source, lang) for number, positive, source, lang in found]
    types = (pl.String, pl.Boolean, pl.String, pl.String)
    return pl.DataFrame(named, schema=dict(zip(columns, types, strict=True)), orient="row")


@QUICK
@given(sizes=st.lists(st.integers(0, 20), max_size=8), most=st.integers(0, 80))
def test_shares_are_equal_up_to_what_is_there(sizes, most):
    """Giving one at a time to whoever has least and still has more."""
    taken = [0] * len(sizes)
    for _ in range(most):
        open_ = [place for place, size in enumerate(sizes) if taken[place] < size]
        if open_:
            taken[min(open_, key=lambda place: taken[place])] += 1
    got = shares(sizes, most)
    assert sorted(got) == sorted(taken)
    assert all(one <= size for one, size in zip(got, sizes, strict=True))


@QUICK
@given(found=rows, most=st.integers(1, 30), draw=st.randoms())
def test_what_is_chosen_depends_on_no_order(found, most, draw):
    shuffled = list(found)
    draw.shuffle(shuffled)
    assert choose(table(found), most).equals(choose(table(shuffled), most))


@QUICK
@given(found=rows, most=st.integers(1, 30))
def test_each_text_is_chosen_once_and_never_as_both(found, most):
    got = choose(table(found), most)
    assert got["content_hash"].is_unique().all()
    good = {f"{number:032x}" for number, positive, *_ in found if positive}
    assert not set(got.filter(~pl.col("positive"))["content_hash"]) & good


@QUICK
@given(found=rows, most=st.integers(1, 30))
def test_neither_class_outweighs_the_other(found, most):
    counts = Counter(choose(table(found), most)["positive"])
    small, large = sorted((counts[True], counts[False]))
    assert large <= min(most, TIMES_SMALLER * small)


def test_sources_and_languages_have_equal_shares():
    found = [(n, True, "a", "en") for n in range(100)]
    found += [(n, True, "a", "zh-Hans") for n in range(100, 103)]
    found += [(n, True, "b", "en") for n in range(200, 300)]
    got = balanced(table(found[::-1]), 23)
    cells = Counter(got.select("source", "lang").iter_rows())
    assert cells == {("a", "en"): 10, ("a", "zh-Hans"): 3, ("b", "en"): 10}
    assert got.filter(source="a", lang="en")["content_hash"].to_list() == [
        f"{n:032x}" for n in range(10)
    ]


def test_a_text_found_in_both_classes_is_no_negative_example():
    got = choose(table([(1, True, "a", "en"), (1, False, "b", "en"), (2, False, "b", "en")]), 9)
    assert got.select("content_hash", "positive").rows() == [
        (f"{1:032x}", True), (f"{2:032x}", False),
    ]  # fmt: skip
