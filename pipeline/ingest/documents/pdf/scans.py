"""Pages of a PDF that are pictures: which they are, and the picture of a page as a PNG file."""

import math
import struct
import zlib
from typing import Any

_DPI = 200
_POINTS = 72
_MOST_PIXELS = 40_000_000
_LARGE = 0.4  # of the page
_DEEPEST = 3


def has_large_image(page: Any) -> bool:
    """Whether images cover a large part of the page; those that overlap count twice."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    covered = 0.0
    try:
        for image in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEPEST):
            left, bottom, right, top = image.get_bounds()
            covered += max(0.0, min(right - left, width)) * max(0.0, min(top - bottom, height))
            if covered >= _LARGE * width * height:
                return True
    except pypdfium2.PdfiumError:
        return False
    return False


def shows_anything(page: Any) -> bool:
    """Whether the page has text, an image or a drawing on it."""
    import pypdfium2.raw as pdfium

    return bool(pdfium.FPDFPage_CountObjects(page.raw) > 0)


def picture(page: Any) -> bytes:
    """The page in shades of grey at 200 dots an inch, a huge one at fewer; a PNG file.

    Raises pypdfium2.PdfiumError.
    """
    width, height = page.get_size()
    scale = _DPI / _POINTS
    scale *= min(1.0, math.sqrt(_MOST_PIXELS / max(1.0, width * height * scale * scale)))
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        pixels = bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width]
        return _png(pixels)
    finally:
        bitmap.close()


def _png(pixels: Any) -> bytes:
    """Rows of bytes as a PNG file of 8 bits a pixel, without a filter."""
    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
