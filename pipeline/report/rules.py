"""Rules: a filter's metric and the side of its bound; what each of them caught.

A rule is named as in `drop_reasons`: `<filter>.<metric>.<min or max>`; `ingest.<kind>` names a
record that is no document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from taojin.pipeline.report.tables import Rows

EVERY_LANGUAGE = ("", "*", "default")
"""How a bound names the languages that have none of their own; `bounds.json` has null."""


@dataclass(frozen=True)
class Rule:
    """The three parts of a reason."""

    filter: str
    metric: str
    side: str


def parse(reason: str) -> Rule | None:
    """The rule that a reason names; None for a reason without metric such as `ingest.image`."""
    parts = reason.split(".")
    return Rule(*parts) if len(parts) == 3 and parts[2] in ("min", "max") else None


@dataclass(frozen=True)
class Bounds:
    """The bounds that the run applied, by filter, metric and language."""

    rows: Mapping[tuple[str, str, str], Mapping[str, Any]]

    def side(self, rule: Rule, lang: str | None) -> float | None:
        """The bound of a rule for a language; None if that side has none."""
        for name in (lang or "", *EVERY_LANGUAGE):
            row = self.rows.get((rule.filter, rule.metric, name))
            if row is not None:
                value = row.get(rule.side)
                return None if value is None else float(value)
        return None

    def rules(self) -> list[Rule]:
        """Every rule that has a bound in some language, in the order of the record."""
        found = {
            Rule(filter_name, metric, side): None
            for (filter_name, metric, _), row in self.rows.items()
            for side in ("min", "max")
            if row.get(side) is not None
        }
        return list(found)

    def languages(self) -> list[str]:
        """The languages that have a row of their own."""
        return sorted({lang for _, _, lang in self.rows} - set(EVERY_LANGUAGE))

    def about(self, filter_name: str, metric: str) -> dict[str, str]:
        """What the metric measures and where its bound comes from; empty if not recorded."""
        for (a_filter, a_metric, _), row in self.rows.items():
            if (a_filter, a_metric) == (filter_name, metric):
                return {"about": row.get("about") or "", "source": row.get("source") or ""}
        return {"about": "", "source": ""}


def read_bounds(rows: Rows | None) -> Bounds:
    """The bounds of `report/bounds.json`; none at all for an older run."""
    keyed = {(row["filter"], row["metric"], row.get("lang") or ""): row for row in rows or []}
    return Bounds(keyed)


def drops_by_rule(ledger: pl.LazyFrame, bounds: Bounds) -> Rows:
    """For each rule: dropped records it caught, those no other rule caught, and their share.

    `share` is of all input records. Most caught first, then by name.
    """
    records = ledger.select(pl.len()).collect().item()
    caught = (
        ledger.filter(pl.col("fate") == "dropped")
        .with_columns(pl.col("reasons").list.unique(maintain_order=True))
        .with_columns(pl.col("lang").fill_null(""), alone=pl.col("reasons").list.len() == 1)
        .explode("reasons", empty_as_null=False)
        .group_by("reasons", "lang")
        .agg(pl.len().cast(pl.Int64).alias("caught"), pl.col("alone").sum())
        .sort("reasons", pl.col("caught").neg(), "lang")
        .collect()
    )
    rows = [
        _rule_row(part, records, bounds)
        for part in caught.partition_by("reasons", maintain_order=True)
    ]
    return sorted(rows, key=lambda row: (-row["caught"], row["rule"]))


def _rule_row(part: pl.DataFrame, records: int, bounds: Bounds) -> dict[str, Any]:
    reason = part["reasons"][0]
    rule = parse(reason)
    by_language = dict(part.select("lang", "caught").iter_rows())
    caught = sum(by_language.values())
    about = bounds.about(rule.filter, rule.metric) if rule else {"about": "", "source": ""}
    return {
        "rule": reason,
        "caught": caught,
        "alone": int(part["alone"].sum()),
        "share": caught / records,
        "by_language": by_language,
        "bounds": {lang: bounds.side(rule, lang) if rule else None for lang in by_language},
        **about,
    }
