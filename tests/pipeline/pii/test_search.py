"""Values that go over several lines are found at their place in the text."""

import re

import polars as pl
import pytest

from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.detectors import DEFAULT_KINDS, DETECTORS
from taojin.pipeline.pii.search import find

BLOCK = Detector(
    "block", "<BLOCK>", "BEGIN", re.compile(r"(?P<value>BEGIN[^E]*END)"), spans_lines=True
)
WORD = Detector("word", "<WORD>", "gold", re.compile(r"(?P<value>gold)"))


def test_a_text_that_may_hold_a_value_over_lines_is_searched_whole() -> None:
    texts = pl.Series(["gold\n\nBEGIN a\nb END gold\n", None, "gold\ngold"])
    found = [
        (value.row, value.start, value.end, value.kind) for value in find(texts, [BLOCK, WORD])
    ]
    assert found == [
        (0, 0, 4, "word"),
        (0, 6, 19, "block"),
        (0, 20, 24, "word"),
        (2, 0, 4, "word"),
        (2, 5, 9, "word"),
    ]


NUMBERS = (
    "13812345678",
    "+86 138 1234 5678",
    "(010)62345678",
    "11010519491231002X",
    "91350100M000100Y43",
    "6214830698377651",
    "203.0.113.5",
    "GB82WEST12345698765432",
)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "around",
    ["_{}_", "__{}__", "***_{}_***", "张三_{}", "{}_张三", r"a\n{}", r"{}\n", r"\r\n{}", r"\t{}",
     "no%3D{}%26", r"\u7535\u8bdd{}", "%E7%94%B5%E8%AF%9D{}", "_{}，", "\u200b_{}_"],
)  # fmt: skip
def test_escapes_and_underscores_are_no_part_of_a_number(around: str, number: str) -> None:
    detectors = [detector for detector in DETECTORS if detector.kind in DEFAULT_KINDS]
    text = around.format(number)
    assert [text[one.start : one.end] for one in find(pl.Series([text]), detectors)] == [number]


@pytest.mark.parametrize(
    "text",
    [
        "id_13812345678",
        "x__13812345678",
        "13812345678_id",
        "_13812345678a",
        "a_6214830698377651_b",
        r"\d13812345678",
        "100%13812345678x",
        "tmp_203.0.113.5",
    ],
)
def test_a_part_of_an_identifier_stays(text: str) -> None:
    detectors = [detector for detector in DETECTORS if detector.kind in DEFAULT_KINDS]
    assert find(pl.Series([text]), detectors) == []


def test_many_lines_are_searched_as_few_are() -> None:
    """Each of many texts has what it has alone."""
    detectors = [detector for detector in DETECTORS if detector.kind in DEFAULT_KINDS]
    texts = ["nothing", "电话13812345678\nto a@b.com", "密码：abc12345 GB82 WEST 1234 5698 7654 32"]
    alone = [
        [(value.start, value.end, value.kind) for value in find(pl.Series([text]), detectors)]
        for text in texts
    ]
    assert [len(values) for values in alone] == [0, 2, 2]
    many = find(pl.Series(texts * 100), detectors)
    for row in range(300):
        here = [(value.start, value.end, value.kind) for value in many if value.row == row]
        assert here == alone[row % 3]
