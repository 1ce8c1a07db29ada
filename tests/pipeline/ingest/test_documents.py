"""Files that are one document each, and which reader a file gets."""

import bz2
import gzip
import io
import json
import lzma
from pathlib import Path

import docx
import pytest
import zstandard
from lxml import etree

from taojin.pipeline.ingest import readers
from taojin.pipeline.ingest.charset import clean, decode, python_name
from taojin.pipeline.ingest.documents.paragraphs import joined
from taojin.pipeline.ingest.formats import format_of
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record
from taojin.pipeline.ingest.web import extraction, trafilatura_engine

OPTIONS = ReadOptions()
POEM = "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。" * 4
PAGE = """<html><head><title>淘金 - 网站</title>
<meta property="og:title" content="淘金"></head><body>
<nav><a href="/">首页</a></nav><article><h1>淘金</h1>
<p>沙里淘金要有<b>耐心</b>，一遍一遍地洗，才能见到\
<a href="/x">金子</a>。</p>
<h2>工具</h2><p>筛子和水盆是淘金人最常用的两样东西，缺一不可。<br>还要一双好眼睛。</p>
<ul><li>筛子</li><li>水盆<ul><li>木的</li></ul></li></ul><ol><li>先洗</li><li>后筛</li></ol>
<table><tr><th>年</th><th>两</th></tr><tr><td>1848</td><td>3</td></tr></table>
<pre><code>for sand in river:
    wash(sand)</code></pre><p>最后把金子收好，不要告诉别人在哪里找到的。</p></article></body></html>"""
PAGE_TEXT = """# 淘金

沙里淘金要有耐心，一遍一遍地洗，才能见到金子。

## 工具

筛子和水盆是淘金人最常用的两样东西，缺一不可。
还要一双好眼睛。

- 筛子
- 水盆
  - 木的

1. 先洗
2. 后筛

| 年 | 两 |
|---|---|
| 1848 | 3 |

```
for sand in river:
    wash(sand)
```

最后把金子收好，不要告诉别人在哪里找到的。"""


def only(path: Path, data: bytes, options: ReadOptions = OPTIONS) -> Entry:
    path.write_bytes(data)
    (entry,) = read(str(path), options)
    assert (entry.position, entry.size_bytes) == (0, len(data))
    return entry


def test_a_page_keeps_headings_lists_and_tables(tmp_path: Path) -> None:
    found = only(tmp_path / "a.html", PAGE.encode("gb18030"))
    assert f"# {found.title}\n\n{found.text}" == PAGE_TEXT
    assert found.title == "淘金"


@pytest.mark.parametrize("extractor", ["taojin", "trafilatura", "resiliparse"])
def test_a_page_does_not_depend_on_those_before_it(extractor: extraction.Extractor) -> None:
    other = PAGE.replace("淘金", "养鱼").replace("<ul>", "<p>先养后捕。</p>" * 50 + "<ul>")
    first = extraction.extract(PAGE, extractor)
    between = extraction.extract(other, extractor)
    assert first != between
    for _ in range(3):
        assert extraction.extract(PAGE, extractor) == first


def test_text_that_stands_loose_between_blocks_is_kept() -> None:
    body = etree.fromstring(
        "<body>a <hi>b</hi><p>c</p>d<quote><p>e</p>f</quote> <code>g</code> h</body>"
    )
    assert list(trafilatura_engine._blocks(body)) == ["a b", "c", "d", "e", "f", "g h"]


def test_a_page_without_content_is_an_empty_document(tmp_path: Path) -> None:
    assert only(tmp_path / "a.html", b"<html><body></body></html>").text == ""
    assert only(tmp_path / "a.html", b"").text == ""


def test_a_page_nested_too_deep_is_quarantined_where_an_engine_cannot_read_it(
    tmp_path: Path,
) -> None:
    page = b"<html><body>" + b"<div>" * 30_000 + b"<p>" + b"sand and gold. " * 99
    for extractor in ("trafilatura", "resiliparse"):
        found = only(tmp_path / "a.html", page, ReadOptions(extractor=extractor))
        assert found.cause == "too_large"
    assert only(tmp_path / "a.html", page).text == ("sand and gold. " * 99).strip()


