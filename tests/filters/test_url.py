import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.core.errors import UserError
from taojin.filters import wordlist
from taojin.filters.batch import Batch
from taojin.filters.matcher import Matcher, folded
from taojin.filters.url import HARD, SOFT, SUBWORDS, UrlRules
from taojin.tests.core.texts import QUICK, documents, texts

RULES = UrlRules(domains=("bad.example", "WWW.Other.example", "good.example/~bad"))
SHIPPED = wordlist.shipped("url_words")


def measured(*urls: str | None, rules: UrlRules = RULES) -> list[dict[str, int]]:
    found = rules.filter().measure(Batch(documents(["x"] * len(urls), url=urls)))
    assert set(found.struct.schema.values()) == {pl.Int64}
    return found.to_list()


def one(metric: str, url: str | None, rules: UrlRules = RULES) -> int:
    return measured(url, rules=rules)[0][metric]


@pytest.mark.parametrize(
    "url",
    [
        "http://bad.example",
        "https://bad.example/page",
        "HTTPS://WWW.BAD.EXAMPLE/Page",
        "http://deep.sub.bad.example:8080/?q=1",
        "http://user:word@bad.example/",
        "http://bad.example?x=@good.example",
        "http://bad.example#top",
        "http://bad.example./",
        "http://bad.example/%E6%B2%99%",
        "bad.example/page",
        "http://other.example/",
        "http://www.other.example/",
    ],
)
def test_a_blocked_domain_and_its_subdomains_are_found(url: str):
    assert one("blocked_domain_count", url) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://notbad.example/",
        "http://bad.example.org/",
        "http://good.example/bad.example",
        "http://good.example/?to=http://bad.example/",
        "http://good.example?x=@bad.example",
        "http://shop.other.example/",
        "http://",
        "://",
        "",
        None,
    ],
)
def test_other_hosts_are_not(url: str | None):
    assert one("blocked_domain_count", url) == 0


@pytest.mark.parametrize("listed", ["bücher.example", "xn--bcher-kva.example", "BÜCHER.example."])
@pytest.mark.parametrize("url", ["http://bücher.example/", "http://a.XN--BCHER-KVA.example/"])
def test_an_internationalised_name_is_one_name(listed: str, url: str):
    assert one("blocked_domain_count", url, UrlRules((listed,))) == 1


def test_a_url_of_the_list_stands_for_its_pages():
    urls = ("good.example/~BAD", "http://www.good.example/%7Ebad/x", "https://good.example/~bad2")
    assert [found["blocked_url_count"] for found in measured(*urls)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/casino", 1),
        ("HTTP://A.EXAMPLE/CASINO/Online-Casino.html", 2),
        ("http://casino.example/", 1),
        ("http://a.example/赌场/index.html", 1),
        ("http://xn--mes317j.example/", 1),
        ("http://a.example/%E8%B5%8C%E5%9C%BA/%63asino/100%", 2),
        ("http://a.example/賭場/", 1),
        ("http://a.example/91porn_1", 1),
        ("http://a.example/pornic-essex-casinorama", 0),
        ("http://a.example/色情网站", 0),
        ("http://a.example/films/casino-royale", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_a_hard_word_counts_between_separators(url: str | None, expected: int):
    assert one("blocked_word_count", url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://freeporn.example/", 1),
        ("http://foo.free-po.rn.example/any/bar", 1),
        ("http://a.example/在线赌场开户", 1),
        ("http://a.example/my-free-pornography-thesis", 1),
        ("http://a.example/free/pornic", 0),
        (None, 0),
    ],
)
def test_a_subword_is_found_inside_words_and_through_dots_and_dashes(url, expected):
    assert one("blocked_subword_count", url) == expected


def test_different_soft_words_count():
    urls = ("http://a.example/sex/sex-education", "http://a.example/sexy-lingerie", None)
    assert [found["soft_word_count"] for found in measured(*urls)] == [1, 2, 0]


@pytest.mark.parametrize(
    ("metric", "group"), [("blocked_word_count", HARD), ("soft_word_count", SOFT)]
)
def test_every_word_of_the_lists_is_found_in_capitals(metric: str, group: str):
    urls = [f"http://a.example/{word.upper()}" for word in SHIPPED[group]]
    assert [found[metric] for found in measured(*urls)] == [1] * len(urls)


def test_every_subword_is_found_inside_a_word():
    urls = [f"http://xx{word.upper()}yy.example/" for word in SHIPPED[SUBWORDS]]
    assert [found["blocked_subword_count"] for found in measured(*urls)] == [1] * len(urls)


def test_a_recipes_words_take_the_place_of_the_list():
    rules = UrlRules(words=("Gold", "淘金"), soft_words=(), subwords=("xgoldx",))
    found = one("blocked_word_count", "http://a.example/GOLD/淘金/casino", rules)
    assert found == 2
    assert one("soft_word_count", "http://a.example/sex", rules) == 0
    assert one("blocked_subword_count", "http://axgoldxb.example/freeporn", rules) == 1


def test_lists_of_hosts_and_words_are_added(tmp_path: Path):
    (tmp_path / "hosts").write_text("0.0.0.0 listed.example\n@@||fine.listed.example^\n")
    (tmp_path / "words.toml").write_text('hard = ["gold"]\nallowed = ["gold rush"]\n')
    rules = UrlRules(lists=(tmp_path / "hosts", tmp_path / "words.toml"))
    urls = ["http://listed.example/gold", "http://fine.listed.example/gold", "x.example/gold-rush"]
    found = measured(*urls, rules=rules)
    assert [one["blocked_domain_count"] for one in found] == [1, 0, 0]
    assert [one["blocked_word_count"] for one in found] == [1, 0, 0]
    assert one("blocked_word_count", "http://x.example/casino", rules) == 1


def test_a_list_that_changed_is_read_again(tmp_path: Path):
    file = tmp_path / "hosts"
    file.write_text("a.example\n")
    rules = UrlRules(lists=(file,))
    assert one("blocked_domain_count", "http://b.example", rules) == 0
    file.write_text("a.example\nb.example\n")
    assert one("blocked_domain_count", "http://b.example", rules) == 1


def test_what_is_allowed_wins_over_everything():
    rules = UrlRules(
        domains=("bad.example", "bad.example/x"), allow=("fine.bad.example", "bad.example/ok")
    )
    urls = (
        "http://fine.bad.example/x/freeporn/porn/sex",
        "http://bad.example/ok/porn",
        "http://bad.example/x",
        "http://bad.example/ok/../x",
        "http:bad.example/a/./%2e%2e//./x",
    )
    found = measured(*urls, rules=rules)
    assert not any(found[0].values())
    assert not any(found[1].values())
    for one in found[2:]:
        assert (one["blocked_domain_count"], one["blocked_url_count"]) == (1, 1)


def test_each_document_is_judged_by_its_own_url():
    found = measured("http://a.example/p%6frn", None, "http://bad.example/", "http://a.example/sex")
    assert [one["blocked_word_count"] for one in found] == [1, 0, 0, 0]
    assert [one["blocked_domain_count"] for one in found] == [0, 0, 1, 0]
    assert [one["soft_word_count"] for one in found] == [0, 0, 0, 1]


@QUICK
@given(st.lists(texts | texts.map("http://{}".format) | st.none(), min_size=1, max_size=5))
def test_no_url_crashes(urls):
    for found in measured(*urls):
        assert all(value >= 0 for value in found.values())


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (UrlRules(domains=("ok.example", "")), "url.domains: '' is no host"),
        (UrlRules(domains=("bad.*.example",)), r"url.domains: 'bad.\*.example' is no host"),
        (UrlRules(allow=("two words",)), "url.allow: 'two words' is no host"),
        (UrlRules(lists=(Path("nowhere"),)), "url.lists: no file or folder 'nowhere'"),
        (UrlRules(lists=(Path("nowhere.toml"),)), "url.lists: 'nowhere.toml' cannot be read"),
    ],
)
def test_what_is_not_right_is_told(rules: UrlRules, sentence: str):
    with pytest.raises(UserError, match=sentence):
        rules.check()


