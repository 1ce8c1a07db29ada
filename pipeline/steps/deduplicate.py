"""Deduplication among the documents that passed: exact first, then near.

Two exchanges group rows of keys and ids; a barrier verifies the candidates on stored shingles. No
step here reads text.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core import schema
from taojin.core.arrow import list_buffers
from taojin.dedup.clusters import RANK, exact_duplicates, follow, near_duplicates, shared_bands
from taojin.dedup.minhash import band_rows
from taojin.pipeline.task import Checkpoint, Counts, Task, save


def exact_rows(folder: Path, task: Task) -> Counts:
    """Write `rows` (key, exact_key, RANK) of the documents of one chunk that passed."""
    passing = passed(task)
    keys = task.input("keys").read("keys").select("doc_id", "exact_key")
    rows = passing.join(keys, on="doc_id", how="left", maintain_order="left")
    key = pl.col("exact_key").str.slice(0, 15).str.to_integer(base=16).cast(pl.UInt64)
    save(folder, rows=rows.select(key.alias("key"), "exact_key", *RANK))
    return {"rows": rows.height}


def exact(folder: Path, task: Task) -> Counts:
    """Write `clusters` of exact duplicates out of the buckets of the exchange."""
    buckets: list[str] = task.parameters["buckets"]  # type: ignore[assignment]
    rule: list[str] = task.parameters["keep"]  # type: ignore[assignment]
    found = [
        exact_duplicates(pl.read_parquet(task.input("rows").path / bucket), rule)
        for bucket in buckets
    ]
    clusters = pl.concat([schema.empty(schema.CLUSTER), *found]).sort("cluster_id", "doc_id")
    save(folder, clusters=clusters)
    return {"removed": removed(clusters).height}


def near_rows(folder: Path, task: Task) -> Counts:
    """Write `rows` (key, doc_id): the band keys of the documents that no exact copy stands for."""
    stay = passed(task).select("doc_id")
    for clusters in task.inputs["exact"]:
        stay = stay.join(removed(clusters.read("clusters")), on="doc_id", how="anti")
    keys = task.input("keys").read("keys").select("doc_id", "signature")
    rows = stay.join(keys, on="doc_id", how="left", maintain_order="left")
    threshold = float(str(task.parameters["threshold"]))
    table = band_rows(rows, threshold)
    save(folder, rows=table)
    return {"rows": table.height}


def near(folder: Path, task: Task) -> Counts:
    """Write `clusters` of near-duplicates, verified on the stored shingles of the candidates."""
    buckets: list[str] = task.parameters["buckets"]  # type: ignore[assignment]
    rule: list[str] = task.parameters["keep"]  # type: ignore[assignment]
    threshold = float(str(task.parameters["threshold"]))
    empty = pl.DataFrame(schema={"key": pl.UInt64, "doc_id": pl.String})
    shared = pl.concat(
        [empty] + [shared_bands(pl.read_parquet(task.input("rows").path / one)) for one in buckets]
    )
    candidates = shared.select(pl.col("doc_id").unique())
    decisions = [one.read("decisions").select(*RANK) for one in task.inputs["decisions"]]
    found = [one.join(candidates, on="doc_id", how="semi") for one in decisions]
    rank = pl.concat([schema.empty(RANK), *found])
    shingles = _shingles(task.inputs["keys"], candidates)
    clusters = near_duplicates(shared, rank, shingles, rule, threshold)
    save(folder, clusters=clusters)
    return {"removed": removed(clusters).height, "candidates": candidates.height}


def passed(task: Task) -> pl.DataFrame:
    """The decisions of the documents that broke no bound."""
    decisions = task.input("decisions").read("decisions")
    return decisions.filter(pl.col("drop_reasons").list.len() == 0)


def removed(clusters: pl.DataFrame) -> pl.DataFrame:
    """The doc_ids of the documents that a kept one stands for."""
    return clusters.filter(pl.col("doc_id") != pl.col("kept_id")).select("doc_id")


def joined(checkpoints: Sequence[Checkpoint]) -> pl.DataFrame:
    """The clusters of all steps of deduplication, every `kept_id` one that is kept."""
    found = [one.read("clusters") for one in checkpoints]
    return follow(pl.concat([schema.empty(schema.CLUSTER), *found]))


def _shingles(
    keys: Sequence[Checkpoint], candidates: pl.DataFrame
) -> dict[str, NDArray[np.uint32]]:
    """The stored shingle hashes of the candidates alone."""
    found: dict[str, NDArray[np.uint32]] = {}
    for checkpoint in keys:
        table = pl.scan_parquet(checkpoint.path / "keys.parquet").select("doc_id", "shingles")
        rows = table.join(candidates.lazy(), on="doc_id", how="semi").collect()
        offsets, hashes = list_buffers(rows["shingles"])
        for row, doc_id in enumerate(rows["doc_id"]):
            found[doc_id] = hashes[offsets[row] : offsets[row + 1]].astype(np.uint32, copy=False)
    return found
