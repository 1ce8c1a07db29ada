import unicodedata
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from taojin.core import normal
from taojin.core.normal import key_buffers, keys
from taojin.core.text import normalised
from taojin.tests.core.texts import QUICK, columns, cuts, texts

EVERY = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
NEIGHBOURS = st.text(
    st.sampled_from("aA \n\u3000\u00a0eΣσ·’がカハゝ\u3099\u309a\u0301\u0323\u0327\u0345각ㄱ\u1100\u1161\u11a8"
                    "\u0e33\u0e38\u0e48\u0dd9\u0dca\u0dcf\u0f73\ufb2a①½…ﷺＡ㎡ﬁİßÅ\u212b\U00016d63\U00016d67\ufe0f❤"),
    max_size=12,
)  # fmt: skip


def expected(column: list[str]) -> list[str]:
    """The keys as the library's expression makes them."""
    return pl.select(normalised(pl.lit(pl.Series(column, dtype=pl.String)))).to_series().to_list()


@QUICK
@given(column=st.one_of(columns, st.lists(NEIGHBOURS, max_size=4)), cut=cuts)
def test_keys_are_those_of_the_expression(column: list[str], cut: int):
    series = pl.Series("text", column, pl.String).slice(cut)
    found = keys(series)
    assert found.name == "text" and found.to_list() == expected(column[cut:])


def test_every_character_alone_and_between_others():
    for pattern in ("{}", "a{}b", "金{}\u0301", "Σ{}", "{0}{0}"):
        column = [pattern.format(one) for one in EVERY]
        assert keys(pl.Series(column)).to_list() == expected(column)


def test_nearly_all_characters_are_left_to_the_kernel():
    """Else a table that sends everything to the expression would pass, too."""
    codes = normal._table(simplified=False).codes
    letters = [ord(one) for one in "aZ金學ǅéÅñŐЖЩйёαωכגカがﾊ한글สวัสดีहि…①ﬁ，。！？“”「」\ufe0f😀"]
    assert not (codes[letters] == normal.DEPENDS).any()
    assert (codes == normal.DEPENDS).sum() < 3_000


@QUICK
@given(text=texts, simplified=st.booleans())
def test_the_key_of_a_key_is_itself(text: str, simplified: bool):
    once = keys(pl.Series([text]), simplified=simplified)
    assert keys(once, simplified=simplified).to_list() == once.to_list()


@pytest.mark.parametrize("size", [0, 1, 5, 4_000])
def test_texts_that_grow_find_room(size: int):
    column = ["\ufdfa" * size, "a" * size, "\u023a" * size]
    assert keys(pl.Series(column, dtype=pl.String)).to_list() == expected(column)


def test_null_is_an_empty_text():
    assert keys(pl.Series(["A", None, "e\u0301\n\u0e38\u0e48"])).to_list() == ["a", "", "é ุ่"]


def test_buffers_hold_the_keys():
    offsets, data = key_buffers(pl.Series(["Gold  ", "", "淘　金", "\u05d0\u05b8 B"]))
    parts = [bytes(data[a:b]).decode() for a, b in pairwise(offsets)]
    assert parts == ["gold", "", "淘 金", "\u05d0\u05b8 b"]


def test_simplified_keys_are_those_of_opencc_by_character():
    convert = OpenCC("t2s").convert
    han = [chr(code) for code in (*range(0x4E00, 0xA000), *range(0x3400, 0x4DC0))]
    found = keys(pl.Series(han), simplified=True).to_list()
    assert found == [convert(unicodedata.normalize("NFKC", one)) for one in han]


@pytest.mark.parametrize(
    ("one", "other"), [("淘金體驗", "淘金体验"), ("軟體 \u05d0\u05b8", "软体 \u05d0\u05b8")]
)
def test_both_spellings_of_chinese_have_one_simplified_key(one: str, other: str):
    found = keys(pl.Series([one, other]), simplified=True)
    assert found[0] == found[1]
    assert keys(pl.Series([one, other])).n_unique() == 2


def test_tables_are_read_only():
    table = normal._table(simplified=True)
    assert not any(array.flags.writeable for array in (table.codes, table.starts, table.expansions))
    with pytest.raises(ValueError, match="read-only"):
        table.codes[np.int64(65)] = 0