def test_a_page_of_too_many_blocks_is_quarantined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "MAX_PAGE_BLOCKS", 3)
    assert isinstance(only(tmp_path / "a.html", b"<p>a<p>b<p>c"), Record)
    assert only(tmp_path / "a.html", b"<p>a<p>b<p>c<p>d").cause == "too_large"


ENCODED = {
    "utf-8": "utf-8", "utf-8-sig": "", "utf-16": "", "utf-16-le": "utf-16-le", "utf-16-be": "",
    "gbk": "gb2312", "gb18030": "", "big5": "big5", "big5hkscs": "", "utf-32": "",
}  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODED)
def test_encodings_declared_and_detected(encoding: str) -> None:
    text = "Taojin: " + POEM if encoding.startswith("utf-16-") else POEM
    text = text * 3 + "\nplain ASCII words that every page has\n" * 8
    decoded = decode(text.encode(encoding), ENCODED[encoding])
    assert (decoded.text, decoded.replaced) == (text, 0)


def test_a_wrong_declaration_is_not_believed() -> None:
    assert decode(POEM.encode("gbk"), "utf-8").text == POEM
    assert decode(POEM.encode(), "gbk").text == POEM
    page = f'<meta charset="gb2312"><p>{POEM}'
    assert decode(page.encode("gbk"), "iso-8859-1", markup=True).text == page


def test_bytes_that_cannot_be_read_are_counted() -> None:
    icons = POEM + "\ue001" * 9  # an icon font's
    decoded = decode(icons.encode() + b"\xff" + icons.encode())
    assert (decoded.text, decoded.replaced) == (f"{icons}\ufffd{icons}", 1)


@pytest.mark.parametrize("label", ["", "nonsense", "base64", "hex", "\0", "rot13", "x" * 999])
def test_a_label_that_is_no_charset(label: str) -> None:
    assert python_name(label) == ""


def test_clean_changes_line_ends_and_what_utf8_cannot_hold() -> None:
    assert clean("a\r\nb\rc\x00\ud800\x1b\u3000 ") == "a\nb\nc\ufffd\ufffd\x1b\u3000 "
    assert clean("a\r\r\nb\r\rc\n\rd\r") == "a\nb\n\nc\n\nd\n"


PACKERS = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


@pytest.mark.parametrize("suffix", PACKERS)
def test_outer_compression(tmp_path: Path, suffix: str) -> None:
    data = PACKERS[suffix](POEM.encode())
    assert only(tmp_path / f"a.txt{suffix}", data).text == POEM
    assert only(tmp_path / "wrong name.txt", data).text == POEM
    if suffix:
        assert isinstance(only(tmp_path / f"a.txt{suffix}", data[:-12]), Damaged)


def test_markdown_front_matter_is_no_text(tmp_path: Path) -> None:
    data = '---\ntitle: "筛子"\ndate: 2024-05-01\n---\n\n# 水盆\n\n*text* stays\n'.encode()
    found = only(tmp_path / "a.md", data)
    assert (found.text, found.title) == ("# 水盆\n\n*text* stays\n", "筛子")
    assert found.fetched_at == "2024-05-01"
    code = b"```sh\n# a comment\n```\n\nHeading\n=======\n"
    assert only(tmp_path / "b.md", code).title == "Heading"
    assert only(tmp_path / "c.md", b"---\nno end\n").text == "---\nno end\n"


def word_file() -> bytes:
    document = docx.Document()
    document.add_heading("淘金", 1)
    document.add_paragraph("耐心。")
    document.add_paragraph("筛子", style="List Bullet")
    document.add_paragraph("水盆", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("年", "两", "1848", "3"), strict=True):
        cell.text = text
    document.add_paragraph("完。")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_docx_in_document_order(tmp_path: Path) -> None:
    found = only(tmp_path / "a.docx", word_file())
    lines = [line for line in found.text.split("\n") if line]
    table = ["| 年 | 两 |", "|---|---|", "| 1848 | 3 |"]
    assert lines == ["# 淘金", "耐心。", "- 筛子", "- 水盆", *table, "完。"]


def test_docx_that_cannot_be_read(tmp_path: Path) -> None:
    data = word_file()
    assert only(tmp_path / "a.docx", data[:2000]).cause == "unreadable"
    assert only(tmp_path / "a.docx", b"\xd0\xcf\x11\xe0" + bytes(999)).cause == "encrypted"
    assert only(tmp_path / "a.docx", data, ReadOptions(max_bytes=40_000)).cause == "too_large"


