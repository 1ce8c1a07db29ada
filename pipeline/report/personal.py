"""The page on personal data: how much was found where, what became of it, and how well it is found.

Every number is a sum over the run's tables, and no value stands in any of them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from taojin.pipeline.pii.stage import DENSITY, FORBIDDEN
from taojin.pipeline.report.bounds import Applied, Reason
from taojin.pipeline.report.crossed import crossed
from taojin.pipeline.report.excerpts import excerpts
from taojin.pipeline.report.repeated import repeated
from taojin.pipeline.report.tables import Rows, Tables

STEPS = (0, 1, 5, 20)
"""Values for 1,000 characters up to which documents are counted together."""


def personal_data(tables: Tables, applied: Applied, rules: Rows) -> dict[str, Any] | None:
    """What the `pii` column counted, by kind, and what the other tables tell of it.

    `rules` are those of the report. None if the run has no such column; `density` and `self_test`
    are None where an older run did not record them, `excerpts` where it has no recipe.
    """
    names = [name for name in tables.metrics("pii") if name.endswith("_count")]
    kinds = [name.removesuffix("_count") for name in names if name != FORBIDDEN]
    if not kinds:
        return None
    cells = _cells(tables, kinds)
    actions = read_actions(tables.run, kinds)
    rows = _kinds(cells, actions)
    order = [row["kind"] for row in rows]
    return {
        "kinds": rows,
        "not_found": [kind for kind in kinds if kind not in order],
        "by_source": crossed(cells, "kind", "source", order),
        "by_language": crossed(cells, "kind", "lang", order),
        "density": density(tables),
        "drops": _drops(applied, rules),
        "excerpts": excerpts(tables, actions) if actions else None,
        "repeated": repeated(tables),
        "self_test": self_test(tables.recorded("pii_self_test")),
    }


def read_actions(run: Path, kinds: Sequence[str]) -> dict[str, str]:
    """What the recipe does with each kind; empty for a run without a recipe."""
    path = run / "run.toml"
    recipe = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    table = recipe.get("pii", {})
    if "action" not in table:
        return {}
    return {kind: table.get("actions", {}).get(kind, table["action"]) for kind in kinds}


def _cells(tables: Tables, kinds: Sequence[str]) -> pl.DataFrame:
    """`found`, and the `documents` with at least one, by source, language and kind; no zeros."""
    counts = [tables.field("pii", f"{kind}_count").cast(pl.Int64) for kind in kinds]
    told = [
        pl.struct(found=count.sum(), documents=(count > 0).sum().cast(pl.Int64)).alias(kind)
        for kind, count in zip(kinds, counts, strict=True)
    ]
    return (
        tables.documents.group_by(
            source=pl.col("source").struct.field("name").fill_null(""),
            lang=pl.col("lang").fill_null(""),
        )
        .agg(told)
        .unpivot(kinds, index=["source", "lang"], variable_name="kind", value_name="told")
        .unnest("told")
        .filter(pl.col("found") > 0)
        .collect()
    )


def _kinds(cells: pl.DataFrame, actions: Mapping[str, str]) -> Rows:
    """Kinds of which something was found, with what was done with them; those with most first."""
    sums = cells.group_by("kind").agg(pl.col("found", "documents").sum())
    ordered = sums.sort(pl.col("found").neg(), "kind").to_dicts()
    return [{**row, "action": actions.get(row["kind"])} for row in ordered]


def density(tables: Tables) -> Rows | None:
    """Kept and dropped documents by values for 1,000 characters: `above` one step, up to `most`."""
    if DENSITY not in tables.metrics("pii"):
        return None
    value = tables.field("pii", DENSITY)
    place = pl.sum_horizontal(value > step for step in STEPS)
    counted = (
        tables.documents.filter(value.is_not_null()).group_by("fate", place=place).len().collect()
    )
    found = {row[:2]: row[2] for row in counted.select("fate", "place", "len").iter_rows()}
    return [
        {
            "above": above,
            "most": most,
            **{fate: found.get((fate, at), 0) for fate in ("kept", "dropped")},
        }
        for at, (above, most) in enumerate(zip((None, *STEPS), (*STEPS, None), strict=True))
    ]


def _drops(applied: Applied, rules: Rows) -> Rows:
    """What the bounds on personal data caught, and what they alone caught."""
    caught = {row["rule"]: row for row in rules}
    return [
        {
            "rule": str(reason),
            "bound": applied.side(reason, None, None),
            **{key: caught.get(str(reason), {}).get(key, 0) for key in ("caught", "alone")},
        }
        for reason in (Reason("pii", DENSITY, "max"), Reason("pii", FORBIDDEN, "max"))
    ]


def self_test(recorded: Rows | None) -> dict[str, Any] | None:
    """Precision and recall of values that were planted, by kind and of all; None if not recorded.

    `found` are the planted values that were found, `wrong` what was found beside them.
    """
    if recorded is None:
        return None
    total = {key: sum(row[key] for row in recorded) for key in ("planted", "found", "wrong")}
    return {"kinds": [_shares(row) for row in recorded], "total": _shares(total)}


def _shares(row: Mapping[str, Any]) -> dict[str, Any]:
    """The counts with their shares, None of nothing."""
    told = row["found"] + row["wrong"]
    return {
        **row,
        "precision": row["found"] / told if told else None,
        "recall": row["found"] / row["planted"] if row["planted"] else None,
    }
