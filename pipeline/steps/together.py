"""Which kept documents go to one split together: those that resemble each other."""

from pathlib import Path

import polars as pl

from taojin.core import schema
from taojin.pipeline.task import Counts, Task, save

PART_OF_VALIDATION = 4
"""What would be more than a quarter of the validation split by itself is for training."""


def together(folder: Path, task: Task) -> Counts:
    """Write `together` (TOGETHER) of the kept documents of all chunks."""
    (clusters,) = task.inputs["clusters"]
    labels = pl.read_parquet(clusters.path / "components.parquet").lazy()
    paths = [one.path / "documents.parquet" for one in task.inputs["documents"]]
    kept = pl.concat([pl.scan_parquet(path).select("doc_id", "content_hash") for path in paths])
    documents = sum(one.counts["documents"] for one in task.inputs["documents"])
    most = float(str(task.parameters["validation"])) * documents / PART_OF_VALIDATION
    table = groups(kept.join(labels, on="doc_id", how="inner").collect(), most)
    save(folder, together=table)
    return {"documents": table.height, "clusters": table["cluster"].n_unique()}


def groups(kept: pl.DataFrame, most: float) -> pl.DataFrame:
    """TOGETHER of kept documents (content_hash, component), sorted; none that is alone.

    A cluster is named after the least of its hashes, so that its name is the same wherever the
    files lie.
    """
    texts = kept.select("content_hash", "component").unique()
    size = pl.len().over("component")
    named = texts.filter(size > 1).select(
        "content_hash",
        pl.col("content_hash").min().over("component").alias("cluster"),
        (size > most).alias("large"),
    )
    return named.unique("content_hash").sort("content_hash").cast(pl.Schema(schema.TOGETHER))
