import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taojin.filters import calibration
from taojin.filters.calibration import BINS, PRIOR, auc, calibration_error, fit, precision_recall
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK

scores = st.floats(-30, 30, width=16)
outcomes = st.lists(st.tuples(scores, st.booleans()), max_size=40)
both = outcomes.filter(lambda found: len({positive for _, positive in found}) == 2)


def split(found: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([one for one, _ in found], float), np.array([one for _, one in found], bool)


@QUICK
@given(found=outcomes)
def test_auc_is_the_share_of_pairs_ranked_right(found):
    values, positive = split(found)
    assert auc(values, positive) == pytest.approx(oracles.auc(values.tolist(), positive.tolist()))


def test_auc_of_known_rankings():
    positive = np.array([True, True, False, False])
    assert auc(np.array([4.0, 3, 2, 1]), positive) == 1
    assert auc(np.array([1.0, 2, 3, 4]), positive) == 0
    assert auc(np.ones(4), positive) == 0.5


@QUICK
@given(pairs=st.lists(st.tuples(scores, scores), min_size=1, max_size=15, unique=True))
def test_the_knots_are_the_isotonic_regression(pairs):
    """As many of either class, so that each score is a group by itself."""
    found = {score: True for score, _ in pairs} | {score: False for _, score in pairs}
    flags = list(found.values())
    many = min(flags.count(True), flags.count(False))
    if not many:
        return
    kept = [one for one in found.items() if one[1]][:many]
    kept += [one for one in found.items() if not one[1]][:many]
    ordered = sorted(kept)
    values = [float(positive) for _, positive in ordered]
    weights = [1.0] * len(ordered)
    values[0] = (values[0] + PRIOR) / (1 + PRIOR)  # somebody of the other class stands there
    values[-1] = values[-1] / (1 + PRIOR)
    weights[0] = weights[-1] = 1 + PRIOR
    expected = oracles.isotonic(values, weights)
    steps = sorted({round(one, 9) for one in expected})
    got = fit(*split(kept))
    assert sorted({round(one, 9) for one in got.probabilities}) == pytest.approx(steps, abs=1e-8)
    for step, knot in zip(got.probabilities, got.scores, strict=True):
        inside = [s for (s, _), y in zip(ordered, expected, strict=True) if abs(y - step) < 1e-8]
        assert min(inside) - 1e-6 <= knot <= max(inside) + 1e-6


SAME_STEP = [(0.0, False)] * 7 + [(0.0, True)] * 4 + [
    (6.0, False), (11.0, False), (12.0, True), *[(-1.0, False)] * 3, (-2.0, True)
]  # fmt: skip
"""Two steps of isotonic regression that are the same but for the last digit of a double."""


@QUICK
@example(found=SAME_STEP, asked=[0.0, 1.0])
@given(found=both, asked=st.lists(scores, min_size=2, max_size=20, unique=True))
def test_a_calibration_is_strictly_increasing_between_0_and_1(found, asked):
    got = fit(*split(found))
    probabilities = got(np.sort(asked))
    assert ((probabilities > 0) & (probabilities < 1)).all()
    assert (np.diff(probabilities) >= 0).all()
    ordered = np.sort(asked)  # far from the knots doubles run out of digits
    close = (ordered > got.scores[0] - 20) & (ordered < got.scores[-1] + 20)
    assert (np.diff(probabilities[close]) > 0).all()


@QUICK
@given(found=both, draw=st.randoms())
def test_the_order_of_the_documents_does_not_matter(found, draw):
    shuffled = list(found)
    draw.shuffle(shuffled)
    got, again = fit(*split(found)), fit(*split(shuffled))
    assert got.scores == pytest.approx(again.scores)
    assert got.probabilities == pytest.approx(again.probabilities)


def test_a_calibration_finds_the_probability_that_made_the_outcomes():
    draw = np.random.default_rng(0)
    truth = draw.uniform(0.02, 0.98, 20_000)
    positive = draw.uniform(size=truth.size) < truth
    distorted = np.log(truth / (1 - truth)) * 3 + 5
    got = fit(distorted, positive)(distorted)
    assert np.abs(got - truth).mean() < 0.02
    assert calibration_error(got, positive) < 0.01
    sure = 1 / (1 + np.exp(-distorted))
    assert calibration_error(sure, positive) > 0.1


def test_0_8_means_the_same_whatever_the_numbers_of_the_classes():
    """One negative in ten documents, or nine: the calibration is as for equal numbers."""
    draw = np.random.default_rng(1)
    high, low = draw.normal(1, 1, 9000), draw.normal(-1, 1, 9000)
    rare = fit(np.r_[high[:1000], low], np.arange(10_000) < 1000)
    frequent = fit(np.r_[high, low[:1000]], np.arange(10_000) < 9000)
    at = np.linspace(-2, 2, 9)
    truth = 1 / (1 + np.exp(-2 * at))
    assert rare(at) == pytest.approx(truth, abs=0.06)
    assert frequent(at) == pytest.approx(truth, abs=0.06)


def test_no_score_is_certain():
    found = fit(np.array([-2.0, -1, 1, 2]), np.array([False, False, True, True]))
    assert 0 < found(np.array([-2.0]))[0] < 0.3
    assert 0.7 < found(np.array([2.0]))[0] < 1


def test_the_error_is_the_mean_distance_over_the_bins():
    """Two bins: 0.1 where 1 of 4 is positive, 0.9 where 3 of 4 are."""
    probabilities = np.array([0.1] * 4 + [0.9] * 4)
    positive = np.array([True, False, False, False, True, True, True, False])
    assert calibration_error(probabilities, positive) == pytest.approx(0.15)
    many = np.r_[probabilities, [0.9] * 96], np.r_[positive, [False] * 96]
    # negatives weigh 1/200, positives 1/8: 3 negatives at 0.1, 97 at 0.9
    low = (0.1 - 1) / 8 + 3 * 0.1 / 200
    high = 3 * (0.9 - 1) / 8 + 97 * 0.9 / 200
    assert calibration_error(*many) == pytest.approx(abs(low) + abs(high))
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0
    assert calibration_error(np.array([1.0]), np.array([True]), BINS) == 0


def test_precision_and_recall_by_counting():
    """As many negatives as positives: a negative weighs a half here."""
    probabilities = np.array([0.9, 0.6, 0.2, 0.8, 0.3, 0.1, 0.1, 0.1])
    positive = np.array([True, True, False, False, False, False, False, False])
    half, high, none = precision_recall(probabilities, positive, [0.5, 0.85, 0.95])
    assert half == {"threshold": 0.5, "precision": pytest.approx(6 / 7), "recall": 1}
    assert high == {"threshold": 0.85, "precision": 1, "recall": 0.5}
    assert none == {"threshold": 0.95, "precision": 1, "recall": 0}


def test_a_class_alone_weighs_all():
    assert calibration.balanced(np.array([True, True])).sum() == pytest.approx(1)
    assert calibration.balanced(np.array([True, False, False])).tolist() == [0.5, 0.25, 0.25]


@pytest.mark.parametrize("outcomes", [[], [True], [False, False]])
def test_a_class_that_is_missing_is_an_error(outcomes: list[bool]):
    with pytest.raises(ValueError, match="both classes"):
        fit(np.zeros(len(outcomes)), np.array(outcomes, bool))


def test_another_order_changes_no_bit():
    generator = np.random.default_rng(3)
    positive = generator.random(300) < 0.2
    values = np.round(generator.normal(size=300) + positive, 1)
    whole = fit(values, positive)
    for _ in range(20):
        order = generator.permutation(300)
        assert fit(values[order], positive[order]) == whole
