"""`taojin filters`: every metric, its bounds per kind and language, where it comes from."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from taojin.filters.rules import Filter, Rule
from taojin.pipeline.origins import Side, origins
from taojin.pipeline.recipe import Recipe

Costs = Mapping[str, float | None]
"""Megabytes of text a second, by filter; None for one that was not measured."""
Origins = Mapping[Side, str]
SIDES = {"min": ">=", "max": "<="}
UNBOUND = "unbound"


def as_text(recipe: Recipe, costs: Costs | None = None) -> str:
    """Lines for reading: a filter with its source, below it each metric with its bounds."""
    lines, told = [], origins(recipe)
    for name, filter_ in recipe.registry().filters.items():
        used = "" if name in recipe.used else " (not in use)"
        speed = f" [{_speed(costs[name])}]" if costs is not None else ""
        lines += ["", f"{name}{used}: {filter_.source}{speed}"]
        for metric in filter_.metrics:
            lines.append(f"  {metric.name:<38}{metric.about}")
            rules = _rules(recipe, name, metric.name)
            lines += [f"      {bound}" for bound in described(rules, told)]
    return "\n".join(lines[1:])


def as_json(recipe: Recipe, costs: Costs | None = None) -> str:
    """A list of objects, one per metric; `bounds` are numbers, null for a side that is not bound.

    A bound's `lang` or `kind` is null where it stands for all that have no bounds of their own;
    `min_from` and `max_from` say where its sides come from.
    """
    told = origins(recipe)
    rows = [
        {
            "filter": name,
            "metric": metric.name,
            "used": name in recipe.used,
            "bounds": [_scope(rule, told) for rule in _rules(recipe, name, metric.name)],
            "about": metric.about,
            "source": filter_.source,
            **({"mb_s": costs[name]} if costs is not None else {}),
        }
        for name, filter_ in recipe.registry().filters.items()
        for metric in filter_.metrics
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False)


def as_markdown(recipe: Recipe) -> str:
    """A section per filter: its source, and a table of its metrics."""
    told = origins(recipe)
    sections = [_section(recipe, one, told) for one in recipe.registry().filters.values()]
    return "\n".join(sections).rstrip("\n")


def _section(recipe: Recipe, filter_: Filter, told: Origins) -> str:
    rows = [
        [
            f"`{metric.name}`",
            "; ".join(described(_rules(recipe, filter_.name, metric.name), told)),
            metric.about,
        ]
        for metric in filter_.metrics
    ]
    head = ["| metric | bounds | what it measures |", "|---|---|---|"]
    lines = ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows]
    return "\n".join(
        [f"## `{filter_.name}`", "", f"Source: {filter_.source}.", "", *head, *lines, ""]
    )


def _rules(recipe: Recipe, name: str, metric: str) -> list[Rule]:
    return [rule for rule in recipe.rules if (rule.filter, rule.metric) == (name, metric)]


def _scope(rule: Rule, told: Origins) -> dict[str, Any]:
    bounds = rule.bounds
    origin = {f"{side}_from": told.get((*_place(rule), side)) for side in SIDES}
    return {"lang": rule.lang, "kind": rule.kind, "min": bounds.min, "max": bounds.max, **origin}


def _place(rule: Rule) -> tuple[str, str, str | None, str | None]:
    return rule.filter, rule.metric, rule.kind, rule.lang


def described(rules: Sequence[Rule], told: Origins | None = None) -> list[str]:
    """The bounds of one metric in words, such as `>= 3` and then `zh-Hans, zh-Hant: <= 4`.

    The general ones come first, then those of languages, those with the same together, then those
    of kinds of source; each with its origins, if they are given.
    """
    found = [text for kind in _kinds(rules) for text in _of_kind(rules, kind, told or {})]
    return found if any(text != "unbound" for text in found) else ["unbound"]


def _kinds(rules: Sequence[Rule]) -> list[str | None]:
    return sorted({rule.kind for rule in rules}, key=lambda kind: kind or "")


def _of_kind(rules: Sequence[Rule], kind: str | None, told: Origins) -> list[str]:
    by_lang = {rule.lang: _text(rule, told) for rule in rules if rule.kind == kind}
    general = by_lang.pop(None, UNBOUND)
    langs: dict[str, list[str]] = {}
    for lang, text in by_lang.items():
        if text != general and lang is not None:
            langs.setdefault(text, []).append(lang)
    within = f"{kind} in " if kind else ""
    named = [f"{within}{', '.join(many)}: {text}" for text, many in langs.items()]
    if kind:
        return [f"{kind}: {general}", *named]
    return [general, *named] if general != UNBOUND or not named else named


def _text(rule: Rule, told: Origins) -> str:
    """The sides that bind, and their origins: one if they share it, else one for each."""
    bound = [side for side in SIDES if getattr(rule.bounds, side) is not None]
    sides = [f"{SIDES[side]} {_number(getattr(rule.bounds, side))}" for side in bound]
    sources = [told[place] for side in bound if (place := (*_place(rule), side)) in told]
    origin = f" ({', '.join(dict.fromkeys(sources))})" if sources else ""
    return " and ".join(sides) + origin if sides else UNBOUND


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"


def _speed(mb_s: float | None) -> str:
    return "no model here" if mb_s is None else f"{mb_s:,.0f} MB/s"
