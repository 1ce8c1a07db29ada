"""Passages: what repeats across the kept documents is cut, and what changed is measured again.

Two passes make a round: lines and sentences, then long spans of what is left. A round is repeated
on what it has left, for the keys that may still repeat, until nothing is cut. Copies of a document
are cut like the one that stands for them: else a copy would differ from it and come back.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from taojin.core import schema, stage
from taojin.dedup.cuts import CutPassages, found_passages, spared
from taojin.dedup.passages import REPEATED, Rules, parse, passage_rows, repeated, repeating
from taojin.dedup.substrings import (
    anchor_rows,
    doubtful,
    found_substrings,
    joined_windows,
    known_rows,
    window_rows,
)
from taojin.filters.rules import reasons
from taojin.pipeline.recipe import Passages
from taojin.pipeline.steps.deduplicate import joined, passed, removed
from taojin.pipeline.steps.measure import measured, rules_of
from taojin.pipeline.task import Checkpoint, Counts, Task, save

Finder = Callable[[pl.DataFrame, pl.Series, pl.DataFrame, Rules], pl.DataFrame]

FIRST_STEP = 3
"""The number of the first cut among the steps that change text."""


def rows(folder: Path, task: Task) -> Counts:
    """Write `rows` of the lines and sentences of the documents of one chunk that would be kept, and
    `repeating`, those in which one comes too often; of keys that are `known` alone, if some are.
    """
    kept, rules = _kept(task), _rules(task)
    parsed = parse(kept["text"], rules)
    table = _known(task, passage_rows(kept, parsed, rules))
    save(folder, rows=table, repeating=repeating(kept, parsed, rules))
    return {"documents": kept.height, "rows": table.height}


def anchors(folder: Path, task: Task) -> Counts:
    """Write `rows` of the anchors of long spans."""
    table = anchor_rows(_kept(task), _rules(task))
    save(folder, rows=table)
    return {"rows": table.height}


def windows(folder: Path, task: Task) -> Counts:
    """Write `rows` of the windows around shared anchors, or of those that are `known`."""
    rules, given = _rules(task), task.inputs.get("known", ())
    if given:
        table = known_rows(_kept(task), _keys(given), rules)
    else:
        shared = task.input("rows").read("rows")
        anchored = shared.join(task.input("anchors").read("repeated"), on="key", how="semi")
        kept = _kept(task).join(anchored, on="doc_id", how="semi", maintain_order="left")
        table = window_rows(kept, anchored["key"].unique(), rules)
    save(folder, rows=table)
    return {"rows": table.height}


def find(folder: Path, task: Task) -> Counts:
    """Write `repeated`: the keys that too many documents hold, and which one keeps them."""
    buckets: list[str] = task.parameters["buckets"]  # type: ignore[assignment]
    bounds = _rules(task).bounds()
    path = task.input("rows").path
    found = [repeated(pl.read_parquet(path / bucket), bounds) for bucket in buckets]
    table = pl.concat([schema.empty(REPEATED), *found]).sort("key")
    save(folder, repeated=table)
    return {"repeated": table.height}


def doubts(folder: Path, task: Task) -> Counts:
    """Write `keys` of the windows that the documents of one chunk keep and may lose a part of."""
    table = task.input("repeated").read("repeated")
    own = task.input("rows").read("rows").join(table, on="key", how="semi")
    kept = _kept(task).join(own, on="doc_id", how="semi", maintain_order="left")
    keys = doubtful(kept, kept["doc_id"], table, _rules(task))
    save(folder, keys=keys)
    return {"keys": keys.height}


def sure(folder: Path, task: Task) -> Counts:
    """Write `repeated` without what is doubtful in any chunk."""
    table = task.input("repeated").read("repeated")
    for one in task.inputs["doubts"]:
        table = table.join(one.read("keys"), on="key", how="anti", maintain_order="left")
    save(folder, repeated=table)
    return {"repeated": table.height}


def known(folder: Path, task: Task) -> Counts:
    """Write `repeated` (key): the windows that may repeat in the next round. They are those that
    did, and those that hold a place where text has been cut since.
    """
    tables = [one.read("repeated").select("key") for one in task.inputs["repeated"]]
    joins = [one.read("joins") for one in task.inputs["cuts"] if one.counts["changed"]]
    keys = pl.concat([*tables, *joins]).unique().sort("key")
    save(folder, repeated=keys)
    return {"repeated": keys.height}


def cut(folder: Path, task: Task) -> Counts:
    """Cut lines and sentences that another document keeps, or that came before in the same one."""
    again = task.input("rows").read("repeating")
    return _cut(folder, task, found_passages, again["doc_id"])


def cut_substrings(folder: Path, task: Task) -> Counts:
    """Cut what another document holds within a long span."""
    return _cut(folder, task, found_substrings, pl.Series([], dtype=pl.String))


def _cut(folder: Path, task: Task, finder: Finder, others: pl.Series) -> Counts:
    """Write `documents` and all `edits` so far, unless nothing changes; `joins`, the windows that
    hold a place where text was cut. `others` are documents to look at beside those with rows.
    """
    rules = _rules(task)
    table = task.input("repeated").read("repeated")
    documents = task.input("documents").read("documents")
    holders = task.input("rows").read("rows").join(table, on="key", how="semi")["doc_id"]
    copies = joined(task.inputs["clusters"]).filter(pl.col("doc_id") != pl.col("kept_id"))
    suspects = pl.concat([holders, others, copies["doc_id"]]).unique()
    passing = passed(task).select("doc_id").filter(pl.col("doc_id").is_in(suspects.implode()))
    looked = documents.join(passing, on="doc_id", how="semi", maintain_order="left").join(
        copies.select("doc_id", "kept_id"), on="doc_id", how="left", maintain_order="left"
    )
    selves = looked.select(pl.coalesce("kept_id", "doc_id"))["kept_id"]
    found = finder(looked, selves, table, rules)
    ids = looked["doc_id"].gather(found["row"].cast(pl.UInt32))
    cutter = CutPassages(found.with_columns(ids.alias("doc_id")), rules.most_removed)
    marked = stage.run(cutter, documents)
    step = FIRST_STEP + int(str(task.parameters["pass"]))
    after, cuts = stage.apply_edits(marked, cutter.name, step=step)
    changed = cuts["doc_id"].n_unique()
    spared = found["row"].n_unique() - changed
    counts = {"documents": documents.height, "changed": changed, "spared": spared}
    if changed or "passages" not in documents.columns:
        edits = pl.concat([task.input("documents").read("edits"), cuts])
        save(
            folder,
            documents=after,
            edits=edits.sort("doc_id", "step", "field", "start"),
            joins=_joins(after, cuts, rules),
        )
    return counts


def _joins(documents: pl.DataFrame, cuts: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The windows of `documents` that hold a place where text was cut."""
    if rules.substring is None:
        return pl.DataFrame(schema={"key": pl.UInt64})
    gone = (pl.col("end") - pl.col("start")).cum_sum().over("doc_id")
    length = pl.col("end") - pl.col("start")
    places = cuts.sort("doc_id", "start").select(
        "doc_id", (pl.col("start") - gone + length).alias("at")
    )
    changed = documents.join(places, on="doc_id", how="semi", maintain_order="left")
    return joined_windows(changed, places, rules)


