"""The font with which PDF files are read, made anew: one box for every character.

The file in `documents/pdf/font` is what `save` writes. A character map of format 13 gives all code points one glyph (OpenType 1.9, cmap),
an em square with the bearings usual for Han.
"""

from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

_EM = 1000
_ASCENT, _DESCENT = 880, -120
_BEARING = 40


def save(path: Path) -> None:
    """Write the font; the same bytes every time."""
    builder = FontBuilder(_EM, isTTF=True)
    names = [".notdef", "box"]
    builder.setupGlyphOrder(names)
    builder.setupGlyf(dict.fromkeys(names, _box()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (_EM, _BEARING)))
    builder.setupHorizontalHeader(ascent=_ASCENT, descent=_DESCENT)
    builder.setupNameTable({"familyName": "Taojin Box", "styleName": "Regular"})
    builder.setupPost(keepGlyphNames=False)
    builder.font["cmap"] = _map()
    builder.setupOS2(sTypoAscender=_ASCENT, usWinAscent=_ASCENT, usWinDescent=-_DESCENT)
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    builder.save(path)


def _box() -> Any:
    pen = TTGlyphPen(None)
    left, right = _BEARING, _EM - _BEARING
    pen.moveTo((left, _DESCENT))
    for corner in ((left, _ASCENT), (right, _ASCENT), (right, _DESCENT)):
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph()


def _map() -> Any:
    table, codes = newTable("cmap"), CmapSubtable.newSubtable(13)
    codes.platformID, codes.platEncID, codes.language = 3, 10, 0
    codes.cmap = dict.fromkeys(range(0x20, 0x110000), "box")
    table.tableVersion, table.tables = 0, [codes]
    return table
