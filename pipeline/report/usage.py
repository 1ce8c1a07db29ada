"""What a language model was asked for, what came of it and what it took."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl

from taojin.pipeline.report.tables import Rows, Tables

OUTCOMES = ("answered", "given_up", "budget")
FAULT = "fault_"
MILLION = 1_000_000


def usage(tables: Tables) -> dict[str, Any] | None:
    """Requests of each kind by outcome with their tokens, and faults by cause; None if no model
    was asked.

    `cost` is by the recipe's prices for a million tokens; None where it has none.
    """
    table = tables.qa_usage.group_by("request", "outcome").agg(pl.exclude("request").sum())
    rows = table.collect().sort("request", "outcome").to_dicts()
    if not rows:
        return None
    prices = read_prices(tables.run)
    names = dict.fromkeys(row["request"] for row in rows)
    requests = [
        {"request": name, **_counts([row for row in rows if row["request"] == name], prices)}
        for name in names
    ]
    return {
        "prices": prices,
        "requests": requests,
        "total": _counts(rows, prices),
        "faults": _faults(rows),
    }


def read_prices(run: Path) -> dict[str, float] | None:
    """Of a million tokens `in` and `out`, by the recipe; None where neither has a price."""
    path = run / "run.toml"
    recipe = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    table = recipe.get("qa", {}).get("endpoint", {})
    prices = {side: float(table.get(f"price_{side}", 0)) for side in ("in", "out")}
    return prices if any(prices.values()) else None


def _counts(rows: Rows, prices: dict[str, float] | None) -> dict[str, Any]:
    """Requests of each outcome, tokens, and what these cost; faults are no requests."""
    spent = {side: sum(row[f"tokens_{side}"] for row in rows) for side in ("in", "out")}
    requests = {
        name: sum(row["requests"] for row in rows if row["outcome"] == name) for name in OUTCOMES
    }
    return {
        **requests,
        **{f"tokens_{side}": tokens for side, tokens in spent.items()},
        "cost": prices and sum(spent[side] * prices[side] for side in spent) / MILLION,
    }


def _faults(rows: Rows) -> Rows:
    """What went wrong on the way, most often first; a request can have several."""
    found = [
        {
            "cause": row["outcome"].removeprefix(FAULT),
            "request": row["request"],
            "times": row["requests"],
        }
        for row in rows
        if row["outcome"].startswith(FAULT)
    ]
    return sorted(found, key=lambda row: (-row["times"], row["cause"], row["request"]))
