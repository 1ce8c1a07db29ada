"""PowerPoint files, made and told by python-pptx."""

import io
import json
from pathlib import Path

import pptx
import pytest
from pptx.util import Inches

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


def deck() -> bytes:
    deck = pptx.Presentation()
    deck.core_properties.title = "一份讲稿"
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = "淘金"
    first.placeholders[1].text = "一本手册"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "工具"
    frame = second.placeholders[1].text_frame
    frame.text = "筛子"
    for text, level in (("木的", 1), ("水盆", 0)):
        paragraph = frame.add_paragraph()
        paragraph.text, paragraph.level = text, level
    box = second.shapes.add_textbox(Inches(1), Inches(1), Inches(3), Inches(1))
    box.text_frame.text = "一个文本框。"
    grid = second.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(3), Inches(1)).table
    for cell, text in zip(grid.iter_cells(), ("年", "两", "1848", "3"), strict=True):
        cell.text = text
    second.notes_slide.notes_text_frame.text = "慢慢讲。"
    return saved(deck)


def saved(deck) -> bytes:  # type: ignore[no-untyped-def]
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def test_slides_in_order_with_headings_lists_tables_and_notes(tmp_path: Path) -> None:
    found = entry_of(tmp_path / "a.pptx", deck())
    assert isinstance(found, Record)
    assert found.title == "一份讲稿"
    assert found.text == (
        "# 淘金\n\n一本手册\n\n## 工具\n\n- 筛子\n  - 木的\n- 水盆\n\n一个文本框。\n\n"
        "| 年 | 两 |\n|---|---|\n| 1848 | 3 |\n\n慢慢讲。"
    )
    assert entry_of(tmp_path / "named.pdf", deck()).text == found.text


def test_numbered_lists_and_paragraphs_without_a_bullet(tmp_path: Path) -> None:
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    frame = slide.placeholders[1].text_frame
    frame.text = "一"
    for text in ("二", "三"):
        frame.add_paragraph().text = text
    for paragraph, tag in zip(frame.paragraphs, ("buAutoNum", "buAutoNum", "buNone"), strict=True):
        properties = paragraph._p.get_or_add_pPr()
        properties.append(properties.makeelement(f"{{{properties.nsmap['a']}}}{tag}", {}))
    found = entry_of(tmp_path / "a.pptx", saved(made))
    assert found.text == "1. 一\n2. 二\n\n三"


def test_a_hidden_slide_is_left_out(tmp_path: Path) -> None:
    made = pptx.Presentation()
    for text in ("上", "下"):
        made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = text
    made.slides[0]._element.set("show", "0")
    assert entry_of(tmp_path / "a.pptx", saved(made)).text == "## 下"


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.pptx", deck())


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
def test_entities_are_not_read(tmp_path: Path, doctype: str) -> None:
    name = "ppt/slides/slide1.xml"
    data = changed(deck(), name, "<p:sld ", f"{doctype}<p:sld ")
    data = changed(data, name, "淘金", "淘&i;金")
    assert entry_of(tmp_path / "a.pptx", data).cause == "unreadable"


def test_a_package_that_expands_to_more_than_is_allowed(tmp_path: Path) -> None:
    data = packed({**parts(deck()), "ppt/media/zeros.bin": bytes(80 << 20)})
    assert len(data) < 1 << 20
    assert entry_of(tmp_path / "a.pptx", data).cause == "too_large"
    assert entry_of(tmp_path / "a.pptx", deck(), ReadOptions(max_bytes=30_000)).cause == "too_large"


def test_many_parts_are_too_many(tmp_path: Path) -> None:
    data = packed({**parts(deck()), **{f"ppt/x/{n}": b"" for n in range(20_001)}})
    assert entry_of(tmp_path / "a.pptx", data).cause == "too_large"


def test_every_text_of_a_real_file_is_there(shared_data: Path) -> None:
    """What python-pptx finds in titles, text boxes and tables of a slide is in the text."""
    folder = shared_data / "office"
    rows = map(json.loads, (folder / "index.jsonl").open())
    for name in (row["file"] for row in rows if row["file"].endswith(".pptx")):
        if "corrupt" in name:
            continue
        (found,) = read(str(folder / name), ReadOptions())
        assert isinstance(found, Record), name
        dense = "".join(found.text.split())
        for slide in pptx.Presentation(folder / name).slides:
            for shape in slide.shapes:
                kind = shape.placeholder_format.type if shape.is_placeholder else None
                if shape.has_text_frame and str(kind) not in ("SLIDE_NUMBER (13)", "DATE (16)"):
                    for paragraph in shape.text_frame.paragraphs:
                        assert "".join(paragraph.text.split()) in dense, name
