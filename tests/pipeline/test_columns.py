"""Rows in columns: words to the left, numbers to the right, wide characters counted as two."""

from taojin.pipeline.columns import aligned


def test_words_stand_left_and_numbers_right_under_wide_characters() -> None:
    rows = [["source", "documents"], ["论坛", "1,234"], ["crawl", "5"]]
    assert aligned(rows, 1) == [
        "source  documents",
        "论坛        1,234",  # four columns of Chinese and two spaces fill the six of "source"
        "crawl           5",
    ]
