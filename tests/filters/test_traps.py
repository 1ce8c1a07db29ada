"""What other tools fall into, each of them seen in one: none of it may happen here."""

import json
import os
import subprocess
import sys

import polars as pl
import pytest

from taojin.core import stage
from taojin.core.errors import UserError
from taojin.filters.bounds import rules
from taojin.filters.language import DetectLanguage, language_filter
from taojin.filters.registry import Registry
from taojin.filters.rules import Measure, reasons
from taojin.filters.url import UrlRules
from taojin.tests.core.texts import documents

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
FILTERS = tuple(Registry(LANGUAGES).filters.values())

PROSE = (
    "淘金者在河边洗沙，一盘一盘地洗。沙子流走了，金子留在盘底。他说，河水不会骗人，"
    "急的地方没有金子，弯的地方才有。于是他沿着河走了三天，在每一个弯处停下来，试一试，"
    "再往前走。第三天的傍晚，他在一棵老柳树下找到了第一粒金子，小得像一粒米，却很亮。"
)
SPAM = "加微信领红包 " * 200
ODD = {
    "empty": "",
    "one line": "The river carries sand, and in the sand there is gold.",
    "a newline alone": "\n",
    "no newline, long": "gold " * 5_000,
    "white space of every kind": " \t\u3000\u00a0\u2028\n\r\n",
    "signs alone": "。！？…——《》{}[]#*",
    "a lone combining mark": "\u0301",
    "beyond the basic plane": "𠮷野家😀🇨🇳\U000e0101",
    "one character": "金",
    "fewer words than any n-gram": "洗沙",
    "symbols before a newline": "#\n#\n…\n",
}


def measured(*texts: str, lang: str = "zh-Hans") -> pl.DataFrame:
    found = documents(list(texts)).with_columns(pl.lit(lang).alias("lang"))
    return stage.run(Measure(FILTERS), found)


def reasons_of(*texts: str, lang: str = "zh-Hans") -> list[list[str]]:
    found = measured(*texts, lang=lang).select(reasons(rules(FILTERS, {})))
    return found["drop_reasons"].to_list()


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("lang", ["en", "zh-Hans", "und"])
def test_every_metric_of_odd_text_is_finite(name: str, lang: str):
    """NeMo Curator divides by zero on Chinese with a newline; the stage's contract is the judge."""
    assert measured(ODD[name], lang=lang).height == 1


def test_pure_spam_is_no_zero():
    """NeMo Curator's top n-grams score 0.0 on a Chinese text that is one phrase repeated."""
    (repetition,) = measured(SPAM)["gopher_repetition"].to_list()
    assert repetition["top_3_gram_ratio"] > 0.4
    assert repetition["duplicate_5_gram_ratio"] > 0.8
    assert any("gopher_repetition" in reason for reason in reasons_of(SPAM)[0])


@pytest.mark.parametrize("text", [SPAM, "哈" * 3_000, "ab ab " * 900, "一二一二一" * 400])
def test_a_share_of_ngrams_is_never_above_one(text: str):
    """NeMo Curator's reaches 1.5, since it adds the n-grams' lengths instead of positions."""
    (repetition,) = measured(text)["gopher_repetition"].to_list()
    assert all(0 <= value <= 1 for value in repetition.values())


def test_ordinary_chinese_prose_passes():
    """Every peer's Gopher rules drop it: English stop words, words of three letters and more."""
    assert reasons_of(PROSE, lang="zh-Hans") == [[]]


@pytest.mark.parametrize("code", ["zh", "zho", "cmn", "chinese", "no", "EN"])
def test_a_language_code_that_is_not_known_is_an_error(code: str):
    """datatrove reads Chinese given as `zh` as words between spaces, and says nothing."""
    with pytest.raises(UserError, match=f"no language '{code}'; known: .*zh-Hans"):
        language_filter([code])
    with pytest.raises(UserError, match=f"no language '{code}'"):
        rules(FILTERS, {"c4": {"lang": {code: {}}}})


def test_a_page_in_traditional_characters_is_chinese_too():
    """NeMo Curator drops all of them."""
    text = "淘金者在河邊洗沙，沙子流走了，金子留在盤底。他說，河水不會騙人，於是沿著河走了三天。"
    assert DetectLanguage(LANGUAGES)(documents([text]))["lang"].to_list() == ["zh-Hant"]


def test_capitals_in_a_url_hide_nothing():
    """datatrove compares URLs as they are with lists in small letters."""
    found = Registry(("en",), UrlRules(domains=("bad.example",))).choose(("url",))
    plain, shouted = (
        stage.run(Measure(found), documents(["gold"], url=url))["url"][0]
        for url in ("http://www.bad.example/casino", "HTTP://WWW.BAD.EXAMPLE/CASINO")
    )
    assert plain == shouted and plain["blocked_domain_count"] == 1


def test_a_document_without_a_url_passes():
    """datatrove's URL filter stops the run."""
    found = documents(["gold"]).with_columns(
        pl.col("source").struct.with_fields(pl.lit(None, pl.String).alias("url"))
    )
    url = stage.run(Measure(Registry(("en",)).choose(("url",))), found)["url"][0]
    assert set(url.values()) == {0}


_PROBE = """
import json, sys
from taojin.tests.filters.test_traps import ODD, PROSE, SPAM, measured
found = measured(*ODD.values(), PROSE, SPAM)
json.dump(found.select(found.columns[6:]).to_dicts(), sys.stdout)
"""


def test_the_seed_of_pythons_hashes_changes_nothing():
    """NeMo Curator keeps or drops the same document by it."""
    probes = [
        subprocess.run(
            [sys.executable, "-c", _PROBE],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "7")
    ]
    assert json.loads(probes[0]) and probes[0] == probes[1]
