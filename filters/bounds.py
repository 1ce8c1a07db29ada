"""Bounds as data: the files that ship with Taojin, and what a recipe puts over them.

A table of bounds may hold tables for languages (`lang.CODE`) and for kinds of source (`kind.NAME`),
and a kind's table tables for languages. What is narrower stands over what is wider: a language's
bounds over the general ones, a kind's over a language's, a language's within a kind over both.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import isinf, isnan

from taojin.core.errors import UserError, unknown
from taojin.filters.language import KNOWN
from taojin.filters.rules import Bounds, Filter, Rule

Table = Mapping[str, object]
Scope = tuple[str | None, str | None]
"""A kind and a language; None for all of them."""

KINDS = ("web", "proprietary", "book", "code", "dialogue", "poetry", "scientific")
"""Kinds of source that have bounds of their own, or may well be given some."""

SETS = {
    "measured": ("thresholds", "measured"),
    "published": ("thresholds", "measured", "published"),
}
"""The files that a recipe's `filters.bounds` puts over each other. `measured`: loosened where the
bounds of thresholds.toml drop real prose; `published`: the papers' own over that, for English."""


@cache
def defaults(file: str = "thresholds") -> Table:
    """A file of bounds that ships with Taojin, as it stands below `filters`."""
    text = (files("taojin.filters") / f"{file}.toml").read_text(encoding="utf-8")
    table: Table = tomllib.loads(text)["filters"]
    return table


def rules(
    filters: Sequence[Filter],
    overrides: Mapping[str, Table],
    kinds: Sequence[str] = KINDS,
    bounds: str = "measured",
) -> tuple[Rule, ...]:
    """Every bound of these filters, in their order; a metric without one has none.

    `kinds` are those that an override may name. UserError for an override of an unknown filter,
    metric, language, kind or side, and for an unknown set of bounds.
    """
    if bounds not in SETS:
        raise unknown("filters.bounds", "set", bounds, SETS)
    for name in overrides:
        if name not in defaults():
            raise unknown("filters", "filter", name, defaults())
    return layered(filters, [*layers(overrides, bounds).values()], kinds)


def layers(overrides: Mapping[str, Table], bounds: str = "measured") -> dict[str, Table]:
    """The tables of bounds that are put over each other, by file, the `recipe`'s own last."""
    first, *derived = SETS[bounds]
    found = {first: defaults(first)}
    found |= {name: _giving_way(defaults(name), overrides) for name in derived}
    return {**found, "recipe": overrides}


def _giving_way(layer: Table, overrides: Mapping[str, Table]) -> dict[str, object]:
    """Derived bounds without the sides that the recipe gives for every language.

    What a language's writing asks for stands in thresholds.toml, and over a general bound; what
    was measured does not: who sets a bound means the languages that it was measured for too.
    """
    return {
        name: _without(table, overrides.get(name, {}))
        for name, table in layer.items()
        if isinstance(table, Mapping)
    }


def _without(table: Table, given: Table) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in table.items():
        assert isinstance(value, Mapping)
        if key == "lang":
            found[key] = {lang: _without(own, given) for lang, own in value.items()}
        else:
            sides = given.get(key)
            taken = sides if isinstance(sides, Mapping) else {}
            found[key] = {side: limit for side, limit in value.items() if side not in taken}
    return found


def layered(
    filters: Sequence[Filter], layers: Sequence[Mapping[str, object]], kinds: Sequence[str] = KINDS
) -> tuple[Rule, ...]:
    """The bounds of these filters under tables by filter, each put over the one before it."""
    return tuple(
        rule
        for filter_ in filters
        for rule in _rules(filter_, [_table(layer, filter_) for layer in layers], kinds)
    )


def _table(tables: Table, filter_: Filter) -> Table:
    table = tables.get(filter_.name, {})
    assert isinstance(table, Mapping)
    return table


