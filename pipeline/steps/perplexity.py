"""The n-gram model of good text that a run trains on the trusted documents of its sample."""

from pathlib import Path

import polars as pl

from taojin.filters.perplexity import Settings, train
from taojin.pipeline.task import Checkpoint, Counts, Task

NAME = "perplexity.npz"


def train_task(samples: list[Checkpoint]) -> Task:
    """The task that trains the model on all samples."""
    return Task("perplexity", learn, {}, {"samples": samples})


def learn(folder: Path, task: Task) -> Counts:
    """Write the model, unless no document of the sample is trusted."""
    tables = [one.read("sample").filter("positive") for one in task.inputs["samples"]]
    texts = pl.concat([pl.Series("text", [], pl.String), *(one["text"] for one in tables)])
    if len(texts):
        train(texts, folder / NAME, Settings())
    return {"documents": len(texts)}


def model_of(checkpoint: Checkpoint) -> Path | None:
    """The model of a checkpoint, None for one without."""
    model = checkpoint.path / NAME
    return model if model.is_file() else None
