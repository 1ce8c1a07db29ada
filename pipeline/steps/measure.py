"""Measure, then decide: every metric of every document, and the bounds applied to stored metrics.

Decide reads no text. A changed bound starts here again, from the metrics.
"""

from pathlib import Path

import polars as pl

from taojin.core import stage
from taojin.core.text import unit_count
from taojin.dedup.decontaminate import Overlap
from taojin.dedup.minhash import DedupKeys
from taojin.filters.registry import Registry
from taojin.filters.rules import Bounds, Measure, Rule, reasons
from taojin.filters.url import UrlRules
from taojin.pipeline.recipe import Recipe, Url
from taojin.pipeline.task import Counts, Task, save


def settings(recipe: Recipe) -> dict[str, object]:
    """What the filters depend on besides the documents and the bounds."""
    return {"languages": list(recipe.languages), "url": recipe.url.model_dump(mode="json")}


def measure(folder: Path, task: Task) -> Counts:
    """Write `metrics` (all but the text) and `keys` (doc_id and what deduplication compares)."""
    documents = task.input("documents").read("documents")
    metrics, keys = measured(task, documents)
    save(folder, metrics=metrics, keys=keys)
    units, text_bytes = int(metrics["units"].sum()), int(documents["text"].str.len_bytes().sum())
    return {"documents": documents.height, "units": units, "size_bytes": text_bytes}


def measured(task: Task, documents: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The metrics and the keys of documents, under a task's filters, classifier and index."""
    model = task.input("classifier").path / "classifier.bin"
    url = Url.model_validate(task.parameters["url"])
    languages: list[str] = task.parameters["languages"]  # type: ignore[assignment]
    registry = Registry(
        tuple(languages), UrlRules(url.domains, url.words), model if model.is_file() else None
    )
    metrics = stage.run(Measure(tuple(registry.filters.values())), documents)
    metrics = stage.run(Overlap(task.input("evaluation").path / "index.parquet"), metrics)
    units = unit_count(pl.col("text")).cast(pl.Int64).alias("units")
    keys = DedupKeys()
    keyed = stage.run(keys, documents).select("doc_id", *keys.adds)
    return metrics.with_columns(units).drop("text"), keyed


def bounds(recipe: Recipe, source: str) -> dict[str, object]:
    """The recipe's bounds as JSON values, and the source's rank among duplicates."""
    rules = [
        [rule.filter, rule.metric, rule.lang, rule.kind, rule.bounds.min, rule.bounds.max]
        for rule in recipe.rules
    ]
    return {"rules": rules, "rank": next(one.rank for one in recipe.sources if one.name == source)}


def decide(folder: Path, task: Task) -> Counts:
    """Write `decisions`: doc_id, drop_reasons, and what the keep rule orders by."""
    rows: list[tuple[str, str, str | None, str | None, float | None, float | None]]
    rows = task.parameters["rules"]  # type: ignore[assignment]
    rules = [
        Rule(name, metric, lang, Bounds(low, high), kind)
        for name, metric, lang, kind, low, high in rows
    ]
    metrics = task.input("metrics").read("metrics")
    decisions = metrics.select(
        "doc_id",
        reasons(rules),
        pl.lit(int(str(task.parameters["rank"])), pl.Int64).alias("priority"),
        pl.col("classifier").struct.field("score").alias("quality"),
        pl.col("units").alias("length"),
    )
    save(folder, decisions=decisions)
    passed = int((decisions["drop_reasons"].list.len() == 0).sum())
    return {"documents": decisions.height, "passed": passed}
