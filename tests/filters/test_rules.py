import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.filters.rules import Bounds, Rule, bounds_for, limit, reasons
from taojin.tests.core.texts import QUICK

LANGS = ("en", "de", "zh-Hans", "und")
SIDES = ("min", "max")


KINDS = ("web", "code", None)


def measured(*rows: tuple[str, float, float], kinds: tuple[str | None, ...] = ()) -> pl.DataFrame:
    """(lang, f.a, f.b) of each document."""
    return pl.DataFrame(
        {
            "source": [{"kind": kind} for kind in kinds or ["web"] * len(rows)],
            "lang": [row[0] for row in rows],
            "f": [{"a": row[1], "b": row[2]} for row in rows],
            "g": [{"a": row[2]} for row in rows],
        },
        schema={
            "source": pl.Struct({"kind": pl.String}),
            "lang": pl.String,
            "f": pl.Struct({"a": pl.Float64, "b": pl.Float64}),
            "g": pl.Struct({"a": pl.Float64}),
        },
    )


def broken(rules: list[Rule], *rows: tuple[str, float, float]) -> list[list[str]]:
    found = measured(*rows).with_columns(reasons(rules))
    assert found["drop_reasons"].dtype == pl.List(pl.String)
    return found["drop_reasons"].to_list()


bounds = st.builds(Bounds, st.sampled_from([None, 0, 1, 2]), st.sampled_from([None, 1.0, 2.5, 3.0]))
rule_sets = st.dictionaries(
    st.tuples(st.sampled_from(["f.a", "f.b", "g.a"]), st.sampled_from([None, "de", "zh-Hans"])),
    bounds,
    max_size=6,
)
values = st.sampled_from([0.0, 1.0, 1.5, 2.5, 3.0, 9.0])
rows = st.lists(st.tuples(st.sampled_from(LANGS), values, values), max_size=6)


@QUICK
@given(rules=rule_sets, found=rows)
def test_reasons_are_the_broken_bounds_of_the_language(rules, found):
    listed = [Rule(*name.split("."), lang, one) for (name, lang), one in rules.items()]
    for (lang, a, b), got in zip(found, broken(listed, *found), strict=True):
        expected = set()
        for name, value in {"f.a": a, "f.b": b, "g.a": b}.items():
            bound = rules.get((name, lang), rules.get((name, None), Bounds()))
            if bound.min is not None and value < bound.min:
                expected.add(f"{name}.min")
            if bound.max is not None and value > bound.max:
                expected.add(f"{name}.max")
        assert set(got) == expected and len(got) == len(expected)


@QUICK
@given(
    general=rule_sets,
    own=rule_sets,
    found=rows,
    kinds=st.lists(st.sampled_from(KINDS), min_size=6, max_size=6),
)
def test_a_kind_that_has_rules_of_a_metric_is_judged_by_them_alone(general, own, found, kinds):
    """As `filters.bounds` resolves them: a kind's rules say all that applies to it."""
    sets = {None: general, "code": own}
    listed = [
        Rule(*name.split("."), lang, bounds, kind)
        for kind, rules in sets.items()
        for (name, lang), bounds in rules.items()
    ]
    got = measured(*found, kinds=tuple(kinds[: len(found)])).with_columns(reasons(listed))
    for (lang, a, b), kind, reasons_ in zip(found, kinds, got["drop_reasons"], strict=False):
        expected = set()
        for name, value in {"f.a": a, "f.b": b, "g.a": b}.items():
            rules = own if kind == "code" and any(key[0] == name for key in own) else general
            bound = rules.get((name, lang), rules.get((name, None), Bounds()))
            expected |= {f"{name}.min"} if bound.min is not None and value < bound.min else set()
            expected |= {f"{name}.max"} if bound.max is not None and value > bound.max else set()
        assert set(reasons_) == expected


