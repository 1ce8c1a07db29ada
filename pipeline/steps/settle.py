"""Settle: each document is written once, as kept or as dropped, and told in the ledger."""

from pathlib import Path

import numpy as np
import polars as pl

from taojin.core.schema import DOCUMENT, LEDGER
from taojin.dedup.documents.largest import largest
from taojin.filters.rules import Bounds, Rule, reasons
from taojin.pipeline.steps.deduplicate import joined, removed
from taojin.pipeline.task import Counts, Task, save

DEDUP = pl.Struct({"url": pl.Float64, "exact": pl.Float64, "near": pl.Float64})
"""1 for a copy of a kept document (of its URL, of its text); the Jaccard similarity to the kept one
that it resembles."""


def rules(threshold: float) -> tuple[Rule, ...]:
    """Deduplication's verdicts as bounds: a similarity that reaches the threshold breaks one."""
    below = float(np.nextafter(threshold, 0.0))
    return (
        Rule("dedup", "url", None, Bounds(max=0.0)),
        Rule("dedup", "exact", None, Bounds(max=0.0)),
        Rule("dedup", "near", None, Bounds(max=below)),
    )


def settle(folder: Path, task: Task) -> Counts:
    """Write `documents` (kept), `dropped` and `ledger` of one chunk.

    A dropped document keeps its text where its doc_id falls into the share `text_share`, and where
    the report compares it with the one that is kept for it.
    """
    clusters = joined(task.inputs["clusters"])
    verdicts = _verdicts(task, clusters)
    texts = (
        task.input("documents")
        .read("documents")
        .select("doc_id", "text", "conversation", "size_bytes")
    )
    judged = texts.join(verdicts, on="doc_id", how="left", maintain_order="left")
    others = [name for name in judged.columns if name not in DOCUMENT and name != "size_bytes"]
    judged = judged.select(*DOCUMENT, *others, "size_bytes")
    kept = judged["drop_reasons"].list.len() == 0
    in_sample = (
        pl.col("doc_id").str.slice(0, 6).str.to_integer(base=16)
        < float(str(task.parameters["text_share"])) * 16**6
    )
    compared = pl.col("doc_id").is_in(largest(clusters.filter(kind="near"))["shown_id"].implode())
    read = pl.when(in_sample | compared).then(pl.col("text", "conversation"))
    dropped = judged.filter(~kept).with_columns(read)
    save(
        folder,
        documents=judged.filter(kept).drop("size_bytes", "units", "passed"),
        dropped=dropped.drop("size_bytes", "units", "passed"),
        ledger=_ledger(judged),
    )
    passed = int(judged["passed"].sum())
    return {"documents": judged.height, "passed": passed, "kept": int(kept.sum())}


def _verdicts(task: Task, clusters: pl.DataFrame) -> pl.DataFrame:
    """Metrics, deduplication's verdict and all reasons of each document of the chunk."""
    metrics = task.input("metrics").read("metrics").drop("size_bytes")
    decisions = (
        task.input("decisions")
        .read("decisions")
        .select("doc_id", pl.col("drop_reasons").alias("decided"))
    )
    # the survivor of exact copies that fell to a near one is a member of both clusters
    members = clusters.join(removed(clusters), on="doc_id", how="semi", maintain_order="left")
    verdicts = members.unique("doc_id", keep="last", maintain_order=True)
    told = metrics.join(decisions, on="doc_id", how="left", maintain_order="left").join(
        verdicts.select("doc_id", "kind", "kept_id", "jaccard"),
        on="doc_id",
        how="left",
        maintain_order="left",
    )
    verdict = pl.struct(
        *(
            (pl.col("kind") == kind).fill_null(value=False).cast(pl.Float64).alias(kind)
            for kind in ("url", "exact")
        ),
        pl.when(pl.col("kind") == "near")
        .then(pl.col("jaccard").cast(pl.Float64).clip(float(str(task.parameters["threshold"]))))
        .otherwise(0.0)
        .alias("near"),
    )
    ruled = told.with_columns(verdict.alias("dedup")).with_columns(
        reasons(rules(float(str(task.parameters["threshold"]))))
    )
    return ruled.with_columns(
        (pl.col("decided").list.len() == 0).alias("passed"),
        pl.concat_list("decided", "drop_reasons").alias("drop_reasons"),
        pl.col("kept_id").alias("duplicate_of"),
    ).drop("decided", "kind", "kept_id", "jaccard")


def _ledger(judged: pl.DataFrame) -> pl.DataFrame:
    kept = pl.col("drop_reasons").list.len() == 0
    return judged.select(
        "doc_id",
        pl.col("source").struct.field("name").alias("source"),
        "lang",
        pl.when(kept).then(pl.lit("kept")).otherwise(pl.lit("dropped")).alias("fate"),
        pl.when(kept)
        .then(pl.lit("kept"))
        .when("passed")
        .then(pl.lit("dedup"))
        .otherwise(pl.lit("decide"))
        .alias("stage"),
        pl.col("drop_reasons").alias("reasons"),
        "units",
        "size_bytes",
    ).cast(pl.Schema(LEDGER))
