import pytest

from taojin.filters.batch import Batch
from taojin.filters.c4 import c4_filter
from taojin.tests.core.texts import documents


def metric(name: str, text: str, bad_words: tuple[str, ...] = ()) -> float:
    """One metric of a text, among others that hold what it does not."""
    batch = Batch(documents(["plain", text, "JavaScript {bad words} lorem ipsum"]))
    return c4_filter(bad_words).measure(batch).struct.field(name)[1]


BAD = ("darn", "son of a gun", "坏话", "ばか", "дурак", "naïf")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Darn! DARN, darned, goddarn", 2),
        ("a son  of a\ngun, a person of a gun", 1),
        ("他说坏话，坏话连篇", 2),
        ("用darn说", 1),
        ("それはばかだ", 1),
        ("Дурак. ДУРАКИ дурак", 2),
        ("NAÏF naïfs", 1),
    ],
)
def test_bad_words_are_whole_words_where_words_are_spaced(text: str, count: int):
    assert metric("bad_word_count", text, BAD) == count
    assert metric("bad_word_count", text) == 0


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("few_word_line_ratio", "one two\none two three\n沙里\n沙里金\n\n", 2 / 4),
        ("few_word_line_ratio", "", 0),
        ("unterminated_line_ratio", 'One.\n"Two"\nthree\nfour...\n五。\n六”\n七。”\n', 3 / 7),
        ("longest_word_character_count", "沙里 gold naïve\n", 5),
        ("longest_word_character_count", "", 0),
        ("kept_sentence_count", "One is. Two is.\nno end here\nToo short.\n三个字，好。四！\n", 4),
        ("kept_sentence_count", 'He said "so it was"\nand then she went...\n', 1),
        ("kept_sentence_count", "We use cookies here.\nTurn JavaScript on.\nIt is so.\n", 1),
        ("kept_sentence_count", "A word " + "x" * 1000 + ".\n", 1),
        ("kept_sentence_count", "A word " + "x" * 1001 + ".\n", 0),
        ("kept_brace_count", "{ is a brace.\n{{\nJavaScript has {.\n", 1),
        ("brace_count", "{ is a brace.\n{{\nJavaScript has {.\n", 4),
    ],
)
def test_values_by_hand(name: str, text: str, value: float):
    assert metric(name, text) == pytest.approx(value)
