"""Words, their lengths and how they recur: the kernel beside the oracle."""

from collections import Counter
from statistics import median

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.filters import word_kernels as kernels
from taojin.filters.batch import Batch
from taojin.filters.characters import (
    CHINESE_FUNCTION_WORDS,
    ENGLISH_FUNCTION_WORDS,
    character_table,
    word_counts,
    word_entropy,
)
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, documents

STOPS = {*ENGLISH_FUNCTION_WORDS.split(), *CHINESE_FUNCTION_WORDS}
SMALL, CAPITAL = (
    oracles.regex.compile(r"\p{Lowercase}"),
    oracles.regex.compile(r"[\p{Uppercase}\p{Lt}]"),
)
PIECES = st.lists(
    st.sampled_from(
        ["a ", "b ", "AB ", "沙", "金", "…", "== ", "-", "-- ", "a", "the ", "\n", "ไ", "的"]
    ),
    max_size=90,
).map("".join)


def expected(text: str) -> list[int]:
    units = oracles.units(text)
    keys = [oracles.folded(unit) for unit in units]
    windows = oracles.windows(keys[: kernels.PREFIX], 10)
    return [
        len(units),
        2 * median(min(len(unit), 255) for unit in units) if units else 0,
        max(map(len, units), default=0),
        sum(bool(CAPITAL.search(unit)) and not SMALL.search(unit) for unit in units),
        sum(key in STOPS for key in keys),
        len(set(keys)),
        len(windows),
        sum(count for count in Counter(windows).values() if count > 1),
        *oracles.repetitions(text),
    ]


@QUICK
@given(column=columns, cut=cuts)
@example(["", "x" * 300, "İß ǅ AB1 ab1 _ A", "ÀÉ é", "中A中", "\u2160 \u2170"], 0)
def test_words(column: list[str], cut: int):
    batch = Batch(documents(column).slice(cut))
    assert word_counts(batch).tolist() == [expected(text) for text in column[cut:]]
    entropies = [oracles.entropy([oracles.folded(unit) for unit in oracles.units(text)])
                 for text in column[cut:]]  # fmt: skip
    assert word_entropy(batch).tolist() == pytest.approx(entropies, abs=1e-9)


@QUICK
@given(column=st.lists(PIECES, max_size=3))
@example(["a b a b a b c d c d c d", "a a a b b b c c c", "x a b c " * 3 + "d e f " * 3])
@example(["a b " * 30, "沙金" * 20 + "金" * 9, "= " * 5 + "=" * 7, "abc" + "a b c " * 3 + "a b"])
def test_words_of_few_pieces(column: list[str]):
    """Runs within runs, tables with long chains, windows that recur."""
    found = word_counts(Batch(documents(column))).tolist()
    assert found == [expected(text) for text in column]


def test_windows_of_a_long_text_are_those_of_its_first_units():
    words = [f"w{number % 700}" for number in range(1400)]
    text = " ".join([*words, *map(str, range(700)), *words[:500]])
    assert word_counts(Batch(documents([text]))).tolist() == [expected(text)]


@pytest.mark.parametrize("period", range(1, 16))
def test_a_stretch_of_any_period_up_to_13_that_comes_three_times_is_found(period: int):
    words = [f"w{number}" for number in range(period)]
    for before in (0, 1, 5, 29):
        start = [f"x{number}" for number in range(before)]
        for length in (3 * period - 1, 3 * period, 3 * period + 1, 7 * period):
            stretch = (words * 7)[:length]
            text = " ".join([*start, *stretch, "end"])
            counts = word_counts(Batch(documents([text])))[0]
            longest = sum(map(len, stretch)) if period <= 13 and length >= 3 * period else 0
            assert counts[kernels.LONGEST_RUN] == counts[kernels.RUN_CHARACTERS] == longest


def test_stop_words_are_told_apart_from_all_others():
    words = [*STOPS, "teh", "xyz", "沙", *(f"w{number}" for number in range(3000))]
    counts = word_counts(Batch(documents([*words, "The THE a"])))
    assert counts[:, kernels.STOP_UNITS].tolist() == [*(word in STOPS for word in words), 3]


def test_word_hashes_fold_ascii_case_and_no_other():
    capitals = [f"x{chr(code)}" for code in range(ord("A"), ord("Z") + 1)]
    words = ["É", "é", "", "沙金", "沙", *capitals, *(word.lower() for word in capitals)]
    hashes = kernels.word_hashes(*string_buffers(pa.array(words)), character_table()).tolist()
    assert hashes[0] != hashes[1] and hashes[2] == 0 and hashes[3] == hashes[4]
    assert hashes[5:31] == hashes[31:] and len(set(hashes)) == 4 + 26
