"""What is left of a text, and what of it comes back: by Zstandard itself and the oracle."""

import random

import polars as pl
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from taojin.filters import redundancy
from taojin.filters.batch import Batch
from taojin.filters.bounds import rules
from taojin.filters.redundancy import (
    MIN_BYTES,
    MIN_CHARACTERS,
    NEUTRAL,
    PREFIX_BYTES,
    PREFIX_CHARACTERS,
    REDUNDANCY,
)
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, cuts, documents, texts

LONG = st.builds(str.__mul__, texts, st.integers(1, 60))


def compressed(text: str) -> float:
    start = text.encode()[:PREFIX_BYTES]
    if len(start) < MIN_BYTES:
        return NEUTRAL
    return len(zstandard.compress(start, level=1)) / len(start)


def recurring(text: str) -> float:
    characters, windows, recur, _ = oracles.window_counts(text, 3, PREFIX_CHARACTERS)
    return NEUTRAL if characters < MIN_CHARACTERS else recur / windows


def measured(*found: str) -> pl.DataFrame:
    return REDUNDANCY.measure(Batch(documents(found))).struct.unnest()


@QUICK
@given(column=st.lists(LONG, max_size=4), cut=cuts)
@example(
    [
        "ab" * (MIN_CHARACTERS // 2 - 1) + "c",
        "ab" * (MIN_CHARACTERS // 2),
        "沙金" * 6000,
        "x" * 999,
        "x" * 1000,
    ],
    0,
)
def test_ratios_are_those_of_the_oracle(column: list[str], cut: int):
    found = REDUNDANCY.measure(Batch(documents(column).slice(cut))).struct.unnest()
    expected = [recurring(text) for text in column[cut:]]
    assert found["recurring_3_gram_ratio"].to_list() == pytest.approx(expected)
    ratios = [compressed(text) for text in column[cut:]]  # whose header is a few bytes longer
    assert found["compression_ratio"].to_list() == pytest.approx(ratios, abs=4 / MIN_BYTES)


def test_only_the_beginning_of_a_long_text_is_looked_at():
    text = "".join(f"{number} " for number in range(4000))
    found = measured(text, text[:PREFIX_BYTES] + "spam " * 2000, text[:PREFIX_CHARACTERS] * 2)
    assert found["compression_ratio"][0] == found["compression_ratio"][1]
    assert found["recurring_3_gram_ratio"].n_unique() == 1


@pytest.mark.parametrize("text", ["", "短", "a" * 333])
def test_a_short_text_is_neither_spam_nor_noise(text: str):
    assert measured(text).row(0) == (NEUTRAL, NEUTRAL)


PROSE = {
    "zh-Hans": "沙里有金，河边的人把沙子放进木盘，一遍一遍地用水冲洗。水带走了沙子，金子留在盘底，因为金子比沙子重得多。"
    "一天下来，他们能洗出几粒金子，也可能什么都没有。年轻的人问老人，怎样才能看出哪里的沙子里有金子。老人说，要看河水转弯的地方，"
    "那里的水流得慢，重的东西就会沉下来。年轻的人又问，要是转弯的地方也没有呢？老人笑了，说那就再往上走，走到下一个转弯的地方。"
    "很多年以后，年轻的人也成了老人，他也坐在河边，对问他的人说，要看河水转弯的地方。可是河边的人越来越少了，因为河里的金子也越来越少了。"
    "有一天，一个孩子问他，为什么还坐在河边。他说，金子少了，河水还在转弯，转弯的地方总会有东西留下来。孩子不明白他的意思，"
    "可是也坐了下来，看着河水从转弯的地方慢慢地流过去，沙子在水里一闪一闪的，像是金子。后来孩子长大了，离开了河边，去了很远的地方，"
    "见过很多的河，也见过很多的人。他发现每一条河都有转弯的地方，每一个转弯的地方都坐着人，等着水里的东西沉下来。",
    "en": "There is gold in the sand, and the people who live along the river wash it out with water. The water takes the "
    "sand away and leaves the gold behind, because gold is so much heavier than sand. At the end of the day they may have "
    "found a few grains, or nothing at all. A young man asked an old one how to tell where the gold would be. Look at the "
    "places where the river turns, said the old man: there the water is slow, and what is heavy sinks to the ground. And "
    "if there is nothing where the river turns? Then go on, said the old man, to the place where it turns again.",
}  # fmt: skip


@pytest.mark.parametrize("lang", PROSE)
def test_shuffled_characters_and_signs_between_them_are_below_the_bound(
    lang: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(redundancy, "MIN_CHARACTERS", 400)  # the prose here is short
    found = [rule for rule in rules((REDUNDANCY,), {}) if rule.kind is None]
    bounds = {one.lang: one.bounds.min for one in found if one.metric == "recurring_3_gram_ratio"}
    prose, chance = PROSE[lang], random.Random(1)
    shuffled = "".join(chance.sample(prose, len(prose)))
    strewn = "".join(
        c if chance.random() < 0.5 else chance.choice("#$%&*+/<=>@^_|~") for c in prose
    )
    ratios = measured(prose, shuffled, strewn)["recurring_3_gram_ratio"]
    least = bounds.get(lang, bounds[None])
    assert least is not None and ratios[0] > least > max(ratios[1], ratios[2])


def test_what_says_one_thing_again_and_again_is_hardly_left():
    found = measured("买黄金就上淘金网。" * 100, PROSE["en"] * 2)["compression_ratio"]
    assert found[0] < 0.1 < found[1] < 0.6
