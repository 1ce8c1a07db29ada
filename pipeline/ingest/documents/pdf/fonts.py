"""One font for every file that brings none for its script, the same on every machine.

Older Chinese and Japanese PDFs name fonts that they don't carry. PDFium takes what the machine has,
and where it has none the characters have no size, are taken for copies of each other and are left
out: of a page of vertical Japanese a quarter was read. So every script beyond Latin, for which
PDFium brings fonts itself, gets a font in which each character is a box of one em.
"""

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

FONT = Path(__file__).parent / "font" / "box.ttf"
"""What `tests/pipeline/ingest/box_font.py` writes."""
_ANSI, _DEFAULT, _SYMBOL = range(3)
_WHOLE_FILE = 0
_BOX = 1
_ASKED_FONT_BY_FONT = 2  # the interface's version: no list of fonts is read at the start


@cache
def use_own_fonts() -> Any:
    """Let PDFium ask here and never the machine, once a process; what it asks must stay alive."""
    import pypdfium2.raw as pdfium

    types = dict(pdfium.FPDF_SYSFONTINFO._fields_)
    asked = pdfium.FPDF_SYSFONTINFO(version=_ASKED_FONT_BY_FONT)
    for name, answer in _answers(FONT.read_bytes()).items():
        setattr(asked, name, types[name](answer))
    pdfium.FPDF_SetSystemFontInfo(ctypes.byref(asked))
    return asked


def _answers(font: bytes) -> dict[str, Any]:
    """The functions of FPDF_SYSFONTINFO (fpdf_sysfontinfo.h) by their names."""

    def mapped(_: Any, _weight: int, _italic: int, charset: int, *_rest: Any) -> int | None:
        return None if charset in (_ANSI, _DEFAULT, _SYMBOL) else _BOX

    def data(_: Any, _handle: Any, table: int, buffer: Any, size: int) -> int:
        if table != _WHOLE_FILE:
            return 0
        if size >= len(font):
            ctypes.memmove(buffer, font, len(font))
        return len(font)

    def nothing(*_: Any) -> None:
        return None

    return {
        "Release": nothing,
        "MapFont": mapped,
        "GetFont": nothing,
        "GetFontData": data,
        "GetFaceName": lambda *_: 0,
        "GetFontCharset": lambda *_: _DEFAULT,
        "DeleteFont": nothing,
    }
