"""Chinese in particular: every metric against its oracle, and against pages made for the purpose."""

import tomllib
from collections.abc import Callable
from importlib.resources import files

import numpy as np
import opencc
import polars as pl
import pytest
import regex
from hypothesis import given

from taojin.filters import chinese, chinese_characters, chinese_kernels
from taojin.filters.batch import Batch
from taojin.filters.chinese import CHINESE
from taojin.filters.chinese_characters import (
    EITHER,
    SIMPLIFIED,
    STOP_EITHER,
    STOP_SIMPLIFIED,
    STOP_TRADITIONAL,
    TRADITIONAL,
    character_classes,
)
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, chinese_columns, chinese_texts, columns, documents

share = oracles.share
BOILERPLATE = tomllib.loads(
    files("taojin.filters").joinpath("lists/boilerplate.toml").read_text("utf-8")
)


def boilerplate(text: str) -> float:
    lists = BOILERPLATE["anywhere"], BOILERPLATE["first"]
    return share(oracles.boilerplate_lines(text, *lists), len(oracles.lines(text)))


def stop(text: str) -> float:
    found = sum(one in "的是了在和有不这這中为為" for one in text)
    return share(found, sum(bool(regex.match(r"\p{Han}", one)) for one in text))


def full_width(text: str) -> float:
    found = regex.findall("[０-９Ａ-Ｚａ-ｚ]", text)
    return share(len(found), oracles.visible(text))


ORACLES: dict[str, Callable[[str], float]] = {
    "han_ratio": lambda text: share(len(oracles.han(text)), len(oracles.units(text))),
    "boilerplate_line_ratio": boilerplate,
    "stop_character_ratio": stop,
    "symbol_ratio": lambda text: share(oracles.signs(text), oracles.visible(text)),
    "full_width_ratio": full_width,
    "script_mix_ratio": oracles.script_mix,
    "unclosed_bracket_ratio": oracles.unclosed_brackets,
    "out_of_vocabulary_ratio": lambda text: share(
        oracles.out_of_vocabulary(text), len(oracles.han(text))
    ),
    "top_word_ratio": lambda text: share(oracles.top_words(text), len(oracles.han(text))),
    "keyword_list_ratio": lambda text: share(oracles.keyword_lists(text), len(oracles.han(text))),
    "phrase_list_ratio": lambda text: share(oracles.phrase_lists(text), len(oracles.han(text))),
    "embedded_mark_ratio": lambda text: share(oracles.embedded_marks(text), len(oracles.han(text))),
    "scattered_phrase_ratio": lambda text: share(
        oracles.scattered_phrases(text), len(oracles.han(text))
    ),
}


def measured(*texts: str) -> pl.DataFrame:
    return CHINESE.measure(Batch(documents(texts))).struct.unnest()


@QUICK
@given(column=columns | chinese_columns)
def test_metrics_are_those_of_the_oracle(column: list[str]):
    found = measured(*column)
    assert set(ORACLES) == set(found.columns) - {"seo_term_ratio"}
    for metric, oracle in ORACLES.items():
        expected = [oracle(text) if oracles.han(text) else 0.0 for text in column]
        assert found[metric].to_list() == pytest.approx(expected), metric


@QUICK
@given(text=chinese_texts)
def test_a_document_is_measured_alike_in_any_company(text: str):
    crowd = measured("The sand. " * 9, text, "", "沙里淘金。" * 50, "版权所有")
    assert crowd[1].equals(measured(text))


