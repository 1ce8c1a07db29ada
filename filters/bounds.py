"""Bounds as data: the defaults of thresholds.toml under what a recipe puts over them."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import isnan

from taojin.core.errors import UserError, unknown
from taojin.filters.language import KNOWN
from taojin.filters.rules import Bounds, Filter, Rule

Table = Mapping[str, object]


@cache
def defaults() -> Table:
    """The bounds that ship with Taojin, as in thresholds.toml below `filters`."""
    text = (files("taojin.filters") / "thresholds.toml").read_text(encoding="utf-8")
    table: Table = tomllib.loads(text)["filters"]
    return table


def rules(filters: Sequence[Filter], overrides: Mapping[str, Table]) -> tuple[Rule, ...]:
    """Every bound of these filters, in their order; a metric without one has none.

    UserError for an override of an unknown filter, metric, language or side.
    """
    for name in overrides:
        if name not in defaults():
            raise unknown("filters", "filter", name, defaults())
    return tuple(
        rule
        for filter_ in filters
        for rule in _rules(filter_, (_table(defaults(), filter_), _table(overrides, filter_)))
    )


def _table(tables: Table, filter_: Filter) -> Table:
    table = tables.get(filter_.name, {})
    assert isinstance(table, Mapping)
    return table


def _rules(filter_: Filter, layers: Sequence[Table]) -> list[Rule]:
    """The default and, for each language that has its own, the bounds with all layers put over."""
    merged: dict[tuple[str, str | None], Bounds] = {}
    for layer in layers:
        _check_names(filter_, layer, "lang")
        for metric, sides in layer.items():
            if metric != "lang":
                key = (metric, None)
                merged[key] = merged.get(key, Bounds()) | _bounds(filter_, metric, sides)
    for layer in layers:
        for lang, table in _languages(filter_, layer):
            for metric, sides in table.items():
                base = merged.get((metric, lang), merged.get((metric, None), Bounds()))
                merged[metric, lang] = base | _bounds(filter_, metric, sides)
    return [
        Rule(filter_.name, metric, lang, bounds)
        for (metric, lang), bounds in sorted(merged.items(), key=lambda pair: str(pair[0]))
    ]


def _languages(filter_: Filter, layer: Table) -> list[tuple[str, Table]]:
    languages = layer.get("lang", {})
    if not isinstance(languages, Mapping):
        raise UserError(f"filters.{filter_.name}.lang: write [filters.{filter_.name}.lang.CODE]")
    for lang, table in languages.items():
        if lang not in KNOWN:
            raise unknown(f"filters.{filter_.name}.lang", "language", lang, KNOWN)
        if not isinstance(table, Mapping):
            raise UserError(f"filters.{filter_.name}.lang.{lang}: a table of bounds is needed")
        _check_names(filter_, table)
    return list(languages.items())


def _check_names(filter_: Filter, table: Table, *others: str) -> None:
    known = [metric.name for metric in filter_.metrics]
    for name in table:
        if name not in known and name not in others:
            raise unknown(f"filters.{filter_.name}", "metric", name, known)


def _bounds(filter_: Filter, metric: str, sides: object) -> Bounds:
    where = f"filters.{filter_.name}.{metric}"
    if not isinstance(sides, Mapping):
        raise UserError(f"{where}: write {{ min = 0.1, max = 0.9 }}, either side or both")
    for side, value in sides.items():
        if side not in ("min", "max"):
            raise unknown(where, "side", side, ("min", "max"))
        if isinstance(value, bool) or not isinstance(value, int | float) or isnan(value):
            raise UserError(f"{where}.{side}: a number is needed, not {value!r}")
    low, high = sides.get("min"), sides.get("max")
    if low is not None and high is not None and low > high:
        raise UserError(f"{where}: min {low} is above max {high}, so that nothing would pass")
    return Bounds(low, high)
