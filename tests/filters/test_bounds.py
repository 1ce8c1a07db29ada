import pytest

from taojin.core.errors import UserError
from taojin.filters.bounds import defaults, rules
from taojin.filters.gopher import QUALITY, REPETITION
from taojin.filters.language import KNOWN, language_filter
from taojin.filters.registry import Registry
from taojin.filters.rules import Bounds

FILTERS = Registry(("en", "zh-Hans")).filters


def bound(overrides: dict[str, object], metric: str, lang: str | None = None) -> Bounds | None:
    found = {(rule.metric, rule.lang): rule.bounds for rule in rules((QUALITY,), overrides)}
    return found.get((metric, lang))


def over(**tables: object) -> dict[str, object]:
    return {"gopher_quality": tables}


def test_the_defaults_name_every_filter_and_every_metric_and_no_other():
    assert set(defaults()) == set(FILTERS)
    for name, filter_ in FILTERS.items():
        table = dict(defaults()[name])
        languages = table.pop("lang", {})
        assert set(table) == {metric.name for metric in filter_.metrics}, name
        for lang, own in languages.items():
            assert lang in KNOWN and set(own) <= set(table)


def test_every_rule_is_of_a_filter_and_metric_asked_for():
    found = rules((REPETITION, QUALITY), {})
    assert [rule.filter for rule in found] == sorted(
        (rule.filter for rule in found), key=["gopher_repetition", "gopher_quality"].index
    )
    assert len({(rule.filter, rule.metric, rule.lang) for rule in found}) == len(found)


def test_paper_bounds():
    """Rae et al. 2021, appendix A.1.1 and table A1."""
    assert bound({}, "word_count") == Bounds(50, 100_000)
    assert bound({}, "mean_word_length") == Bounds(3, 10)
    assert bound({}, "symbol_word_ratio") == Bounds(None, 0.1)
    assert bound({}, "stop_word_count") == Bounds(2)
    tops = [rule for rule in rules((REPETITION,), {}) if "top" in rule.metric and not rule.lang]
    assert [rule.bounds.max for rule in tops] == [0.20, 0.18, 0.16]


def test_chinese_has_bounds_of_its_own():
    for lang in ("zh-Hans", "zh-Hant"):
        assert bound({}, "mean_word_length", lang) == Bounds(1, 4)
        assert bound({}, "word_count", lang) is None  # the default serves


def test_an_override_changes_only_the_side_that_it_gives():
    assert bound(over(word_count={"min": 5}), "word_count") == Bounds(5, 100_000)
    assert bound(over(word_count={"max": 5}), "word_count") == Bounds(50, 5)
    assert bound(over(word_count={"min": 5}), "mean_word_length") == Bounds(3, 10)


def test_an_override_of_one_language_leaves_the_others():
    overrides = over(lang={"de": {"mean_word_length": {"max": 12}}})
    assert bound(overrides, "mean_word_length", "de") == Bounds(3, 12)
    assert bound(overrides, "mean_word_length") == Bounds(3, 10)
    assert bound(overrides, "mean_word_length", "zh-Hans") == Bounds(1, 4)


def test_an_override_of_a_language_is_put_over_its_default():
    overrides = over(lang={"zh-Hans": {"mean_word_length": {"max": 5}}})
    assert bound(overrides, "mean_word_length", "zh-Hans") == Bounds(1, 5)
    assert bound(overrides, "mean_word_length", "zh-Hant") == Bounds(1, 4)


def test_a_languages_own_default_stands_over_a_general_override():
    overrides = over(mean_word_length={"min": 2, "max": 20})
    assert bound(overrides, "mean_word_length") == Bounds(2, 20)
    assert bound(overrides, "mean_word_length", "zh-Hans") == Bounds(1, 4)


def test_a_language_of_the_recipe_starts_from_the_recipes_general_bound():
    overrides = over(word_count={"min": 7}, lang={"en": {"word_count": {"max": 9}}})
    assert bound(overrides, "word_count", "en") == Bounds(7, 9)


def test_und_may_have_bounds_of_its_own():
    overrides = over(lang={"und": {"word_count": {"min": 500}}})
    assert bound(overrides, "word_count", "und") == Bounds(500, 100_000)


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
        (over(lang={"en": 5}), r"lang.en: a table of bounds is needed"),
        (over(lang=5), r"lang: write \[filters.gopher_quality.lang.CODE\]"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_what_is_known(overrides: dict[str, object], message: str):
    with pytest.raises(UserError, match=message):
        rules((QUALITY,), overrides)


def test_an_unknown_language_of_the_recipe_is_told_with_the_known_ones():
    with pytest.raises(UserError, match=r"languages: no language 'zh'; known: .*zh-Hans, zh-Hant"):
        language_filter(["en", "zh"])


def test_filters_are_chosen_by_name_in_the_registrys_order():
    registry = Registry(("en",))
    chosen = registry.choose(["fineweb", "url", "gopher_quality"])
    assert [one.name for one in chosen] == ["url", "gopher_quality", "fineweb"]
    with pytest.raises(UserError, match=r"filters.use: no filter 'gophre'; known: c4, chinese"):
        registry.choose(["url", "gophre"])
