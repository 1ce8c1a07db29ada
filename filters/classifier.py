"""A classifier of two kinds of text: trusted documents and raw crawl, toxic ones and others.

What it reads of a document's beginning are the votes of its words (fastText, `votes.py`) and, where
it judges quality, what the order of the words gains under an n-gram model of the good texts, and
how the text is built (`signals.py`): a bag of words takes shuffled words for prose. A logistic
regression whose weights cannot be negative adds them up, an isotonic one makes a probability of it.

**Out of fold.** A classifier is as many models as it has folds, each trained without the documents
of one. A document's fold is a number made of its content hash, and it is scored by the model that
was trained without that fold: so no document, trusted ones included, is ever scored by a model that
has seen it, nothing about the training set needs to be kept, and a document that was not in it gets
a score of the same distribution, which is what makes the calibration hold for it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core import segment
from taojin.core.errors import UserError
from taojin.filters import perplexity, votes
from taojin.filters import signals as text_signals
from taojin.filters.batch import Batch
from taojin.filters.calibration import Calibration
from taojin.filters.rules import Filter, Metric
from taojin.filters.signals import SIGNALS, signals
from taojin.filters.votes import Votes

Numbers = NDArray[np.float64]

READ_CHARACTERS = 2000
"""How much of a document is read: its score hardly moves after that, its cost does."""
KINDS = ("quality", "toxicity")
"""What a classifier's score is the probability of: being like the good texts, being toxic."""
VERSION = 1
MODEL = "model.json"

_FARTHEST = 5.0
"""Standard deviations from the mean that still count: one odd value decides nothing."""
_GAIN = list(perplexity.METRICS).index("order_gain")


@dataclass(frozen=True)
class Combination:
    """The weighted sum of standardised columns, a logit."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def __call__(self, columns: Numbers) -> Numbers:
        """float64[n]; column by column, so that a sum does not depend on the other documents."""
        inputs = standardised(columns, self.mean, self.scale)
        total = np.full(len(columns), self.bias)
        for number, weight in enumerate(self.weights):
            total += weight * inputs[:, number]
        return total


@dataclass(frozen=True)
class FoldModels:
    """The models of each fold: `gains` are the paths of n-gram models, none for toxicity."""

    votes: tuple[Votes, ...]
    gains: tuple[Path, ...]

    def columns(self, heads: pl.DataFrame) -> Numbers:
        """float64[n, k], the columns of `column_names`, each document by its own fold's models.

        `heads` are documents whose `text` is their beginning; needs `content_hash`.
        """
        spaced = segment.spaced(heads["text"], READ_CHARACTERS)
        fold = folds(heads["content_hash"], len(self.votes))
        found = np.zeros((heads.height, 2 if self.gains else 1))
        for number, of_words in enumerate(self.votes):
            own = np.flatnonzero(fold == number)
            if not own.size:
                continue
            found[own, 0] = of_words.logits(spaced.gather(own))
            if self.gains:
                text = heads["text"].gather(own)
                found[own, 1] = perplexity.scores(self.gains[number], text)[:, _GAIN]
        return np.column_stack([found, signals(Batch(heads))]) if self.gains else found


@dataclass(frozen=True)
class Classifier:
    """A trained classifier; `kind` is one of KINDS."""

    kind: str
    models: FoldModels
    combination: Combination
    calibration: Calibration

    @property
    def column_names(self) -> list[str]:
        return column_names(self.kind)

    def scores(self, documents: pl.DataFrame) -> Numbers:
        """float64[n] in 0..1; needs `text` and `content_hash`."""
        return self.calibration(self.combination(self.models.columns(heads(documents))))

    def save(self, folder: Path) -> None:
        """Write the votes and the numbers; the n-gram models are there already."""
        for number, of_words in enumerate(self.models.votes):
            of_words.save(folder / f"votes-{number}.npz")
        table = {
            "version": VERSION,
            "signals": text_signals.VERSION,
            "kind": self.kind,
            "folds": len(self.models.votes),
            "columns": self.column_names,
            "combination": asdict(self.combination),
            "calibration": asdict(self.calibration),
        }
        (folder / MODEL).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def column_names(kind: str) -> list[str]:
    """What is added up: the words' votes, and for quality the gain of order and the signals."""
    structure = ["order_gain", *(signal.name for signal in SIGNALS)]
    return ["votes", *(structure if kind == "quality" else [])]


