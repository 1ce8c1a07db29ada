"""Where bounds come from: as many as there are bounds, and each from the file that gives its value."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from taojin.filters.bounds import defaults
from taojin.pipeline import recipe as recipes
from taojin.pipeline.origins import PAPER, PAPERS, origins
from taojin.pipeline.recipe import Recipe


def made(**filters: object) -> Recipe:
    table = {"name": "a", "sources": [{"name": "x", "path": "y"}], "filters": filters}
    return recipes.parse(table, Path())


def at(table: object, *keys: str) -> object:
    for key in keys:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    return table


@pytest.mark.parametrize("bounds", ["measured", "published"])
def test_every_bound_has_an_origin_whose_file_gives_its_value(bounds: str) -> None:
    recipe = made(bounds=bounds)
    told = dict(origins(recipe))
    layers = {
        name: tomllib.loads((files("taojin.filters") / f"{name}.toml").read_text())["filters"]
        for name in ("thresholds", "measured", "published")
    }
    for rule in recipe.rules:
        scopes = [[], ["lang", rule.lang], ["kind", rule.kind]]
        scopes.append(["kind", rule.kind, "lang", rule.lang])
        for side in ("min", "max"):
            value = getattr(rule.bounds, side)
            if value is None:
                continue
            origin = told.pop((rule.filter, rule.metric, rule.kind, rule.lang, side))
            if rule.filter == "decontamination":
                continue
            named = {"measured": ["measured"], PAPER: ["thresholds", "published"]}
            given = [
                at(layers[file], rule.filter, *filter(None, scope), rule.metric, side)
                for file in named.get(origin, ["thresholds"])
                for scope in scopes
                if None not in scope
            ]
            assert value in given, (rule, side, origin)
    assert set(told) == {("dedup", name, None, None, "max") for name in ("url", "exact", "near")}


def test_the_metrics_of_papers_are_bound_in_the_file() -> None:
    for place, metrics in PAPERS.items():
        name, *scope = place.split(".")
        for metric in metrics:
            assert at(dict(defaults()), name, *scope, metric), (place, metric)


def test_what_the_papers_file_repeats_is_a_papers() -> None:
    for name, table in defaults("published").items():
        for metric in at(table, "lang", "en"):
            sides = at(dict(defaults()), name, metric)
            assert not sides or PAPERS[name][metric] == PAPER, (name, metric)


def test_the_narrowest_scope_and_the_last_file_give_the_origin() -> None:
    own = {
        "gopher_quality": {
            "word_count": {"max": 9000},
            "lang": {"en": {"mean_word_length": {"min": 2}}},
        }
    }
    told = origins(made(**own))
    length = ("gopher_quality", "mean_word_length", None)
    words = ("gopher_quality", "word_count", None, None)
    assert told[*words, "max"] == "recipe"
    assert told[*words, "min"] == "measured"
    assert told[*length, "en", "min"] == "recipe"
    assert told[*length, "en", "max"] == "paper"
    assert told[*length, "zh-Hans", "max"] == "measured"
    assert told[*length, "zh-Hans", "min"] == "ours"
    assert told["dolma", "most_repeats_count", None, None, "max"].startswith("OLMo")


def test_rules_beside_the_filters_are_ours_or_the_recipes() -> None:
    table = {"name": "a", "sources": [{"name": "x", "path": "y"}]}
    changed = {"dedup": {"near": {"threshold": 0.7}}, "decontaminate": {"most_overlap": 0.1}}
    beside = [
        ("decontamination", "overlap"),
        ("dedup", "url"),
        ("dedup", "exact"),
        ("dedup", "near"),
    ]
    for more, expected in (({}, ["ours"] * 4), (changed, ["recipe", "ours", "ours", "recipe"])):
        told = origins(recipes.parse({**table, **more}, Path()))
        assert [told[*rule, None, None, "max"] for rule in beside] == expected
