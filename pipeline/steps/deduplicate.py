"""Deduplication among the documents that passed: of one URL, exact, then near.

Exchanges group rows of keys and ids; components of documents that share band keys are verified on
stored shingles, one bucket of them a task. No step here reads text, and none holds all shingles.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from taojin.core import schema
from taojin.dedup.documents import components as graph
from taojin.dedup.documents.candidates import by_bucket
from taojin.dedup.documents.candidates import candidates as candidates_of
from taojin.dedup.documents.clusters import (
    CANDIDATE,
    exact_duplicates,
    follow,
    near_duplicates,
    placed,
    removed,
    url_duplicates,
)
from taojin.dedup.documents.keep import RANK, RANKED
from taojin.dedup.documents.minhash import band_rows
from taojin.pipeline.task import Checkpoint, Counts, Task, save

__all__ = ["joined", "passed", "removed"]

COLUMNS = {"url": "url_key", "exact": "exact_key"}
"""The kinds of duplicates that have one key in common, and the column that holds it."""


def key_rows(folder: Path, task: Task) -> Counts:
    """Write `rows` (key, the kind's column, RANKED) of the documents of one chunk that are left."""
    column = COLUMNS[str(task.parameters["kind"])]
    keys = _keys(task, column).filter(pl.col(column).is_not_null())
    rows = _left(task).join(keys, on="doc_id", how="inner", maintain_order="left")
    key = pl.col(column).str.slice(0, 15).str.to_integer(base=16).cast(pl.UInt64)
    save(folder, rows=rows.select(key.alias("key"), column, *RANKED))
    return {"rows": rows.height}


def same_key(folder: Path, task: Task) -> Counts:
    """Write `clusters` of one bucket of the exchange of `key_rows`."""
    find = {"url": url_duplicates, "exact": exact_duplicates}[str(task.parameters["kind"])]
    rows = pl.read_parquet(task.input("rows").path / str(task.parameters["bucket"]))
    clusters = find(rows, _rule(task))
    save(folder, clusters=clusters)
    return {"removed": removed(clusters).height}


def near_rows(folder: Path, task: Task) -> Counts:
    """Write `rows` (key, doc_id): the band keys of the documents of one chunk that are left."""
    left = _left(task)
    keys = _keys(task, "signature")
    rows = left.select("doc_id").join(keys, on="doc_id", how="inner", maintain_order="left")
    table = band_rows(rows, _threshold(task))
    save(folder, rows=table)
    own = left.filter(~pl.col("against"))
    return {"rows": table.height, "documents": own.height, "units": int(own["length"].sum())}


def stars(folder: Path, task: Task) -> Counts:
    """Write `edges` between the documents of one bucket of the exchange that share a key."""
    rows = pl.read_parquet(task.input("rows").path / str(task.parameters["bucket"]))
    edges = graph.stars(rows)
    save(folder, edges=edges)
    return {"edges": edges.height}


def components(folder: Path, task: Task) -> Counts:
    """Write `labels` (doc_id, component) of all edges, in this process."""
    edges = [pl.DataFrame(schema=graph.EDGE), *(one.read("edges") for one in task.inputs["edges"])]
    labels = graph.labels(pl.concat(edges).unique())
    save(folder, labels=labels)
    return {"candidates": labels.height}


def both_ways(folder: Path, task: Task) -> Counts:
    """Write `rows`: the edges of one bucket under both of their ends, to be exchanged by node."""
    rows = graph.both_ways(task.input("edges").read("edges"))
    save(folder, rows=rows)
    return {"rows": rows.height}


def turn(folder: Path, task: Task) -> Counts:
    """Write `rows` of one bucket of nodes after a turn, and the `labels` that they come to."""
    rows = pl.read_parquet(task.input("rows").path / str(task.parameters["bucket"]))
    star = {"large": graph.large_star, "small": graph.small_star}[str(task.parameters["turn"])]
    edges, moved = star(rows)
    after, labels = graph.both_ways(edges), graph.star_labels(edges)
    save(folder, rows=after, labels=labels)
    return {"rows": after.height, "moved": moved, "candidates": labels.height}


def candidates(folder: Path, task: Task) -> Counts:
    """Write `candidates-NNNNN`, by bucket of components, of the documents of one chunk."""
    left = _left(task)
    tables = [pl.scan_parquet(one.path / "labels.parquet") for one in task.inputs["labels"]]
    labels = pl.concat(tables).join(left.lazy().select("doc_id"), on="doc_id", how="semi")
    own = labels.unique().collect().sort("doc_id")
    estimate = task.parameters["verify"] == "estimate"
    keys = _keys(task, "signature", *([] if estimate else ["shingles"]), among=own)
    found = candidates_of(keys, left, own, _threshold(task), estimate=estimate)
    for bucket, rows in by_bucket(found, int(str(task.parameters["buckets"]))):
        save(folder, **{_bucket(bucket): rows})
    return {"candidates": found.height}


def near(folder: Path, task: Task) -> Counts:
    """Write `clusters` of near-duplicates in one bucket of components."""
    name = f"{_bucket(int(str(task.parameters['bucket'])))}.parquet"
    paths = [one.path / name for one in task.inputs["candidates"] if (one.path / name).is_file()]
    tables = [pl.read_parquet(path).drop("component") for path in paths]
    found = pl.concat([schema.empty(CANDIDATE), *tables])
    verified = near_duplicates(
        found, _rule(task), _threshold(task), estimate=task.parameters["verify"] == "estimate"
    )
    save(folder, clusters=verified.clusters)
    return {"removed": removed(verified.clusters).height, "capped": verified.capped}


def join(folder: Path, task: Task) -> Counts:
    """Write `clusters` of all kinds, every `kept_id` one that is kept.

    Written too are the `components` of all documents of this run that share a key with another.
    """
    places: list[str] = task.parameters["places"]  # type: ignore[assignment]
    tables = [
        pl.concat([schema.empty(schema.CLUSTER), *(one.read("clusters") for one in found)])
        for kind, found in task.inputs.items()
        if kind != "labels"
    ]
    clusters = placed(
        follow([one.sort("cluster_id", "doc_id") for one in tables], _rule(task)), places
    )
    save(folder, clusters=clusters, components=_own(task.inputs.get("labels", ())))
    capped = sum(one.counts.get("capped", 0) for found in task.inputs.values() for one in found)
    return {"removed": removed(clusters)["doc_id"].n_unique(), "capped": capped}


def _own(labels: Sequence[Checkpoint]) -> pl.DataFrame:
    """The labels of this run's documents, each once."""
    tables = [pl.DataFrame(schema=graph.LABEL), *(one.read("labels") for one in labels)]
    own = ~pl.col("doc_id").str.contains("/", literal=True)
    return pl.concat(tables).filter(own).unique().sort("doc_id")


def passed(task: Task) -> pl.DataFrame:
    """The decisions of the documents that broke no bound."""
    decisions = task.input("decisions").read("decisions")
    return decisions.filter(pl.col("drop_reasons").list.len() == 0)


def joined(checkpoints: Sequence[Checkpoint]) -> pl.DataFrame:
    """The clusters of all kinds, in the order in which they were looked for."""
    found = [one.read("clusters") for one in checkpoints]
    return pl.concat([schema.empty(schema.CLUSTER), *found])


def _left(task: Task) -> pl.DataFrame:
    """RANKED of the documents that passed and that no duplicate of an earlier kind stands for.

    Documents of another run, which no decision is on, are all there.
    """
    if "decisions" not in task.inputs:
        ids = _keys(task)
        nothing = [
            pl.lit(None, dtype).alias(name) for name, dtype in RANK.items() if name != "doc_id"
        ]
        return ids.select("doc_id", *nothing, pl.lit(value=True).alias("against"))
    left = passed(task).select(*RANK, pl.lit(value=False).alias("against"))
    for clusters in task.inputs.get("found", ()):
        left = left.join(removed(clusters.read("clusters")), on="doc_id", how="anti")
    return left


def _keys(task: Task, *columns: str, among: pl.DataFrame | None = None) -> pl.DataFrame:
    """The doc_id and those columns of the keys of one chunk, all or of some documents."""
    table = pl.scan_parquet(task.input("keys").path / "keys.parquet").select("doc_id", *columns)
    if among is not None:
        table = table.join(
            among.lazy().select("doc_id"), on="doc_id", how="semi", maintain_order="left"
        )
    return table.collect()


def _rule(task: Task) -> list[str]:
    rule: list[str] = task.parameters["keep"]  # type: ignore[assignment]
    return rule


def _threshold(task: Task) -> float:
    return float(str(task.parameters["threshold"]))


def _bucket(number: int) -> str:
    return f"candidates-{number:05d}"
