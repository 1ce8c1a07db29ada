import pytest

from taojin.core.errors import UserError
from taojin.filters import bounds as module
from taojin.filters.bounds import KINDS, SETS, defaults, rules
from taojin.filters.gopher import QUALITY, REPETITION
from taojin.filters.language import KNOWN, language_filter
from taojin.filters.registry import Registry
from taojin.filters.rules import Bounds, Filter

FILTERS = Registry(("en", "zh-Hans")).filters


SHIPPED = {
    "gopher_quality": {
        "word_count": {"min": 50, "max": 100_000},
        "mean_word_length": {"min": 3, "max": 10},
        "lang": {"zh-Hans": {"mean_word_length": {"min": 1, "max": 4}}},
        "kind": {
            "code": {"word_count": {"min": float("-inf"), "max": 500}},
            "poetry": {
                "word_count": {"min": 10},
                "lang": {"zh-Hans": {"word_count": {"min": 20}}},
            },
        },
    },
    "gopher_repetition": {"top_2_gram_ratio": {"max": 0.2}},
}
"""Bounds as they might ship: the tests of how bounds are put together don't move with ours."""


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    published = {"gopher_quality": {"lang": {"en": {"word_count": {"min": 60}}}}}
    measured = {
        "gopher_quality": {
            "symbol_word_ratio": {"max": 0.4},
            "lang": {"en": {"symbol_word_ratio": {"max": 0.3}, "word_count": {"max": 90_000}}},
        }
    }
    tables = {"thresholds": SHIPPED, "measured": measured, "published": published}
    monkeypatch.setattr(module, "defaults", lambda file="thresholds": tables[file])


def bound(
    overrides: dict[str, object],
    metric: str,
    lang: str | None = None,
    kind: str | None = None,
    use: str = "measured",
) -> Bounds | None:
    """The bounds of the one rule for that scope, if there is one."""
    found = rules((QUALITY,), overrides, bounds=use)
    keyed = {(rule.metric, rule.kind, rule.lang): rule.bounds for rule in found}
    assert len(keyed) == len(found)
    return keyed.get((metric, kind, lang))


def over(**tables: object) -> dict[str, object]:
    return {"gopher_quality": tables}


def named(table: dict[str, object], filter_: Filter) -> set[str]:
    """The metrics that a table of bounds names in any scope, its languages and kinds checked."""
    own = dict(table)
    languages, kinds = own.pop("lang", {}), own.pop("kind", {})
    assert set(languages) <= set(KNOWN) and set(kinds) <= set(KINDS)
    metrics = {metric.name for metric in filter_.metrics}
    assert set(own) <= metrics
    return set(own).union(*(named(one, filter_) for one in [*languages.values(), *kinds.values()]))


def test_the_defaults_name_every_filter_and_every_metric_and_no_other():
    assert set(defaults()) == set(FILTERS)
    for name, filter_ in FILTERS.items():
        assert named(defaults()[name], filter_) == {metric.name for metric in filter_.metrics}
    for file in ("measured", "published"):
        for name, table in defaults(file).items():
            assert named(table, FILTERS[name])


def test_every_default_is_a_rule():
    for use in SETS:
        assert rules(tuple(FILTERS.values()), {}, bounds=use)


def test_every_rule_is_of_a_filter_and_metric_asked_for():
    found = rules((REPETITION, QUALITY), {})
    assert [rule.filter for rule in found] == sorted(
        (rule.filter for rule in found), key=["gopher_repetition", "gopher_quality"].index
    )
    assert len({(rule.filter, rule.metric, rule.lang, rule.kind) for rule in found}) == len(found)


def test_paper_bounds():
    """Rae et al. 2021, appendix A.1.1 and table A1."""
    assert bound({}, "word_count", "en", use="published") == Bounds(50, 100_000)
    assert bound({}, "mean_word_length", "en", use="published") == Bounds(3, 10)
    assert bound({}, "symbol_word_ratio", "en", use="published") == Bounds(None, 0.1)
    assert bound({}, "stop_word_count", "en", use="published").min == 2
    found = {
        (one.metric, one.lang): one.bounds for one in rules((REPETITION,), {}, bounds="published")
    }
    assert [found[f"top_{size}_gram_ratio", "en"].max for size in (2, 3, 4)] == [0.20, 0.18, 0.16]


