import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.core.text import character_classes
from taojin.filters import kernels
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, STOP_WORDS, columns, cuts, sliced, texts

STOPS = [*STOP_WORDS, "的", "是", "了"]


def stop_hashes() -> np.ndarray:
    return np.sort(kernels.word_hashes(*string_buffers(pa.array(STOPS)), character_classes()))


@QUICK
@given(column=columns, cut=cuts)
def test_units(column: list[str], cut: int):
    buffers = string_buffers(sliced(column, cut))
    counts = kernels.count_units(*buffers, character_classes(), stop_hashes())
    assert counts.tolist() == [oracles.unit_counts(text, STOPS) for text in column[cut:]]


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
        ("a\rb", 1, 0, 0),
        (" \n\t\n\n", 0, 0, 0),
        ("É\né", 2, 0, 0),
    ],
)
def test_what_a_repeated_line_is(text: str, lines: int, repeats: int, repeated_characters: int):
    counts = kernels.count_lines(*string_buffers(pa.array([text])), character_classes(), False, 30)
    columns_ = [kernels.LINES, kernels.DUPLICATES, kernels.DUPLICATE_CHARACTERS]
    assert counts[0, columns_].tolist() == [lines, repeats, repeated_characters]
