"""Bounds fitted to a reference corpus: quantiles of stored metrics, language by language.

A bound at the quantile `drop` of good documents drops at most that share of them. What is fitted is
rounded outward, to two significant digits where that moves it by 2 % or less and else to three, so
that it never drops more than the quantile itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

import polars as pl

from taojin.filters.rules import Rule, limit, reasons

FEWEST = 200
"""Documents that a language needs: with fewer, a quantile of 0.5 % is the worst document alone."""
DROP = 0.005
NEAR_ENOUGH = 0.02

Side = tuple[str, str, str]
"""A filter, a metric of it, and `min` or `max`."""


@dataclass(frozen=True)
class Fitted:
    """One side of a metric's bounds in one language, and how many documents it was fitted to."""

    side: Side
    lang: str
    bound: float
    documents: int


@dataclass(frozen=True)
class Fit:
    """All bounds that were fitted, and the documents of each language that had too few."""

    bounds: Sequence[Fitted]
    unmeasured: Mapping[str, int]


def bound_sides(rules: Iterable[Rule]) -> list[Side]:
    """Every side that binds in some language or kind, each once."""
    return list(
        dict.fromkeys(
            (rule.filter, rule.metric, side)
            for rule in rules
            for side in ("min", "max")
            if getattr(rule.bounds, side) is not None
        )
    )


def fit(
    metrics: pl.DataFrame,
    sides: Sequence[Side],
    drop: float = DROP,
    languages: Collection[str] | None = None,
    fewest: int = FEWEST,
) -> Fit:
    """Bounds for these sides in each language of `metrics` (or of those that are named).

    `metrics` has a row per document of the reference: `lang`, and a struct column per filter. Each
    side drops at most `drop` of a language's documents by itself. A language that is named and has
    no document is unmeasured.
    """
    counted = dict(metrics.group_by("lang").len().sort("lang").iter_rows())
    asked = sorted(counted if languages is None else languages)
    found = [
        Fitted(side, lang, _bound(part, side, drop), part.height)
        for lang in asked
        if counted.get(lang, 0) >= fewest
        for part in [metrics.filter(pl.col("lang") == lang)]
        for side in sides
    ]
    unmeasured = {lang: counted.get(lang, 0) for lang in asked if counted.get(lang, 0) < fewest}
    return Fit(found, unmeasured)


def _bound(documents: pl.DataFrame, side: Side, drop: float) -> float:
    """The value that at most `drop` of the documents lie beyond, rounded outward."""
    name, metric, end = side
    values = documents[name].struct.field(metric)
    value = values.quantile(drop, "lower") if end == "min" else values.quantile(1 - drop, "higher")
    assert value is not None
    return outward(value, end)


def outward(value: float, side: str) -> float:
    """The value in two or three significant digits, never inside of it.

    >>> outward(0.1151, "max"), outward(0.987, "min"), outward(1234, "max"), outward(0.0, "min")
    (0.116, 0.98, 1240.0, 0.0)
    """
    two, three = (_rounded(value, side, digits) for digits in (2, 3))
    return two if abs(two - value) <= NEAR_ENOUGH * abs(value) else three


def _rounded(value: float, side: str, digits: int) -> float:
    rounding = ROUND_FLOOR if side == "min" else ROUND_CEILING
    return float(Context(prec=digits, rounding=rounding).plus(Decimal(repr(float(value)))))


def shares_beyond(
    documents: pl.DataFrame, rules: Sequence[Rule], sides: Sequence[Side], lang: str
) -> list[float | None]:
    """The share of a language's documents that lie beyond each side; None without documents.

    `documents` is as in `fit`, with `source` besides where a kind has rules of its own.
    """
    own = documents.filter(pl.col("lang") == lang)
    beyond = [_beyond(rules, side).mean().alias(f"{place}") for place, side in enumerate(sides)]
    return list(own.select(beyond).row(0)) if beyond else []


def _beyond(rules: Iterable[Rule], side: Side) -> pl.Expr:
    group = [rule for rule in rules if (rule.filter, rule.metric) == side[:2]]
    value = pl.col(side[0]).struct.field(side[1]).cast(pl.Float64)
    bound = limit(group, side[2]) if group else pl.lit(None, pl.Float64)
    return (value < bound if side[2] == "min" else value > bound).fill_null(value=False)


def share_dropped(documents: pl.DataFrame, rules: Iterable[Rule], lang: str) -> float | None:
    """The share of a language's documents that break any of the rules; None without documents."""
    own = documents.filter(pl.col("lang") == lang)
    share: float | None = own.select((reasons(rules).list.len() > 0).mean()).item()
    return share


def tables(fitted: Iterable[Fitted]) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """What a recipe holds below `[filters]`: filter, language, metric, side."""
    found: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for one in fitted:
        name, metric, end = one.side
        by_lang = found.setdefault(name, {})
        by_lang.setdefault(one.lang, {}).setdefault(metric, {})[end] = one.bound
    return found


def as_toml(found: Fit, fewest: int = FEWEST) -> str:
    """The fitted bounds as `[filters.NAME.lang.CODE]`, as a recipe takes them."""
    documents = {one.lang: one.documents for one in found.bounds}
    lines = [
        f"# {lang}: not measured ({count} documents; {fewest} are needed)"
        for lang, count in found.unmeasured.items()
    ]
    for name, by_lang in tables(found.bounds).items():
        for lang, metrics in by_lang.items():
            lines += ["", f"[filters.{name}.lang.{lang}]  # {documents[lang]} documents"]
            for metric, sides in metrics.items():
                inner = ", ".join(f"{side} = {_number(value)}" for side, value in sides.items())
                lines.append(f"{metric} = {{ {inner} }}")
    return "\n".join(lines).strip() + "\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
