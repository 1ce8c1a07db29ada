"""What `taojin run` says at the end: the funnel, and where everything is."""

import json

import polars as pl

from taojin.pipeline.curate import Outcome
from taojin.pipeline.ledger import FATES
from taojin.pipeline.report.sentences import english

_COLUMNS = ("read", *FATES, "kept_units")


def summary(outcome: Outcome) -> str:
    """The funnel as a table, the warnings, then where report, dataset and the rest are."""
    said = ["Nothing to do: the run is complete and its input has not changed.", ""]
    places = {
        "report": outcome.run / "report" / "index.html",
        "dataset": outcome.run / "dataset",
        "tokenizer": outcome.run / "tokenizer",
        "manifest": outcome.run / "manifest.json",
    }
    paths = [f"{name:<10}{path}" for name, path in places.items()]
    warnings = json.loads((outcome.run / "report" / "warnings.json").read_text())
    told = [*(f"warning   {english(one)}" for one in warnings), *([""] if warnings else [])]
    return "\n".join(
        [*(said if outcome.unchanged else []), *_table(outcome.funnel), "", *told, *paths]
    )


def _table(funnel: pl.DataFrame) -> list[str]:
    total = {"source": "all", **{name: funnel[name].sum() for name in _COLUMNS}}
    rows = [*funnel.to_dicts(), total]
    width = max(len("source"), *(len(str(row["source"])) for row in rows))
    titles = [name.replace("_", " ") for name in _COLUMNS]
    head = f"{'source':<{width}}" + "".join(f"{title:>13}" for title in titles)
    lines = [
        f"{row['source']:<{width}}" + "".join(f"{row[name]:>13,}" for name in _COLUMNS)
        for row in rows
    ]
    return [head, *lines]
