from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.core.text import character_classes
from taojin.dedup import ngram_kernels
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, sliced, texts

WORDS = st.lists(st.sampled_from(["a", "bb", "c", "A", "金", "沙", "、"]), max_size=40).map(
    " ".join
)
sizes = st.sampled_from([1, 2, 5])


def rows(offsets: np.ndarray, values: np.ndarray) -> list[list[int]]:
    return [values[a:b].tolist() for a, b in pairwise(offsets)]


@QUICK
@given(column=columns, cut=cuts, size=sizes)
def test_ngrams_are_windows_of_units_in_order(column: list[str], cut: int, size: int):
    offsets, hashes = ngram_kernels.ngrams(
        *string_buffers(sliced(column, cut)), character_classes(), size
    )
    windows = [oracles.windows(oracles.units(text), size) for text in column[cut:]]
    names: dict[tuple[str, ...], int] = {}
    for found, expected in zip(rows(offsets, hashes), windows, strict=True):
        assert len(found) == len(expected)
        for hashed, window in zip(found, expected, strict=True):
            assert names.setdefault(window, hashed) == hashed
    assert len(set(names.values())) == len(names)


@QUICK
@given(column=st.lists(st.one_of(texts, WORDS), max_size=5), wanted=WORDS, size=sizes, cut=cuts)
def test_hits_are_the_wanted_windows(column: list[str], wanted: str, size: int, cut: int):
    classes = character_classes()
    _, hashes = ngram_kernels.ngrams(*string_buffers(pa.array([wanted])), classes, size)
    different = np.unique(hashes)
    hits = ngram_kernels.ngram_hits(*string_buffers(sliced(column, cut)), classes, size, different)
    windows = set(oracles.windows(oracles.units(wanted), size))
    expected = [
        doc
        for doc, text in enumerate(column[cut:])
        for window in oracles.windows(oracles.units(text), size)
        if window in windows
    ]
    assert hits[:, 0].tolist() == expected
    names: dict[int, set[tuple[str, ...]]] = {}
    wanted_windows = oracles.windows(oracles.units(wanted), size)
    for hashed, window in zip(hashes.tolist(), wanted_windows, strict=True):
        names.setdefault(int(np.searchsorted(different, np.uint64(hashed))), set()).add(window)
    found_windows = [
        window
        for text in column[cut:]
        for window in oracles.windows(oracles.units(text), size)
        if window in windows
    ]
    indexes = hits[:, 1].tolist()
    assert all({window} == names[at] for at, window in zip(indexes, found_windows, strict=True))


@pytest.mark.parametrize("many", [1, 64, 65, 300])
def test_any_number_of_hits_is_returned(many: int):
    classes = character_classes()
    wanted = np.unique(ngram_kernels.ngrams(*string_buffers(pa.array(["gold"])), classes, 1)[1])
    column = pl.Series(["gold " * many, "sand"])
    hits = ngram_kernels.ngram_hits(*string_buffers(column), classes, 1, wanted)
    assert hits.tolist() == [[0, 0]] * many


def test_a_hash_that_differs_in_one_bit_is_no_hit():
    """The bitmap before the search looks at the upper bits alone."""
    classes = character_classes()
    buffers = string_buffers(pa.array(["gold in the sand"]))
    hashes = np.unique(ngram_kernels.ngrams(*buffers, classes, 1)[1])
    assert len(ngram_kernels.ngram_hits(*buffers, classes, 1, hashes)) == 4
    assert len(ngram_kernels.ngram_hits(*buffers, classes, 1, np.sort(hashes ^ np.uint64(1)))) == 0
