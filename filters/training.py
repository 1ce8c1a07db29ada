"""Training a classifier: a model per fold, the weights of what they tell, the calibration.

The weights are fitted to what models say of documents of *sources* that they have not seen, where
there are enough sources: a model knows the words of the sources that it was trained on, and its
votes would be weighed as if it knew those of every other one. Every source of a class weighs the
same. The calibration is fitted to both, documents of known and of unknown sources, half and half.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core import segment
from taojin.filters import calibration, classifier, perplexity, votes
from taojin.filters.calibration import Flags, Numbers
from taojin.filters.classifier import Classifier, Combination, FoldModels
from taojin.filters.votes import VoteSettings

MOST_GROUPS = 5
"""Sources are left out in so many groups, at most: each costs a training."""
RIDGE = 0.001
"""Weight of the squared weights in the loss, which is a mean over documents; and 1/n besides."""
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class TrainingSettings:
    """How a classifier is trained; `kind` is one of `classifier.KINDS`."""

    kind: str = "quality"
    folds: int = 2
    words: VoteSettings = field(default_factory=VoteSettings)


@dataclass(frozen=True)
class Fitted:
    """A classifier, and what it says of its own examples, each out of fold."""

    classifier: Classifier
    probabilities: Numbers


def fit(examples: pl.DataFrame, folder: Path, settings: TrainingSettings) -> Fitted | None:
    """Train on examples as `sampling.choose` gives them, and write the classifier into a folder.

    None, and nothing written, where a fold leaves only one class to train on.
    """
    heads = classifier.heads(examples)
    fold = classifier.folds(heads["content_hash"], settings.folds)
    if not _leaves_both(fold, heads["positive"].to_numpy()):
        return None
    trainer = _Trainer(heads, settings)
    models = trainer.models(fold, folder)
    own = models.columns(heads)
    across = trainer.across_sources(own)
    combination = combine(across, trainer.positive, heads["source"].to_list())
    logits = combination(own)
    fitted = calibration.fit(
        np.concatenate([logits, combination(across)]), np.tile(trainer.positive, 2)
    )
    found = Classifier(settings.kind, models, combination, fitted)
    found.save(folder)
    return Fitted(found, fitted(logits))


def _leaves_both(group: NDArray[np.int64], positive: Flags) -> bool:
    """Whether both classes are left, whichever group is taken away."""
    return group.size > 0 and all(
        positive[group != one].any() and not positive[group != one].all()
        for one in np.unique(group)
    )


@dataclass(frozen=True)
class _Trainer:
    """Trains models on parts of the examples, whose words are cut once."""

    heads: pl.DataFrame
    settings: TrainingSettings

    @property
    def positive(self) -> Flags:
        return self.heads["positive"].to_numpy()

    def models(self, group: NDArray[np.int64], folder: Path) -> FoldModels:
        """For each group a model of the examples outside it; n-gram models are written."""
        spaced = segment.spaced(self.heads["text"], classifier.READ_CHARACTERS).to_list()
        of_words, gains = [], []
        for number in range(int(group.max()) + 1):
            outside = np.flatnonzero(group != number)
            texts = [spaced[place] for place in outside]
            of_words.append(votes.train(texts, self.positive[outside], self.settings.words))
            if self.settings.kind == "quality":
                good = self.heads["text"].gather(outside[self.positive[outside]])
                gains.append(classifier.gain_path(folder, number))
                perplexity.train(good, gains[-1], perplexity.Settings())
        return FoldModels(tuple(of_words), tuple(gains))

    def across_sources(self, own: Numbers) -> Numbers:
        """`own`, the columns out of fold, with those that models make replaced: out of source.

        As they are where leaving out a source would leave one class.
        """
        group = source_groups(self.heads["source"].to_list())
        if self.settings.kind != "quality" or not _leaves_both(group, self.positive):
            return own
        columns = own.copy()
        with TemporaryDirectory() as folder:
            models = self.models(group, Path(folder))
            for number, of_words in enumerate(models.votes):
                inside = np.flatnonzero(group == number)
                one = FoldModels((of_words,), (models.gains[number],))
                columns[inside] = one.columns(self.heads[inside])
        return columns


def source_groups(sources: Sequence[str]) -> NDArray[np.int64]:
    """int64[n]: the sources in at most MOST_GROUPS groups, about as many documents in each."""
    names, place, counts = np.unique(sources, return_inverse=True, return_counts=True)
    totals = np.zeros(min(MOST_GROUPS, names.size), np.int64)
    groups = np.zeros(names.size, np.int64)
    for source in np.argsort(-counts, kind="stable"):
        groups[source] = np.argmin(totals)
        totals[groups[source]] += counts[source]
    return groups[place]


def combine(columns: Numbers, positive: Flags, sources: Sequence[str]) -> Combination:
    """The logistic regression whose weights are not negative: in each column greater is better.

    Classes weigh the same, and within a class its sources.
    """
    from scipy.optimize import minimize

    mean, scale = columns.mean(axis=0), columns.std(axis=0)
    scale[scale < 1e-9] = 1.0
    mean, scale = tuple(mean.tolist()), tuple(scale.tolist())
    inputs = classifier.standardised(columns, mean, scale)
    sides, weights = np.where(positive, 1.0, -1.0), source_weights(positive, sources)

    ridge = RIDGE + 1.0 / positive.size

    def loss(values: Numbers) -> tuple[float, Numbers]:
        margins = sides * ((inputs * values[:-1]).sum(axis=1) + values[-1])
        pulls = -sides * weights * np.exp(-np.logaddexp(0.0, margins))
        slopes = (inputs * pulls[:, None]).sum(axis=0) + ridge * values[:-1]
        penalty = ridge * float((values[:-1] ** 2).sum()) / 2
        total = float((weights * np.logaddexp(0.0, -margins)).sum()) + penalty
        return total, np.append(slopes, pulls.sum())

    bounds = [(0.0, None)] * columns.shape[1] + [(None, None)]
    start = np.zeros(len(bounds))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x.tolist()
    return Combination(mean, scale, tuple(found[:-1]), found[-1])


def source_weights(positive: Flags, sources: Sequence[str]) -> Numbers:
    """float64[n]: 1/2 for each class, parted among its sources, and there among their documents."""
    table = pl.DataFrame({"positive": positive, "source": sources})
    many = table.with_columns(
        pl.len().over("positive", "source").alias("documents"),
        pl.col("source").n_unique().over("positive").alias("sources"),
    )
    return (0.5 / (many["documents"] * many["sources"])).to_numpy()


def figures(
    probabilities: Numbers, positive: Flags, langs: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """What the scores are worth, for `all` and for each language that has both classes."""
    lang = np.array(langs, dtype=object)
    parts = {"all": np.ones(positive.size, np.bool_)}
    parts |= {one: lang == one for one in sorted(set(langs))}
    return {
        name: _figures(probabilities[inside], positive[inside])
        for name, inside in parts.items()
        if positive[inside].any() and not positive[inside].all()
    }


def _figures(probabilities: Numbers, positive: Flags) -> dict[str, Any]:
    return {
        "positive": int(positive.sum()),
        "negative": int((~positive).sum()),
        "auc": calibration.auc(probabilities, positive),
        "calibration_error": calibration.calibration_error(probabilities, positive),
        "thresholds": calibration.precision_recall(probabilities, positive, THRESHOLDS),
    }
