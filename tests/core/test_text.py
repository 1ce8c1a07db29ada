import unicodedata

import numpy as np
import polars as pl
import pytest
import regex
from hypothesis import given

from taojin.core import text
from taojin.core.text import UNIT, character_classes, normalised, unit_count
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns


def keys(*found: str) -> list[str]:
    return pl.DataFrame({"text": found}).select(normalised(pl.col("text"))).to_series().to_list()


@QUICK
@given(column=columns)
def test_units_are_those_of_the_oracle(column: list[str]):
    series = pl.Series("text", column, pl.String)
    assert series.str.extract_all(UNIT).to_list() == [oracles.units(one) for one in column]
    counts = series.to_frame().select(unit_count(pl.col("text"))).to_series().to_list()
    assert counts == [len(oracles.units(one)) for one in column]


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("淘金 is gold", ["淘", "金", "is", "gold"]),
        ("iPhone手机15", ["iPhone", "手", "机", "15"]),
        ("don't stop", ["don", "t", "stop"]),
        ("한국어 글", ["한국어", "글"]),
        ("カナ・ひら", ["カ", "ナ", "ひ", "ら"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("😀，。！", []),
        ("", []),
    ],
)
def test_what_a_unit_is(given_text: str, expected: list[str]):
    assert pl.Series([given_text]).str.extract_all(UNIT).to_list() == [expected]


def members(bit: int) -> set[str]:
    return {chr(code) for code in np.flatnonzero(character_classes() & bit)}


@pytest.mark.parametrize(
    ("bit", "pattern"),
    [
        (text.WORD, r"\w"),
        (text.UNSPACED_CHARACTER, oracles.UNSPACED.pattern),
        (text.LETTER, r"\p{Alphabetic}"),
        (text.SPACE, r"\p{White_Space}"),
        (text.WIDE, oracles.WIDE.pattern),
    ],
)
def test_classes_agree_with_regex_on_every_assigned_code_point(bit: int, pattern: str):
    match = regex.compile(pattern, regex.V1).match
    assigned = {
        chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")
    }
    assert members(bit) & assigned == {one for one in assigned if match(one)}


def test_classes_of_punctuation_are_the_listed_characters():
    assert members(text.END) == set(oracles.SENTENCE_ENDS)
    assert members(text.CLOSER) == set(oracles.CLOSERS)
    assert members(text.BULLET) == set(oracles.BULLETS)


def test_classes_are_read_only():
    assert character_classes().shape == (0x110000,)
    assert not character_classes().flags.writeable


@QUICK
@given(column=columns)
def test_normalised_twice_is_once(column: list[str]):
    once = keys(*column) if column else []
    assert once == (keys(*once) if once else [])


@QUICK
@given(column=columns)
def test_normalised_is_nfkc_lower_case_and_single_spaces(column: list[str]):
    for one, key in zip(column, keys(*column) if column else [], strict=True):
        assert unicodedata.is_normalized("NFKC", key)
        assert key == oracles.strip(oracles.SPACES.sub(" ", key))
        assert not any(c.isupper() and c.lower() != c for c in key if len(c.lower()) == 1), one


def test_normalising_every_character_again_changes_nothing():
    once = keys(*(chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000))
    assert keys(*once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("Gold\u00a0\u3000\r\n\tSand", "gold sand"),
        ("  沙里有金！ ", "沙里有金!"),
        ("e\u0301", "é"),
        ("ﬁne", "fine"),
        ("J\u030c", "\u01f0"),  # only the small letter has a composed form
        ("ｶﾞ", "ガ"),
    ],
)
def test_the_same_text_has_the_same_key(one: str, other: str):
    assert keys(one) == keys(other) == [other]


def test_different_texts_have_different_keys():
    assert len(set(keys("a b", "ab", "a,b", "沙", "砂", "é", "e"))) == 7
