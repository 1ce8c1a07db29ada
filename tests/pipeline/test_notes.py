"""What a run notes for its report: every bound and metric, and what each filter has cost."""

import json
from pathlib import Path

import polars as pl

from taojin.pipeline import recipe as recipes
from taojin.pipeline.notes import BESIDE, BESIDE_SOURCES


def noted(run: Path, name: str) -> list[dict]:
    return json.loads((run / "report" / f"{name}.json").read_text())


def test_every_metric_is_noted_with_what_it_measures_and_its_bounds(demo_run: Path) -> None:
    recipe = recipes.load(None)
    filters = recipe.registry().filters
    metrics = {
        (name, metric.name): metric for name, one in filters.items() for metric in one.metrics
    }
    rows = noted(demo_run, "bounds")
    assert {(row["filter"], row["metric"]) for row in rows} == set(metrics) | set(BESIDE)
    for row in rows:
        metric = metrics.get((row["filter"], row["metric"]))
        assert row["about"] == (metric.about if metric else BESIDE[row["filter"], row["metric"]])
        beside = BESIDE_SOURCES.get((row["filter"], row["metric"]))
        assert row["source"] == (filters[row["filter"]].source if metric else beside)
        for side in ("min", "max"):
            assert bool(row[f"{side}_from"]) == (row[side] is not None), row
    keys = ("filter", "metric", "lang", "kind", "min", "max")
    bound = {tuple(row[key] for key in keys) for row in rows if row["filter"] != "dedup"}
    rules = {
        (rule.filter, rule.metric, rule.lang, rule.kind, rule.bounds.min, rule.bounds.max)
        for rule in recipe.rules
    }
    every = set(metrics) | {metric for metric in BESIDE if metric[0] != "dedup"}
    unbound = every - {(rule.filter, rule.metric) for rule in recipe.rules}
    assert bound == rules | {(*metric, None, None, None, None) for metric in unbound}


def test_every_filter_is_noted_with_its_cost_over_all_text(demo_run: Path) -> None:
    costs = noted(demo_run, "costs")
    assert [row["filter"] for row in costs] == list(recipes.load(None).registry().filters)
    (measured,) = [row for row in noted(demo_run, "timings") if row["stage"] == "measure"]
    assert {row["size_bytes"] for row in costs} == {measured["size_bytes"]}
    assert 0 < sum(row["seconds"] for row in costs) <= measured["seconds"]


def test_no_table_holds_a_time(demo_run: Path) -> None:
    """Seconds differ from run to run: they stand in the report and in `work/costs` alone."""
    counts = [json.loads(path.read_text()) for path in demo_run.glob("work/measure/*/counts.json")]
    assert counts
    assert all(set(one) == {"documents", "units", "size_bytes"} for one in counts)
    assert "seconds" not in pl.read_parquet_schema(demo_run / "ledger.parquet")
