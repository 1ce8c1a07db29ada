"""`taojin filters`: every metric with its bounds, as a table, as JSON, as the page's Markdown."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from taojin.filters.rules import Bounds, Rule
from taojin.pipeline import catalogue, filter_costs
from taojin.pipeline import recipe as recipes
from taojin.pipeline.cli import main

DEFAULTS = recipes.defaults()
METRICS = [
    (name, metric.name)
    for name, filter_ in DEFAULTS.registry().filters.items()
    for metric in filter_.metrics
]


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["filters", *(str(word) for word in words)])


def test_json_lists_every_metric_with_its_rules_as_numbers() -> None:
    listed = json.loads(call("--json").output)
    assert [(row["filter"], row["metric"]) for row in listed] == METRICS
    assert all(row["about"] and row["source"] and row["used"] for row in listed)
    assert not any("mb_s" in row for row in listed)
    rules = {
        (row["filter"], row["metric"], one["lang"], one["kind"], one["min"], one["max"])
        for row in listed
        for one in row["bounds"]
    }
    assert rules == {
        (rule.filter, rule.metric, rule.lang, rule.kind, rule.bounds.min, rule.bounds.max)
        for rule in DEFAULTS.rules
        if rule.filter != "decontamination"
    }


def test_without_a_recipe_the_defaults_are_listed() -> None:
    """The demo's own bounds are stricter, and are the demo's alone."""
    demo = recipes.load(None)
    assert set(demo.rules) != set(DEFAULTS.rules)
    listed = {row["metric"]: row for row in json.loads(call("--json").output)}
    general = {"lang": None, "kind": None, "min": None, "max": 1.36}
    told = {"min_from": None, "max_from": "measured"}
    assert {**general, **told} in listed["symbol_word_ratio"]["bounds"]
    assert all(one["max"] != 0.1 for one in listed["symbol_word_ratio"]["bounds"])  # the demo's


def test_a_recipe_says_which_filters_and_bounds(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(
        'name = "a"\n[[sources]]\nname = "x"\npath = "y"\n[filters]\nuse = ["c4"]\n'
        "[filters.c4]\nsentence_count = { min = 7 }\n"
    )
    listed = json.loads(call("--json", "--recipe", path).output)
    assert {row["filter"] for row in listed if row["used"]} == {"c4"}
    (sentences,) = [row for row in listed if row["metric"] == "sentence_count"]
    bound = {"lang": None, "kind": None, "min": 7, "max": None}
    assert {**bound, "min_from": "recipe", "max_from": None} in sentences["bounds"]
    text = call("--recipe", path).output
    assert "\nfineweb (not in use): " in text
    assert "      >= 7 (recipe)\n" in text


def test_the_table_holds_every_metric_below_its_filter() -> None:
    found, name = [], ""
    for line in call().output.splitlines():
        if line and line[0] != " ":
            name = line.split(":")[0]
        elif line[:3].strip() and line[2] != " ":
            found.append((name, line.split()[0]))
    assert found == METRICS


def test_costs_are_measured_for_all_that_need_no_model() -> None:
    listed = json.loads(call("--json", "--cost").output)
    by_filter = {row["filter"]: row["mb_s"] for row in listed}
    unmeasured = {name for name, mb_s in by_filter.items() if mb_s is None}
    assert unmeasured == set(filter_costs.NEED_MODEL)
    assert all(mb_s > 0 for mb_s in by_filter.values() if mb_s is not None)
    assert set(filter_costs.sample_documents()["lang"]) == {"en", "zh-Hans"}


def test_the_table_tells_costs() -> None:
    text = catalogue.as_text(DEFAULTS, dict.fromkeys(DEFAULTS.registry().filters, 1234.5))
    heads = [line for line in text.splitlines() if line and line[0] != " "]
    assert all(line.endswith("[1,234 MB/s]") for line in heads)
    assert "[no model here]" in catalogue.as_text(
        DEFAULTS, dict.fromkeys(DEFAULTS.registry().filters)
    )


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        ({}, ["unbound"]),
        ({(None, None): Bounds()}, ["unbound"]),
        ({(None, None): Bounds(50, 1_000_000)}, [">= 50 and <= 1000000"]),
        (
            {(None, None): Bounds(max=0.5), (None, "de"): Bounds(), (None, "fr"): Bounds(max=0.5)},
            ["<= 0.5", "de: unbound"],
        ),
        (
            {(None, "zh-Hans"): Bounds(max=4), (None, "zh-Hant"): Bounds(max=4)},
            ["zh-Hans, zh-Hant: <= 4"],
        ),
        (
            {
                (None, None): Bounds(max=4),
                ("code", None): Bounds(),
                ("code", "en"): Bounds(),
                ("book", None): Bounds(max=4),
                ("book", "en"): Bounds(1, 4),
            },
            ["<= 4", "book: <= 4", "book in en: >= 1 and <= 4", "code: unbound"],
        ),
    ],
)
def test_bounds_in_words(bounds: dict, told: list[str]) -> None:
    rules = [Rule("f", "a", lang, one, kind) for (kind, lang), one in bounds.items()]
    assert catalogue.described(rules) == told


def test_a_bar_in_what_a_metric_measures_stays_in_its_cell() -> None:
    for line in catalogue.as_markdown(DEFAULTS).splitlines():
        if line.startswith("| `"):
            assert len(line.replace(r"\|", "").split("|")) == 5
