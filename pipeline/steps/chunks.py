"""Chunks: the partitions after ingest, one file of documents each, and what later steps add."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from taojin.core import stage
from taojin.filters.lines import CleanLines
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Checkpoint, Counts, Task, save


@dataclass(frozen=True)
class Chunk:
    """One file of documents that one source's ingest task has left."""

    source: str
    ingest: Checkpoint
    number: str

    def clean(self, recipe: Recipe) -> Task:
        """The task that cuts lines out of its documents."""
        settings = {"chunk": self.number, **recipe.clean.model_dump(mode="json")}
        return Task("clean", clean, settings, {"ingest": (self.ingest,)})


def chunks(source: str, ingest: Checkpoint) -> list[Chunk]:
    """The chunks of one ingest task, in order."""
    return [Chunk(source, ingest, f"{number:03d}") for number in range(ingest.counts["chunks"])]


def clean(folder: Path, task: Task) -> Counts:
    """Write `documents` with lines cut out of their texts, and all `edits` so far."""
    number = task.parameters["chunk"]
    documents = task.input("ingest").read(f"documents-{number}")
    edits = task.input("ingest").read(f"edits-{number}")
    if task.parameters["enabled"]:
        rules: list[str] = task.parameters["rules"]  # type: ignore[assignment]
        cutter = CleanLines(float(str(task.parameters["most_removed"])), tuple(rules))
        marked = stage.run(cutter, documents)
        documents, cuts = stage.apply_edits(marked, cutter.name, step=2)
        edits = pl.concat([edits, cuts]).sort("doc_id", "step", "field", "start")
    save(folder, documents=documents, edits=edits)
    return {
        "documents": documents.height,
        "size_bytes": int(documents["text"].str.len_bytes().sum()),
    }
