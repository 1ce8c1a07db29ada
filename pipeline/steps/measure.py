"""Measure, then decide: every metric of every document, and the bounds applied to stored metrics.

Decide reads no text. A changed bound starts here again, from the metrics.
"""

from functools import partial
from pathlib import Path

import polars as pl

from taojin.core import stage
from taojin.core.text import unit_count
from taojin.dedup.documents.dates import seconds
from taojin.dedup.documents.minhash import DedupKeys
from taojin.dedup.evaluation.decontaminate import Overlap
from taojin.filters.registry import Models, Registry, bad_words
from taojin.filters.rules import Bounds, Measure, Rule, reasons
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.settings.filters import Safety
from taojin.pipeline.settings.ingest import Url
from taojin.pipeline.steps import lists, perplexity, quantile
from taojin.pipeline.steps.classify import model_of
from taojin.pipeline.task import Counts, Task, Timed, save


def settings(recipe: Recipe) -> dict[str, object]:
    """What the filters depend on besides the documents, the lists, the models and the bounds."""
    tables = recipe.model_dump(mode="json", include={"languages", "url", "safety"})
    for table, given in (("url", "lists"), ("safety", "lists"), ("safety", "bad_words")):
        del tables[table][given]  # the step `lists` has taken them in
    del tables["safety"]["toxicity"]
    return {**tables, "simplify": recipe.dedup.simplify}


def registry(task: Task) -> Registry:
    """The filters of a task that measures, under its parameters, lists and models."""
    url = Url.model_validate(task.parameters["url"])
    safety = Safety.model_validate(task.parameters["safety"])
    languages: list[str] = task.parameters["languages"]  # type: ignore[assignment]
    taken = partial(lists.taken, task.input("lists"))
    trained = map(perplexity.model_of, task.inputs.get("perplexity", ()))
    models = Models(
        model_of(task.input("classifier")),
        model_of(task.input("toxicity")),
        next(iter(taken("perplexity.model") or trained), None),
    )
    return Registry(
        tuple(languages),
        url.rules(taken("url.lists")),
        safety.rules(taken("safety.lists")),
        bad_words(taken("safety.bad_words")),
        models,
    )


def measure(folder: Path, task: Task) -> Timed:
    """Write `metrics` (all but the text) and `keys` (doc_id, what deduplication compares, and where
    evaluation items stand).
    """
    documents = task.input("documents").read("documents")
    seconds: dict[str, float] = {}
    metrics, keys = measured(task, documents, seconds)
    save(folder, metrics=metrics, keys=keys)
    units, text_bytes = int(metrics["units"].sum()), int(documents["text"].str.len_bytes().sum())
    counts = {"documents": documents.height, "units": units, "size_bytes": text_bytes}
    return Timed(counts, seconds)


def measured(
    task: Task, documents: pl.DataFrame, seconds: dict[str, float] | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The metrics and the keys of documents, under a task's filters, classifier and index.

    `seconds` gets what each filter took.
    """
    filters = tuple(registry(task).filters.values())
    metrics = stage.run(Measure(filters, seconds=seconds), documents)
    metrics = stage.run(Overlap(task.input("evaluation").path / "index.parquet"), metrics)
    places = metrics["contamination"]
    units = unit_count(pl.col("text")).cast(pl.Int64).alias("units")
    keys = DedupKeys(bool(task.parameters["simplify"]))
    keyed = stage.run(keys, documents).select("doc_id", *keys.adds, "url_key", places)
    return metrics.with_columns(units).drop(
        "text", "conversation", "url_key", "contamination", strict=False
    ), keyed


def bounds(recipe: Recipe, source: str) -> dict[str, object]:
    """The recipe's bounds as JSON values, and the source's rank among duplicates."""
    rules = [
        [rule.filter, rule.metric, rule.lang, rule.kind, rule.bounds.min, rule.bounds.max]
        for rule in recipe.rules
    ]
    return {"rules": rules, "rank": next(one.rank for one in recipe.sources if one.name == source)}


def rules_of(task: Task) -> list[Rule]:
    """The rules among a task's parameters (`bounds`)."""
    rows: list[tuple[str, str, str | None, str | None, float | None, float | None]]
    rows = task.parameters["rules"]  # type: ignore[assignment]
    return [
        Rule(name, metric, lang, Bounds(low, high), kind)
        for name, metric, lang, kind, low, high in rows
    ]


def decide(folder: Path, task: Task) -> Counts:
    """Write `decisions`: doc_id, drop_reasons, and what the keep rule orders by."""
    metrics = task.input("metrics").read("metrics")
    decisions = metrics.select(
        "doc_id",
        reasons(rules_of(task)),
        _contaminated(metrics).alias("contaminated"),
        pl.lit(int(str(task.parameters["rank"])), pl.Int64).alias("priority"),
        pl.col("classifier").struct.field("score").alias("quality"),
        pl.col("units").alias("length"),
        seconds(metrics["source"].struct.field("fetched_at")),
    )
    decisions = quantile.add_reason(decisions, metrics, task.input("keep").read("keep"))
    save(folder, decisions=decisions)
    passed = int((decisions["drop_reasons"].list.len() == 0).sum())
    return {"documents": decisions.height, "passed": passed}


def _contaminated(metrics: pl.DataFrame) -> pl.Expr:
    """Whether a document holds something of an evaluation item, or did before that was cut."""
    holds = pl.col("decontamination").struct.field("overlap") > 0
    if "cut_items" not in metrics.columns:
        return holds
    return holds | (pl.col("cut_items").struct.field("item_count") > 0)
