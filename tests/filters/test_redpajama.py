from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given

from taojin.filters.batch import Batch
from taojin.filters.characters import CHINESE_FUNCTION_WORDS, ENGLISH_FUNCTION_WORDS
from taojin.filters.redpajama import REDPAJAMA
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, documents

STOPS = {*ENGLISH_FUNCTION_WORDS.split(), *CHINESE_FUNCTION_WORDS}


def keys(text: str) -> list[str]:
    return [oracles.folded(unit) for unit in oracles.units(text)]


def of_words(text: str, number: int) -> float:
    return oracles.share(number, len(keys(text)))


def all_caps(unit: str) -> bool:
    classes = [oracles.character_class(character) for character in unit]
    return "capital" in classes and not oracles.regex.search(r"\p{Lowercase}", unit)


def of_lines(text: str, name: str) -> float:
    filled = sum(bool(oracles.strip(line)) for line in oracles.physical_lines(text))
    return oracles.share(oracles.lines_mostly(text, name), filled)


ORACLES: dict[str, Callable[[str], float]] = {
    "unique_word_ratio": lambda text: of_words(text, len(set(keys(text)))),
    "unigram_entropy": lambda text: oracles.entropy(keys(text)),
    "all_caps_word_ratio": lambda text: of_words(text, sum(map(all_caps, oracles.units(text)))),
    "stop_word_ratio": lambda text: of_words(text, sum(key in STOPS for key in keys(text))),
    "curly_bracket_ratio": lambda text: oracles.class_share(text, "brace"),
    "lorem_ipsum_ratio": lambda text: oracles.share(
        len(oracles.regex.findall("(?i)lorem ipsum", text)), len(oracles.characters(text))
    ),
    "all_caps_line_ratio": lambda text: of_lines(text, "capital"),
    "numeric_line_ratio": lambda text: of_lines(text, "digit"),
}


def measured(*found: str) -> pl.DataFrame:
    return REDPAJAMA.measure(Batch(documents(found))).struct.unnest()


@QUICK
@given(column=columns, cut=cuts)
def test_metrics_are_those_of_the_oracle(column: list[str], cut: int):
    found = REDPAJAMA.measure(Batch(documents(column).slice(cut))).struct.unnest()
    assert set(found.columns) == set(ORACLES)
    for metric, oracle in ORACLES.items():
        expected = [oracle(text) for text in column[cut:]]
        assert found[metric].to_list() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("metric", "text", "value"),
    [
        ("unique_word_ratio", "The the THE end", 2 / 4),
        ("unique_word_ratio", "沙沙金", 2 / 3),
        ("unigram_entropy", "a a a", 0),
        ("all_caps_word_ratio", "USA and B2B but Not 中国", 2 / 7),
        ("stop_word_ratio", "The gold of the sand 的", 4 / 6),
        ("curly_bracket_ratio", "{a}", 2 / 3),
        ("curly_bracket_ratio", "｛a｝（）", 0),
        ("lorem_ipsum_ratio", "Lorem Ipsum", 1 / 11),
        ("all_caps_line_ratio", "READ MORE\n\nRead More\nAb\r\nSIGN IN - 1", 2 / 4),
        ("numeric_line_ratio", "1 234\n12:30\n１２３\nＡ12\nab12", 4 / 5),
    ],
)
def test_values_by_hand(metric: str, text: str, value: float):
    assert measured(text)[metric][0] == pytest.approx(value)


def test_entropy_is_that_of_a_fair_die():
    assert measured("one two three four five six")["unigram_entropy"][0] == pytest.approx(1.791759)
