from statistics import median

import pytest
from hypothesis import given

from taojin.filters.batch import Batch
from taojin.filters.dolma import DOLMA
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, documents


def measured(text: str) -> dict[str, float]:
    return DOLMA.measure(Batch(documents([text]))).struct.unnest().row(0, named=True)


def expected(text: str) -> tuple[float, ...]:
    whole, covered, longest, repeats = oracles.repetitions(text)
    lengths = [min(len(unit), 255) for unit in oracles.units(text)]
    return median(lengths) if lengths else 0, oracles.share(covered, whole), longest, repeats


@QUICK
@given(column=columns, cut=cuts)
def test_metrics_are_those_of_the_oracle(column: list[str], cut: int):
    found = DOLMA.measure(Batch(documents(column).slice(cut))).struct.unnest()
    for row, text in zip(found.iter_rows(), column[cut:], strict=True):
        assert row == pytest.approx(expected(text))


@pytest.mark.parametrize(
    ("text", "ratio", "longest", "repeats"),
    [
        ("buy gold buy gold buy gold", 1, 21, 3),
        ("买黄金买黄金买黄金", 1, 9, 3),
        ("Buy  gold\nbuy gold BUY\u3000gold!", 21 / 22, 21, 3),
        ("buy gold buy gold", 0, 0, 0),
        ("a rule: ----------", 0, 0, 0),
        ("- - - -", 1, 4, 4),
        ("哈哈哈哈好", 4 / 5, 4, 4),
        ("    indented\n    code", 0, 0, 0),
        ("go go go and stop stop stop stop", 22 / 25, 16, 4),
        ("", 0, 0, 0),
    ],
)
def test_what_a_repetition_is(text: str, ratio: float, longest: int, repeats: int):
    found = measured(text)
    assert found["repetition_ratio"] == pytest.approx(ratio)
    assert found["longest_repetition_character_count"] == longest
    assert found["most_repeats_count"] == repeats


def test_a_chinese_clause_is_no_word():
    """Dolma's words stand between spaces: a clause is one, of more than 10 letters, and drops."""
    assert measured("沙里有金，淘金的人在河边。用 pip 安装")["median_word_length"] == 1


def test_units_of_two_middle_lengths_have_half_of_them():
    assert measured("a bb")["median_word_length"] == 1.5
