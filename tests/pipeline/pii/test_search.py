"""Values that go over several lines are found at their place in the text."""

import re

import polars as pl

from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.search import find

BLOCK = Detector(
    "block", "<BLOCK>", "BEGIN", re.compile(r"(?P<value>BEGIN[^E]*END)"), spans_lines=True
)
WORD = Detector("word", "<WORD>", "gold", re.compile(r"(?P<value>gold)"))


def test_a_text_that_may_hold_a_value_over_lines_is_searched_whole() -> None:
    texts = pl.Series(["gold\n\nBEGIN a\nb END gold\n", None, "gold\ngold"])
    found = [
        (value.row, value.start, value.end, value.detector.kind)
        for value in find(texts, [BLOCK, WORD])
    ]
    assert found == [
        (0, 0, 4, "word"),
        (0, 6, 19, "block"),
        (0, 20, 24, "word"),
        (2, 0, 4, "word"),
        (2, 5, 9, "word"),
    ]
