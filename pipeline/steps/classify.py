"""The quality classifier: a hash sample of every chunk, and the model that is trained on them."""

from pathlib import Path

import polars as pl

from taojin.filters import classifier
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Checkpoint, Counts, Task, save

SHORTEST_CHARACTERS = 100
"""A shorter text says little about its kind."""

_NOTHING = pl.DataFrame(
    schema={"content_hash": pl.String, "text": pl.String, "trusted": pl.Boolean}
)


def sample_task(recipe: Recipe, source: str, chunk: Checkpoint) -> Task:
    """The task that samples one chunk."""
    trusted = next(one.is_trusted for one in recipe.sources if one.name == source)
    parameters = {
        "trusted": trusted,
        "documents": recipe.classifier.documents,
        "languages": list(recipe.languages),
    }
    return Task("sample", sample, parameters, {"documents": (chunk,)})


def sample(folder: Path, task: Task) -> Counts:
    """Write `sample`: the documents whose content hashes are smallest, each text once."""
    languages: list[str] = task.parameters["languages"]  # type: ignore[assignment]
    documents = task.input("documents").read("documents")
    chosen = (
        documents.filter(
            pl.col("lang").is_in(languages),
            pl.col("text").str.len_chars() >= SHORTEST_CHARACTERS,
        )
        .unique("content_hash", keep="first", maintain_order=True)
        .sort("content_hash")
        .head(int(str(task.parameters["documents"])))
        .select("content_hash", "text", trusted=bool(task.parameters["trusted"]))
    )
    save(folder, sample=chosen)
    return {"documents": chosen.height}


def train_task(recipe: Recipe, samples: list[Checkpoint]) -> Task:
    """The task that trains the classifier on all samples."""
    parameters = {"documents": recipe.classifier.documents}
    return Task("classifier", train, parameters, {"samples": samples})


def train(folder: Path, task: Task) -> Counts:
    """Write `classifier.bin`, unless there is nothing trusted or nothing raw to learn from.

    A text found in both classes is no example of raw ones.
    """
    most = int(str(task.parameters["documents"]))
    texts = pl.concat([_NOTHING, *(one.read("sample") for one in task.inputs["samples"])])
    ordered = texts.unique(["content_hash", "trusted"]).sort("content_hash")
    good = ordered.filter("trusted").head(most)
    raw = ordered.filter(~pl.col("trusted")).join(good, on="content_hash", how="anti").head(most)
    if good.height and raw.height:
        settings = classifier.ClassifierSettings()
        model = folder / "classifier.bin"
        classifier.train(good["text"].to_list(), raw["text"].to_list(), model, settings)
    return {"good": good.height, "raw": raw.height}
