import polars as pl
import pytest

from taojin.dedup.passages.hosts import host


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Example.org/a?b#c", "example.org"),
        ("http://user:secret@example.org:8080/", "example.org"),
        ("//cdn.example.org", "cdn.example.org"),
        ("https://example.org.", "example.org"),
        ("https://例子.中国/路径", "xn--fsqu00a.xn--fiqs8s"),
        ("https://xn--fsqu00a.xn--fiqs8s/", "xn--fsqu00a.xn--fiqs8s"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("http://[2001:DB8::1]:80/", "[2001:db8::1]"),
        ("http://192.0.2.7/x", "192.0.2.7"),
        ("https://<EMAIL>/a", None),
        ("https://<IP_ADDRESS>:80/a", None),
        ("mailto:a@example.org", None),
        ("example.org/a", None),
        ("", None),
        (None, None),
        ("https:///path", None),
    ],
)
def test_host(url: str | None, expected: str | None) -> None:
    column = pl.DataFrame({"url": [url]}, schema={"url": pl.String})
    assert column.select(host(pl.col("url")))["url"].to_list() == [expected]


def test_a_label_that_idna_refuses_stays() -> None:
    long = "字" * 70
    column = pl.DataFrame({"url": [f"https://{long}.example"]})
    assert column.select(host(pl.col("url"))).item() == f"{long}.example"