def test_a_word_list_with_an_unknown_group_is_told(tmp_path: Path):
    file = tmp_path / "words.toml"
    file.write_text('hrad = ["gold"]\n')
    with pytest.raises(UserError, match="no use for a group 'hrad'; known: hard, soft, subwords"):
        UrlRules(lists=(file,)).check()


def test_rules_that_are_right_pass_the_check(tmp_path: Path):
    (tmp_path / "domains").write_text("a.example\n")
    UrlRules(domains=("*.bad.example",), lists=(tmp_path,)).check()


def test_the_digest_moves_with_the_rules_and_the_bytes_of_the_lists(tmp_path: Path):
    (tmp_path / "a").write_text("a.example\n")
    (tmp_path / "b").write_text("a.example\n")
    rules = UrlRules(lists=(tmp_path / "a",))
    assert rules.digest() == UrlRules(lists=(tmp_path / "b",)).digest()
    digests = {rules.digest(), UrlRules().digest(), UrlRules(domains=("a.example",)).digest()}
    (tmp_path / "a").write_text("b.example\n")
    assert len({*digests, rules.digest()}) == 4


def test_no_word_stands_in_two_groups():
    words = [word for group in (HARD, SOFT, SUBWORDS) for word in folded(SHIPPED[group])]
    # a word of its own, hard, may also be found inside others
    twice = {word for word in words if words.count(word) > 1}
    assert twice <= set(folded(SHIPPED[SUBWORDS])) & set(folded(SHIPPED[HARD]))


INNOCENT = """
essex sussex middlesex wessex sextant sextet analytics analysis alphabet betty tibet cumulative document
circumstance scunthorpe cockburn penistone peacock cocktail titicaca titan classic assassin assessment
cassino montecassino casinorama pornic siripornchai hancock shiitake dickens therapist specialist socialist
viagrande slotted robots pokerface expertsexchange penisland whorepresents powergenitalia menswear
lottery bingham jackpotter escorting sexagenarian homosexual transsexual unisex
"""


def test_innocent_words_break_no_rule():
    words = INNOCENT.split()
    urls = [f"http://www.{a}.example/{b}/{a}{b}" for a in words for b in words]
    urls += [f"http://x.example/{a}-{b}-news.html" for a in words for b in words]
    found = pl.DataFrame(measured(*urls)).with_columns(url=pl.Series(urls))
    broken = found.filter(
        pl.any_horizontal(pl.col("^blocked_.*$") > 0) | (pl.col("soft_word_count") > 1)
    )
    assert broken["url"].to_list() == []


def test_no_subword_is_part_of_prose(shared_data: Path):
    matcher = Matcher(SHIPPED[SUBWORDS], joined=None)
    table = pl.read_ndjson(shared_data / "docs_en" / "docs_en.jsonl.zst", n_rows=1500)
    joined = table["text"].str.to_lowercase().str.replace_all(r"[^a-z\n]+", "")
    assert matcher.find(*string_buffers(joined)).tolist() == []


def test_subwords_stand_only_in_words_of_their_kind():
    import jieba

    lines = (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines()
    words = [line.split()[0] for line in lines]
    found = Matcher(SHIPPED[SUBWORDS], joined=None).find(*string_buffers(pl.Series(words)))
    assert all(re.search("色情|六合彩|百家乐|裸聊", words[row]) for row in found[:, 0])
