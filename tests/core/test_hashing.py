"""Ids are written into every run and into what outlives it; a golden value that changes orphans
all of them, so the values here may change only with a migration."""

import hashlib

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.errors import unknown
from taojin.core.hashing import content_hash, doc_id, fingerprint
from taojin.tests.core.texts import QUICK, texts

GOLDEN_ID = "8c82e4ba3a14146436a492b295aefb33"
names = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)


def test_doc_id_is_the_128_bit_hash_of_its_parts_between_zero_bytes():
    """A zero byte stands in no path, so the parts cannot run into each other."""
    expected = xxhash.xxh3_128_hexdigest("网页\0a/b.warc.gz\x001024".encode())
    assert doc_id("网页", "a/b.warc.gz", 1024) == expected == GOLDEN_ID


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The value that xxHash itself publishes for XXH3_128bits of no bytes with seed 0.
        ("", "99aa06d3014798d86001c324468d497f"),
        (
            "沙里有金",
            "27b8723d3885b5f734e988265167abb7",
        ),  # of the UTF-8 bytes, whatever the platform's own encoding is
    ],
)
def test_content_hash_is_stable(text: str, expected: str):
    assert content_hash(text) == expected == xxhash.xxh3_128_hexdigest(text.encode())


@QUICK
@given(one=st.tuples(names, names, st.integers(0)), other=st.tuples(names, names, st.integers(0)))
def test_ids_differ_where_their_parts_do(one: tuple[str, str, int], other: tuple[str, str, int]):
    assert (doc_id(*one) == doc_id(*other)) == (one == other)


def test_parts_do_not_run_into_each_other():
    ids = {doc_id("a", "bc", 1), doc_id("ab", "c", 1), doc_id("a", "b", 11), doc_id("a", "b1", 1)}
    assert len(ids) == 4


@QUICK
@given(one=texts, other=texts)
def test_content_hashes_differ_where_texts_do(one: str, other: str):
    assert (content_hash(one) == content_hash(other)) == (one == other)


def test_a_fingerprint_does_not_depend_on_the_order_of_keys():
    parts = {"b": [1, 2], "a": {"y": "沙", "x": None}}
    assert fingerprint(parts) == fingerprint({"a": {"x": None, "y": "沙"}, "b": [1, 2]})
    canonical = '{"a": {"x": null, "y": "沙"}, "b": [1, 2]}'
    assert fingerprint(parts) == hashlib.sha256(canonical.encode()).hexdigest()[:24]


@pytest.mark.parametrize(
    "other", [{"a": [2, 1]}, {"a": [1, 2, 3]}, {"b": [1, 2]}, {"a": "[1, 2]"}, {"a": [1, 2.0]}]
)
def test_a_fingerprint_depends_on_every_value(other: dict[str, object]):
    assert fingerprint({"a": [1, 2]}) != fingerprint(other)


def test_an_error_names_what_is_known():
    error = unknown("filters.x", "metric", "wrod", ["word", "line"])
    assert str(error) == "filters.x: no metric 'wrod'; known: line, word"