@pytest.mark.usefixtures("shipped")
class TestLayers:
    def test_a_language_has_bounds_of_its_own(self):
        assert bound({}, "mean_word_length", "zh-Hans") == Bounds(1, 4)
        assert bound({}, "word_count", "zh-Hans") is None  # the default serves

    def test_a_kind_stands_over_a_language_and_its_language_over_both(self):
        assert bound({}, "word_count", None, "poetry") == Bounds(10, 100_000)
        assert bound({}, "word_count", "zh-Hans", "poetry") == Bounds(20, 100_000)
        overrides = over(lang={"zh-Hans": {"word_count": {"min": 5, "max": 600}}})
        assert bound(overrides, "word_count", "zh-Hans", "poetry") == Bounds(20, 600)
        assert bound(overrides, "word_count", "zh-Hans", "code") == Bounds(None, 500)
        assert bound(overrides, "word_count", "zh-Hans") == Bounds(5, 600)

    def test_a_measured_bound_gives_way_to_a_general_one_of_the_recipe(self):
        assert bound({}, "symbol_word_ratio", "en") == Bounds(None, 0.3)
        assert bound({}, "symbol_word_ratio") == Bounds(None, 0.4)
        overrides = over(symbol_word_ratio={"max": 0.1})
        assert bound(overrides, "symbol_word_ratio") == Bounds(None, 0.1)
        assert bound(overrides, "symbol_word_ratio", "en") in (None, Bounds(None, 0.1))
        assert bound(over(word_count={"min": 5}), "word_count", "en") == Bounds(5, 90_000)
        assert bound(over(mean_word_length={"max": 9}), "mean_word_length", "zh-Hans").max == 4

    def test_a_kind_without_bounds_of_a_metric_has_no_rule_of_it(self):
        assert bound({}, "mean_word_length", None, "code") is None
        assert bound({}, "word_count", None, "book") is None

    def test_an_infinite_bound_takes_one_away(self):
        assert bound({}, "word_count", None, "code") == Bounds(None, 500)
        overrides = over(word_count={"max": float("inf")})
        assert bound(overrides, "word_count") == Bounds(50, None)

    def test_the_published_set_is_put_over_the_measured_one_and_under_the_recipe(self):
        assert bound({}, "word_count", "en", use="published") == Bounds(60, 90_000)
        assert bound({}, "word_count", use="published") == Bounds(50, 100_000)
        overrides = over(lang={"en": {"word_count": {"min": 70}}})
        assert bound(overrides, "word_count", "en", use="published") == Bounds(70, 90_000)


@pytest.mark.usefixtures("shipped")
def test_an_override_changes_only_the_side_that_it_gives():
    assert bound(over(word_count={"min": 5}), "word_count") == Bounds(5, 100_000)
    assert bound(over(word_count={"max": 60}), "word_count") == Bounds(50, 60)
    assert bound(over(word_count={"min": 5}), "mean_word_length") == Bounds(3, 10)


@pytest.mark.usefixtures("shipped")
def test_an_override_of_one_language_leaves_the_others():
    overrides = over(lang={"de": {"mean_word_length": {"max": 12}}})
    assert bound(overrides, "mean_word_length", "de") == Bounds(3, 12)
    assert bound(overrides, "mean_word_length") == Bounds(3, 10)
    assert bound(overrides, "mean_word_length", "zh-Hans") == Bounds(1, 4)


@pytest.mark.usefixtures("shipped")
def test_an_override_of_a_language_is_put_over_its_default():
    overrides = over(lang={"zh-Hans": {"mean_word_length": {"max": 5}}})
    assert bound(overrides, "mean_word_length", "zh-Hans") == Bounds(1, 5)
    assert bound(overrides, "mean_word_length") == Bounds(3, 10)


@pytest.mark.usefixtures("shipped")
def test_a_languages_own_default_stands_over_a_general_override():
    overrides = over(mean_word_length={"min": 2, "max": 20})
    assert bound(overrides, "mean_word_length") == Bounds(2, 20)
    assert bound(overrides, "mean_word_length", "zh-Hans") == Bounds(1, 4)


