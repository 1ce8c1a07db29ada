"""The bounds that a run applied, as it has noted them in `report/bounds.json`.

A reason names what caught a document: `<filter>.<metric>.<min or max>`, or `ingest.<kind>` for a
record that is no document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from taojin.filters import rules
from taojin.filters.rules import Rule

Rows = list[dict[str, Any]]
Scope = tuple[str | None, str | None]
"""A kind of source and a language, as documents have them."""


@dataclass(frozen=True)
class Reason:
    """One side of a metric's bounds."""

    filter: str
    metric: str
    side: str

    def __str__(self) -> str:
        return f"{self.filter}.{self.metric}.{self.side}"


def parse(reason: str) -> Reason | None:
    """What a reason names; None for one without a metric such as `ingest.image`."""
    parts = reason.split(".")
    return Reason(*parts) if len(parts) == 3 and parts[2] in ("min", "max") else None


@dataclass(frozen=True)
class Applied:
    """The rules of each metric, and what it measures and where it comes from."""

    groups: Mapping[tuple[str, str], Sequence[Rule]]
    abouts: Mapping[tuple[str, str], tuple[str, str]]

    def side(self, reason: Reason, lang: str | None, kind: str | None) -> float | None:
        """The bound that a document of that language and kind is held to; None without one."""
        group = self.groups.get((reason.filter, reason.metric), ())
        value: float | None = getattr(rules.bounds_for(group, lang, kind), reason.side)
        return value

    def limit(self, reason: Reason) -> pl.Expr:
        """`side` of every document, from its columns `lang` and `source`."""
        return rules.limit(self.groups[reason.filter, reason.metric], reason.side)

    def reasons(self, name: str | None = None) -> list[Reason]:
        """Every side that binds in some language or kind, of one filter or of all."""
        return [
            Reason(filter_name, metric, side)
            for (filter_name, metric), group in self.groups.items()
            for side in ("min", "max")
            if name in (None, filter_name)
            and any(getattr(rule.bounds, side) is not None for rule in group)
        ]

    def within(self, scopes: Sequence[Scope]) -> "Applied":
        """The rules that bind for one of these kinds and languages: no others concern the run."""
        groups = {
            metric: group
            for metric, group in self.groups.items()
            if any(rules.bounds_for(group, lang, kind) != rules.Bounds() for kind, lang in scopes)
        }
        return Applied(groups, self.abouts)

    def kinds(self, name: str, metric: str) -> set[str]:
        """The kinds of source that have rules of their own for this metric."""
        return {rule.kind for rule in self.groups.get((name, metric), ()) if rule.kind is not None}

    def rules(self) -> list[Rule]:
        """All of them."""
        return [rule for group in self.groups.values() for rule in group]

    def shown(self, reason: Reason, scopes: Sequence[Scope]) -> Rows:
        """The bounds of a rule for the kinds and languages given, those with the same together.

        Rows of kind, langs and bound: a kind is None for all without rules of their own; `langs` is
        empty where all languages have the same bound.
        """
        own = self.kinds(reason.filter, reason.metric)
        bounds: dict[str | None, dict[str, float | None]] = {}
        for kind, lang in scopes:
            at = kind if kind in own else None
            bounds.setdefault(at, {})[lang or ""] = self.side(reason, lang, kind)
        return [
            {"kind": kind, "langs": langs, "bound": bound}
            for kind, by_lang in sorted(bounds.items(), key=lambda one: one[0] or "")
            for bound, langs in _together(by_lang)
        ]

    def about(self, name: str, metric: str) -> dict[str, str]:
        """What the metric measures and where its bound comes from; empty if not recorded."""
        about, source = self.abouts.get((name, metric), ("", ""))
        return {"about": about, "source": source}


def _together(by_lang: Mapping[str, float | None]) -> list[tuple[float | None, list[str]]]:
    """Each bound with its languages, in their order; no languages if there is one bound only."""
    langs: dict[float | None, list[str]] = {}
    for lang, bound in by_lang.items():
        langs.setdefault(bound, []).append(lang)
    return [(bound, many if len(langs) > 1 else []) for bound, many in langs.items()]


def read_bounds(rows: Sequence[Mapping[str, Any]] | None) -> Applied:
    """The bounds of `report/bounds.json`; none at all for an older run."""
    groups: dict[tuple[str, str], list[Rule]] = {}
    abouts = {}
    for row in rows or []:
        metric = row["filter"], row["metric"]
        bounds = rules.Bounds(row.get("min"), row.get("max"))
        groups.setdefault(metric, []).append(Rule(*metric, row["lang"], bounds, row.get("kind")))
        abouts[metric] = row.get("about") or "", row.get("source") or ""
    return Applied(groups, abouts)
