from pathlib import Path

import numpy as np
import polars as pl
import pytest

from taojin.core.hashing import content_hash
from taojin.filters import calibration, classifier, perplexity, training
from taojin.filters.classifier import folds, load
from taojin.filters.training import (
    MOST_GROUPS,
    TrainingSettings,
    combine,
    figures,
    fit,
    source_groups,
    source_weights,
)
from taojin.filters.votes import VoteSettings
from taojin.tests.filters.test_classifier import SMALL, examples, hashed
from taojin.tests.filters.test_votes import GOOD, SPAM

SETTINGS = TrainingSettings(words=SMALL)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def trained(folder: Path, table: pl.DataFrame, settings: TrainingSettings = SETTINGS) -> Path:
    folder.mkdir()
    assert fit(table, folder, settings) is not None
    return folder


def test_the_same_examples_give_the_same_bytes(tmp_path: Path):
    table = examples(GOOD[:20], SPAM[:20], sources=2)
    first = trained(tmp_path / "first", table)
    second = trained(tmp_path / "second", table)
    assert content(first) == content(second)
    assert len(content(first)) == 5


def test_another_seed_gives_another_model(tmp_path: Path):
    table = examples(GOOD[:20], SPAM[:20])
    other = TrainingSettings(words=VoteSettings(dimensions=8, buckets=1000, seed=2))
    first = trained(tmp_path / "first", table)
    assert content(first) != content(trained(tmp_path / "second", table, other))


LURE = "zzyzx"
"""A word that only one trusted document has."""


def test_a_trusted_document_is_not_scored_by_a_model_that_saw_it(tmp_path: Path):
    """The votes know its word in every model but the one that scores it."""
    own = GOOD[0] + LURE * 1 + f" {LURE}" * 20
    folder = trained(tmp_path / "model", examples([own, *GOOD[1:20]], SPAM[:20]))
    models = load(folder).models
    fold = int(folds(pl.Series([content_hash(own)]), 2)[0])
    word, other = pl.Series([LURE]), pl.Series(["qqfoo"])
    knows = [of.logits(word)[0] != of.logits(other)[0] for of in models.votes]
    keys = training.votes.vote_kernels.word_keys(*training.votes.string_buffers(word))
    assert [keys[0] in of.keys for of in models.votes] == [fold != 0, fold != 1]
    assert knows[1 - fold]


def test_the_order_of_a_trusted_document_is_not_known_to_its_own_model(tmp_path: Path):
    own = "Lorem kinded mervil osto quand brill vexed. " * 30
    folder = trained(tmp_path / "model", examples([own, *GOOD[1:20]], SPAM[:20]))
    fold = int(folds(pl.Series([content_hash(own)]), 2)[0])
    known = [
        perplexity.scores(classifier.gain_path(folder, number), pl.Series([own]))[0]
        for number in (0, 1)
    ]
    gain = list(perplexity.METRICS).index("order_gain")
    assert known[1 - fold][gain] > 1 > known[fold][gain]


def test_a_text_learnt_by_heart_gains_nothing_by_it(tmp_path: Path):
    """Spam that was labelled good scores like other spam, each copy by the model without it."""
    table = examples([*GOOD[:24], SPAM[29]], SPAM[:24])
    found = load(trained(tmp_path / "model", table)).scores(hashed([SPAM[29], *SPAM[24:29]]))
    assert found[0] < 0.5
    assert abs(found[0] - found[1:].mean()) < 0.2


def test_probabilities_of_the_examples_are_out_of_fold(tmp_path: Path):
    table = examples(GOOD[:20], SPAM[:20])
    folder = tmp_path / "model"
    folder.mkdir()
    fitted = fit(table, folder, SETTINGS)
    assert fitted is not None
    assert fitted.probabilities.tolist() == load(folder).scores(table).tolist()


@pytest.mark.parametrize("good", [[], GOOD[:1]])
def test_too_few_examples_make_no_model(tmp_path: Path, good: list[str]):
    """With one good text its own fold is left without any."""
    assert fit(examples(good, SPAM[:20]), tmp_path, SETTINGS) is None
    assert list(tmp_path.iterdir()) == []