def metric(name: str, text: str) -> float:
    return measured(text)[name][0]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("han_ratio", "用 pip 安装", 3 / 4),
        ("boilerplate_line_ratio", "上一篇：甲\n\n正文\n版权所有 上一篇\n版權所有", 3 / 4),
        ("boilerplate_line_ratio", "来源：新华社\n其来源：甲\n" + "版权所有" * 16, 1 / 3),
        ("symbol_ratio", "一=二\n==== {x}", 4 / 10),
        ("symbol_ratio", "=一=", 2 / 3),
        ("full_width_ratio", "共１２页Ａ，", 3 / 6),
        ("script_mix_ratio", "國語和国语，后来的皇后", 2 / 5),
        ("unclosed_bracket_ratio", "（一）二）“三”《四", 2 / 6),
        ("out_of_vocabulary_ratio", "统，数，我们", 2 / 4),
        ("out_of_vocabulary_ratio", "統，數，我們", 2 / 4),
        ("out_of_vocabulary_ratio", "花前月下", 0),
        ("top_word_ratio", "淘金，" * 5 + "好", 10 / 11),
        ("top_word_ratio", "淘金，" * 4, 0),
        ("top_word_ratio", "".join(f"{word}，" * 5 for word in ("淘金", "数据", "系统", "北京", "上海", "他们")), 5 / 6),
        ("top_word_ratio", "小S，" * 5, 1),
        ("keyword_list_ratio", "沙里淘金" + " | 沙" * 9, 1),
        ("keyword_list_ratio", "沙里淘金" + " | 沙" * 8, 0),
        ("keyword_list_ratio", "沙_" * 10 + "金。金", 11 / 12),
        ("keyword_list_ratio", "沙" * 13 + " 金" * 10, 10 / 23),
        ("keyword_list_ratio", "金 " * 9 + "沙" * 13 + " 金" * 9, 0),
        ("phrase_list_ratio", "1. 淘金\n" * 25, 1),
        ("phrase_list_ratio", "1. 淘金\n" * 24, 0),
        ("phrase_list_ratio", "淘金，" * 24 + "沙pip金", 1),
        ("phrase_list_ratio", "淘金，" * 24 + "淘金。金", 50 / 51),
        ("phrase_list_ratio", "淘金，" * 24 + "沙" * 13, 0),
        ("embedded_mark_ratio", "沙＃金†‡沙，金", 2 / 4),
        ("embedded_mark_ratio", "**沙** 金·沙（金）“沙”—金", 0),
        ("embedded_mark_ratio", "■沙★ ★金\ufffd", 0),
        ("seo_term_ratio", "免费下载，官网。金", 6 / 7),
        ("seo_term_ratio", "免費下載", 1),
    ],
)  # fmt: skip
def test_values_by_hand(name: str, text: str, expected: float):
    assert metric(name, text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["", "\n", "gold {} <b> == １２ （", "かな（「", "한글 | 한글", "⼀"]
)
def test_everything_is_0_where_no_han_letter_is_written(text: str):
    assert set(measured(text).row(0)) == {0.0}


@pytest.mark.parametrize(
    ("characters", "expected"),
    [
        ("国说学书", SIMPLIFIED),
        ("國說學書", TRADITIONAL),
        ("一人山金后里台只著", EITHER),
        ("的是了在和有不中", STOP_EITHER),
        ("这为", STOP_SIMPLIFIED),
        ("這為", STOP_TRADITIONAL),
    ],
)
def test_the_script_of_a_character(characters: str, expected: int):
    assert {int(character_classes()[ord(one)]) for one in characters} == {expected}


def members(*classes: int) -> set[str]:
    return {chr(code) for code in np.flatnonzero(np.isin(character_classes(), classes))}


def test_characters_of_one_script_are_those_of_the_oracle():
    simplified, traditional = oracles.scripts()
    assert members(SIMPLIFIED, STOP_SIMPLIFIED) == simplified
    assert members(TRADITIONAL, STOP_TRADITIONAL) == traditional


def test_bound_characters_are_those_that_seldom_are_words():
    assert set("的是了我人山水花月大小系统数民") & oracles.bound_characters() == set("系统数民")
    kinds = chinese_characters.character_kinds()
    found = {chr(code) for code in np.flatnonzero(kinds & chinese_kernels.BOUND)}
    han = map(chr, range(0x4E00, 0xA000))
    assert {one for one in found if "一" <= one <= "\u9fff"} == {
        one for one in han if oracles.simplified(one) in oracles.bound_characters()
    }