def _rules(filter_: Filter, layers: Sequence[Table], kinds: Sequence[str]) -> list[Rule]:
    """For each metric the default and every kind and language that has its own, fully merged."""
    given: dict[str, dict[Scope, Bounds]] = {}
    for layer in layers:
        for scope, table in _scopes(filter_, layer, kinds):
            for metric, sides in table.items():
                bounds = given.setdefault(metric, {})
                found = _bounds(filter_, metric, sides)
                bounds[scope] = bounds.get(scope, Bounds()) | found
    return [
        Rule(filter_.name, metric, scope[1], _checked(filter_, metric, bounds, scope), scope[0])
        for metric, bounds in sorted(given.items())
        for scope in _distinct(bounds)
    ]


def _checked(filter_: Filter, metric: str, given: Mapping[Scope, Bounds], scope: Scope) -> Bounds:
    """The merged bounds; UserError where they leave nothing between them."""
    found = _merged(given, scope)
    if found.min is not None and found.max is not None and found.min > found.max:
        raise UserError(
            f"filters.{filter_.name}.{metric}: min {found.min:g} is above max {found.max:g}"
            f"{f' for {scope[1]}' if scope[1] else ''}, so that nothing would pass; give both sides"
        )
    return found


def _distinct(given: Mapping[Scope, Bounds]) -> list[Scope]:
    """The scopes that need a rule: each kind has one for every language that any of its tables has.

    So whoever looks a rule up needs only its kind, if that has rules, and then its language.
    """
    kinds = {kind for kind, _ in given}
    scopes = {
        (kind, lang)
        for kind in kinds
        for wider, lang in [*given, (kind, None)]
        if wider in (None, kind) and (kind, lang) != (None, None)
    }
    return sorted(scopes | (given.keys() & {(None, None)}), key=str)


def _merged(given: Mapping[Scope, Bounds], scope: Scope) -> Bounds:
    """The bounds of the narrowest scope put over the wider ones; an infinite side does not bind."""
    kind, lang = scope
    merged = Bounds()
    for wider in dict.fromkeys([(None, None), (None, lang), (kind, None), scope]):
        merged |= given.get(wider, Bounds())
    low, high = (
        None if value is None or isinf(value) else value for value in (merged.min, merged.max)
    )
    return Bounds(low, high)


def _scopes(
    filter_: Filter, table: Table, kinds: Sequence[str]
) -> Iterator[tuple[Scope, Mapping[str, object]]]:
    """The bounds of each scope of one filter's table, its names checked."""
    yield from _languages(filter_, table, None, f"filters.{filter_.name}", ("lang", "kind"))
    for kind, own in _named(table, "kind", f"filters.{filter_.name}", kinds):
        yield from _languages(filter_, own, kind, f"filters.{filter_.name}.kind.{kind}", ("lang",))


def _languages(
    filter_: Filter, table: Table, kind: str | None, where: str, others: Sequence[str]
) -> Iterator[tuple[Scope, Mapping[str, object]]]:
    """The bounds of one kind, for all languages and for each that has its own."""
    yield (kind, None), _metrics(filter_, table, others)
    for lang, own in _named(table, "lang", where, KNOWN):
        yield (kind, lang), _metrics(filter_, own, ())


def _named(
    table: Table, name: str, where: str, known: Sequence[str]
) -> Iterator[tuple[str, Table]]:
    """The tables of each language or kind."""
    tables = table.get(name, {})
    word, example = {"lang": ("language", "CODE"), "kind": ("kind", "NAME")}[name]
    if not isinstance(tables, Mapping):
        raise UserError(f"{where}.{name}: write [{where}.{name}.{example}]")
    for key, own in tables.items():
        if key not in known:
            raise unknown(f"{where}.{name}", word, key, known)
        if not isinstance(own, Mapping):
            raise UserError(f"{where}.{name}.{key}: a table of bounds is needed")
        yield key, own


def _metrics(filter_: Filter, table: Table, others: Sequence[str]) -> Mapping[str, object]:
    known = [metric.name for metric in filter_.metrics]
    for name in table:
        if name not in known and name not in others:
            raise unknown(f"filters.{filter_.name}", "metric", name, known)
    return {name: sides for name, sides in table.items() if name in known}


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
