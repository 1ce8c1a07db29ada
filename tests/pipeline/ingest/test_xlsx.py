"""Excel workbooks, made and told by openpyxl."""

import datetime
import io
import json
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.ingest.documents import cells, xlsx
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

SHEET = "xl/worksheets/sheet1.xml"


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book() -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    made.properties.title = "账本"
    sheet = made.active
    sheet.title = "金子"
    sheet["B2"], sheet["D2"], sheet["E2"] = "日期", "两", "成色"
    sheet["B4"], sheet["D4"], sheet["E4"] = datetime.date(1848, 1, 24).replace(1948), 3, 0.915
    sheet["E4"].number_format = "0.0%"
    sheet["B5"], sheet["D5"] = datetime.datetime(2024, 5, 1, 10, 30), True
    hidden = made.create_sheet("秘密")
    hidden["A1"], hidden.sheet_state = "不要看", "hidden"
    made.create_sheet("空")
    made.create_sheet("末")["C9"] = "完。"
    return made


def test_sheets_are_headings_with_tables_of_the_cells_that_hold_something(tmp_path: Path) -> None:
    found = entry_of(tmp_path / "a.xlsx", saved(book()))
    assert isinstance(found, Record)
    assert found.title == "账本"
    assert found.text == (
        "## 金子\n\n| 日期 | 两 | 成色 |\n|---|---|---|\n| 1948-01-24 | 3 | 91.5% |\n"
        "| 2024-05-01 10:30:00 | TRUE |  |\n\n## 末\n\n| 完。 |\n|---|"
    )
    assert entry_of(tmp_path / "named.docx", saved(book())).text == found.text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("0.30000000000000004", "General", "0.3"),
        ("12", "General", "12"),
        ("1e20", "", "1e+20"),
        ("123", "00000", "00123"),
        ("1234.5", "#,##0.00", "1,234.50"),
        ("-1234.5", '"¥"#,##0.00;[Red]-"¥"#,##0.00', "-1,234.50"),
        ("0.5", "# ?/?", "0.5"),
        ("0.915", "0%", "92%"),
        ("45413", "yyyy\\-mm\\-dd", "2024-05-01"),
        ("45413", "yyyy年m月d日", "2024-05-01"),
        ("45413.4375", "d/m/yy h:mm", "2024-05-01 10:30"),
        ("0.4375", "h:mm AM/PM", "10:30"),
        ("1.5", "[h]:mm:ss", "36:00:00"),
        ("1", "yyyy-mm-dd", "1900-01-01"),
        ("1e300", "yyyy-mm-dd", "1e+300"),
        ("nan", "0.00", ""),
        ("1", "[$-409]mmmm", "1900-01-01"),
        ("三", "0.00", "三"),
    ],
)
def test_a_number_is_shown_as_its_format_says(value: str, code: str, text: str) -> None:
    assert cells.shown(value, cells.format_code(200, {200: code})) == text


@given(st.dates(datetime.date(1904, 1, 2), datetime.date(9999, 12, 30)), st.booleans())
def test_dates_agree_with_openpyxl(day: datetime.date, from_1904: bool) -> None:
    from openpyxl.utils import datetime as oracle

    epoch = oracle.MAC_EPOCH if from_1904 else oracle.WINDOWS_EPOCH
    serial = str(oracle.to_excel(day, epoch))
    assert cells.shown(serial, "yyyy-mm-dd", from_1904=from_1904) == day.isoformat()


@given(st.text(max_size=40), st.text(max_size=12))
def test_any_format_of_any_value_is_a_text(value: str, code: str) -> None:
    for number in (value, "1.5", "-3", "1e308"):
        assert len(cells.shown(number, cells.format_code(1, {1: code}))) < 999