def test_a_weight_is_never_negative():
    """Trusted documents that happen to repeat lines do not make repetition good."""
    draw = np.random.default_rng(0)
    positive = np.arange(400) % 2 == 0
    helps = draw.normal(size=400) + positive
    misleads = draw.normal(size=400) - 3 * positive
    found = combine(np.column_stack([helps, misleads, np.ones(400)]), positive, ["a"] * 400)
    assert found.weights[0] > 0.5
    assert found.weights[1:] == (0, 0)


def test_the_combination_is_the_logistic_regression():
    """The gradient of its loss vanishes; two columns that both help."""
    draw = np.random.default_rng(1)
    positive = draw.uniform(size=600) < 0.3
    columns = draw.normal(size=(600, 2)) + positive[:, None] * np.array([1.0, 0.4])
    sources = ["a"] * 600
    found = combine(columns, positive, sources)
    inputs = classifier.standardised(columns, found.mean, found.scale)
    gap = (1 / (1 + np.exp(-found(columns))) - positive) * source_weights(positive, sources)
    ridge = (training.RIDGE + 1 / 600) * np.array(found.weights)
    assert np.abs((gap[:, None] * inputs).sum(axis=0) + ridge).max() < 1e-4
    assert abs(gap.sum()) < 1e-4


def test_sources_of_a_class_weigh_the_same():
    positive = np.array([True, True, True, False, False])
    found = source_weights(positive, ["a", "a", "b", "a", "c"])
    assert found.tolist() == [0.125, 0.125, 0.25, 0.25, 0.25]


def test_sources_are_grouped_whole():
    sources = [
        name for name, many in zip("abcdefgh", range(8, 0, -1), strict=True) for _ in range(many)
    ]
    found = source_groups(sources)
    assert len(set(zip(sources, found, strict=True))) == 8
    assert set(found) == set(range(MOST_GROUPS))
    assert np.bincount(found).max() <= 9
    assert source_groups(["x", "y", "x"]).tolist() == [0, 1, 0]


def test_words_of_a_source_do_not_outweigh_what_other_sources_share(tmp_path: Path):
    """Each source has words of its own for good and bad; only the length of lines tells everywhere.

    Fitted out of fold alone, the votes would get all the weight, and a new source none of it.
    """
    draw = np.random.default_rng(2)

    def text(source: int, good: bool) -> str:
        words = [f"w{source}{'g' if good else 'b'}{draw.integers(9)}" for _ in range(60)]
        size = 12 if good else 2
        return "\n".join(" ".join(words[at : at + size]) for at in range(0, 60, size))

    def table(sources: range) -> pl.DataFrame:
        parts = [
            examples([text(n, True) for _ in range(12)], [text(n, False) for _ in range(12)])
            .with_columns(pl.lit(f"s{n}").alias("source"))
            for n in sources
        ]  # fmt: skip
        return pl.concat(parts).sort("content_hash")

    known = table(range(5))
    trainer = training._Trainer(known, SETTINGS)
    own = trainer.models(folds(known["content_hash"], 2), tmp_path).columns(known)
    across = trainer.across_sources(own)
    assert calibration.auc(own[:, 0], trainer.positive) > 0.95
    assert calibration.auc(across[:, 0], trainer.positive) < 0.8
    assert across[:, 2:].tolist() == own[:, 2:].tolist()

    found = load(trained(tmp_path / "model", known))
    new = table(range(5, 6))
    scores = found.scores(hashed(new["text"].to_list()))
    assert calibration.auc(scores, new["positive"].to_numpy()) > 0.95
    weights = dict(zip(found.column_names, found.combination.weights, strict=True))
    assert weights["votes"] < 0.3 < weights["short_line_ratio"]


def test_figures_are_told_for_languages_with_both_classes():
    positive = np.array([True, False, True, False, True])
    scores = np.array([0.9, 0.1, 0.2, 0.8, 0.7])
    found = figures(scores, positive, ["en", "en", "zh-Hans", "zh-Hans", "de"])
    assert list(found) == ["all", "en", "zh-Hans"]
    assert (found["en"]["auc"], found["zh-Hans"]["auc"]) == (1, 0)
    assert (found["all"]["positive"], found["all"]["negative"]) == (3, 2)
    at_half = found["en"]["thresholds"][4]
    assert at_half == {"threshold": 0.5, "precision": 1, "recall": 1}
