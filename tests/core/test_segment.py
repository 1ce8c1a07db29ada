"""Words are jieba's, to the character, for its own dictionary and for any other."""

import io
import itertools
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import jieba
import numpy as np
import polars as pl
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import segment
from taojin.core.arrow import string_buffers
from taojin.tests import oracles
from taojin.tests.core.texts import (
    CHARACTERS,
    QUICK,
    chinese_columns,
    chinese_texts,
    columns,
    cuts,
    sliced,
)


def texts_of(column: list[str], cut: int = 0) -> pl.Series:
    return pl.Series("text", sliced(column, cut), pl.String)


@QUICK
@given(column=st.one_of(columns, chinese_columns), cut=cuts)
def test_words_are_those_of_jieba(column: list[str], cut: int):
    texts = texts_of(column, cut)
    assert segment.words(texts).to_list() == [oracles.jieba_words(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("结合成分子时", ["结合", "成", "分子", "时"]),
        ("工信处女干事每月经过下属科室", ["工信处", "女干事", "每月", "经过", "下属", "科室"]),
        ("iPhone手机15号", ["iPhone", "手机", "15", "号"]),
        ("C++和c#，AT&T a-b", ["C++", "和", "c#", "，", "AT&T", " ", "a", "-", "b"]),
        ("穿T恤a1，a1b2", ["穿", "T恤", "a1", "，", "a1b2"]),
        ("一\r\n二\r三", ["一", "\r\n", "二", "\r", "三"]),
        ("α β😀", ["α", " ", "β", "😀"]),
        ("", []),
    ],
)
def test_words_by_hand(text: str, expected: list[str]):
    assert segment.words(texts_of([text])).to_list() == [expected] == [oracles.jieba_words(text)]


def test_every_character_is_cut_as_by_jieba():
    text = "".join(f"{character}金" for character in CHARACTERS)
    assert segment.words(texts_of([text])).to_list() == [oracles.jieba_words(text)]


def dictionary_and_text(alphabet: str) -> st.SearchStrategy[tuple[dict[str, int], str]]:
    """Few characters and counts, so that many cuts weigh the same, and words that only begin others."""
    word = st.text(st.sampled_from(alphabet), min_size=1, max_size=3)
    text = st.text(st.sampled_from(alphabet + "。"), max_size=20)
    return st.tuples(st.dictionaries(word, st.integers(1, 2), min_size=1, max_size=20), text)


ALPHABETS = ["沙里", "沙里a", "aB9", "沙-%.", "C+#&_", "\u4e00\u9fd5\u9fd6"]


@pytest.mark.parametrize("alphabet", ALPHABETS)
@QUICK
@given(data=st.data())
def test_any_dictionary_is_read_as_by_jieba(alphabet: str, data: st.DataObject):
    counts, text = data.draw(dictionary_and_text(alphabet))
    table = pl.DataFrame({"word": list(counts), "count": list(counts.values())})
    _, starts = segment.cut(*string_buffers(texts_of([text])), segment.build(table))
    encoded = text.encode()
    found = [encoded[start:end].decode() for start, end in itertools.pairwise(starts)]
    assert found == list(tokenizer(counts).cut(text, HMM=False))


def tokenizer(counts: Mapping[str, int]) -> jieba.Tokenizer:
    lines = "".join(f"{word} {count}\n" for word, count in counts.items())
    file = io.BytesIO(lines.encode())
    made = jieba.Tokenizer()
    made.FREQ, made.total = made.gen_pfdict(file)
    made.initialized = True
    return made


def test_every_word_of_the_dictionary_has_the_weight_that_jieba_gives_it():
    """Alone in a text, a word of the dictionary is cut where jieba cuts it."""
    words = segment.entries()["word"].gather_every(50)
    assert segment.words(words).to_list() == [oracles.jieba_words(word) for word in words]
    assert dict(segment.entries().iter_rows()) == {
        word: count for word, count in oracles.jieba_tokenizer().FREQ.items() if count
    }


@pytest.mark.parametrize("most_characters", [0, 1, 7, 2000])
@QUICK
@given(column=st.one_of(columns, chinese_columns), cut=cuts)
def test_spaced_words_are_those_of_the_beginning_in_small_letters(
    most_characters: int, column: list[str], cut: int
):
    texts = texts_of(column, cut)
    expected = [oracles.spaced(text, most_characters) for text in texts]
    assert segment.spaced(texts, most_characters).to_list() == expected


@pytest.mark.parametrize("text", ["ΑΣ Σ ΑΣΑ", "İI", "ǅ ß ẞ", "\x1c\x85\u2028金\u3000", " \r\n\t "])
def test_small_letters_and_white_space_are_those_of_python(text: str):
    assert segment.spaced(texts_of([text]), 100).to_list() == [oracles.spaced(text, 100)]


def test_a_column_of_nothing_has_no_words():
    assert segment.words(texts_of([])).to_list() == []
    assert segment.spaced(texts_of([]), 10).to_list() == []
    assert segment.words(pl.Series([None, "金"])).to_list() == [[], ["金"]]


@QUICK
@given(column=chinese_columns, texts=chinese_texts)
def test_a_text_is_cut_alike_in_any_company(column: list[str], texts: str):
    assert segment.words(texts_of([*column, texts])).to_list()[-1:] == [oracles.jieba_words(texts)]


def test_the_dictionary_is_read_only_and_made_once():
    made = segment.dictionary()
    assert made is segment.dictionary()
    arrays = [value for value in vars(made).values() if isinstance(value, np.ndarray)]
    assert len(arrays) == 6 and not any(array.flags.writeable for array in arrays)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_real_documents_are_cut_as_by_jieba(shared_data: Path, language: str):
    texts = sample(shared_data / f"docs_{language}" / f"docs_{language}.jsonl.zst")
    assert len(texts) > 30
    for text, found in zip(texts, segment.words(pl.Series(texts)), strict=True):
        assert found.to_list() == oracles.jieba_words(text)


@cache
def sample(path: Path) -> list[str]:
    """The first 3,000 characters of every 130th document."""
    with path.open("rb") as file:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), "utf-8")
        return [
            json.loads(line)["text"][:3000]
            for number, line in enumerate(lines)
            if number % 130 == 0
        ]
