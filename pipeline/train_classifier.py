"""`taojin filters train`: a classifier out of labelled files, and what it is worth."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from taojin.core.errors import UserError
from taojin.core.storage import publish
from taojin.filters import training
from taojin.filters.sampling import choose
from taojin.filters.training import TrainingSettings
from taojin.filters.votes import VoteSettings
from taojin.pipeline import examples as labelled
from taojin.pipeline import model_card, places
from taojin.pipeline.columns import aligned
from taojin.pipeline.model_card import Card
from taojin.pipeline.training_recipe import TrainingRecipe

HELD_OUT = "documents that were held out of the training"
OUT_OF_FOLD = "the documents that it was trained on, each scored by a model that did not see it"


def train(recipe: TrainingRecipe, out: Path) -> str:
    """Train the classifier of a recipe, write it with its card, and tell what it is worth.

    UserError if the folder is there already or cannot be made, or for what is wrong with the
    recipe or its files.
    """
    places.free(out, "folder")
    found = labelled.gather(recipe)
    settings = _settings(recipe)
    kept, held = _split(found.examples, recipe)
    with publish(out) as partial:
        partial.mkdir()
        fitted = training.fit(kept, partial, settings)
        if fitted is None:
            raise UserError(f"examples: {_cause(found.examples, kept, recipe)}")
        evaluated, scores = HELD_OUT, fitted.classifier.scores(held)
        if not _both(held):
            evaluated, held, scores = OUT_OF_FOLD, kept, fitted.probabilities
        positive = held["positive"].to_numpy()
        figures = training.figures(scores, positive, held["lang"].to_list())
        told = model_card.card(recipe.name, fitted.classifier, kept, settings, figures, evaluated)
        model_card.write(partial, {**told, "files": found.files})
    return "\n".join([*_told(told), *_left(found), "", f"classifier {out}"])


def _settings(recipe: TrainingRecipe) -> TrainingSettings:
    words = VoteSettings(
        epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        dimensions=recipe.dimensions,
        word_ngrams=recipe.word_ngrams,
        seed=recipe.seed,
    )
    return replace(TrainingSettings(), kind=recipe.kind, folds=recipe.folds, words=words)


def _split(examples: pl.DataFrame, recipe: TrainingRecipe) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The texts to train on and those held out; which is which, the content hash says."""
    share = pl.col("content_hash").str.slice(0, 8).str.to_integer(base=16) / 2**32
    inside = examples.filter(share >= recipe.held_out)
    outside = examples.filter(share < recipe.held_out)
    return choose(inside, recipe.documents), choose(outside, recipe.documents)


def _cause(examples: pl.DataFrame, kept: pl.DataFrame, recipe: TrainingRecipe) -> str:
    """Why nothing can be trained on the texts that were kept of these."""
    texts = examples.group_by("content_hash").agg(
        pl.col("positive").any().alias("positive"), pl.col("positive").n_unique().alias("classes")
    )
    both, negative = texts.filter(classes=2).height, texts.filter(positive=False).height
    if both > negative:
        one, other = (" or ".join(labels) for labels in recipe.labels)
        return (
            f"{both:,} of {texts.height:,} different texts are labelled {one} and {other} too, and "
            f"count as {one}; {negative:,} are left that are {other} alone; correct the labels"
        )
    return (
        f"{kept.height:,} texts are too few: each of {recipe.folds} folds must leave some of "
        "either class; add examples"
    )


def _both(examples: pl.DataFrame) -> bool:
    return examples["positive"].n_unique() == 2


def _told(told: Card) -> list[str]:
    """The figures per language, and per threshold over all."""
    heads = ["language", "positive", "negative", "AUC", "calibration error"]
    rows = [heads]
    for lang, one in told["figures"].items():
        counts = [f"{one[name]:,}" for name in ("positive", "negative")]
        rows.append([lang, *counts, f"{one['auc']:.4f}", f"{one['calibration_error']:.4f}"])
    thresholds = [
        ["threshold", "precision", "recall"],
        *(
            [f"{row['threshold']:g}", f"{row['precision']:.3f}", f"{row['recall']:.3f}"]
            for row in told["figures"]["all"]["thresholds"]
        ),
    ]
    documents = sum(one["documents"] for one in told["data"])
    head = f"trained on {documents:,} texts; figures of {told['evaluated']}"
    return [head, "", *aligned(rows, 1), "", *aligned(thresholds, 0)]


def _left(found: labelled.Labelled) -> list[str]:
    """What of the files was not used."""
    others = ", ".join(f"'{name}' {count:,}" for name, count in sorted(found.other_labels.items()))
    lines = [f"{found.unread:,} rows could not be read"] if found.unread else []
    lines += [f"left out by their labels: {others}"] if others else []
    return ["", *lines] if lines else []
