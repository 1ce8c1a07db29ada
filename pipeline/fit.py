"""`taojin filters fit`: bounds fitted to a run's trusted documents, and what they would drop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Any

import polars as pl

from taojin.core.errors import UserError, unknown
from taojin.core.storage import publish
from taojin.filters import fitting
from taojin.filters.fitting import Fit, Fitted, share_dropped, shares_beyond
from taojin.filters.language import KNOWN
from taojin.filters.rules import Bounds, Rule, bounds_for
from taojin.pipeline import places, stored
from taojin.pipeline import recipe as recipes
from taojin.pipeline.columns import aligned
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.stored import Stored

SETTINGS = ("url", "language", "safety", "classifier", "toxicity")
"""Filters by the recipe's lists, languages and models: a quantile of good prose says nothing of
them, so they are fitted only with `every_side`."""


@dataclass(frozen=True)
class Settings:
    """What is fitted: sources (none: the trusted ones), languages (none: all), which sides."""

    sources: Sequence[str] = ()
    languages: Sequence[str] = ()
    drop: float = fitting.DROP
    fewest: int = fitting.FEWEST
    every_side: bool = False


def fit(run: Path, out: Path, settings: Settings) -> str:
    """Write the fitted bounds and tell what they would drop, beside the present ones.

    UserError if `out` is there already or cannot be made, or if no language has enough documents.
    """
    places.free(out, "file")
    if isnan(settings.drop):
        raise UserError("--drop: a share between 0 and 0.5 is needed, such as 0.005")
    _check_languages(settings.languages)
    found = stored.read(run)
    recipe = found.recipe()
    names = _sources(recipe, settings.sources)
    found.check(recipe.rules)
    metrics = found.metrics.collect()
    in_reference = pl.col("source").struct.field("name").is_in(names)
    reference, rest = metrics.filter(in_reference), metrics.filter(~in_reference)
    fitted = fitting.fit(
        reference.filter(pl.col("duplicate_of").is_null()),
        _sides(found, recipe, settings),
        settings.drop,
        settings.languages or None,
        settings.fewest,
    )
    if not settings.every_side:
        fitted = replace(fitted, bounds=_bound_now(fitted.bounds, recipe.rules))
    if not fitted.bounds:
        raise UserError(_too_few(names, fitted, settings.fewest))
    with publish(out) as partial:
        partial.write_text(_head(run, names, settings) + fitting.as_toml(fitted, settings.fewest))
    return "\n".join([*_told(recipe, fitted, (reference, rest)), "", f"bounds    {out}"])


def _check_languages(languages: Sequence[str]) -> None:
    for lang in languages:
        scripts = [code for code in KNOWN if code.startswith(f"{lang}-")]
        if scripts:
            raise UserError(f"--language: '{lang}' is written as {' and '.join(scripts)}; name one")
        if lang not in KNOWN:
            raise unknown("--language", "language", lang, KNOWN)


def _sources(recipe: Recipe, names: Sequence[str]) -> list[str]:
    known = [source.name for source in recipe.sources]
    for name in names:
        if name not in known:
            raise unknown("--source", "source", name, known)
    trusted = [source.name for source in recipe.sources if source.is_trusted]
    if not names and not trusted:
        raise UserError(f"no source of this run is trusted: name some with --source; {known}")
    return list(names) or trusted


def _sides(found: Stored, recipe: Recipe, settings: Settings) -> list[fitting.Side]:
    """The sides that have a bound now, or both of every metric of the filters in use."""
    filters = recipe.registry().filters
    if not settings.every_side:
        prose = filters.keys() - set(SETTINGS)
        return [one for one in fitting.bound_sides(_of_prose(recipe.rules)) if one[0] in prose]
    columns = found.metrics.collect_schema()
    return [
        (name, metric.name, side)
        for name in recipe.used
        if isinstance(columns.get(name), pl.Struct)
        for metric in filters[name].metrics
        if metric.name in {field.name for field in columns[name].fields}  # type: ignore[attr-defined]
        for side in ("min", "max")
    ]


def _too_few(names: Sequence[str], fitted: Fit, fewest: int) -> str:
    counts = ", ".join(f"{lang} {count}" for lang, count in fitted.unmeasured.items()) or "none"
    return (
        f"no language has {fewest} documents in {', '.join(names)} ({counts}): name more sources "
        "with --source, or ask for fewer documents with --fewest"
    )


def _head(run: Path, names: Sequence[str], settings: Settings) -> str:
    return (
        f"# Fitted by `taojin filters fit` to {', '.join(names)} of {run.resolve().name}:\n"
        f"# each side by itself drops at most {settings.drop:.3%} of a language's documents.\n"
    )


def with_bounds(recipe: Recipe, fitted: Fit) -> Recipe:
    """The recipe with the fitted bounds put over its own."""
    filters: dict[str, Any] = dict(recipe.filters)
    for name, by_lang in fitting.tables(fitted.bounds).items():
        table = dict(filters.get(name, {}))
        langs = dict(table.get("lang", {}))
        for lang, metrics in by_lang.items():
            own = langs.get(lang, {})
            over = {metric: {**own.get(metric, {}), **sides} for metric, sides in metrics.items()}
            langs[lang] = {**own, **over}
        filters[name] = {**table, "lang": langs}
    return recipes.parse({**recipe.resolved(), "filters": filters}, recipe.folder)


def _told(recipe: Recipe, fitted: Fit, parts: Sequence[pl.DataFrame]) -> list[str]:
    """What each rule and all together drop of each part, by the present and the fitted bounds."""
    sets = (recipe.rules, with_bounds(recipe, fitted).rules)
    shares = ["reference now", "fitted", "rest now", "fitted"]
    rows = [["rule", "language", "now", "fitted", *shares]]
    for lang in dict.fromkeys(one.lang for one in fitted.bounds):
        own = [one for one in fitted.bounds if one.lang == lang]
        sides = [one.side for one in own]
        beyond = [shares_beyond(part, rules, sides, lang) for part in parts for rules in sets]
        for one, *of_side in zip(own, *beyond, strict=True):
            bounds = [_number(_now(recipe, one)), _number(one.bound)]
            rows.append([".".join(one.side), lang, *bounds, *map(_share, of_side)])
        dropped = [share_dropped(part, rules, lang) for part in parts for rules in sets]
        rows.append(["all rules together", lang, "", "", *map(_share, dropped)])
    few = [f"{lang}: not measured, {count} documents" for lang, count in fitted.unmeasured.items()]
    return [*aligned(rows, 2), *few]


def _now(recipe: Recipe, one: Fitted) -> float | None:
    """The present bound in that language for sources whose kind has none of its own."""
    name, metric, end = one.side
    group = [rule for rule in recipe.rules if (rule.filter, rule.metric) == (name, metric)]
    value: float | None = getattr(bounds_for(group, one.lang, None), end)
    return value


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,g}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def _of_prose(rules: Iterable[Rule]) -> list[Rule]:
    """The rules that hold for sources of any kind: a kind's own are no bounds of prose."""
    return [rule for rule in rules if rule.kind is None]


def _bound_now(fitted: Iterable[Fitted], rules: Iterable[Rule]) -> list[Fitted]:
    """Those whose side has a bound in their language now."""
    present = {(rule.filter, rule.metric, rule.lang): rule.bounds for rule in _of_prose(rules)}

    def is_bound(one: Fitted) -> bool:
        name, metric, end = one.side
        general = present.get((name, metric, None), Bounds())
        return getattr(present.get((name, metric, one.lang), general), end) is not None

    return [one for one in fitted if is_bound(one)]
