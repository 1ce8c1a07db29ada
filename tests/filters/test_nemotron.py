from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taojin.filters.batch import Batch
from taojin.filters.nemotron import NEMOTRON
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, documents

URL = r"(?:(?i:https?|ftp)://|(?i:www)\.)[-A-Za-z0-9._~:/?#@!$&*+,;=%]+"
ORACLES: dict[str, Callable[[str], float]] = {
    "digit_ratio": lambda text: oracles.class_share(text, "digit"),
    "url_character_ratio": lambda text: oracles.matched_share(text, URL),
    "white_space_ratio": lambda text: oracles.class_share(text, "space"),
    "parenthesis_ratio": lambda text: oracles.class_share(text, "parenthesis"),
    "longest_word_character_count": lambda text: max(map(len, oracles.units(text)), default=0),
}
LINKS = st.lists(
    st.sampled_from(["http://", "HTTPS://", "ftp:", "//", "www.", "WWW.", "a.b/c", "，", " ", "\r\n", "沙", "?x=1", ")"]),
    max_size=20,
).map("".join)  # fmt: skip


@QUICK
@given(column=columns | st.lists(LINKS, max_size=5), cut=cuts)
@example(["http://a.b\r\n沙\r\n", "\r\n"], 0)
def test_metrics_are_those_of_the_oracle(column: list[str], cut: int):
    found = NEMOTRON.measure(Batch(documents(column).slice(cut))).struct.unnest()
    assert set(found.columns) == set(ORACLES)
    for metric, oracle in ORACLES.items():
        assert found[metric].to_list() == pytest.approx([oracle(one) for one in column[cut:]])


def measured(*found: str) -> pl.DataFrame:
    return NEMOTRON.measure(Batch(documents(found))).struct.unnest()


@pytest.mark.parametrize(
    ("metric", "text", "value"),
    [
        ("digit_ratio", "１2٣a", 3 / 4),
        ("url_character_ratio", "HTTP://A.EXAMPLE/X", 1),
        ("url_character_ratio", "见https://a.example/c。然后", 19 / 23),
        ("url_character_ratio", "(www.a.example)", 13 / 15),
        ("url_character_ratio", "http:// and //a.example", 0),
        ("white_space_ratio", "沙\u3000金\u00a0\r\na", 3 / 6),
        ("parenthesis_ratio", "（a）(b)", 4 / 6),
        ("longest_word_character_count", "沙里有金 gold", 4),
    ],
)
def test_values_by_hand(metric: str, text: str, value: float):
    assert measured(text)[metric][0] == pytest.approx(value)


def test_an_empty_text_has_no_share_of_anything():
    """NeMo Curator's ratios are 1 there, whatever they are ratios of."""
    assert measured("").row(0) == (0, 0, 0, 0, 0)


def test_a_chinese_clause_is_no_long_word():
    assert measured("沙里有金，" * 400)["longest_word_character_count"][0] == 1
