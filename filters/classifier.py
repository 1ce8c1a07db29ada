"""A quality classifier that the pipeline trains itself: trusted documents against raw crawl.

fastText's supervised mode (Joulin et al. 2017) over words; Chinese is cut by jieba, since a clause
without spaces would be one word. One thread and a fixed seed: the same texts give the same model.
"""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.filters.batch import Batch
from taojin.filters.rules import Filter, Metric

READ_CHARACTERS = 2000
"""How much of a document is read: its score hardly moves after that, jieba's cost does."""

GOOD, RAW = "__label__good", "__label__raw"


@dataclass(frozen=True)
class ClassifierSettings:
    """What fastText is trained with."""

    epochs: int = 8
    learning_rate: float = 0.3
    dimensions: int = 32
    word_ngrams: int = 2
    buckets: int = 200_000
    seed: int = 1


def tokens(text: str) -> str:
    """The words of a text's beginning, small letters, separated by spaces; no line end in it."""
    head = text[:READ_CHARACTERS].lower()
    words = _jieba().cut(head, HMM=False)
    return " ".join(word for word in words if not word.isspace())


def train(
    good: Sequence[str], raw: Sequence[str], path: Path, settings: ClassifierSettings
) -> None:
    """Write a fastText model that tells trusted texts from raw ones; both must hold a text.

    The larger class is thinned evenly to twice the smaller, so that the score is not its size.
    """
    import fasttext

    most = 2 * min(len(good), len(raw))
    lines = [*_lines(GOOD, _thin(good, most)), *_lines(RAW, _thin(raw, most))]
    order = np.random.default_rng(settings.seed).permutation(len(lines))
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(lines[index] for index in order))
        file.flush()
        model = fasttext.train_supervised(
            file.name,
            epoch=settings.epochs,
            lr=settings.learning_rate,
            dim=settings.dimensions,
            wordNgrams=settings.word_ngrams,
            bucket=settings.buckets,
            seed=settings.seed,
            thread=1,
            verbose=0,
        )
    model.save_model(str(path))


def classifier_filter(path: Path | None) -> Filter:
    """One metric: the model's probability that a document is like the trusted ones.

    Without a model the score is 1 and drops nothing: there was nothing trusted to learn from.
    """

    def score(batch: Batch) -> NDArray[np.float64]:
        if path is None:
            return np.ones(len(batch.text))
        return scores(path, batch.text)

    return Filter(
        name="classifier",
        source="fastText on the recipe's trusted sources against its crawl",
        metrics=(Metric("score", score, "probability of being like the trusted sources, 0..1"),),
    )


def scores(path: Path, texts: pl.Series) -> NDArray[np.float64]:
    """float64[n] in 0..1: probability of the label `good`."""
    model = _model(str(path))
    if len(texts) == 0:
        return np.zeros(0)
    labels, found = model.predict([tokens(text) for text in texts], k=2)
    good = [
        dict(zip(names, values, strict=True)).get(GOOD, 0.0)
        for names, values in zip(labels, found, strict=True)
    ]
    return np.clip(np.array(good, np.float64), 0.0, 1.0)


def _lines(label: str, texts: Iterable[str]) -> list[str]:
    return [f"{label} {tokens(text)}" for text in texts]


def _thin(texts: Sequence[str], most: int) -> Sequence[str]:
    if len(texts) <= most:
        return texts
    return [texts[index * len(texts) // most] for index in range(most)]


@cache
def _model(path: str):  # type: ignore[no-untyped-def]
    import fasttext

    return fasttext.load_model(path)


@cache
def _jieba():  # type: ignore[no-untyped-def]
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()
