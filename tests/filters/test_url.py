import pytest

from taojin.filters.batch import Batch
from taojin.filters.url import BLOCKED_WORDS, UrlRules
from taojin.tests.core.texts import documents

RULES = UrlRules(domains=("bad.example", "WWW.Other.example"))


def domains(url: str | None) -> int:
    return int(RULES.blocked_domain_count(Batch(documents(["x"], url=url)))[0])


def words(url: str | None, rules: UrlRules = RULES) -> int:
    return int(rules.blocked_word_count(Batch(documents(["x"], url=url)))[0])


@pytest.mark.parametrize(
    "url",
    [
        "http://bad.example",
        "https://bad.example/page",
        "HTTPS://WWW.BAD.EXAMPLE/Page",
        "http://deep.sub.bad.example:8080/?q=1",
        "http://user:word@bad.example/",
        "http://bad.example?q=1",
        "http://bad.example#top",
        "http://other.example/",
        "http://bad.example./",
        "http://bad.example/%E6%B2%99%",
    ],
)
def test_a_blocked_domain_and_its_subdomains_are_found(url: str):
    assert domains(url) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://notbad.example/",
        "http://bad.example.org/",
        "http://good.example/bad.example",
        "http://good.example/?to=http://bad.example/",
        "bad.example",
        "",
        None,
    ],
)
def test_other_hosts_are_not(url: str | None):
    assert domains(url) == 0


@pytest.mark.parametrize(
    ("url", "expected"),
    [("http://bad.example?x=@good.example", 1), ("http://good.example?x=@bad.example", 0)],
)
def test_an_at_sign_in_the_query_changes_no_host(url: str, expected: int):
    assert domains(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/casino", 1),
        ("HTTP://A.EXAMPLE/CASINO/Online-Casino.html", 2),
        ("http://casino.example/", 1),
        ("http://a.example/赌场/index.html", 1),
        ("http://a.example/%E8%B5%8C%E5%9C%BA/%63asino/100%", 2),
        ("http://a.example/sussex/essex-casinos", 0),
        ("http://a.example/x_sex_1", 1),
        ("http://a.example/色情网站", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_a_word_counts_between_separators(url: str | None, expected: int):
    assert words(url) == expected


@pytest.mark.parametrize("word", BLOCKED_WORDS)
def test_every_word_of_the_list_is_found(word: str):
    assert words(f"http://a.example/{word.upper()}") == 1


def test_a_recipes_words_take_the_place_of_the_list():
    rules = UrlRules(words=("Gold", "淘金"))
    assert words("http://a.example/GOLD/淘金/casino", rules) == 2
    assert words("http://a.example/casino", UrlRules(words=())) == 0


def test_each_document_is_judged_by_its_own_url():
    found = documents(["a", "b", "c"], url=["http://a.example/s%65x", None, "http://bad.example/"])
    assert RULES.blocked_word_count(Batch(found)).tolist() == [1, 0, 0]
    assert RULES.blocked_domain_count(Batch(found)).tolist() == [0, 0, 1]
