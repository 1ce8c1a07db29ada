from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import list_buffers, string_buffers
from taojin.core.text import UNSPACED_CHARACTER, character_classes
from taojin.dedup.documents import kernels
from taojin.tests import oracles
from taojin.tests.core.texts import CHARACTERS, QUICK, columns, cuts, sliced, texts

WORDS = st.lists(st.sampled_from(["a", "bb", "c", "A", "金", "沙", "、"]), max_size=40).map(
    " ".join
)
sizes = st.sampled_from([1, 2, 5])


def rows(offsets: np.ndarray, values: np.ndarray) -> list[list[int]]:
    return [values[a:b].tolist() for a, b in pairwise(offsets)]


def shingles(column: pa.Array, size: int) -> list[list[int]]:
    offsets, hashes = kernels.shingles(*string_buffers(column), character_classes(), size)
    assert offsets.dtype == np.int64 and hashes.dtype == np.uint32
    return rows(offsets, hashes)


def distinct(column: pa.Array, size: int) -> list[list[int]]:
    """The different shingles of each text."""
    found = kernels.shingles(*string_buffers(column), character_classes(), size)
    return rows(*kernels.distinct(*found))


@QUICK
@given(column=columns, cut=cuts)
def test_unspaced(column: list[str], cut: int):
    found = kernels.is_unspaced(*string_buffers(sliced(column, cut)), character_classes())
    assert found.tolist() == [oracles.is_unspaced(text) for text in column[cut:]]


def test_every_length_of_utf8_is_decoded():
    chosen = np.random.default_rng(1).integers(0, 2, 0x110000).astype(np.uint8)
    chosen[:128] = 0  # ASCII is never looked up
    classes = chosen * np.uint8(UNSPACED_CHARACTER)
    found = kernels.is_unspaced(*string_buffers(pa.array(list(CHARACTERS))), classes)
    assert found.tolist() == [bool(chosen[ord(one)]) for one in CHARACTERS]


@QUICK
@given(column=columns, cut=cuts, size=sizes)
def test_as_many_shingles_as_different_windows(column: list[str], cut: int, size: int):
    found = distinct(sliced(column, cut), size)
    expected = [len(oracles.shingles(text, size)) for text in column[cut:]]
    assert [len(row) for row in found] == expected


@QUICK
@given(column=columns, cut=cuts, size=sizes)
def test_equal_windows_and_no_others_have_one_shingle(column: list[str], cut: int, size: int):
    names: dict[tuple[object, ...], int] = {}
    for text, found in zip(column[cut:], shingles(sliced(column, cut), size), strict=True):
        for window, hashed in zip(oracles.shingle_windows(text, size), found, strict=True):
            assert names.setdefault(window, hashed) == hashed
    assert len(set(names.values())) == len(names)


lists = st.lists(
    st.lists(st.one_of(st.integers(0, 9), st.integers(0, 2**32 - 1)), max_size=300), max_size=4
)


@QUICK
@given(values=lists, cut=st.integers(0, 2))
def test_distinct_hashes_are_sorted(values: list[list[int]], cut: int):
    column = pl.Series("hashes", values, pl.List(pl.UInt32)).slice(cut)
    offsets, hashes = kernels.distinct(*list_buffers(column))
    assert rows(offsets, hashes) == [sorted(set(row)) for row in values[cut:]]


@QUICK
@given(one=st.one_of(texts, WORDS), other=st.one_of(texts, WORDS), size=sizes)
def test_shared_shingles_are_shared_windows(one: str, other: str, size: int):
    """32-bit hashes of so few windows do not collide."""
    left, right = distinct(pa.array([one, other]), size)
    windows = oracles.shingles(one, size), oracles.shingles(other, size)
    assert len(set(left) & set(right)) == len(windows[0] & windows[1])
    similarity = kernels.jaccard(np.array(left, np.uint32), np.array(right, np.uint32))
    assert similarity == oracles.jaccard(*windows)


def test_shingles_of_another_size_are_others():
    text = pa.array(["a a a a a a"])
    assert not set(shingles(text, 1)[0]) & set(shingles(text, 2)[0])


def test_white_space_is_no_part_of_chinese_shingles_and_punctuation_is():
    spaced, plain, pointed = shingles(pa.array(["沙里 有\n金子", "沙里有金子", "沙里，有金子"]), 5)
    assert spaced == plain and len(plain) == 1 and len(pointed) == 2


sets = st.lists(st.sets(st.integers(0, 2**32 - 1), max_size=9), min_size=2, max_size=2)
near = st.lists(st.sets(st.integers(0, 9), max_size=9), min_size=2, max_size=2)


@QUICK
@given(pair=st.one_of(sets, near))
def test_jaccard(pair: list[set[int]]):
    left, right = (np.array(sorted(one), np.uint32) for one in pair)
    assert kernels.jaccard(left, right) == oracles.jaccard(*pair)
    assert kernels.jaccard(right, left) == oracles.jaccard(*pair)


def key_names(values: list[list[int]], bands: int, size: int) -> dict[tuple[int, ...], int]:
    """The key of each (band, values in it); the same wherever it stands."""
    keys = kernels.band_keys(np.array(values, np.uint32).reshape(-1, 6), bands, size)
    assert keys.shape == (len(values), bands) and keys.dtype == np.uint64
    names: dict[tuple[int, ...], int] = {}
    for row, own in zip(values, keys.tolist(), strict=True):
        for band, key in enumerate(own):
            name = (band, *row[band * size : (band + 1) * size])
            assert names.setdefault(name, key) == key
    return names


@QUICK
@given(
    values=st.lists(st.lists(st.integers(0, 2), min_size=6, max_size=6), max_size=6),
    shape=st.sampled_from([(3, 2), (2, 3), (2, 2), (6, 1)]),
)
def test_equal_bands_and_no_others_have_one_key(values, shape: tuple[int, int]):
    names = key_names(values, *shape)
    for band in range(shape[0]):
        own = [key for name, key in names.items() if name[0] == band]
        assert len(set(own)) == len(own)


def test_equal_values_in_other_bands_have_other_keys():
    assert len(set(key_names([[7] * 6], 3, 2).values())) == 3


def test_the_number_of_the_band_is_part_of_its_key():
    assert len(set(key_names([[0, 0, 0, 0, 0, 2]], 6, 1).values())) == 6
