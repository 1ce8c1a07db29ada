"""Passages: what repeats across the kept documents is cut, and what changed is measured again.

Lines and sentences here, long spans in `substrings`: the two passes of a round. A round is repeated
on what it has left, for the keys that may still repeat, until nothing is cut.
"""

from pathlib import Path

import polars as pl

from taojin.core import schema
from taojin.dedup.passages.cuts import found_passages
from taojin.dedup.passages.repeated import REPEATED, parse, passage_rows, repeated, repeating
from taojin.filters.rules import reasons
from taojin.pipeline.steps import cutting, measure
from taojin.pipeline.steps.cutting import among, kept, put_back, rules_of
from taojin.pipeline.task import Counts, Task, save


def rows(folder: Path, task: Task) -> Counts:
    """Write `rows` of the lines and sentences of the documents of one chunk that would be kept, and
    `repeating`, the ids of those in which one comes too often.
    """
    documents = kept(task)
    table, again = _rows(task, documents)
    save(folder, rows=table, repeating=again)
    return {"documents": documents.height, "rows": table.height}


def rows_again(folder: Path, task: Task) -> Counts:
    """As `rows`, of keys that are `known`, reading the text of what was cut since alone."""
    keys, ids = task.input("known").read("repeated")["key"], among(task.inputs["cuts"], "touched")
    documents, before = kept(task, ids), task.input("before")
    table, again = _rows(task, documents)
    same = ~pl.col("doc_id").is_in(ids.implode())
    is_known = pl.col("key").is_in(keys.implode())
    table = pl.concat([before.read("rows").filter(same), table]).filter(is_known)
    save(
        folder,
        rows=table.sort("key", "doc_id"),
        repeating=pl.concat([before.read("repeating").filter(same), again]),
    )
    return {"documents": documents.height, "rows": table.height}


def _rows(task: Task, documents: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    rules = rules_of(task)
    parsed = parse(documents["text"], rules)
    return passage_rows(documents, parsed, rules), repeating(documents, parsed, rules)


def find(folder: Path, task: Task) -> Counts:
    """Write `repeated`: the keys that too many documents hold, and which one keeps them."""
    buckets: list[str] = task.parameters["buckets"]  # type: ignore[assignment]
    bounds = rules_of(task).bounds()
    path = task.input("rows").path
    found = [repeated(pl.read_parquet(path / bucket), bounds) for bucket in buckets]
    table = pl.concat([schema.empty(REPEATED), *found]).sort("key")
    save(folder, repeated=table)
    return {"repeated": table.height}


def cut(folder: Path, task: Task) -> Counts:
    """Cut lines and sentences that another document keeps, or that came before in the same one."""
    again = task.input("rows").read("repeating")["doc_id"]
    return cutting.cut(folder, task, found_passages, again)


def remeasure(folder: Path, task: Task) -> Counts:
    """Write `metrics` and `keys` as `measure` does, reading the text of what changed alone; the
    `documents` and `edits`; and `changed`, the ids of what was cut.

    A document that keeps a passage for others and would break a bound without what it lost is put
    back as it was, so that what it keeps stays in the corpus.
    """
    documents = task.input("documents").read("documents")
    edits = task.input("documents").read("edits")
    changed = edits.filter(stage="passages").select(pl.col("doc_id").unique().sort())
    metrics, keys = measure.measured(task, documents.join(changed, on="doc_id", how="semi"))
    restored = _keepers(task, metrics.filter(reasons(measure.rules_of(task)).list.len() > 0))
    before, uncut = task.input("before"), task.input("uncut").read("documents")
    documents = put_back(documents, uncut.filter(pl.col("doc_id").is_in(restored.implode())))
    edits = edits.filter(
        (pl.col("stage") != "passages") | ~pl.col("doc_id").is_in(restored.implode())
    )
    changed = changed.filter(~pl.col("doc_id").is_in(restored.implode()))
    new = metrics.drop("passages").join(changed, on="doc_id", how="semi", maintain_order="left")
    whole = _merged(before.read("metrics"), new, changed)
    passages = documents.select("doc_id", "passages")
    save(
        folder,
        metrics=whole.join(passages, on="doc_id", how="left", maintain_order="left"),
        keys=_merged(before.read("keys"), keys.join(changed, on="doc_id", how="semi"), changed),
        documents=documents,
        edits=edits,
        changed=changed,
    )
    return {
        "documents": documents.height,
        "changed": changed.height,
        "restored": restored.len(),
    }


def _keepers(task: Task, failing: pl.DataFrame) -> pl.Series:
    """The ids of those that keep a passage for others."""
    found = failing["doc_id"]
    keeping = [
        one.read("repeated").filter(pl.col("keeper").is_in(found.implode()))["keeper"]
        for one in task.inputs["repeated"]
    ]
    return pl.concat([pl.Series([], dtype=pl.String), *keeping]).unique().sort()


def _merged(before: pl.DataFrame, after: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """The rows of before, in their order, those of changed documents replaced."""
    unchanged = before.join(changed, on="doc_id", how="anti")
    order = before.select("doc_id")
    return order.join(pl.concat([unchanged, after]), on="doc_id", how="left", maintain_order="left")
