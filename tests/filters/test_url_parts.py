import ipaddress
import re
from urllib.parse import urljoin

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.filters.url_parts import hosts, paths, trimmed
from taojin.tests.core.texts import QUICK, columns

_LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?", fullmatch=True)
_HOSTS = (
    st.lists(_LABELS, min_size=1, max_size=4)
    .map(".".join)
    .filter(lambda h: "xn--" not in h and not re.fullmatch(r"[0-9a-fx.]+", h))
)
_PATHS = st.from_regex(
    r"(/[a-z0-9.=@:~-]{0,5})*(\?[a-z=&/@]{0,6})?(#[a-z/?]{0,4})?", fullmatch=True
)


def host(url: str | None) -> str:
    return hosts(trimmed(pl.Series([url], dtype=pl.String)))[0]


def path(url: str | None) -> str:
    return paths(trimmed(pl.Series([url], dtype=pl.String)))[0]


@QUICK
@given(
    st.sampled_from(["http://", "HTTPS://", "ftp://", "//", "\\\\", "http:\\\\", "svn+ssh://"]),
    st.sampled_from(["", "user@", "user:word@", "a@b@"]),
    _HOSTS,
    st.sampled_from(["", ".", ":80", ":", ".:8080"]),
    _PATHS,
)
def test_host_and_path_of_what_was_put_together(scheme, user, name, port, rest):
    url = f"{scheme}{user}{name.upper()}{port}{rest}"
    assert host(url) == name
    while "//" in rest:
        rest = rest.replace("//", "/")
    stem = re.split("[?#]", rest)[0]
    plain = urljoin("http://a.example", stem).removeprefix("http://a.example")
    assert path(url) == plain + rest[len(stem) :]


@QUICK
@given(columns)
def test_any_text_has_a_host_and_a_path(column):
    urls = trimmed(pl.Series(column, dtype=pl.String))
    for found in (hosts(urls), paths(urls)):
        assert len(found) == len(column)
        assert found.null_count() == 0
    assert hosts(urls).str.contains(r"[/\\?#]").sum() <= sum("%" in text for text in column)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("bad.example", "bad.example"),
        ("bad.example/page", "bad.example"),
        ("bad.example:8080/page", "bad.example"),
        ("  http://bad.example/\n", "bad.example"),
        ("http://bad.ex\nample/", "bad.example"),
        ("http:///bad.example/", "bad.example"),
        ("http://bad.example\\@good.example/", "bad.example"),
        ("http://good.example%2F@bad.example/", "bad.example"),
        ("http://b%61d.example/", "bad.example"),
        ("http://bad.example?x=@good.example", "bad.example"),
        ("http://bad.example#@good.example", "bad.example"),
        ("http://ＢＡＤ．example/", "bad.example"),
        ("http://bad。example/", "bad.example"),
        ("http://ba\u00add.example/", "bad.example"),
        ("http://bücher.example/", "bücher.example"),
        ("http://BÜCHER.example/", "bücher.example"),
        ("http://xn--bcher-kva.example/", "bücher.example"),
        ("http://XN--BCHER-KVA.EXAMPLE/", "bücher.example"),
        ("http://b%C3%BCcher.example/", "bücher.example"),
        ("http://新闻.中国/", "新闻.中国"),
        ("http://xn--efvy88h.xn--fiqs8s/", "新闻.中国"),
        ("http://xn--/", "xn--"),
        ("http://xn--0000000/", "xn--0000000"),
        ("http://xn--ib9b/", "xn--ib9b"),  # a surrogate
        (f"http://xn--{'a' * 80}/", f"xn--{'a' * 80}"),
        ("http://[2001:DB8:0::0:1]:8080/x", "[2001:db8::1]"),
        ("http://[2001:db8::1%25eth0]/x", "[2001:db8::1]"),
        ("http://[no address]/x", "[no address]"),
        ("http://[", "["),
        ("http://1.2.3.4:80/", "1.2.3.4"),
        ("http://0x01020304/", "1.2.3.4"),
        ("http://16909060/", "1.2.3.4"),
        ("http://0X1.002.772/", "1.2.3.4"),
        ("http://1.2.3.04./x", "1.2.3.4"),
        ("http://１.2.3.0x4/", "1.2.3.4"),
        ("http://1.2.3.256/", "1.2.3.256"),
        ("http://256.2.3.04/", "256.2.3.04"),
        ("http://4294967296/", "4294967296"),
        ("http://1.2.3.09/", "1.2.3.09"),
        ("http:bad.example/x", "bad.example"),
        ("HTTPS:\\bad.example", "bad.example"),
        ("localhost:80", "localhost"),
        ("\x00\x1fhttp://bad.example/", "bad.example"),
        ("http://bad.example\u3000/", "bad.example"),
        ("bad.example\u3000", "bad.example"),
        ("http://", ""),
        ("...", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_one_spelling_of_a_host(url: str | None, expected: str):
    assert host(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example", ""),
        ("http://a.example/A//B\\C", "/a/b/c"),
        ("http://a.example/%E8%B5%8C%E5%9C%BA/100%", "/赌场/100%"),
        ("http://a.example/%C9%AB%C7%E9", "/色情"),
        ("http://a.example/caf%E9", "/caf�"),
        ("http://a.example/%zz%", "/%zz%"),
        ("a.example?q=%41", "?q=a"),
        ("http://a.example/./a/b/../c/.", "/a/c/"),
        ("http://a.example/a/%2e%2E/../b", "/b"),
        ("http://a.example/a\\..\\b?/../c#/./d", "/b?/../c#/./d"),
        ("http://a.example/..", "/"),
        ("http://a.example/a/..?b", "/?b"),
        ("http://a.example/.a/..b/c...", "/.a/..b/c..."),
        (None, ""),
    ],
)
def test_one_spelling_of_a_path(url: str | None, expected: str):
    assert path(url) == expected


@QUICK
@given(st.integers(0, 2**32 - 1), st.integers(0, 3), st.sampled_from(["{}", "{:#x}", "0{:o}"]))
def test_every_spelling_of_an_address_is_one(number, dots, spelling):
    """An address may be written in one to four numbers, the last of which fills what is left."""
    octets = ipaddress.IPv4Address(number).packed
    numbers = [*octets[:dots], int.from_bytes(octets[dots:])]
    url = "http://" + ".".join(map(spelling.format, numbers)) + ":80/"
    assert host(url) == str(ipaddress.IPv4Address(number))
