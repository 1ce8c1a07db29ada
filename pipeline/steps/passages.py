"""Passages: lines repeated across the kept documents are cut, and what changed is measured again.

Copies of a document are cut, or left whole, like the one that stands for them: else a copy would
differ from it afterwards and come back.
"""

from pathlib import Path

import polars as pl

from taojin.core import schema, stage
from taojin.dedup.passages import CutPassages, line_keys, repeated
from taojin.pipeline.recipe import Passages
from taojin.pipeline.steps.deduplicate import joined, passed, removed
from taojin.pipeline.steps.measure import measured
from taojin.pipeline.task import Counts, Task, save


def rows(folder: Path, task: Task) -> Counts:
    """Write `rows` (key, doc_id): the lines of the documents of one chunk that would be kept."""
    documents = task.input("documents").read("documents").select("doc_id", "text")
    kept = documents.join(passed(task), on="doc_id", how="semi")
    for clusters in task.inputs["clusters"]:
        kept = kept.join(removed(clusters.read("clusters")), on="doc_id", how="anti")
    table = line_keys(kept)
    save(folder, rows=table)
    return {"documents": kept.height, "rows": table.height}


def find(folder: Path, task: Task) -> Counts:
    """Write `passages` (key, keeper, documents): the lines that too many documents hold."""
    buckets: list[str] = task.parameters["buckets"]  # type: ignore[assignment]
    settings = Passages.model_validate(task.parameters["passages"])
    empty = pl.DataFrame(schema={"key": pl.UInt64, "keeper": pl.String, "documents": pl.UInt32})
    found = [
        repeated(pl.read_parquet(task.input("rows").path / bucket), settings.most)
        for bucket in buckets
    ]
    table = pl.concat([empty, *found]).sort("key")
    save(folder, passages=table)
    return {"passages": table.height}


def cut(folder: Path, task: Task) -> Counts:
    """Write `documents`, repeated lines cut out of those that passed, and all `edits` so far."""
    settings = Passages.model_validate(task.parameters["passages"])
    table = task.input("passages").read("passages")
    keepers = table["keeper"].unique()
    clusters = joined(task.inputs["clusters"])
    copies = clusters.filter(pl.col("kept_id").is_in(keepers.implode()))["doc_id"]
    whole = frozenset((*keepers, *copies))
    cutter = CutPassages(frozenset(table["key"]), whole, settings.most_removed)
    marked = stage.run(cutter, task.input("documents").read("documents"))
    passing = pl.col("doc_id").is_in(passed(task)["doc_id"].implode())
    spared = marked.with_columns(
        pl.when(passing).then("edits").otherwise(pl.lit([], schema.EDITS)).alias("edits")
    )
    documents, cuts = stage.apply_edits(spared, cutter.name, step=4)
    edits = pl.concat([task.input("documents").read("edits"), cuts])
    save(
        folder,
        documents=documents,
        edits=edits.sort("doc_id", "step", "field", "start"),
        changed=cuts.select(pl.col("doc_id").unique().sort()),
    )
    return {"documents": documents.height, "changed": cuts["doc_id"].n_unique()}


def remeasure(folder: Path, task: Task) -> Counts:
    """Write `metrics` and `keys` as `measure` does, reading the text of what changed alone."""
    documents = task.input("documents").read("documents")
    changed = task.input("documents").read("changed")
    metrics, keys = measured(task, documents.join(changed, on="doc_id", how="semi"))
    before = task.input("before")
    whole = _merged(before.read("metrics"), metrics.drop("passages"), changed)
    passages = documents.select("doc_id", "passages")
    save(
        folder,
        metrics=whole.join(passages, on="doc_id", how="left", maintain_order="left"),
        keys=_merged(before.read("keys"), keys, changed),
    )
    return {"documents": documents.height, "changed": changed.height}


def _merged(before: pl.DataFrame, after: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """The rows of before, in their order, those of changed documents replaced."""
    unchanged = before.join(changed, on="doc_id", how="anti")
    order = before.select("doc_id")
    return order.join(pl.concat([unchanged, after]), on="doc_id", how="left", maintain_order="left")
