"""Paragraphs from the lines of a printed page."""

import pytest

from taojin.pipeline.ingest.documents.paragraphs import joined


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["see https://pan.example/gold-", "sand/a.html for"], "see https://pan.example/gold-sand/a.html for"),
        (["see https://pan.example/gold/", "2024/a.html for"], "see https://pan.example/gold/2024/a.html for"),
        (["see https://pan.example/go", "ld/a.html for"], "see https://pan.example/gold/a.html for"),
        (["see https://pan.example/a?x=", "gold and"], "see https://pan.example/a?x=gold and"),
        (["见 https://pan.example/gold_", "sand，再看"], "见 https://pan.example/gold_sand，再看"),
        (["see https://pan.example/", "for gold"], "see https://pan.example/ for gold"),
        (["see https://pan.example/gold", "and/or sand"], "see https://pan.example/gold and/or sand"),
        (["see https://pan.example/gold", "and sand"], "see https://pan.example/gold and sand"),
        (["see www.pan.example/gold", "http://sand.example"], "see www.pan.example/gold http://sand.example"),
        (["gold and/or", "sand/mud"], "gold and/or sand/mud"),
    ],
)  # fmt: skip
def test_addresses_go_on_behind_a_line_end(lines: list[str], text: str) -> None:
    assert joined("\n".join(lines), [True] * len(lines)) == text


def test_the_spaces_that_open_a_chinese_paragraph_go() -> None:
    page = "\u3000\u3000沙里淘金要有耐心，一遍一遍\n地洗。\n \u3000\u3000目\u3000录"
    assert joined(page, [True, False, False]) == "沙里淘金要有耐心，一遍一遍地洗。\n目\u3000录"