def heads(documents: pl.DataFrame) -> pl.DataFrame:
    """The documents with as much of their texts as is read."""
    return documents.with_columns(pl.col("text").str.slice(0, READ_CHARACTERS))


def folds(content_hashes: pl.Series, count: int) -> NDArray[np.int64]:
    """int64[n], 0 to `count` - 1: the fold of each content hash; 0 for what is none."""
    digits = content_hashes.str.slice(-8).str.to_integer(base=16, strict=False)
    return (digits.cast(pl.Int64).fill_null(0) % count).to_numpy().astype(np.int64)


def standardised(columns: Numbers, mean: tuple[float, ...], scale: tuple[float, ...]) -> Numbers:
    return np.clip((columns - np.array(mean)) / np.array(scale), -_FARTHEST, _FARTHEST)


def gain_path(folder: Path, fold: int) -> Path:
    """Where the n-gram model of a fold is."""
    return folder / f"order-{fold}.npz"


def load(folder: Path) -> Classifier:
    """The classifier in a folder, read once per process; UserError if there is none."""
    try:
        changed = (folder / MODEL).stat().st_mtime_ns
    except OSError:
        raise UserError(
            f"{folder}: no classifier here (no {MODEL}); `taojin filters train` makes one"
        ) from None
    return _loaded(folder, changed)


def load_kind(folder: Path, kind: str) -> Classifier:
    """The classifier in a folder; UserError if it is not one of that kind."""
    found = load(folder)
    if found.kind != kind:
        raise UserError(f"{folder}: a classifier of {found.kind} stands here, {kind} is needed")
    return found


@lru_cache(maxsize=4)
def _loaded(folder: Path, _changed: int) -> Classifier:
    table = _read(folder / MODEL)
    count = table["folds"]
    kind = table["kind"]
    of_words = tuple(votes.load(folder / f"votes-{fold}.npz") for fold in range(count))
    gains = tuple(gain_path(folder, fold) for fold in range(count) if kind == "quality")
    return Classifier(
        kind,
        FoldModels(of_words, gains),
        _combination(table["combination"]),
        Calibration(**{name: tuple(one) for name, one in table["calibration"].items()}),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = (table["version"], table["signals"], table["columns"])
    except (ValueError, KeyError):
        known, table = (0, 0, []), {"kind": "quality"}
    if known != (VERSION, text_signals.VERSION, column_names(table["kind"])):
        raise UserError(f"{path}: not a model of this Taojin (version {VERSION}); train it again")
    return table


def _combination(table: Mapping[str, Any]) -> Combination:
    mean, scale, weights = (tuple(table[name]) for name in ("mean", "scale", "weights"))
    return Combination(mean, scale, weights, table["bias"])


def classifier_filter(folder: Path | None) -> Filter:
    """One metric: the probability that a document is like the trusted ones.

    Without a model the score is 1: there was nothing trusted to learn from.
    """
    about = "probability of being like the trusted sources, 0..1"
    source = "fastText (Joulin et al. 2017) and an n-gram model of the recipe's trusted sources"
    return Filter("classifier", source, (Metric("score", _score(folder, "quality", 1.0), about),))


def toxicity_filter(folder: Path | None) -> Filter:
    """One metric: the probability that a document is toxic; 0 without a model."""
    about = "probability of being like the texts labelled toxic, 0..1; 0 without a model"
    source = "fastText (Joulin et al. 2017) on a labelled file, `taojin filters train`"
    return Filter("toxicity", source, (Metric("score", _score(folder, "toxicity", 0.0), about),))


def _score(folder: Path | None, kind: str, neutral: float) -> Callable[[Batch], Numbers]:
    def score(batch: Batch) -> Numbers:
        if folder is None:
            return np.full(len(batch.text), neutral)
        return load_kind(folder, kind).scores(batch.documents)

    return score
