"""Folding of characters, against Python's own Unicode tables and `core.text`."""

import unicodedata

import numpy as np
import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.dedup.evaluation import characters
from taojin.dedup.evaluation.characters import folding
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK

CODE = (1 << 21) - 1


def compared_as(character: str) -> str:
    found = folding()
    value = int(found.table[ord(character)])
    if value & characters.NOTHING:
        return ""
    if not value & characters.MANY:
        return chr(value & CODE)
    first = (value & CODE) + 1
    return "".join(chr(int(one) & CODE) for one in found.rest[first:][: found.rest[first - 1]])


@pytest.mark.parametrize(
    ("character", "folded"),
    [
        ("A", "a"),
        ("Ａ", "a"),
        ("１", "1"),
        ("①", "1"),
        ("½", "1⁄2"),
        ("é", "e\u0301"),
        ("Σ", "σ"),
        ("ς", "σ"),
        ("漢", "汉"),
        ("⼴", "广"),
        ("が", "か\u3099"),
        ("ｶ", "カ"),
        ("가", "\u1100\u1161"),
        ("\u00ad", ""),
        ("\u200b", ""),
        ("\ufe0f", ""),
        ("😀", "😀"),
        ("ﷺ", "صلى الله عليه وسلم"),
    ],
)
def test_case_width_form_and_script_are_folded(character: str, folded: str) -> None:
    assert compared_as(character) == folded


@QUICK
@given(character=st.characters(exclude_categories=("Cs", "Cn", "Cf", "Co")))
def test_a_character_is_its_compatibility_decomposition_in_lower_case(character: str) -> None:
    """Where Python and Polars know the same Unicode; Han is simplified besides."""
    small = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).lower()).replace(
        "ς", "σ"
    )
    simple = opencc.OpenCC("t2s").convert(small) if oracles.UNSPACED.match(small) else small
    variation = 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF
    mongolian = character in "\u180b\u180c\u180d\u180f"
    assert compared_as(character) == ("" if variation or mongolian else simple)


def test_the_tables_are_read_only_and_whole() -> None:
    found = folding()
    assert found.table.size == 0x110000 and not found.table.flags.writeable
    many = found.table[(found.table & characters.MANY) != 0] & CODE
    assert np.all(found.rest[many] + many < found.rest.size)
