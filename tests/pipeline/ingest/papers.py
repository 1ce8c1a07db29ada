"""PDF files for tests: words drawn where a test wants them, and a font without a map to Unicode."""

import io
from collections.abc import Iterable, Sequence

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

LATIN, HAN = "Helvetica", "STSong-Light"
WIDTH, HEIGHT = 595, 842
Word = tuple[float, float, str]
"""From the left, from the top, what is written there; two more: the size and the font."""
PICTURE = "picture"
"""A page that is a picture and nothing else."""
LOGO = "logo"
"""A page with nothing but a small picture."""


def pdf(*pages: Iterable[Sequence[object]] | str, size: float = 10) -> bytes:
    """A file with these pages; a word is (x, y from the top, text[, size])."""
    pdfmetrics.registerFont(UnicodeCIDFont(HAN))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=True)
    for page in pages:
        if isinstance(page, str):
            picture = ImageReader(Image.new("L", (60, 80), 128))
            wide, high = (WIDTH - 40, HEIGHT - 40) if page == PICTURE else (60, 80)
            canvas.drawImage(picture, 20, 20, wide, high)
        else:
            for word in page:
                _draw(canvas, *word, default=size)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(
    canvas: Canvas, x: float, y: float, text: str, size: float = 0, *, default: float
) -> None:
    canvas.setFont(LATIN if text.isascii() else HAN, size or default)
    canvas.drawString(x, HEIGHT - y, text)


def column(x: float, y: float, lines: Sequence[str], step: float = 14) -> list[Word]:
    """Lines below each other."""
    return [(x, y + step * at, line) for at, line in enumerate(lines)]


def unmapped() -> bytes:
    """A page whose font says that its letters are private characters."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n"
        b"1 beginbfrange <41> <5a> <e041> endbfrange\nendcmap end end"
    )
    content = b"BT /F 12 Tf 72 700 Td (GOLDINTHESAND) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap),
    ]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)
