"""Characters by class, lines, encoded stretches and windows: the kernel beside the oracle."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.filters import character_kernels as kernels
from taojin.filters.batch import Batch
from taojin.filters.characters import character_counts, character_ratio, character_table
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, documents, sliced, texts

NAMES = [
    "space",
    "digit",
    "number",
    "capital",
    "letter",
    "parenthesis",
    "brace",
    "punctuation",
    "sign",
    "symbol",
    "other",
]  # in the order of the columns
ENCODED = st.builds(
    lambda parts: "".join(letter * number + end for letter, number, end in parts),
    st.lists(
        st.tuples(
            st.sampled_from("aZ9+/="),
            st.integers(0, 140),
            st.sampled_from(["", "\n", "\r\n", ".", "é", "\n\n"]),
        ),
        max_size=8,
    ),
)


def counted(column: list[str], cut: int = 0) -> list[list[int]]:
    buffers = string_buffers(sliced(column, cut))
    return kernels.count_characters(*buffers, character_table()).tolist()


def expected(text: str) -> list[int]:
    found = [oracles.character_class(one) for one in oracles.characters(text)]
    lines = oracles.physical_lines(text)
    return [
        *(found.count(name) for name in NAMES),
        len(lines),
        sum(bool(oracles.strip(line)) for line in lines),
        sum(map(len, lines)),
        max(map(len, lines), default=0),
        oracles.lines_mostly(text, "capital"),
        oracles.lines_mostly(text, "digit"),
        *oracles.encoded(text),
    ]


@QUICK
@given(column=columns, cut=cuts)
@example(["AB\r\nab\r\r\n\r\n12 3\n\u3000\n\r", "\n", "ABC", ""], 0)
def test_characters_and_lines(column: list[str], cut: int):
    assert counted(column, cut) == [expected(text) for text in column[cut:]]


@QUICK
@given(column=st.lists(ENCODED, max_size=4), cut=cuts)
@example(["a" * 64 + "\r\n" + "b" * 63 + "\n" + "c" * 64, "a" * 63, "é" + "a" * 64], 0)
@example(["a" * 70 + "\r\n" + "b" * 64 + "\r" + "c" * 64 + "\r\n"], 0)
@example(["a" * 70 + "\n" + "b" * 80 + "\n" + "c" * 90 + "\n\n" + "d" * 64], 0)
def test_encoded_stretches(column: list[str], cut: int):
    assert counted(column, cut) == [expected(text) for text in column[cut:]]


def test_every_assigned_code_point_has_the_class_of_the_oracle():
    table = character_table()
    for code in range(0, 0x110000, 13):
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co"):
            assert NAMES[table[code] & kernels.CLASS] == oracles.character_class(chr(code)), code


@QUICK
@given(text=texts)
def test_shares_of_all_classes_add_up_to_one(text: str):
    batch = Batch(documents([text]))
    total = sum(character_ratio(batch, one)[0] for one in range(kernels.CLASSES))
    assert total == pytest.approx(1.0 if text else 0.0)


def test_counts_are_made_once_for_a_batch():
    batch = Batch(documents(["沙", "a"]))
    assert character_counts(batch) is character_counts(batch)


WORDS = st.lists(st.sampled_from(["ab", "沙金", " ", "\u3000\n", "a", "金", "b b"]), max_size=60)


@QUICK
@given(
    column=st.lists(texts | WORDS.map("".join), max_size=5),
    cut=cuts,
    size=st.integers(1, 12),
    prefix=st.integers(12, 80),
)
@example(["aaaa aaaa bbbb bbbb aaaa cccc cccc"], 0, 2, 80)
def test_windows_of_characters(column: list[str], cut: int, size: int, prefix: int):
    buffers = string_buffers(sliced(column, cut))
    counts = kernels.count_character_ngrams(*buffers, character_table(), size, prefix)
    assert counts.tolist() == [oracles.window_counts(one, size, prefix) for one in column[cut:]]


def test_windows_of_a_long_text():
    """More different windows than the square of those taken: the highest frequencies count."""
    text = " ".join(f"word{number * number % 101}" for number in range(900))
    buffers = string_buffers(pa.array([text]))
    counts = kernels.count_character_ngrams(*buffers, character_table(), 10, 2048)
    assert counts.tolist() == [oracles.window_counts(text, 10, 2048)]
    assert 0 < counts[0, kernels.TOP] < counts[0, kernels.REPEATED]
