"""The numbers of the report, read from the run's files and from nothing else."""

import tomllib
from pathlib import Path
from typing import Any

from taojin.pipeline.report.account import account, funnel
from taojin.pipeline.report.bounds import read_bounds
from taojin.pipeline.report.dialogues import dialogues
from taojin.pipeline.report.duplicates import duplicates
from taojin.pipeline.report.failures import failures
from taojin.pipeline.report.filters import filters
from taojin.pipeline.report.ingest import ingest
from taojin.pipeline.report.pairs import question_pairs
from taojin.pipeline.report.personal import personal_data
from taojin.pipeline.report.rules import drops_by_rule, overlaps
from taojin.pipeline.report.samples import samples
from taojin.pipeline.report.tables import open_tables, read_json
from taojin.pipeline.report.tallies import contamination, edits

RECORDED = ("warnings", "bounds", "costs", "mix", "sft_mix", "dataset", "timings", "retry")


def collect(run: Path) -> dict[str, object]:
    """Everything the page shows, in the page's order; the same run gives the same result.

    What an older run did not record is None. UserError if the folder is no finished run.
    """
    tables = open_tables(run)
    recorded = {name: tables.recorded(name) for name in RECORDED}
    scopes = tables.scopes()
    applied = read_bounds(recorded["bounds"]).within(scopes)
    rules = drops_by_rule(tables.ledger, applied, scopes)
    return {
        "run": _recipe(run),
        "warnings": recorded["warnings"],
        "account": account(tables),
        "ingest": {**ingest(tables), "failures": failures(tables), "retry": recorded["retry"]},
        "funnel": funnel(tables.ledger),
        "rules": rules,
        "overlaps": overlaps(tables.ledger, rules),
        "has_bounds": recorded["bounds"] is not None,
        "filters": filters(tables, applied, recorded["costs"]),
        "samples": samples(tables, applied),
        "duplicates": duplicates(tables),
        "contamination": contamination(tables),
        "personal_data": personal_data(tables, applied, rules),
        "edits": edits(tables),
        "qa": question_pairs(tables),
        "dialogues": dialogues(tables),
        "tokenizer": _flat(read_json(run / "tokenizer" / "report.json")),
        "mix": recorded["mix"],
        "sft_mix": recorded["sft_mix"],
        "dataset": recorded["dataset"],
        "timings": recorded["timings"],
    }


def _recipe(run: Path) -> dict[str, object]:
    """Name, languages and sources of the resolved recipe, and its text."""
    path = run / "run.toml"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    recipe = tomllib.loads(text)
    return {
        "name": recipe.get("name", run.name),
        "languages": recipe.get("languages", []),
        "sources": [
            {"name": source.get("name"), "kind": source.get("kind")}
            for source in recipe.get("sources", [])
        ],
        "recipe": text or None,
    }


def _flat(value: Any, name: str = "") -> dict[str, Any] | None:
    """A nested object as one level with dotted names; lists stay as they are."""
    if not isinstance(value, dict):
        return {name: value} if name else None
    rows: dict[str, Any] = {}
    for key, part in value.items():
        rows.update(_flat(part, f"{name}.{key}" if name else str(key)) or {})
    return rows
