"""Text in fonts that a PDF names and does not carry is read whole, the same on every machine."""

import io
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from taojin.pipeline.ingest.documents.pdf import document as pdf
from taojin.pipeline.ingest.documents.pdf.fonts import FONT
from taojin.pipeline.ingest.records import ReadOptions

TEXTS = {
    "STSong-Light": "沙里淘金要有耐心，一遍一遍地洗沙子。",
    "MSung-Light": "沙裡淘金要有耐心，一遍一遍地洗沙子。",
    "HeiseiMin-W3": "砂金を洗うには忍耐がいる、何度も何度も。",
    "HYSMyeongJo-Medium": "사금을 씻는 데는 인내가 필요하다.",
}


def written(font: str, text: str, *, vertical: bool = False) -> bytes:
    """A page with two lines or columns of the text."""
    face = UnicodeCIDFont(font, isVertical=vertical)
    pdfmetrics.registerFont(face)
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(595, 842))
    canvas.setFont(face.fontName, 14)
    canvas.drawString(300, 700, text)
    canvas.drawString(*((270, 700) if vertical else (300, 680)), text)
    canvas.save()
    return target.getvalue()


@pytest.mark.parametrize("font", TEXTS)
@pytest.mark.parametrize("vertical", [False, True])
def test_nothing_of_a_font_that_is_not_there_is_lost(font: str, vertical: bool) -> None:
    found = pdf.extract(written(font, TEXTS[font], vertical=vertical), ReadOptions())
    wanted = 2 * TEXTS[font]
    assert "".join(found.text.split()) == "".join(wanted.split())


def test_the_font_is_what_its_script_writes(tmp_path: Path) -> None:
    pytest.importorskip("fontTools", reason="fontTools writes the font")
    from tests.pipeline.ingest.box_font import save

    save(tmp_path / "box.ttf")
    assert (tmp_path / "box.ttf").read_bytes() == FONT.read_bytes()
