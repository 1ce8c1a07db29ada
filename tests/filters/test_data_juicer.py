from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given

from taojin.filters import data_juicer, dolma
from taojin.filters.batch import Batch
from taojin.filters.data_juicer import DATA_JUICER, NGRAM, PREFIX_CHARACTERS
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, documents


def recurring(text: str) -> float:
    _, whole, _, top = oracles.window_counts(text, NGRAM, PREFIX_CHARACTERS)
    return oracles.share(top, whole)


def words_recur(text: str) -> float:
    found = oracles.windows([oracles.folded(unit) for unit in oracles.units(text)], 10)
    return oracles.share(sum(found.count(one) > 1 for one in found), len(found))


ORACLES: dict[str, Callable[[str], float]] = {
    "character_count": lambda text: len(oracles.characters(text)),
    "alphanumeric_ratio": lambda text: oracles.class_share(
        text, "capital", "letter", "digit", "number"
    ),
    "special_character_ratio": lambda text: oracles.class_share(
        text, "sign", "brace", "symbol", "other"
    ),
    "character_repetition_ratio": recurring,
    "word_repetition_ratio": words_recur,
}


def measured(*found: str) -> pl.DataFrame:
    return DATA_JUICER.measure(Batch(documents(found))).struct.unnest()


@QUICK
@given(column=columns, cut=cuts)
def test_metrics_are_those_of_the_oracle(column: list[str], cut: int):
    found = DATA_JUICER.measure(Batch(documents(column).slice(cut))).struct.unnest()
    assert set(found.columns) == set(ORACLES)
    for metric, oracle in ORACLES.items():
        assert found[metric].to_list() == pytest.approx([oracle(one) for one in column[cut:]])


@pytest.mark.parametrize(
    "character", "上士ツシン１２，。、：（）《》「」“”!?.,;:'\"()-— \t\n\u3000aé1"
)
def test_what_prose_is_written_with_is_not_special(character: str):
    """Data-Juicer's list holds 上, 士 and every mark, digit and white space of this line."""
    assert measured(character)["special_character_ratio"][0] == 0


@pytest.mark.parametrize("character", "#$%&*+/<=>@[\\]^_`|~{}€→★😀\ufffd\x00\ue000")
def test_what_prose_is_not_written_with_is_special(character: str):
    assert measured(character)["special_character_ratio"][0] == 1


@pytest.mark.parametrize("character", ["上", "１", "é", "Ⅷ", "ก", "\u0e31", "\u0301", "ー", "한"])
def test_letters_marks_and_numbers_of_any_script_are_alphanumeric(character: str):
    assert measured(character)["alphanumeric_ratio"][0] == 1


def test_full_width_one_is_a_digit_and_no_quote():
    """Data-Juicer's table of punctuation turns it into a quotation mark."""
    found = measured("１")
    assert found["alphanumeric_ratio"][0] == 1 and found["special_character_ratio"][0] == 0


def test_indentation_is_no_repetition():
    lines = [
        f"{' ' * 12}{word}" for word in ["one", "two", "three", "four", "five", "six", "seven"]
    ]
    assert measured("\n".join(lines))["character_repetition_ratio"][0] == 0


@pytest.mark.parametrize("spam", ["买黄金" * 200, "buy gold now " * 200, "a" * 500])
def test_a_short_phrase_over_and_over_is_told_by_its_words_and_runs(spam: str):
    """Of three windows the root is one: Data-Juicer's share of characters is a third of all."""
    batch = Batch(documents([spam]))
    assert dolma.repetition_ratio(batch)[0] == 1 or spam.startswith("aaa")
    assert data_juicer.word_repetition_ratio(batch)[0] == 1 or spam.startswith("aaa")
    assert 0.2 < data_juicer.character_repetition_ratio(batch)[0] <= 1


def test_too_little_for_one_window_repeats_nothing():
    assert measured("aaaaaaaaa", "")["character_repetition_ratio"].to_list() == [0, 0]
