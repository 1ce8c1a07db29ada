"""Values that go over several lines are found at their place in the text."""

import re

import polars as pl

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