def remeasure(folder: Path, task: Task) -> Counts:
    """Write `metrics` and `keys` as `measure` does, reading the text of what changed alone; the
    `documents` and `edits`; and `changed`, the ids of what was cut.

    A document that keeps a passage for others and would break a bound without what it lost is put
    back as it was, so that what it keeps stays in the corpus.
    """
    documents = task.input("documents").read("documents")
    edits = task.input("documents").read("edits")
    changed = edits.filter(stage="passages").select(pl.col("doc_id").unique().sort())
    metrics, keys = measured(task, documents.join(changed, on="doc_id", how="semi"))
    restored = _keepers(task, metrics.filter(reasons(rules_of(task)).list.len() > 0))
    before, uncut = task.input("before"), task.input("uncut").read("documents")
    documents = _put_back(documents, uncut, restored)
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


def _put_back(documents: pl.DataFrame, uncut: pl.DataFrame, restored: pl.Series) -> pl.DataFrame:
    """The documents with the text that those had before."""
    if restored.is_empty():
        return documents
    back = uncut.filter(pl.col("doc_id").is_in(restored.implode())).select(
        "doc_id", pl.col("text").alias("before")
    )
    both = documents.join(back, on="doc_id", how="left", maintain_order="left")
    is_back = pl.col("before").is_not_null()
    return both.with_columns(
        pl.when(is_back).then(spared("passages")).otherwise("passages").alias("passages"),
        pl.coalesce("before", "text").alias("text"),
    ).drop("before")


def _rules(task: Task) -> Rules:
    return Passages.model_validate(task.parameters["passages"]).rules()


def _kept(task: Task) -> pl.DataFrame:
    """doc_id, text and source of the documents of one chunk that no other stands for."""
    documents = task.input("documents").read("documents").select("doc_id", "text", "source")
    kept = documents.join(passed(task), on="doc_id", how="semi", maintain_order="left")
    for clusters in task.inputs["clusters"]:
        kept = kept.join(
            removed(clusters.read("clusters")), on="doc_id", how="anti", maintain_order="left"
        )
    return kept


def _known(task: Task, table: pl.DataFrame) -> pl.DataFrame:
    given = task.inputs.get("known", ())
    return table.filter(pl.col("key").is_in(_keys(given).implode())) if given else table


def _keys(given: Sequence[Checkpoint]) -> pl.Series:
    (one,) = given
    return one.read("repeated")["key"]


def _merged(before: pl.DataFrame, after: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """The rows of before, in their order, those of changed documents replaced."""
    unchanged = before.join(changed, on="doc_id", how="anti")
    order = before.select("doc_id")
    return order.join(pl.concat([unchanged, after]), on="doc_id", how="left", maintain_order="left")