def test_office_files_agree_with_their_truth(shared_data: Path) -> None:
    """Every paragraph that was put into a file is in its text; nothing raises."""
    folder = shared_data / "office"
    for line in (folder / "index.jsonl").open():
        row = json.loads(line)
        found = list(read(str(folder / row["file"]), OPTIONS))
        is_text = row["file"].endswith((".docx", ".pdf", ".xlsx")) and isinstance(found[0], Record)
        if is_text:
            assert len(found) == 1
            text = "".join(found[0].text.split())
            assert all("".join(part.split()) in text for part in row.get("truth", ())), row["file"]


OFFICE_CAUSES = {
    "built/pdf/zh_aes256_user_pw.pdf": "encrypted",
    "built/pdf/zh_scanned_image_only.pdf": "needs_ocr",
    "built/corrupt/truncated60.pdf": "unreadable",
    "built/corrupt/zero_bytes.docx": "unreadable",
    "built/tabular/truncated.parquet": "unreadable",
    "built/corrupt/truncated60.pptx": "unreadable",
    "built/corrupt/truncated60.xlsx": "unreadable",
    "built/corrupt/zero_bytes.xlsx": "unreadable",
}


@pytest.mark.parametrize("name", OFFICE_CAUSES)
def test_why_an_office_file_is_quarantined(shared_data: Path, name: str) -> None:
    (found,) = read(str(shared_data / "office" / name), OPTIONS)
    assert found.cause == OFFICE_CAUSES[name]


def test_paragraphs_of_a_printed_page() -> None:
    lines = [
        "沙里淘金要有耐心，一遍一遍地洗",
        "才能见到金子。",
        "工具",
        "筛子和水盆是最常用的两样东西缺",
    ]
    assert joined("\n".join(lines)) == f"{lines[0]}{lines[1]}\n工具\n{lines[3]}"
    english = "gold is washed out of the sand with\nmuch patience and some water and a pan\nEnd."
    assert joined(english).startswith("gold is washed out of the sand with much patience")
    assert joined("a\nb\nc\nd") == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("path", "head", "kind"),
    [
        ("s3://b/x.warc.gz", b"", "warc"),
        ("x.bin", b"WARC/1.0\r\n", "warc"),
        ("x.pdf", b"PK\x03\x04....word/document.xml", "docx"),
        ("x.docx", b"%PDF-1.7", "pdf"),
        ("x", b"<!doctype html><p>", "html"),
        ("x.jsonl", b'{"text": "%PDF-"}', "jsonl"),
        ("x.xlsx", b"PK\x03\x04....xl/workbook.xml", "xlsx"),
        ("x.xlsx", b"PK\x03\x04....ppt/presentation.xml", "pptx"),
        ("x.xlsx", b"<table><tr><td>", "html"),
        ("x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
        ("folder.txt/x", b"text", ""),
    ],
)
def test_format(path: str, head: bytes, kind: str) -> None:
    assert format_of(path, head) == kind


def test_a_file_nested_deeper_than_a_reader_can_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_deep(data: bytes, options: ReadOptions) -> Record:
        return read_deep(data, options)

    monkeypatch.setitem(readers._WHOLE, "text", read_deep)  # type: ignore[arg-type]
    assert only(tmp_path / "a.txt", b"x").cause == "too_large"


def test_a_file_that_is_not_there_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read(str(tmp_path / "none.txt"), OPTIONS))
    (tmp_path / "a.txt").write_text(POEM)
    assert next(read(f"file://{tmp_path}/a.txt", OPTIONS)).text == POEM


NAMES = ["a::b.txt", "[2024] *?.txt", "100%25 #1.txt", "\udcd5\udcc5\udcc8\udcfd.txt", "金.txt"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_local_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "c::d"
    folder.mkdir()
    (folder / name).write_text(POEM, encoding="utf-8")
    (found,) = read(str(folder / name), OPTIONS)
    assert isinstance(found, Record)
    assert found.text == POEM


def test_a_file_url_is_opened_by_its_protocol(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(POEM, encoding="utf-8")
    (found,) = read(f"file://{tmp_path}/a.txt", OPTIONS)
    assert isinstance(found, Record)
    assert found.text == POEM
