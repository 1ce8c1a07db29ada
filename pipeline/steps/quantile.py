"""Keep by quantile: of every source and language the best share, by the classifier's stored scores.

A barrier finds the last document that is kept of each; *decide* compares with it, as with any
other bound. What is kept is an exact number of documents: equal scores stand in the order of their
content hashes. Every document that was read counts, whatever other rules say of it, so that no
other bound changes this one. No text is read.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from taojin.core.schema import Schema
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.steps.classify import model_of
from taojin.pipeline.task import Checkpoint, Counts, Task, save

REASON = "classifier.score.min"

KEEP: Schema = {
    "name": pl.String,
    "lang": pl.String,
    "documents": pl.Int64,
    "kept": pl.Int64,
    "score": pl.Float64,
    "content_hash": pl.String,
    "doc_id": pl.String,
}
"""Of a source and language: how many documents there are and are kept, and the last of these."""

_CELL = ("name", "lang")
_RANK = ("score", "content_hash", "doc_id")


def shares(recipe: Recipe) -> Mapping[str, float]:
    """The share that is kept of each source; a source that keeps all is left out."""
    keep = recipe.classifier.keep
    if keep is None:
        return {}
    named = keep if isinstance(keep, Mapping) else {one.name: keep for one in recipe.sources}
    return {name: share for name, share in named.items() if share < 1}


def task(recipe: Recipe, node: str, measures: Sequence[Checkpoint], classifier: Checkpoint) -> Task:
    """The task that finds the bounds; where all is kept it depends on no document."""
    keep = shares(recipe)
    inputs = {"metrics": measures, "classifier": (classifier,)}
    return Task(node, find, {"keep": keep}, inputs if keep else {})


def find(folder: Path, task: Task) -> Counts:
    """Write `keep`; it is empty where no classifier has scored the documents."""
    keep: Mapping[str, float] = task.parameters["keep"]  # type: ignore[assignment]
    tables = [one.path / "metrics.parquet" for one in task.inputs.get("metrics", ())]
    if not tables or model_of(task.input("classifier")) is None:
        found = pl.DataFrame(schema=dict(KEEP))
    else:
        found = bounds(
            pl.concat([ranked(pl.scan_parquet(path)) for path in tables]).collect(), keep
        )
    save(folder, keep=found)
    return {"groups": found.height}


def ranked(metrics: pl.LazyFrame) -> pl.LazyFrame:
    """What documents are ranked by, within their source and language."""
    return metrics.select(
        pl.col("source").struct.field("name").alias("name"),
        "lang",
        pl.col("classifier").struct.field("score").alias("score"),
        "content_hash",
        "doc_id",
    )


def bounds(documents: pl.DataFrame, keep: Mapping[str, float]) -> pl.DataFrame:
    """`KEEP` for the sources of `keep`; of n documents the share rounded up is kept.

    Where nothing is kept the score is infinite.
    """
    rows = [
        _bound(name, lang, found, keep[name])
        for (name, lang), found in sorted(documents.partition_by(*_CELL, as_dict=True).items())
        if name in keep
    ]
    return pl.DataFrame(rows, schema=dict(KEEP), orient="row")


def _bound(name: str, lang: str, documents: pl.DataFrame, share: float) -> tuple[object, ...]:
    kept = math.ceil(share * documents.height)
    if not kept:
        return name, lang, documents.height, 0, math.inf, "", ""
    ordered = documents.sort(_RANK, descending=[True, False, False])
    return name, lang, documents.height, kept, *ordered.select(_RANK).row(kept - 1)


def add_reason(decisions: pl.DataFrame, metrics: pl.DataFrame, keep: pl.DataFrame) -> pl.DataFrame:
    """The decisions with REASON where a document stands behind the last one that is kept."""
    last = keep.select(*_CELL, *(pl.col(one).alias(f"last_{one}") for one in _RANK))
    told = ranked(metrics.lazy()).join(last.lazy(), on=_CELL, how="left", maintain_order="left")
    tied = pl.col("score") == pl.col("last_score")
    same_hash = pl.col("content_hash") == pl.col("last_content_hash")
    behind = (
        (pl.col("score") < pl.col("last_score"))
        | (tied & (pl.col("content_hash") > pl.col("last_content_hash")))
        | (tied & same_hash & (pl.col("doc_id") > pl.col("last_doc_id")))
    ).fill_null(value=False)
    lost = told.select(behind.alias("lost")).collect()["lost"]
    reasons = pl.col("drop_reasons")
    added = lost & ~decisions.select(reasons.list.contains(REASON)).to_series()
    return decisions.with_columns(
        pl.when(added).then(pl.concat_list(reasons, pl.lit(REASON))).otherwise(reasons)
    )
