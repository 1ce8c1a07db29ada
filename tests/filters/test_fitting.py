"""Fitted bounds, against what they promise: never more than a share dropped, and no looser."""

import doctest
import math
import tomllib
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.filters import fitting
from taojin.filters.bounds import rules as bound_rules
from taojin.filters.fitting import (
    Fit,
    Fitted,
    as_toml,
    bound_sides,
    fit,
    outward,
    share_dropped,
    shares_beyond,
)
from taojin.filters.registry import Registry
from taojin.filters.rules import Bounds, Rule
from taojin.tests.core.texts import QUICK

SIDES = [("f", "a", "min"), ("f", "a", "max"), ("f", "b_count", "max")]
numbers = st.floats(-1e6, 1e6, allow_subnormal=False) | st.floats(0, 1).filter(
    lambda value: value == 0 or value > 1e-9
)


def table(values: list[float], lang: str = "en", counts: list[int] | None = None) -> pl.DataFrame:
    rows = [
        {"lang": lang, "f": {"a": value, "b_count": count}}
        for value, count in zip(values, counts or [int(abs(one)) for one in values], strict=True)
    ]
    struct = pl.Struct({"a": pl.Float64, "b_count": pl.Int64})
    return pl.DataFrame(rows, schema={"lang": pl.String, "f": struct})


@QUICK
@given(
    values=st.lists(numbers, min_size=20, max_size=60), drop=st.sampled_from([0, 0.02, 0.1, 0.3])
)
def test_a_side_drops_at_most_its_share_and_the_next_value_would_drop_more(values, drop):
    documents = table(values)
    for one in fit(documents, SIDES, drop, fewest=20).bounds:
        name = one.side[1]
        seen = documents["f"].struct.field(name).to_list()
        beyond = [v for v in seen if (v < one.bound if one.side[2] == "min" else v > one.bound)]
        assert len(beyond) <= drop * len(seen)
        # the bound is the outward form of some value: no stricter value would have done
        tight = [v for v in seen if outward(v, one.side[2]) == one.bound]
        strictest = max(tight) if one.side[2] == "min" else min(tight)
        dropped = [v for v in seen if (v <= strictest if one.side[2] == "min" else v >= strictest)]
        assert len(dropped) > drop * (len(seen) - 1)


@QUICK
@given(value=numbers, side=st.sampled_from(["min", "max"]))
def test_outward_is_short_and_never_inside(value, side):
    found = outward(value, side)
    assert found <= value if side == "min" else found >= value
    assert len(Decimal(repr(found)).normalize().as_tuple().digits) <= 3
    assert math.isclose(found, value, rel_tol=0.02)


def test_a_language_with_too_few_documents_is_not_measured():
    documents = pl.concat([table([0.5] * 200), table([0.1] * 199, "ja"), table([0.2] * 3, "ko")])
    found = fit(documents, SIDES[:1])
    assert [(one.lang, one.bound, one.documents) for one in found.bounds] == [("en", 0.5, 200)]
    assert found.unmeasured == {"ja": 199, "ko": 3}
    asked = fit(documents, SIDES[:1], languages=["ja", "th"], fewest=100)
    assert [one.lang for one in asked.bounds] == ["ja"]
    assert asked.unmeasured == {"th": 0}


def test_the_toml_is_what_a_recipe_takes():
    metrics = {"word_count": 57.0, "mean_word_length": 3.25}
    found = Fit(
        [
            Fitted(("gopher_quality", metric, side), lang, bound, 300)
            for lang in ("zh-Hans", "en")
            for metric, bound in metrics.items()
            for side in ("min", "max")
        ],
        {"ja": 12},
    )
    text = as_toml(found)
    assert "# ja: not measured (12 documents; 200 are needed)" in text
    assert "[filters.gopher_quality.lang.zh-Hans]  # 300 documents\n" in text
    assert "word_count = { min = 57, max = 57 }\n" in text
    table = tomllib.loads(text)["filters"]
    quality = Registry(("en",)).choose(["gopher_quality"])
    applied = {(rule.metric, rule.lang): rule.bounds for rule in bound_rules(quality, table)}
    for metric, bound in metrics.items():
        for lang in ("zh-Hans", "en"):
            assert applied[metric, lang] == Bounds(bound, bound)


def test_the_sides_that_bind_anywhere_are_named_once():
    rules = [
        Rule("f", "a", None, Bounds(max=2)),
        Rule("f", "a", "de", Bounds(1, 2)),
        Rule("f", "b_count", None, Bounds(), "code"),
    ]
    assert bound_sides(rules) == [("f", "a", "max"), ("f", "a", "min")]


def test_shares_are_of_one_language_and_one_side():
    documents = pl.concat([table([0, 1, 2, 3]), table([9, 9], "de")])
    rules = [Rule("f", "a", None, Bounds(1, 2)), Rule("f", "b_count", None, Bounds(max=1))]
    assert share_dropped(documents, rules, "en") == 0.75
    assert share_dropped(documents, rules, "de") == 1.0
    assert share_dropped(documents, rules, "fr") is None
    assert shares_beyond(documents, rules, SIDES, "en") == [0.25, 0.25, 0.5]
    assert shares_beyond(documents, rules, SIDES, "fr") == [None, None, None]
    assert shares_beyond(documents, rules[1:], SIDES, "en") == [0, 0, 0.5]
    assert shares_beyond(documents, rules, [], "en") == []


def test_docstrings_show_what_happens():
    results = doctest.testmod(fitting)
    assert results.attempted
    assert not results.failed


@pytest.mark.parametrize("side", ["min", "max"])
def test_a_count_stays_whole(side):
    documents = table([0.0] * 300, counts=[100_000 + 7 * i for i in range(300)])
    (one,) = fit(documents, [("f", "b_count", side)]).bounds
    assert one.bound == int(one.bound)
