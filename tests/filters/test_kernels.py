import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.core.text import character_classes
from taojin.filters import kernels
from taojin.tests import oracles
from taojin.tests.core.texts import CHARACTERS, QUICK, STOP_WORDS, columns, cuts, sliced, texts

STOPS = [*STOP_WORDS, "的", "是", "了"]


def stop_hashes() -> np.ndarray:
    return np.sort(kernels.word_hashes(*string_buffers(pa.array(STOPS)), character_classes()))


@QUICK
@given(column=columns, cut=cuts)
def test_units(column: list[str], cut: int):
    buffers = string_buffers(sliced(column, cut))
    counts = kernels.count_units(*buffers, character_classes(), stop_hashes())
    assert counts.tolist() == [oracles.unit_counts(text, STOPS) for text in column[cut:]]


def test_each_stop_word_counts_once():
    buffers = string_buffers(pa.array(["The AND the 的是的 theand", "的 of, OF"]))
    counts = kernels.count_units(*buffers, character_classes(), stop_hashes())
    assert counts[:, kernels.STOP_UNITS].tolist() == [4, 2]


@QUICK
@given(one=texts, other=texts)
def test_word_hashes_tell_first_units_apart(one: str, other: str):
    hashes = kernels.word_hashes(*string_buffers(pa.array([one, other])), character_classes())
    first = [oracles.folded((oracles.units(text) or [""])[0]) for text in (one, other)]
    assert (hashes[0] == hashes[1]) == (first[0] == first[1])
    assert [hashed == 0 for hashed in hashes] == [not text for text in first]


@QUICK
@given(column=columns, cut=cuts, short=st.sampled_from([1, 4, 30]))
def test_lines(column: list[str], cut: int, short: int):
    buffers = string_buffers(sliced(column, cut))
    counts = kernels.count_lines(*buffers, character_classes(), False, short)
    expected = [oracles.line_counts(oracles.lines(text), short) for text in column[cut:]]
    assert counts.tolist() == expected


@QUICK
@given(column=columns, cut=cuts)
def test_paragraphs(column: list[str], cut: int):
    buffers = string_buffers(sliced(column, cut))
    counts = kernels.count_lines(*buffers, character_classes(), True, 30)
    expected = [oracles.line_counts(oracles.paragraphs(text), 30) for text in column[cut:]]
    assert counts.tolist() == expected


@QUICK
@given(column=columns, cut=cuts)
def test_ngrams(column: list[str], cut: int):
    counts = kernels.count_ngrams(*string_buffers(sliced(column, cut)), character_classes())
    assert counts.tolist() == [ngrams(text) for text in column[cut:]]


def ngrams(text: str) -> list[int]:
    return [
        *(oracles.top_coverage(text, size) for size in kernels.TOP_SIZES),
        *(oracles.repeat_coverage(text, size) for size in kernels.DUPLICATE_SIZES),
    ]


@QUICK
@given(words=st.lists(st.sampled_from(["a", "bb", "ccc", "金", "沙"]), max_size=120))
def test_ngrams_of_a_few_words(words: list[str]):
    """Few different words: ties between n-grams, overlaps with themselves, long tables."""
    text = " ".join(words)
    counts = kernels.count_ngrams(*string_buffers(pa.array([text])), character_classes())
    assert counts.tolist() == [ngrams(text)]


@QUICK
@given(column=columns, cut=cuts, number=st.integers(1, 9))
def test_classes(column: list[str], cut: int, number: int):
    classes = (np.arange(0x110000) % number).astype(np.uint8)
    counts = kernels.count_classes(*string_buffers(sliced(column, cut)), classes, number)
    expected = [
        oracles.class_counts(text, lambda c: ord(c) % number, number) for text in column[cut:]
    ]
    assert counts.tolist() == expected


def test_every_length_of_utf8_is_decoded():
    classes = (np.arange(0x110000) % 251).astype(np.uint8)
    counts = kernels.count_classes(*string_buffers(pa.array([CHARACTERS])), classes, 251)
    assert counts[0].tolist() == oracles.class_counts(CHARACTERS, lambda c: ord(c) % 251, 251)


