import unicodedata

import numpy as np
import polars as pl
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import stage
from taojin.core.hashing import content_hash
from taojin.dedup.documents.minhash import (
    DedupKeys,
    band_rows,
    banding,
    bands,
    signatures,
)
from taojin.tests.core.texts import QUICK, columns, documents

hashes = st.lists(st.sets(st.integers(0, 2**32 - 1), max_size=12).map(sorted), max_size=5)


def column(rows: list[list[int]]) -> pl.Series:
    return pl.Series("shingles", rows, pl.List(pl.UInt32))


@QUICK
@given(rows=hashes, cut=st.integers(0, 2))
def test_signatures_are_those_of_datasketch_bit_for_bit(rows: list[list[int]], cut: int):
    found = signatures(column(rows).slice(cut))
    assert found.dtype == np.uint32 and found.shape == (len(rows[cut:]), 128)
    for row, signature in zip(rows[cut:], found, strict=True):
        theirs = MinHash(num_perm=128, seed=1, hashfunc=int, scheme="affine32")
        theirs.update_batch(row)
        assert signature.tolist() == theirs.hashvalues.tolist()


@QUICK
@given(rows=hashes)
def test_documents_share_a_key_where_they_share_a_band(rows: list[list[int]]):
    signature = signatures(column(rows))
    found = bands(signature, 0.8).to_list()
    for row, keys, values in zip(rows, found, signature, strict=True):
        assert len(keys) == (25 if row else 0)
        for other, others in zip(found, signature, strict=True):
            if keys and other:
                equal = (values[:125] == others[:125]).reshape(25, 5)
                assert len(set(keys) & set(other)) == equal.all(axis=1).sum()


def keys(*texts: str) -> pl.DataFrame:
    return stage.run(DedupKeys(), documents(list(texts)))


@QUICK
@given(texts=columns, cut=st.integers(0, 3))
def test_the_stage_keeps_its_contract(texts: list[str], cut: int):
    result = stage.run(DedupKeys(), documents(texts).slice(cut))
    for row in result.select("text", "shingles", "signature", "exact_key").iter_rows(named=True):
        key = keys(row["text"])
        assert row["shingles"] == key["shingles"][0].to_list()
        assert row["signature"] == key["signature"][0].to_list()
        assert len(row["exact_key"]) == 32


@pytest.mark.parametrize("text", ["", "one two three four", "沙里有金", " \n", "。。😀"])
def test_a_short_text_has_no_shingle_and_no_band(text: str):
    row = keys(text)
    assert row["shingles"].to_list() == [[]] and band_rows(row, 0.8).is_empty()


@pytest.mark.parametrize("text", ["one two three four five", "沙里有金子"])
def test_a_text_of_one_window_has_one_shingle(text: str):
    row = keys(text)
    assert len(row["shingles"][0]) == 1 and band_rows(row, 0.8).height == 25


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gold in the sand", "GOLD  in\nthe\u00a0sand "),
        ("淘金ＡＢＣ１２３！", "淘金abc123!"),
        ("caf\u00e9", "cafe\u0301"),
    ],
)
def test_case_width_and_white_space_make_no_new_exact_key(one: str, other: str):
    found = keys(one, other)
    assert found["exact_key"].n_unique() == 1
    assert found["exact_key"][0] == content_hash(unicodedata.normalize("NFKC", one).lower())


def test_other_texts_have_other_exact_keys():
    found = keys("Gold in the sand", "Gold in sand", "Gold in the sand.", "", "沙")
    assert found["exact_key"].n_unique() == 5


def test_shingles_are_windows_of_the_normalised_text():
    text = "The ＧＯＬＤ lies in the river sand " * 3
    assert len(keys(text)["shingles"][0]) == 7  # the words recur after seven
    assert keys(text)["shingles"].equals(keys(text.upper() + "\n")["shingles"])


def test_similar_documents_share_a_band_as_often_as_the_bands_promise():
    """1 - (1 - 0.8^5)^25 is 0.99995 at Jaccard 0.8, and 0.018 at 0.24."""
    generator = np.random.default_rng(1)
    pairs = generator.integers(0, 2**32, (2, 300, 120), dtype=np.uint32)

    def found(shared: int) -> float:
        """The share of pairs found; each holds 100 hashes, `shared` of them in common."""
        left = pairs[0][:, :100]
        right = np.concatenate([left[:, :shared], pairs[1][:, : 100 - shared]], axis=1)
        sides = [bands(signatures(column([sorted(set(row)) for row in side.tolist()])), 0.8)
                 for side in (left, right)]  # fmt: skip
        return float(np.mean([bool(set(a) & set(b)) for a, b in zip(*sides, strict=True)]))

    assert found(89) == 1.0  # 89 / 111 = 0.80
    assert found(39) < 0.06  # 39 / 161 = 0.24


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0])
def test_bands_find_nearly_every_pair_at_the_threshold_and_are_the_longest_that_do(
    threshold: float,
):
    count, size = banding(threshold)

    def found(count: int, size: int) -> float:
        return 1 - (1 - threshold**size) ** count

    assert count * size <= 128
    assert found(count, size) >= 0.999
    assert size == 128 or found(128 // (size + 1), size + 1) < 0.999


def test_the_bands_of_common_thresholds():
    assert [banding(threshold) for threshold in (0.7, 0.8, 0.9)] == [(32, 4), (25, 5), (16, 8)]