def test_what_a_sheet_claims_to_span_costs_nothing(tmp_path: Path) -> None:
    sheet = openpyxl.Workbook()
    sheet.active["A1"], sheet.active["XFD1048576"] = "始", "终"
    found = entry_of(tmp_path / "a.xlsx", saved(sheet))
    assert found.text.split("\n")[2:] == ["| 始 |  |", "|---|---|", "|  | 终 |"]
    far = changed(saved(sheet), SHEET, 'r="1048576"', 'r="99999999999999999999"')
    assert entry_of(tmp_path / "a.xlsx", far).text == found.text


def test_a_table_that_would_be_too_large_is_not_made(tmp_path: Path) -> None:
    sheet = openpyxl.Workbook()
    for number in range(1, 800):
        sheet.active.cell(number, number, "x")
    options = ReadOptions(max_bytes=1 << 20)
    assert entry_of(tmp_path / "a.xlsx", saved(sheet), options).cause == "too_large"


def shared_strings(rows: Iterable[tuple[str, ...]]) -> bytes:
    """A workbook whose strings stand in a part of their own, as Excel writes them."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet("金子")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    made.close()
    return out.getvalue()


def test_a_long_string_that_many_cells_show(tmp_path: Path) -> None:
    data = shared_strings([("x" * 32_000,)] * 3000)
    assert len(data) < 50_000
    assert entry_of(tmp_path / "a.xlsx", data).cause == "too_large"


def test_an_index_beyond_the_strings_is_an_empty_cell(tmp_path: Path) -> None:
    made = shared_strings([("日期", "两")])
    assert entry_of(tmp_path / "a.xlsx", made).text == "## 金子\n\n| 日期 | 两 |\n|---|---|"
    for value in ("99", "-1", "x", "", "9" * 5000):
        data = changed(made, SHEET, "<v>0</v>", f"<v>{value}</v>")
        assert entry_of(tmp_path / "a.xlsx", data).text == "## 金子\n\n| 两 |\n|---|"


def test_readings_above_characters_are_left_out(tmp_path: Path) -> None:
    data = changed(shared_strings([("日期", "两")]), "xl/sharedStrings.xml", "<t>日期</t>",
                   "<r><t>日</t></r><r><t>期</t></r><rPh sb='0' eb='1'><t>にち</t></rPh>")  # fmt: skip
    assert "| 日期 | 两 |" in entry_of(tmp_path / "a.xlsx", data).text


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.xlsx", saved(book()))


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
@pytest.mark.parametrize("name", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_entities_are_not_read(tmp_path: Path, doctype: str, name: str) -> None:
    contents = parts(shared_strings([("日期", "两")]))
    text = contents[name].decode()
    start = text.index("<", 1)
    text = text[:start] + doctype + text[start:]
    assert entry_of(tmp_path / "a.xlsx", packed({**contents, name: text})).cause == "unreadable"


def test_an_encrypted_package(tmp_path: Path) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    for name in ("a.xlsx", "a.pptx", "a.bin"):
        assert entry_of(tmp_path / name, data).cause == "encrypted"
    assert entry_of(tmp_path / "a.doc", data[:8]).cause == "unknown_format"


def test_every_value_that_openpyxl_finds_in_a_real_file(shared_data: Path) -> None:
    folder = shared_data / "office"
    rows = map(json.loads, (folder / "index.jsonl").open())
    for name in (row["file"] for row in rows if row["file"].endswith(".xlsx")):
        (found,) = read(str(folder / name), ReadOptions())
        if not isinstance(found, Record) or found.mime != xlsx.MIME:
            assert "corrupt" in name, name
            continue
        known = openpyxl.load_workbook(folder / name, data_only=True)
        shown = [sheet for sheet in known.worksheets if sheet.sheet_state == "visible"]
        texts = {str(cell) for sheet in shown for row in sheet.values for cell in row
                 if isinstance(cell, str | int) and not isinstance(cell, bool)}  # fmt: skip
        in_table = set(found.text.replace("\n", " | ").split(" | "))
        lines = {" ".join(text.split()) for text in texts}
        assert lines - {""} <= {cell.strip("| ") for cell in in_table} | {""}, name
