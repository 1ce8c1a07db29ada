"""A classifier in use; how it is trained is in test_training.py."""

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given

from taojin.core import stage
from taojin.core.errors import UserError
from taojin.core.hashing import content_hash
from taojin.filters import classifier
from taojin.filters.classifier import (
    READ_CHARACTERS,
    Classifier,
    classifier_filter,
    folds,
    load,
    load_kind,
    toxicity_filter,
)
from taojin.filters.rules import Measure
from taojin.filters.training import TrainingSettings, fit
from taojin.filters.votes import VoteSettings
from taojin.tests.core.texts import QUICK, columns, documents
from taojin.tests.filters.test_votes import GOOD, SPAM

SMALL = VoteSettings(dimensions=8, buckets=1000)


def hashed(found: list[str]) -> pl.DataFrame:
    """Documents with these texts and their content hashes."""
    hashes = pl.Series("content_hash", [content_hash(text) for text in found], pl.String)
    return documents(found).with_columns(hashes)


def examples(good: list[str], bad: list[str], sources: int = 1) -> pl.DataFrame:
    """`sampling.EXAMPLE`: good and bad texts of so many sources."""
    both = [*good, *bad]
    return pl.DataFrame(
        {
            "content_hash": [content_hash(text) for text in both],
            "text": both,
            "positive": [True] * len(good) + [False] * len(bad),
            "source": [f"s{number % sources}" for number in range(len(both))],
            "lang": "zh-Hans",
        }
    ).sort("content_hash")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("classifier")
    assert fit(examples(GOOD[:24], SPAM[:24]), path, TrainingSettings(words=SMALL)) is not None
    return path


@pytest.fixture(scope="session")
def toxic_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("toxicity")
    settings = TrainingSettings(kind="toxicity", words=SMALL)
    assert fit(examples(SPAM[:24], GOOD[:24]), path, settings) is not None
    return path


@pytest.fixture(scope="session")
def model(folder: Path) -> Classifier:
    return load(folder)


def test_texts_like_the_trusted_ones_score_higher_than_spam(model: Classifier):
    found = model.scores(hashed(GOOD[24:] + SPAM[24:]))
    assert found[:6].min() > 0.7 and found[6:].max() < 0.3


def test_toxicity_is_the_score_of_the_texts_labelled_so(toxic_folder: Path):
    found = load_kind(toxic_folder, "toxicity").scores(hashed(GOOD[24:] + SPAM[24:]))
    assert found[:6].max() < 0.3 and found[6:].min() > 0.7
    assert not list(toxic_folder.glob("order-*"))


@pytest.mark.parametrize(
    "text", ["", " \n\u3000", "\0", "unseen words only", "金" * 5000, "😀\r\n", "�" * 50]
)
def test_every_text_has_a_finite_score(model: Classifier, text: str):
    found = model.scores(hashed([text, GOOD[0]]))
    assert np.isfinite(found).all() and found.dtype == np.float64
    assert ((found > 0) & (found < 1)).all()


def test_only_the_beginning_of_a_text_is_read(model: Classifier):
    beginning = "".join(GOOD * 3)[:READ_CHARACTERS]
    same = pl.lit("0" * 32).alias("content_hash")
    found = model.scores(hashed([beginning, beginning + SPAM[0] * 50]).with_columns(same))
    assert found[0] == found[1]


def test_a_score_does_not_depend_on_the_other_documents(model: Classifier):
    every = hashed(GOOD + SPAM + ["", "a"])
    together = model.scores(every)
    alone = [model.scores(every[place])[0] for place in range(0, every.height, 7)]
    assert alone == together[::7].tolist()
    assert model.scores(every[::-1])[::-1].tolist() == together.tolist()


def test_a_fold_is_a_number_of_the_content_hash_alone():
    hashes = pl.Series([content_hash(str(number)) for number in range(3000)])
    found = folds(hashes, 3)
    assert np.bincount(found).min() > 900
    assert found.tolist() == [int(one[-8:], 16) % 3 for one in hashes]
    assert folds(pl.Series(["", "none", None], dtype=pl.String), 3).tolist() == [0, 0, 0]


def test_columns_are_standardised_and_far_values_cut_off():
    found = classifier.standardised(np.array([[3.0, 1.0], [99.0, -99.0]]), (1.0, 1.0), (2.0, 4.0))
    assert found.tolist() == [[1, 0], [5, -5]]


def test_a_document_is_scored_by_the_model_of_its_own_fold(model: Classifier):
    """Both models over both texts: each score is that of its own fold's model."""
    heads = hashed(GOOD[24:] + SPAM[24:])
    fold = folds(heads["content_hash"], 2)
    assert set(fold) == {0, 1}
    got = model.models.columns(heads)[:, 0]
    for number in (0, 1):
        words = classifier.segment.spaced(heads["text"], READ_CHARACTERS)
        own = model.models.votes[number].logits(words)
        assert got[fold == number].tolist() == own[fold == number].tolist()
        assert not np.isclose(got[fold != number], own[fold != number]).any()


@QUICK
@given(column=columns)
def test_the_filters_keep_the_contract(folder: Path, toxic_folder: Path, column: list[str]):
    both = (classifier_filter(folder), toxicity_filter(toxic_folder))
    result = stage.run(Measure(both), documents(column))
    for one in both:
        assert result[one.name].struct.field("score").is_between(0, 1).all()


def test_without_a_model_nothing_is_told_apart():
    result = stage.run(Measure((classifier_filter(None), toxicity_filter(None))), documents(SPAM))
    assert set(result["classifier"].struct.field("score")) == {1.0}
    assert set(result["toxicity"].struct.field("score")) == {0.0}


def test_a_loaded_classifier_is_the_saved_one(model: Classifier, tmp_path: Path):
    model.save(tmp_path)
    for path in model.models.gains:
        shutil.copy(path, tmp_path)
    every = hashed(GOOD + SPAM)
    assert load(tmp_path).scores(every).tolist() == model.scores(every).tolist()


def test_a_folder_without_a_classifier_is_told(tmp_path: Path):
    with pytest.raises(UserError, match=r"no classifier here \(no model.json\); `taojin filters"):
        load(tmp_path)


def test_a_classifier_of_another_kind_is_told(folder: Path, toxic_folder: Path):
    with pytest.raises(UserError, match="a classifier of quality stands here, toxicity is needed"):
        load_kind(folder, "toxicity")
    with pytest.raises(UserError, match="a classifier of toxicity stands here, quality is needed"):
        stage.run(Measure((classifier_filter(toxic_folder),)), documents(["a"]))


@pytest.mark.parametrize(
    "change", [{"version": 0}, {"signals": 0}, {"columns": ["votes", "luck"]}, None]
)
def test_a_classifier_of_another_version_is_told(folder: Path, tmp_path: Path, change):
    table = json.loads((folder / "model.json").read_text())
    text = "{" if change is None else json.dumps({**table, **change})
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(UserError, match="not a model of this Taojin .* train it again"):
        load(tmp_path)
