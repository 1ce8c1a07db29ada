from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import segment
from taojin.filters import votes
from taojin.filters.votes import Votes, VoteSettings
from taojin.tests.core.texts import QUICK, cuts, sliced, texts

SMALL = VoteSettings(dimensions=8, buckets=1000)
GOOD = [
    f"第{n}条 为了规范第{n}类管理活动，根据有关法律，制定本办法。各级人民政府应当依照本法规定监督。"
    for n in range(30)
]
SPAM = [
    f"点击领取{n}元红包，加微信{n}免费开户，Casino BONUS {n}，稳赚不赔！！！" for n in range(30)
]
POSITIVE = np.array([True] * 30 + [False] * 30)


def spaced(found: list[str]) -> list[str]:
    return segment.spaced(pl.Series(found, dtype=pl.String), 2000).to_list()


WORDS = spaced(GOOD + SPAM)


@pytest.fixture(scope="module")
def model():
    """What fastText has trained, as it is."""
    return votes._train(WORDS, POSITIVE, SMALL)


@pytest.fixture(scope="module")
def folded(model) -> Votes:
    return votes.fold(model, SMALL.word_ngrams)


def probability(model, text: str) -> float:
    labels, found = model.predict(text, k=2)
    return dict(zip(labels, found, strict=True))["__label__positive"]


def logistic(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


@QUICK
@given(found=st.lists(texts, max_size=5), cut=cuts)
def test_the_votes_say_what_fasttext_says(model, folded, found, cut):
    """fastText adds 1e-5 to every probability."""
    words = spaced(found)
    got = logistic(folded.logits(pl.Series(sliced(words, cut))))
    expected = [probability(model, text) for text in words[min(cut, len(words)) :]]
    assert got == pytest.approx(expected, abs=2e-5)


def test_known_words_and_their_pairs_count(model, folded):
    """So that the test above does not live on words that no model knows."""
    found = logistic(folded.logits(pl.Series(WORDS)))
    assert found == pytest.approx([probability(model, text) for text in WORDS], abs=2e-5)
    assert found[:30].min() > 0.8 and found[30:].max() < 0.2
    other = pl.Series([" ".join(reversed(WORDS[0].split(" ")))])
    assert abs(folded.logits(other)[0] - folded.logits(pl.Series(WORDS[:1]))[0]) > 1e-3


@pytest.mark.parametrize("size", [1, 3])
def test_ngrams_of_other_sizes(size):
    settings = VoteSettings(dimensions=4, buckets=500, word_ngrams=size)
    model = votes._train(WORDS, POSITIVE, settings)
    got = logistic(votes.fold(model, size).logits(pl.Series(WORDS)))
    assert got == pytest.approx([probability(model, text) for text in WORDS], abs=2e-5)


@QUICK
@given(found=st.lists(st.text(" \0\t\n\r\v\f\u2028a金😀", max_size=12), max_size=4))
def test_every_text_has_finite_votes(folded, found):
    """A line end within a text is a blank here; fastText's predict refuses it."""
    got = folded.logits(pl.Series(found, dtype=pl.String))
    assert np.isfinite(got).all()
    blanks = [text.translate(dict.fromkeys(map(ord, "\0\t\n\r\v\f"), " ")) for text in found]
    assert got.tolist() == folded.logits(pl.Series(blanks, dtype=pl.String)).tolist()


def test_a_saved_model_is_the_same(folded, tmp_path: Path):
    folded.save(tmp_path / "votes.npz")
    again = votes.load(tmp_path / "votes.npz")
    assert again.logits(pl.Series(WORDS)).tolist() == folded.logits(pl.Series(WORDS)).tolist()
    again.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "votes.npz").read_bytes()


def test_a_saved_model_holds_no_word(folded, tmp_path: Path):
    folded.save(tmp_path / "votes.npz")
    content = (tmp_path / "votes.npz").read_bytes()
    assert not [word for word in ("casino", "红包", "人民政府") if word.encode() in content]


def test_the_seed_makes_the_model(folded):
    again = votes.train(WORDS, POSITIVE, SMALL)
    other = votes.train(WORDS, POSITIVE, VoteSettings(dimensions=8, buckets=1000, seed=2))
    text = pl.Series(WORDS[:1])
    assert again.logits(text) == folded.logits(text)
    assert other.logits(text) != folded.logits(text)


@QUICK
@given(text=texts)
def test_words_hold_no_line_end_and_no_label(text: str):
    """A line end would cut a training text in two, a label would be believed."""
    (found,) = spaced([text + "\n__label__positive\r\n" + text])
    assert not set(found) & set("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
    assert not any(word.startswith("__label__") for word in found.split(" "))