@pytest.mark.usefixtures("shipped")
def test_a_language_of_the_recipe_starts_from_the_recipes_general_bound():
    overrides = over(word_count={"min": 7}, lang={"en": {"word_count": {"max": 900}}})
    assert bound(overrides, "word_count", "en") == Bounds(7, 900)


@pytest.mark.usefixtures("shipped")
def test_und_may_have_bounds_of_its_own():
    overrides = over(lang={"und": {"word_count": {"min": 500}}})
    assert bound(overrides, "word_count", "und") == Bounds(500, 100_000)


@pytest.mark.usefixtures("shipped")
def test_the_defaults_are_left_alone():
    before = rules((QUALITY,), {})
    rules((QUALITY,), over(word_count={"min": 1}, lang={"zh-Hans": {"word_count": {"min": 1}}}))
    assert rules((QUALITY,), {}) == before


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"goph": {}}, r"filters: no filter 'goph'; known: .*gopher_quality.*url"),
        (over(word_cuont={"min": 1}), r"no metric 'word_cuont'; known: alpha_.*word_count"),
        (over(lang={"zh": {}}), r"lang: no language 'zh'; known: .*zh-Hans, zh-Hant"),
        (over(lang={"no": {}}), r"no language 'no'; known: .*nb"),
        (over(lang={"en": {"word": {}}}), r"no metric 'word'; known: .*word_count"),
        (over(word_count={"least": 1}), r"word_count: no side 'least'; known: max, min"),
        (over(word_count=5), r"word_count: write \{ min"),
        (over(word_count={"min": "5"}), r"word_count.min: a number is needed, not '5'"),
        (over(word_count={"min": True}), r"a number is needed, not True"),
        (over(word_count={"min": float("nan")}), r"a number is needed, not nan"),
        (over(word_count={"min": 9, "max": 5}), r"word_count: min 9 is above max 5"),
        (over(word_count={"min": 2_000_000}), r"min 2e\+06 is above max 100000"),
        (over(lang={"en": 5}), r"lang.en: a table of bounds is needed"),
        (over(kind={"cod": {}}), r"kind: no kind 'cod'; known: book, code"),
        (over(kind={"code": {"lang": {"xx": {}}}}), r"kind.code.lang: no language 'xx'"),
        (over(kind={"code": {"kind": {}}}), r"no metric 'kind'"),
        (over(kind=5), r"kind: write \[filters.gopher_quality.kind.NAME\]"),
        (over(lang=5), r"lang: write \[filters.gopher_quality.lang.CODE\]"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_what_is_known(overrides: dict[str, object], message: str):
    with pytest.raises(UserError, match=message):
        rules((QUALITY,), overrides)


def test_a_recipe_may_name_kinds_of_its_own():
    overrides = over(kind={"minutes": {"word_count": {"min": 7}}})
    found = rules((QUALITY,), overrides, kinds=(*KINDS, "minutes"))
    assert any(rule.kind == "minutes" and rule.bounds.min == 7 for rule in found)


def test_an_unknown_set_of_bounds_is_told():
    with pytest.raises(UserError, match=r"filters.bounds: no set 'papers'; known: measured, publ"):
        rules((QUALITY,), {}, bounds="papers")


def test_an_unknown_language_of_the_recipe_is_told_with_the_known_ones():
    with pytest.raises(UserError, match=r"languages: no language 'zh'; known: .*zh-Hans, zh-Hant"):
        language_filter(["en", "zh"])


def test_filters_are_chosen_by_name_in_the_registrys_order():
    registry = Registry(("en",))
    chosen = registry.choose(["fineweb", "url", "gopher_quality"])
    assert [one.name for one in chosen] == ["url", "gopher_quality", "fineweb"]
    with pytest.raises(UserError, match=r"filters.use: no filter 'gophre'; known: c4, chinese"):
        registry.choose(["url", "gophre"])


@pytest.mark.parametrize("lang", ["lo", "km", "my", "th", "ja", "zh-Hans"])
def test_scripts_without_spaces_have_units_of_one_character(lang: str):
    """A unit of theirs is one character, and a bound of three would drop every text."""
    found = {(one.metric, one.lang): one.bounds for one in rules((QUALITY,), {}) if not one.kind}
    assert found["mean_word_length", lang].min == 1
    assert found["alpha_word_ratio", lang].min == 0.7
