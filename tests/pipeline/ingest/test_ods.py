"""OpenDocument spreadsheets, told by calamine."""

import io
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from taojin.pipeline.ingest.documents import ods
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.tests.pipeline.ingest.hostile import (
    LAUGHS,
    OUTSIDE,
    assert_no_crash,
    changed,
    entry_of,
    packed,
)

OPTIONS = ReadOptions()
NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style", "meta", "manifest")
)
SHOWN = """<table:table table:name="金子"><table:table-column/><table:table-header-rows><table:table-row>
<table:table-cell/><table:table-cell office:value-type="string"><text:p>日<text:span>期</text:span></text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="3"/><table:table-cell office:value-type="string">
<office:annotation><text:p>批注</text:p></office:annotation><text:p>成</text:p><text:p>色<text:s/>%</text:p>
</table:table-cell></table:table-row></table:table-header-rows>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2"
office:value-type="date" office:date-value="1848-01-24"><text:p>24.01.1848</text:p></table:table-cell>
<table:covered-table-cell table:number-columns-repeated="3"/><table:table-cell office:value-type="float" office:value="0.5"/>
</table:table-row><table:table-row table:number-rows-repeated="1048573"><table:table-cell
table:number-columns-repeated="16384"/></table:table-row></table:table>"""
HIDDEN = """<table:table table:name="秘密" table:style-name="ta2"><table:table-row><table:table-cell>
<text:p>不要看</text:p></table:table-cell></table:table-row></table:table>"""


def content(tables: str) -> str:
    return f"""<?xml version="1.0"?><office:document-content {NAMES}><office:automatic-styles>
<style:style style:name="ta1"><style:table-properties table:display="true"/></style:style>
<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>
</office:document-content>"""


def book(tables: str) -> bytes:
    return packed({
        "mimetype": ods.MIME,
        "content.xml": content(tables),
        "meta.xml": f"<office:document-meta {NAMES} xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        "<office:meta><dc:title>账本</dc:title></office:meta></office:document-meta>",
        "META-INF/manifest.xml": f"<manifest:manifest {NAMES}/>",
    })  # fmt: skip


def test_sheets_are_headings_with_tables_of_what_is_shown(tmp_path: Path) -> None:
    found = entry_of(tmp_path / "a.ods", book(SHOWN + HIDDEN))
    assert isinstance(found, Record)
    row = "| 24.01.1848 | 24.01.1848 | 0.5 |"
    assert found.text == f"## 金子\n\n|  | 日期 | 成 色 % |\n|---|---|---|\n{row}\n{row}"
    assert (found.title, found.mime) == ("账本", ods.MIME)
    assert entry_of(tmp_path / "named.zip", book(SHOWN)).mime == ods.MIME


CELLS = st.lists(st.tuples(st.sampled_from(["", "金", "a & b", "1.10"]), st.integers(1, 3)))
ROWS = st.lists(st.tuples(CELLS, st.integers(1, 3)), max_size=5)


@given(ROWS)
def test_cells_agree_with_calamine(rows: list[tuple[list[tuple[str, int]], int]]) -> None:
    table = "".join(
        f'<table:table-row table:number-rows-repeated="{times}">'
        + "".join(
            f'<table:table-cell table:number-columns-repeated="{count}"'
            + (f' office:value-type="string"><text:p>{escape(text)}</text:p>' if text else ">")
            + "</table:table-cell>"
            for text, count in cells
        )
        + "</table:table-row>"
        for cells, times in rows
    )
    data = book(f'<table:table table:name="s">{table}</table:table>')
    judged = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    held = [at for at in range(len(judged[0]) if judged else 0) if any(row[at] for row in judged)]
    wanted = "\n".join(blocks.table([str(row[at]) for at in held] for row in judged))
    assert ods.read(data, OPTIONS).text == (f"## s\n\n{wanted}" if wanted else "")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<table:table-cell office:date-value="2020-01-02"/>', "2020-01-02"),
        ('<table:table-cell office:string-value="金"><text:p/></table:table-cell>', "金"),
        ('<table:table-cell office:boolean-value="true"/>', "true"),
        ("<table:table-cell><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p>"
         "</text:list-item></text:list></table:table-cell>", "a b"),
    ],
)  # fmt: skip
def test_cells_without_a_paragraph_of_their_own(cell: str, text: str) -> None:
    row = f"<table:table><table:table-row>{cell}</table:table-row></table:table>"
    assert ods.read(book(row), OPTIONS).text == f"| {text} |\n|---|"


def test_what_is_repeated_is_bounded(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="{}"><text:p>金</text:p></table:table-cell>'
    row = '<table:table-row table:number-rows-repeated="{}">{}</table:table-row>'
    for times, count, cells in ((1, 999_999_999, 1), (999_999_999, 1, 1), (1, 15_000, 2_000)):
        data = book(f"<table:table>{row.format(times, cell.format(count) * cells)}</table:table>")
        assert entry_of(tmp_path / "a.ods", data, ReadOptions(max_bytes=1 << 20)).cause == "too_large"  # fmt: skip


@pytest.mark.parametrize("broken", [b"", "<a/>", content("")[:-40]])
def test_a_book_that_cannot_be_read(tmp_path: Path, broken: str | bytes) -> None:
    data = packed({"mimetype": ods.MIME, "content.xml": broken})
    assert entry_of(tmp_path / "a.ods", data).cause == "unreadable"


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
def test_entities_are_not_read(tmp_path: Path, doctype: str) -> None:
    data = changed(book(SHOWN), "content.xml", "<office:document-content", f"{doctype}<office:document-content")  # fmt: skip
    assert entry_of(tmp_path / "a.ods", data).cause == "unreadable"


def test_an_encrypted_book(tmp_path: Path) -> None:
    locked = f"<manifest:manifest {NAMES}><x><manifest:encryption-data/></x></manifest:manifest>"
    data = packed({"mimetype": ods.MIME, "content.xml": b"\x07", "META-INF/manifest.xml": locked})
    assert entry_of(tmp_path / "a.ods", data).cause == "encrypted"


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.ods", book(SHOWN))
