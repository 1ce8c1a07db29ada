"""A run's classifiers: the one that it trains on a sample of every chunk, and given ones."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from taojin.core.errors import UserError
from taojin.core.storage import sha256
from taojin.filters import classifier, training
from taojin.filters.classifier import READ_CHARACTERS
from taojin.filters.perplexity import Settings
from taojin.filters.sampling import choose
from taojin.filters.training import TrainingSettings
from taojin.pipeline import model_card
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Checkpoint, Counts, Task, save

SHORTEST_CHARACTERS = 100
"""A shorter text says little about its kind."""
TRUSTED_CHARACTERS = Settings().document_characters
"""How much of a trusted document is sampled: the n-gram model of the run reads so much."""
FOLDER = "model"
"""The folder of a checkpoint that holds a classifier; a checkpoint without one has none."""

EVALUATED = "the documents that it was trained on, each scored by a model that did not see it"

_SAMPLE = {
    "content_hash": pl.String,
    "text": pl.String,
    "positive": pl.Boolean,
    "source": pl.String,
    "lang": pl.String,
    "licence": pl.String,
}


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
    """Write `sample`: of each language the documents whose content hashes are smallest.

    Each text once, and of it as much as the models read that are trained on it.
    """
    languages: list[str] = task.parameters["languages"]  # type: ignore[assignment]
    most = int(str(task.parameters["documents"]))
    documents = task.input("documents").read("documents")
    long = documents.filter(
        pl.col("lang").is_in(languages),
        pl.col("text").str.len_chars() >= SHORTEST_CHARACTERS,
    )
    unique = long.unique("content_hash", keep="first", maintain_order=True).sort("content_hash")
    trusted = bool(task.parameters["trusted"])
    chosen = unique.filter(pl.int_range(pl.len()).over("lang") < most).select(
        "content_hash",
        pl.col("text").str.slice(0, TRUSTED_CHARACTERS if trusted else READ_CHARACTERS),
        pl.lit(trusted).alias("positive"),
        pl.col("source").struct.field("name").alias("source"),
        "lang",
        pl.col("source").struct.field("licence").fill_null("").alias("licence"),
    )
    save(folder, sample=chosen)
    return {"documents": chosen.height}


def train_task(recipe: Recipe, samples: list[Checkpoint]) -> Task:
    """The task that trains the classifier on all samples."""
    parameters = recipe.classifier.model_dump(include={"documents", "folds"})
    return Task("classifier", train, parameters, {"samples": samples})


def train(folder: Path, task: Task) -> Counts:
    """Write the classifier and its card, unless there is not enough of either class.

    Texts are read of the chosen documents alone.
    """
    settings = TrainingSettings(folds=int(str(task.parameters["folds"])))
    chosen = _chosen(task)
    model = folder / FOLDER
    model.mkdir()
    fitted = training.fit(chosen, model, settings)
    if fitted is None:
        model.rmdir()
    else:
        good = chosen["positive"].to_numpy()
        figures = training.figures(fitted.probabilities, good, chosen["lang"].to_list())
        told = model_card.card(
            "Classifier trained in a run", fitted.classifier, chosen, settings, figures, EVALUATED
        )
        model_card.write(model, told)
    return {"good": int(chosen["positive"].sum()), "raw": int((~chosen["positive"]).sum())}


def _chosen(task: Task) -> pl.DataFrame:
    """The sampled documents to train on."""
    tables = [one.path / "sample.parquet" for one in task.inputs["samples"]]
    empty = pl.LazyFrame(schema=_SAMPLE)
    every = pl.concat([empty, *(pl.scan_parquet(path) for path in tables)])
    names = choose(every.drop("text").collect(), int(str(task.parameters["documents"])))
    keys = ["content_hash", "positive", "source", "lang"]
    read = every.select(*keys, pl.col("text").str.slice(0, READ_CHARACTERS))
    texts = read.join(names.lazy().select(keys), on=keys, how="semi")
    unique = texts.collect().sort(keys).unique("content_hash", keep="first")
    return names.join(unique.select("content_hash", "text"), on="content_hash", how="left").sort(
        "content_hash"
    )


def given_task(node: str, folder: Path | None, kind: str) -> Task:
    """The task that takes a classifier from a folder; where None is given, it leaves nothing.

    UserError if no classifier of that kind is there.
    """
    if folder is None:
        return Task(node, take)
    return Task(node, take, {"files": digests(folder, kind)}, places={"folder": str(folder)})


def digests(folder: Path, kind: str) -> Mapping[str, str]:
    """The files of a classifier with the digests of their contents."""
    try:
        classifier.load_kind(folder, kind)
    except OSError as error:
        raise UserError(f"{folder}: the classifier cannot be read: {error.strerror}") from None
    return {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}


def take(folder: Path, task: Task) -> Counts:
    """Copy the files of the classifier, if one is given."""
    if task.places:
        (folder / FOLDER).mkdir()
        for name in task.parameters["files"]:  # type: ignore[attr-defined]
            shutil.copyfile(Path(task.places["folder"]) / name, folder / FOLDER / name)
    return {"files": len(task.parameters.get("files", ()))}  # type: ignore[arg-type]


def model_of(checkpoint: Checkpoint) -> Path | None:
    """The classifier of a checkpoint, None for one without."""
    folder = checkpoint.path / FOLDER
    return folder if folder.is_dir() else None


def given(recipe: Recipe) -> dict[str, tuple[Path | None, str]]:
    """By the step that takes it, the folder and the kind of each classifier that can be given."""

    def placed(folder: str | None) -> Path | None:
        return None if folder is None else recipe.folder / folder

    return {
        "classifier": (placed(recipe.classifier.model), "quality"),
        "toxicity": (placed(recipe.safety.toxicity), "toxicity"),
    }


def given_digests(recipe: Recipe) -> list[object]:
    """What a run depends on through the classifiers that it is given; UserError if one is wrong."""
    return [
        None if folder is None else digests(folder, kind) for folder, kind in given(recipe).values()
    ]