def test_ascii_capitals_and_no_other_character_are_read_as_small_letters():
    ascii_ = [chr(code) for code in range(128)]
    words = [f"x{one}x" for one in ascii_ if one.isalnum() or one == "_"]
    hashes = kernels.word_hashes(*string_buffers(pa.array(words)), character_classes())
    assert len(set(hashes.tolist())) == len({word.lower() for word in words}) == 37
    assert len(set(hashes[-26:].tolist()) & set(hashes[10:36].tolist())) == 26


def test_chunked_columns_count_as_whole_ones():
    column = ["a b a b", "沙里有金，沙里有金", "", "the the\nthe the"]
    chunked = pa.chunked_array([column[:1], column[1:]])
    whole = [kernels.count_ngrams(*string_buffers(one), character_classes()) for one in
             (chunked, pa.array(column))]  # fmt: skip
    assert whole[0].tolist() == whole[1].tolist() == [ngrams(text) for text in column]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("It ends.", True),
        ("好。」", True),
        ("(It ends.)", True),
        ("Really?! ”", True),
        ("It does not", False),
        ("3.5", False),
        ("”", False),
        ("「好」", False),
        ("تمام؟", True),
    ],
)
def test_what_ends_a_sentence(line: str, expected: bool):
    counts = kernels.count_lines(*string_buffers(pa.array([line])), character_classes(), False, 30)
    assert counts[0, kernels.END_LINES] == expected


@pytest.mark.parametrize(
    ("text", "lines", "repeats", "repeated_characters"),
    [
        ("one\r\none\r\n", 2, 1, 3),
        ("One\none\u00a0\n\u3000ONE", 3, 2, 6),
        ("a  b\na\tb", 2, 1, 3),
        ("沙\n沙\n沙", 3, 2, 2),
        ("a b\nab", 2, 0, 0),
        ("a\rb", 1, 0, 0),
        (" \n\t\n\n", 0, 0, 0),
        ("É\né", 2, 0, 0),
    ],
)
def test_what_a_repeated_line_is(text: str, lines: int, repeats: int, repeated_characters: int):
    counts = kernels.count_lines(*string_buffers(pa.array([text])), character_classes(), False, 30)
    columns_ = [kernels.LINES, kernels.DUPLICATES, kernels.DUPLICATE_CHARACTERS]
    assert counts[0, columns_].tolist() == [lines, repeats, repeated_characters]


def test_a_blank_line_ends_a_paragraph_whatever_white_space_it_holds():
    text = "a\nb\n \u3000\nA B\n\n\n\nc\r\n\r\nd"
    counts = kernels.count_lines(*string_buffers(pa.array([text])), character_classes(), True, 30)
    columns_ = [kernels.LINES, kernels.DUPLICATES, kernels.DUPLICATE_CHARACTERS]
    assert counts[0, columns_].tolist() == [4, 1, 3]


@pytest.mark.parametrize(
    ("line", "columns_"),
    [("abc", 3), ("沙金", 4), ("沙\u3000金", 6), ("a  b\t", 4), ("Ａ！カ글", 8)],
)
def test_columns_of_a_line(line: str, columns_: int):
    for short in (columns_, columns_ + 1):
        buffers = string_buffers(pa.array([line]))
        counts = kernels.count_lines(*buffers, character_classes(), False, short)
        assert counts[0, kernels.SHORT_LINES] == (columns_ < short)


@pytest.mark.parametrize(
    ("line", "expected"),
    [("and…", True), ("and...", True), ("and . . .", True), ("..", False), ("a.b..", False),
     ("and.", False), ("… no", False)],
)  # fmt: skip
def test_what_an_ellipsis_is(line: str, expected: bool):
    counts = kernels.count_lines(*string_buffers(pa.array([line])), character_classes(), False, 30)
    assert counts[0, kernels.ELLIPSIS_LINES] == expected
