"""Long spans: what stands in several kept documents word for word, found by two exchanges.

Anchors first; then the windows around those that are shared. Later rounds look for the windows that
repeated before, and for those that a cut has made: in documents that were cut since, and in those
that hold an anchor of a new window. For all others the rows of the round before hold.
"""

from pathlib import Path

import polars as pl

from taojin.dedup.passages.repeated import ANCHOR, WINDOW, kind
from taojin.dedup.passages.substrings import (
    anchor_rows,
    doubtful,
    found_substrings,
    known_rows,
    window_rows,
)
from taojin.pipeline.steps import cutting
from taojin.pipeline.steps.cutting import among, kept, rules_of
from taojin.pipeline.task import Counts, Task, save


def anchors(folder: Path, task: Task) -> Counts:
    """Write `rows` of the anchors of long spans."""
    table = anchor_rows(kept(task), rules_of(task))
    save(folder, rows=table)
    return {"rows": table.height}


def windows(folder: Path, task: Task) -> Counts:
    """Write `rows` of the windows around the anchors that are shared."""
    shared = task.input("repeated").read("repeated").select("key")
    anchored = task.input("rows").read("rows").join(shared, on="key", how="semi")
    holders = kept(task, anchored["doc_id"].unique())
    table = window_rows(holders, anchored["key"].unique(), rules_of(task))
    save(folder, rows=table)
    return {"rows": table.height}


def windows_again(folder: Path, task: Task) -> Counts:
    """Write `rows` of the windows that are known."""
    known = task.input("known")
    near = task.input("anchored").read("rows").join(known.read("anchors"), on="key", how="semi")
    ids = pl.concat([among(task.inputs["cuts"], "touched"), near["doc_id"]]).unique()
    keys = known.read("repeated")["key"]
    before = (
        task.input("before")
        .read("rows")
        .filter(pl.col("key").is_in(keys.implode()), ~pl.col("doc_id").is_in(ids.implode()))
    )
    table = pl.concat([before, known_rows(kept(task, ids), keys, rules_of(task))])
    save(folder, rows=table.sort("key", "doc_id"))
    return {"rows": table.height}


def doubts(folder: Path, task: Task) -> Counts:
    """Write `keys` of the windows that the documents of one chunk keep and may lose a part of."""
    table = task.input("repeated").read("repeated")
    holders = task.input("rows").read("rows").join(table, on="key", how="semi")["doc_id"]
    documents = kept(task, holders.unique())
    keys = doubtful(documents, documents["doc_id"], table, rules_of(task))
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
    """Write `repeated` (key) of the windows that may repeat in the next round, and the `anchors`
    (key) of those among them that are new.
    """
    joins = among(task.inputs["cuts"], "joins", "key").to_frame()
    kinds = {of: joins.filter(kind(pl.col("key")) == of) for of in (ANCHOR, WINDOW)}
    before = task.input("repeated").read("repeated").select("key")
    keys = pl.concat([before, kinds[WINDOW]]).unique().sort("key")
    save(folder, repeated=keys, anchors=kinds[ANCHOR].sort("key"))
    return {"repeated": keys.height}


def cut(folder: Path, task: Task) -> Counts:
    """Cut what another document holds within a long span."""
    return cutting.cut(folder, task, found_substrings, pl.Series([], dtype=pl.String))
