"""Rules: what each bound of a filter caught, alone and together with others."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from taojin.pipeline.report.bounds import Applied, Scope, parse
from taojin.pipeline.report.tables import Rows

CROSSED = 20
"""Rules of the overlap matrix, those that caught most: more would not fit on a page."""


def drops_by_rule(ledger: pl.LazyFrame, applied: Applied, scopes: Sequence[Scope]) -> Rows:
    """For each rule: dropped records it caught, those no other rule caught, and their share.

    `share` is of all input records; `by_language` and `by_source` have both counts of each. Most
    caught first, then by name. `scopes` are the kinds and languages of the run's documents.
    """
    records = ledger.select(pl.len()).collect().item()
    caught = (
        ledger.filter(pl.col("fate") == "dropped")
        .with_columns(pl.col("reasons").list.unique(maintain_order=True))
        .with_columns(pl.col("lang").fill_null(""), alone=pl.col("reasons").list.len() == 1)
        .explode("reasons", empty_as_null=False)
        .group_by("reasons", "lang", "source")
        .agg(pl.len().cast(pl.Int64).alias("caught"), pl.col("alone").sum().cast(pl.Int64))
        .sort("reasons", "lang", "source")
        .collect()
    )
    rows = [
        _rule_row(part, records, applied, scopes)
        for part in caught.partition_by("reasons", maintain_order=True)
    ]
    return sorted(rows, key=lambda row: (-row["caught"], row["rule"]))


def _rule_row(
    part: pl.DataFrame, records: int, applied: Applied, scopes: Sequence[Scope]
) -> dict[str, Any]:
    reason = part["reasons"][0]
    rule = parse(reason)
    caught = int(part["caught"].sum())
    return {
        "rule": reason,
        "filter": rule and rule.filter,
        "metric": rule and rule.metric,
        "caught": caught,
        "alone": int(part["alone"].sum()),
        "share": caught / records,
        "by_language": _by(part, "lang"),
        "by_source": _by(part, "source"),
        "bounds": applied.shown(rule, scopes) if rule else [],
        **(applied.about(rule.filter, rule.metric) if rule else {"about": "", "source": ""}),
    }


def _by(part: pl.DataFrame, key: str) -> dict[str, dict[str, int]]:
    """Caught and caught alone by a column's values, most caught first."""
    sums = part.group_by(key).agg(pl.col("caught", "alone").sum())
    ordered = sums.sort(pl.col("caught").neg(), key)
    return {row.pop(key): row for row in ordered.to_dicts()}


def overlaps(ledger: pl.LazyFrame, rules: Rows) -> dict[str, Any]:
    """How many documents each pair of rules caught at *decide*, of the rules that caught most.

    `rules` are the names, `counts` a row for each: with itself what it caught; `left_out` counts
    the rules beyond CROSSED, `others` tells what each of them caught.
    """
    decided = ledger.filter(pl.col("stage") == "decide")
    met = decided.select(pl.col("reasons").explode().unique()).collect()["reasons"]
    known = [row["rule"] for row in rules if row["rule"] in set(met)]
    names = known[:CROSSED]
    flags = [pl.col("reasons").list.contains(name).alias(f"{i}") for i, name in enumerate(names)]
    pairs = [
        (pl.col(f"{i}") & pl.col(f"{j}")).sum().cast(pl.Int64).alias(f"{i}-{j}")
        for i in range(len(names))
        for j in range(i, len(names))
    ]
    found = decided.select(flags).select(pairs).collect() if names else pl.DataFrame()
    counts = [
        [int(found[f"{min(i, j)}-{max(i, j)}"][0]) for j in range(len(names))]
        for i in range(len(names))
    ]
    caught = decided.select(pl.col("reasons").list.explode().value_counts()).unnest("reasons")
    by_rule = dict(caught.collect().iter_rows())
    others = [{"rule": rule, "caught": by_rule[rule]} for rule in known[CROSSED:]]
    return {"rules": names, "counts": counts, "left_out": len(others), "others": others}
