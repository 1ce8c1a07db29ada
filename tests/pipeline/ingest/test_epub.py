"""EPUB books, and the pages in them."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.ingest.documents import xhtml
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.tests.pipeline.ingest.hostile import (
    LAUGHS,
    OUTSIDE,
    assert_no_crash,
    changed,
    entry_of,
    packed,
    parts,
)

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf"
media-type="application/oebps-package+xml"/></rootfiles></container>"""
BOOK = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>淘金 手册</dc:title>
<dc:date>2024-05-01</dc:date></metadata><manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/%E4%B8%80.xhtml" media-type="application/xhtml+xml"/>
<item id="css" href="a.css" media-type="text/css"/></manifest>
<spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/><itemref idref="one"/>
<itemref idref="css"/><itemref idref="none"/></spine></package>"""
ONE = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN"
"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd"><html xmlns="http://www.w3.org/1999/xhtml"><head>
<title/><style>p {}</style></head><body><h1><a id="x"/>第一章&nbsp;淘金</h1>
<p>沙里淘金要有<b>耐心</b>，<br/>一遍一遍地洗。<ruby>金<rp>(</rp><rt>jīn</rt></ruby></p>
loose <i>text</i><ul><li>筛子</li><li><p>水盆</p><ol><li>木的</li><li>铁的</li></ol></li></ul>
<table><tr><th>年</th><th>两</th></tr><tr><td>1848</td><td>3</td></tr></table>
<pre class="language-python">for sand in river:
    wash(sand)</pre><blockquote><p>引文。</p></blockquote></body></html>"""
TEXT = """# 第一章 淘金

沙里淘金要有耐心，
一遍一遍地洗。金

loose text

- 筛子
- 水盆
  1. 木的
  2. 铁的

| 年 | 两 |
|---|---|
| 1848 | 3 |

```python
for sand in river:
    wash(sand)
```

引文。"""
PARTS = {
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": BOOK,
    "OEBPS/nav.xhtml": "<html><body><h1>目录</h1></body></html>",
    "OEBPS/text/一.xhtml": ONE,
    "OEBPS/two.xhtml": "<html><body><h2>第二章</h2><p>broken <b>markup</p></body></html>",
}


def book(**changes: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/epub+zip")
        for name, text in {**PARTS, **changes}.items():
            package.writestr(name, text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_chapters_in_the_order_of_the_spine(tmp_path: Path) -> None:
    found = entry_of(tmp_path / "a.epub", book())
    assert isinstance(found, Record)
    assert found.text == f"{TEXT}\n\n## 第二章\n\nbroken markup"
    assert (found.title, found.fetched_at) == ("淘金 手册", "2024-05-01")
    assert entry_of(tmp_path / "a.docx", book()).text == found.text
    assert entry_of(tmp_path / "a.bin", packed(PARTS)).text == found.text


def test_a_book_under_a_key_is_encrypted(tmp_path: Path) -> None:
    method = '<e xmlns="x"><EncryptedData><EncryptionMethod Algorithm="{}"/></EncryptedData></e>'
    aes = method.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    assert (
        entry_of(tmp_path / "a.epub", book(**{"META-INF/encryption.xml": aes})).cause == "encrypted"
    )
    font = method.format("http://www.idpf.org/2008/embedding")
    found = entry_of(tmp_path / "a.epub", book(**{"META-INF/encryption.xml": font}))
    assert isinstance(found, Record)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("META-INF/container.xml", "OEBPS/book.opf", "../../etc/passwd"),
        ("META-INF/container.xml", "rootfile ", "x "),
        ("OEBPS/book.opf", "spine>", "x>"),
        ("OEBPS/book.opf", "<package", "<pack"),
    ],
)
def test_a_book_that_names_no_chapters(tmp_path: Path, name: str, old: str, new: str) -> None:
    assert entry_of(tmp_path / "a.epub", changed(book(), name, old, new)).cause == "unreadable"


def test_a_chapter_outside_of_the_book_is_not_read(tmp_path: Path) -> None:
    data = changed(book(), "OEBPS/book.opf", "two.xhtml", "../../../../../etc/passwd")
    assert entry_of(tmp_path / "a.epub", data).text == TEXT


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
def test_entities_are_not_read(tmp_path: Path, doctype: str) -> None:
    data = changed(book(), "OEBPS/two.xhtml", "<html>", f"{doctype}<html>")
    data = changed(data, "OEBPS/two.xhtml", "broken", "&i; broken")
    text = entry_of(tmp_path / "a.epub", data).text
    assert len(text) < len(TEXT) + 999
    assert "root" not in text
    data = changed(book(), "OEBPS/book.opf", "<package", f"{doctype}<package")
    assert entry_of(tmp_path / "a.epub", data).cause == "unreadable"


def test_a_book_that_expands_to_more_than_is_allowed(tmp_path: Path) -> None:
    data = book(**{"OEBPS/zeros": "0" * (70 << 20)})
    assert len(data) < 1 << 20
    assert entry_of(tmp_path / "a.epub", data).cause == "too_large"
    options = ReadOptions(max_bytes=500)
    assert entry_of(tmp_path / "a.epub", book(), options).cause == "too_large"


@pytest.mark.parametrize("tag", ["div", "b", "li", "ul", "span", "table><tr><td"])
def test_pages_nested_deep_end(tmp_path: Path, tag: str) -> None:
    for count in (200, 5000, 200_000):
        page = f"<html><body>{f'<{tag}>' * count}深{f'</{tag}>' * count}</body></html>"
        found = entry_of(tmp_path / "a.epub", book(**{"OEBPS/two.xhtml": page}))
        assert isinstance(found, Record) or found.cause in ("too_large", "unreadable")
        assert not isinstance(found, Record) or "深" in found.text


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.epub", book())


TAGS = st.sampled_from(
    ["p", "b", "ul", "li", "pre", "table", "tr", "td", "h3", "br", "div", "ruby"]
)


@given(st.recursive(st.text("ab \n<&金\u00a0", max_size=9),
                    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)), max_leaves=25))  # fmt: skip
def test_no_letter_of_a_page_is_lost_or_comes_twice(tree: object) -> None:
    def markup(node: object) -> str:
        if isinstance(node, str):
            return node.replace("&", "&amp;").replace("<", "&lt;")
        assert isinstance(node, tuple)
        return f"<{node[0]}>{''.join(map(markup, node[1]))}</{node[0]}>"

    page = f"<html><body>{markup(tree)}</body></html>"
    text = xhtml.markdown(page)
    letters = [sum(text.count(letter) for letter in "ab金")]
    assert letters == [sum(page.split("<body>")[1].count(letter) for letter in "金")
                       + sum(plain(tree).count(letter) for letter in "ab")]  # fmt: skip


def plain(node: object) -> str:
    if isinstance(node, str):
        return node
    assert isinstance(node, tuple)
    return "".join(map(plain, node[1]))


def test_a_page_without_anything(tmp_path: Path) -> None:
    for page in ("", "  ", "<p/>", "<!-- -->"):
        assert xhtml.markdown(page) == ""
    (tmp_path / "a.epub").write_bytes(book())
    assert len(parts(book())) == 6
    assert len(list(read(str(tmp_path / "a.epub"), ReadOptions()))) == 1
