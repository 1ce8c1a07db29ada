"""Scores made into probabilities, so that 0.8 means the same for every model.

Isotonic regression (pool adjacent violators: Barlow et al. 1972; for classifiers: Zadrozny and
Elkan 2002) is the increasing function of a score that fits the outcomes best. It is a staircase;
the middles of its steps are joined by lines, so that documents keep the order that the score gives
them. Both classes weigh the same, whatever their numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

GROUPS = 200
"""Scores are taken together in so many groups of one size: steps of a few documents are noise."""
PRIOR = 0.5
"""Documents of the other class that are thought to stand at either end: no score is certain."""
BINS = 15
"""Of the expected calibration error: Guo et al. 2017."""
_STEEPEST = 30.0
_SAME = 1e-9  # steps that differ by less are one: sums of doubles made two of it


@dataclass(frozen=True)
class Calibration:
    """An increasing function from scores to probabilities, given at its knots.

    Strictly, as far as doubles go: two scores beyond the knots may be the same probability.
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __call__(self, scores: Numbers) -> Numbers:
        """float64[n], in 0..1; beyond the knots it nears 0 and 1 as the logistic function does."""
        first, last = self.scores[0], self.scores[-1]
        below = np.exp(np.clip(scores - first, -_STEEPEST, 0.0))
        above = np.exp(np.clip(last - scores, -_STEEPEST, 0.0))
        inner = np.interp(scores, self.scores, self.probabilities)
        low = np.where(scores < first, self.probabilities[0] * below, inner)
        high = 1.0 - (1.0 - self.probabilities[-1]) * above
        return np.where(scores > last, high, low)


def fit(scores: Numbers, positive: Flags) -> Calibration:
    """The calibration of scores whose outcome is known; ValueError unless both classes are there.

    The order of the documents does not matter: they are put in one, since sums of doubles differ by
    theirs.
    """
    from scipy.optimize import isotonic_regression

    if not positive.any() or positive.all():
        raise ValueError("a calibration needs documents of both classes")
    order = np.lexsort((positive, scores))
    scores, positive = scores[order], positive[order]
    weights = balanced(positive)
    middles, shares, weight = _grouped(scores, positive.astype(np.float64), weights)
    # a document of either class at the far end of the other: a half of an average one's weight
    prior = PRIOR / positive.size
    shares[0] = (shares[0] * weight[0] + prior) / (weight[0] + prior)
    weight[0] += prior
    shares[-1] = shares[-1] * weight[-1] / (weight[-1] + prior)
    weight[-1] += prior
    found = isotonic_regression(shares, weights=weight)
    starts = found.blocks[:-1]
    starts = starts[np.diff(found.x[starts], prepend=-1.0) > _SAME]
    knots = [
        (float(np.average(middles[a:b], weights=weight[a:b])), float(found.x[a]))
        for a, b in pairwise([*starts, len(found.x)])
    ]
    return Calibration(tuple(x for x, _ in knots), tuple(y for _, y in knots))


def balanced(positive: Flags) -> Numbers:
    """float64[n]: weights that add up to 1/2 for each class; a class alone gets 1."""
    counts = np.array([np.count_nonzero(~positive), np.count_nonzero(positive)])
    share = 1.0 / np.count_nonzero(counts)
    return share / counts[positive.astype(np.int64)]


def _grouped(scores: Numbers, outcomes: Numbers, weights: Numbers) -> Numbers:
    """float64[3, at most GROUPS]: mean score, mean outcome and weight of groups, by score.

    Equal scores are never parted.
    """
    values, place = np.unique(scores, return_inverse=True)
    total = np.bincount(place, weights)
    group = np.minimum((np.cumsum(total) - total / 2) * GROUPS, GROUPS - 1).astype(np.int64)
    _, group = np.unique(group, return_inverse=True)
    weight = np.bincount(group, total)
    means = np.bincount(group, values * total) / weight
    shares = np.bincount(group[place], outcomes * weights) / weight
    return np.stack([means, shares, weight])


def calibration_error(probabilities: Numbers, positive: Flags, bins: int = BINS) -> float:
    """Expected calibration error: mean distance of probability and outcome over bins of 1/`bins`.

    Both classes weigh the same. 0 without documents.
    """
    if not positive.size:
        return 0.0
    weights = balanced(positive)
    place = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(place, weights * (probabilities - positive), minlength=bins)
    return float(np.abs(gaps).sum())


def auc(scores: Numbers, positive: Flags) -> float:
    """The share of (positive, negative) pairs that the score ranks right, a tie counting half.

    0.5 where a class is missing: there is nothing to rank.
    """
    many, others = int(np.count_nonzero(positive)), int(np.count_nonzero(~positive))
    if not many or not others:
        return 0.5
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    wins = float(ranks[place][positive].sum()) - many * (many + 1) / 2
    return wins / (many * others)


def precision_recall(
    probabilities: Numbers, positive: Flags, thresholds: Sequence[float]
) -> list[dict[str, float]]:
    """For each threshold the precision and recall of `probability >= threshold`.

    Precision is as among as many positive as negative documents; 1 where nothing is caught.
    """
    weights = balanced(positive) if positive.size else np.zeros(0)
    total = float(weights[positive].sum())
    rows = []
    for threshold in thresholds:
        caught = probabilities >= threshold
        right, all_ = float(weights[caught & positive].sum()), float(weights[caught].sum())
        rows.append(
            {
                "threshold": threshold,
                "precision": right / all_ if all_ else 1.0,
                "recall": right / total if total else 0.0,
            }
        )
    return rows
