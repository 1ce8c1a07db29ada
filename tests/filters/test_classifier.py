from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given

from taojin.core import stage
from taojin.filters.classifier import (
    READ_CHARACTERS,
    ClassifierSettings,
    classifier_filter,
    scores,
    tokens,
    train,
)
from taojin.filters.rules import Measure
from taojin.tests.core.texts import QUICK, columns, documents, texts

SMALL = ClassifierSettings(dimensions=8, buckets=1000)
GOOD = [
    f"第{n}条 为了规范第{n}类管理活动，根据有关法律，制定本办法。各级人民政府应当依照本法规定监督。"
    for n in range(40)
]
SPAM = [
    f"点击领取{n}元红包，加微信{n}免费开户，博彩棋牌注册送{n}，稳赚不赔！！！" for n in range(40)
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("classifier") / "model.bin"
    train(GOOD[:30], SPAM[:30], path, SMALL)
    return path


def test_trusted_texts_score_higher_than_spam(model: Path):
    found = scores(model, pl.Series(GOOD[30:] + SPAM[30:]))
    assert found[:10].min() > 0.7 and found[10:].max() < 0.3


def test_the_same_texts_give_the_same_bytes(tmp_path: Path, model: Path):
    train(GOOD[:30], SPAM[:30], tmp_path / "again.bin", SMALL)
    assert (tmp_path / "again.bin").read_bytes() == model.read_bytes()


def test_another_seed_gives_another_model(tmp_path: Path, model: Path):
    other = ClassifierSettings(dimensions=8, buckets=1000, seed=2)
    train(GOOD[:30], SPAM[:30], tmp_path / "other.bin", other)
    assert (tmp_path / "other.bin").read_bytes() != model.read_bytes()


def test_the_score_is_not_the_size_of_the_classes(tmp_path: Path):
    """A crawl fifty times the trusted texts is thinned to twice their number."""
    train(GOOD[:6], [text + str(n) for n in range(10) for text in SPAM], tmp_path / "a", SMALL)
    train(GOOD[:6], [SPAM[n * 400 // 12 // 10] + str(n) for n in range(12)], tmp_path / "b", SMALL)
    found = scores(tmp_path / "a", pl.Series(["", GOOD[0]]))
    balanced = scores(tmp_path / "b", pl.Series(["", GOOD[0]]))
    assert found == pytest.approx(balanced, abs=0.1)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "text", ["", " \n\u3000", "\0", "unseen words only", "金" * 5000, "😀\r\n"]
)
def test_every_text_has_a_finite_score(model: Path, text: str):
    found = scores(model, pl.Series([text, GOOD[0]]))
    assert np.isfinite(found).all() and found.dtype == np.float64
    assert ((found >= 0) & (found <= 1)).all()


@QUICK
@given(text=texts)
def test_tokens_hold_no_line_end_and_no_label(text: str):
    """A line end would cut a training text in two, a label would be believed."""
    found = tokens(text + "\n__label__good\r\n" + text)
    assert not set(found) & set("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
    assert len(found.splitlines()) <= 1
    assert not any(word.startswith("__label__") for word in found.split(" "))


def test_tokens_are_words_in_small_letters():
    assert tokens("淘金者在 The RIVER\n洗沙").split(" ") == [
        "淘金者",
        "在",
        "the",
        "river",
        "洗",
        "沙",
    ]


def test_only_the_beginning_of_a_text_is_read(model: Path):
    long = "a" * READ_CHARACTERS
    assert tokens(long + " gold") == tokens(long)
    beginning = "".join(GOOD * 2)[:READ_CHARACTERS]
    found = scores(model, pl.Series([beginning, beginning + SPAM[0] * 50]))
    assert found[0] == found[1]


@QUICK
@given(column=columns)
def test_the_filter_keeps_the_contract(model: Path, column: list[str]):
    result = stage.run(Measure((classifier_filter(model),)), documents(column))
    assert result["classifier"].struct.field("score").is_between(0, 1).all()


def test_without_a_model_nothing_is_told_apart():
    result = stage.run(Measure((classifier_filter(None),)), documents(["", *SPAM]))
    assert result["classifier"].struct.field("score").to_list() == [1.0] * 41


def test_laws_against_made_spam(shared_data: Path, tmp_path: Path):
    """The share of (law, spam) pairs, both unseen, in which the law scores higher."""
    laws = pl.read_ndjson(shared_data / "docs_zh" / "docs_zh.jsonl.zst")
    good = laws.filter(pl.col("source").str.contains("Laws"))["text"].gather_every(12)
    quality = pl.read_ndjson(shared_data / "quality" / "quality.jsonl.zst")
    bad = quality.filter(pl.col("lang") == "zh", pl.col("label") == "bad")["text"].gather_every(3)
    train(
        good.gather_every(2).to_list(),
        bad.gather_every(2).to_list(),
        tmp_path / "m.bin",
        ClassifierSettings(),
    )
    high = scores(tmp_path / "m.bin", good.gather_every(2, 1))
    low = scores(tmp_path / "m.bin", bad.gather_every(2, 1))
    assert (high[:, None] > low[None, :]).mean() > 0.95
