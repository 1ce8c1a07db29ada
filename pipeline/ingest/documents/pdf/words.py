"""The characters of PDF text: ligatures, radicals, bullets, fonts without a map to Unicode."""

import re
import unicodedata

from taojin.pipeline.ingest.documents.hyphens import MARKS

_LIGATURES = range(0xFB00, 0xFB07)
_RADICALS = range(0x2F00, 0x2FD6)
_SIMPLIFIED = str.maketrans(
    "⼾⺟⺠⻁⻄⻅⻆⻉⻋⻑⻒⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
    "户母民虎西见角贝车長镸长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
)
_PLAIN = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in (*_LIGATURES, *_RADICALS)
} | _SIMPLIFIED
"""Fonts lead from the glyph of a Han character to the radical that looks like it."""
_BULLET = re.compile("[•●▪◦■○□◆‣⁃·\uf06c\uf06f\uf0a7\uf0b7\uf0d8\uf0fc][ \\t\u3000]*(?=[^\\s])")
_BLANK = re.compile(f"[\\s{MARKS}]")
_BAD = re.compile(
    "[\0\x01\x03-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd]"
)


def plain(text: str) -> str:
    """The text with its ligatures and radicals as ordinary letters."""
    return text if text.isascii() else text.translate(_PLAIN)


def listed(text: str) -> str:
    """A line that starts with a bullet, one of a symbol font too, as an item of a list."""
    found = None if text.isascii() else _BULLET.match(text)
    return f"- {text[found.end() :]}" if found else text


def is_sound(text: str) -> bool:
    """Whether at least half of the characters, white space aside, are some that can be read.

    Fonts without a map to Unicode give private characters, controls and U+FFFD.
    """
    if text.isascii() and text.isprintable():
        return True
    dense = len(text) - len(_BLANK.findall(text))
    return len(_BAD.findall(text)) * 2 <= dense
