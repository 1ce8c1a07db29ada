import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taojin.dedup.documents.urls import canonical, unmasked, url_keys
from taojin.tests.core.texts import QUICK


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://Example.COM", "example.com"),
        ("http://www.example.com/", "example.com"),
        ("//example.com/a/", "example.com/a"),
        ("example.com:80/a", "example.com/a"),
        ("https://example.com:443/a", "example.com/a"),
        ("http://example.com:8080/a", "example.com:8080/a"),
        ("https://joe:secret@example.com/a", "example.com/a"),
        ("http://example.com/a#part", "example.com/a"),
        ("http://example.com/#!/page/3", "example.com#!/page/3"),
        ("http://example.com/a?utm_source=x&b=2&a=1&gclid=3&fbclid=4&spm=5", "example.com/a?a=1&b=2"),
        ("http://example.com/a?b=2&a=1", "example.com/a?a=1&b=2"),
        ("http://example.com/a?UTM_Medium=x", "example.com/a"),
        ("http://example.com/a?", "example.com/a"),
        ("http://example.com/a?q=x+y", "example.com/a?q=x%20y"),
        ("http://example.com/dir/index.html", "example.com/dir"),
        ("http://example.com/dir/INDEX.htm?x=1", "example.com/dir?x=1"),
        ("http://example.com/my-index.html", "example.com/my-index.html"),
        ("http://example.com/%7Ejoe/%e4%b8%ad", "example.com/~joe/%E4%B8%AD"),
        ("http://example.com/~joe/中", "example.com/~joe/%E4%B8%AD"),
        ("http://example.com/a%2Fb", "example.com/a%2Fb"),
        ("http://example.com/100%", "example.com/100%25"),
        ("http://example.com/a/./b/../c", "example.com/a/c"),
        ("http://example.com/a;jsessionid=1F?x=1", "example.com/a?x=1"),
        ("https://Bücher.example/", "xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("https://中文网.中国/新闻", "xn--fiq228c5hs.xn--fiqs8s/%E6%96%B0%E9%97%BB"),
        ("http://example.com./a", "example.com/a"),
        ("http://www.com/a", "www.com/a"),
        ("http://[::1]:80/a", "[::1]/a"),
        ("http://[::1]/a", "[::1]/a"),
        ("ftp://example.com:21/a", "ftp://example.com/a"),
        (" http://example.com/a\n", "example.com/a"),
        ("", ""),
        ("#top", ""),
        ("/only/a/path", ""),
    ],
)  # fmt: skip
def test_a_page_has_one_spelling(written: str, expected: str):
    assert canonical(written) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/a", "http://example.com/A"),
        ("http://example.com/a?id=1", "http://example.com/a?id=2"),
        ("http://a.example.com/", "http://b.example.com/"),
        ("http://example.com/a?source=x", "http://example.com/a"),
        ("http://example.com/a%2Fb", "http://example.com/a/b"),
        ("http://example.com:8080/", "http://example.com/"),
        ("http://example.com/#!/a", "http://example.com/#!/b"),
    ],
)
def test_other_pages_have_other_spellings(one: str, other: str):
    assert canonical(one) != canonical(other)


pieces = st.sampled_from(
    ["http://", "https:", "//", "/", "\\", "www.", "example.com", "中", "bücher.de", "@", ":", "80",
     "443", "?", "&", "=", "+", "#", "!", "%", "%41", "%2f", "%E4", "index.html", "..", ".", ";",
     "sid=1", "utm_x=1", "a", "B", " ", "[", "]", "\ud800", "ß", "ﬀ", "｡", "xn--", "\u200d"]
)  # fmt: skip


@QUICK
@given(parts=st.lists(pieces, max_size=12))
@example(parts=["/index.html/index.html/"])
@example(parts=["http://", "www.", "www.", "a", ".", "B"])
def test_a_canonical_url_stays_as_it_is(parts: list[str]):
    once = canonical("".join(parts))
    assert canonical(once) == once


@QUICK
@given(text=st.text(max_size=30))
def test_every_string_has_a_spelling(text: str):
    once = canonical(text)
    assert canonical(once) == once


def test_a_key_is_that_of_the_page():
    urls = pl.Series(["http://www.example.com/a", "https://example.com/a/", "b.example", "", None])
    first, second, third, *rest = url_keys(urls).to_list()
    assert first == second != third
    assert len(first) == 32 and int(first, 16) and rest == [None, None]


def test_a_url_that_was_masked_has_no_key():
    """A hash could be guessed by whoever knows the address that was masked."""
    before = [
        "http://a.example/?m=joe@x.example",
        "http://a.example/?m=ann@x.example",
        "http://b.example",
    ]
    after = ["http://a.example/?m=<EMAIL>", "http://a.example/?m=<EMAIL>", "http://b.example"]
    found = unmasked(pl.Series(before), pl.Series(after))
    assert found.to_list() == [None, None, "http://b.example"]
    assert url_keys(found).null_count() == 2