def test_bounds_are_inclusive():
    rule = [Rule("f", "a", None, Bounds(0.1, 0.3))]
    found = broken(rule, *(("en", value, 0.0) for value in (0.09, 0.1, 0.3, 0.31)))
    assert found == [["f.a.min"], [], [], ["f.a.max"]]


def test_every_reason_is_kept():
    rules = [
        Rule("f", "a", None, Bounds(min=5)),
        Rule("f", "b", None, Bounds(max=1)),
        Rule("g", "a", None, Bounds(max=1)),
    ]
    assert broken(rules, ("en", 0, 2)) == [["f.a.min", "f.b.max", "g.a.max"]]


def test_a_language_without_its_own_bounds_uses_the_default():
    rules = [Rule("f", "a", None, Bounds(min=5)), Rule("f", "a", "zh-Hans", Bounds(min=1))]
    found = broken(rules, *((lang, 2, 0) for lang in LANGS))
    assert found == [["f.a.min"], ["f.a.min"], [], ["f.a.min"]]


def test_a_bound_of_one_language_alone_binds_no_other():
    found = broken([Rule("f", "a", "de", Bounds(max=1))], *((lang, 2, 0) for lang in LANGS))
    assert found == [[], ["f.a.max"], [], []]


def test_whole_and_broken_bounds_stand_beside_each_other():
    rules = [
        Rule("f", "a", None, Bounds(min=5)),
        Rule("f", "a", "de", Bounds(min=1)),
        Rule("f", "a", "zh-Hans", Bounds(min=4.5)),
    ]
    found = broken(rules, ("en", 4.7, 0), ("de", 0.9, 0), ("zh-Hans", 4.6, 0))
    assert found == [["f.a.min"], ["f.a.min"], []]


def test_a_side_that_is_not_given_does_not_bind():
    rules = [Rule("f", "a", None, Bounds(1, 2)), Rule("f", "a", "de", Bounds(max=2))]
    assert broken(rules, ("de", 0, 0), ("en", 0, 0)) == [[], ["f.a.min"]]


@pytest.mark.parametrize("rules", [[], [Rule("f", "a", None, Bounds())]])
def test_without_bounds_nothing_is_dropped(rules: list[Rule]):
    assert broken(rules, ("en", 99, 99), ("und", 0, 0)) == [[], []]
    assert broken(rules) == []


def test_whole_numbers_are_compared_exactly():
    found = pl.DataFrame({"lang": ["en"] * 2, "f": [{"n_count": 49}, {"n_count": 50}]})
    rule = [Rule("f", "n_count", None, Bounds(min=50))]
    assert found.select(reasons(rule)).to_series().to_list() == [["f.n_count.min"], []]


@pytest.mark.parametrize("under", [Bounds(), Bounds(1), Bounds(1, 2), Bounds(max=2)])
@pytest.mark.parametrize("over", [Bounds(), Bounds(0), Bounds(5, 6), Bounds(max=0)])
def test_bounds_put_over_others_change_only_the_sides_that_they_have(under: Bounds, over: Bounds):
    merged = under | over
    for side in SIDES:
        given_side = getattr(over, side)
        expected = getattr(under, side) if given_side is None else given_side
        assert getattr(merged, side) == expected


scopes = st.tuples(st.sampled_from(KINDS[::-1]), st.sampled_from([None, *LANGS]))


@QUICK
@given(given_=st.dictionaries(scopes, bounds, min_size=1, max_size=8))
def test_the_bounds_of_one_document_are_those_of_the_expression(given_):
    group = [Rule("f", "a", lang, one, kind) for (kind, lang), one in given_.items()]
    documents = measured(
        *[(lang, 0.0, 0.0) for lang in LANGS for _ in KINDS], kinds=KINDS * len(LANGS)
    )
    found = documents.select(
        "lang",
        pl.col("source").struct.field("kind"),
        min=limit(group, "min"),
        max=limit(group, "max"),
    )
    for lang, kind, low, high in found.iter_rows():
        assert bounds_for(group, lang, kind) == Bounds(low, high), (lang, kind)