def test_tables_are_read_only():
    tables = (character_classes(), chinese_characters.character_kinds())
    assert not any(table.flags.writeable for table in tables)


PROSE = """我们在上一节介绍了如何读取数据。为了训练模型，首先需要把数据分成训练集和测试集，然后在训练集上
最小化损失函数，并且在测试集上检查结果。如果两者相差很大，就说明模型没有学到真正的规律。"""


def test_shuffled_characters_are_out_of_vocabulary_and_prose_is_not():
    shuffled = "".join(np.random.default_rng(1).permutation(list(PROSE)))
    assert metric("out_of_vocabulary_ratio", PROSE) < 0.05
    assert metric("out_of_vocabulary_ratio", shuffled) > 0.23


def test_traditional_prose_is_cut_like_simplified_prose():
    traditional = opencc.OpenCC("s2t").convert(PROSE)
    assert traditional != PROSE
    assert metric("out_of_vocabulary_ratio", traditional) == metric(
        "out_of_vocabulary_ratio", PROSE
    )


def test_a_poem_is_no_list_of_keywords():
    poem = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n" * 5
    assert metric("keyword_list_ratio", poem) == 0


def stuffed(text: str, keywords: list[str], every: int) -> str:
    """The text with a keyword after every so many characters."""
    pieces = [text[start : start + every] for start in range(0, len(text), every)]
    return "".join(piece + keywords[at % len(keywords)] for at, piece in enumerate(pieces))


LONG_PROSE = "".join(chr(0x4E00 + (7919 * at) % 5003) + "，" * (at % 9 == 0) for at in range(3000))
"""Characters in no order: nothing of it comes back."""


@pytest.mark.parametrize("keywords", [["减肥药"], ["房价走势", "学区房"], ["装修公司", "北京装修"]])
def test_words_of_no_list_that_are_stuffed_into_a_text_are_scattered_phrases(keywords: list[str]):
    assert metric("scattered_phrase_ratio", LONG_PROSE) == 0
    found = stuffed(LONG_PROSE, keywords, 25)
    added = len(oracles.han(found)) - len(oracles.han(LONG_PROSE))
    assert metric("scattered_phrase_ratio", found) == pytest.approx(
        added / len(oracles.han(found)), rel=0.1
    )
    listed = "，\n".join(keywords * 30)
    assert metric("scattered_phrase_ratio", listed) == 1


def test_a_term_that_comes_back_in_the_same_constructions_is_not_scattered():
    law = "".join(
        f"{'由向的'[at % 3]}人民法院{'应可的依'[at % 4]}{LONG_PROSE[40 * at : 40 * at + 40]}。"
        for at in range(80)
    )
    assert metric("scattered_phrase_ratio", law) == 0
    assert metric("scattered_phrase_ratio", stuffed(LONG_PROSE, ["人民法院"], 40)) > 0.08


def test_the_end_of_a_long_text_is_judged_like_its_beginning():
    page = "".join(chr(0x4E00 + at) for at in range(16_384)) + stuffed(LONG_PROSE, ["减肥药"], 10)
    assert metric("scattered_phrase_ratio", page) > 0.03


def test_a_stuffed_page_is_full_of_its_words_and_terms():
    page = "数据最新价格 免费下载 官网 " * 20
    found = measured(page).row(0, named=True)
    assert found["top_word_ratio"] == 5 / 6  # of six words
    assert found["keyword_list_ratio"] == 1
    assert found["seo_term_ratio"] > 0.8


def test_words_are_counted_in_parts_of_a_large_column_as_in_one(monkeypatch: pytest.MonkeyPatch):
    texts = [PROSE * times for times in (1, 0, 3, 2, 5, 1)] + ["", "系统", PROSE]
    whole = measured(*texts)
    for size in (1, 100, 700, 3000):
        monkeypatch.setattr(chinese, "_PART_BYTES", size)
        assert measured(*texts).equals(whole)
