"""Numbers that a tag, an emphasis or a line end breaks: 138<b>1234</b>5678.

A tag or an emphasis breaks any number; a line end breaks one that a label announces, since a column
of a table has numbers below each other as well.
"""

import re
from collections.abc import Callable

from taojin.pipeline.pii.characters import DIGIT, SPACE
from taojin.pipeline.pii.china.resident_id import is_resident_id
from taojin.pipeline.pii.detector import Detector, Span

_TAG = r"(?:</?[A-Za-z][^<>\n]{0,60}>|\*{2,3}){1,2}"
_LINE_END = r" ?\n[ >]{0,4}"
_MARK = re.compile(f"{_TAG}|{_LINE_END}")

_ID_WORDS = "身份证|身分證|身份證|公民号码|证件号|證件號|证号|證號"
_PHONE_WORDS = "电话|電話|手机|手機|联系方式|聯絡方式"
_Parts = tuple[str, int, str]
"""The first digits of a number, how many follow, and its last sign."""
_Validate = Callable[[re.Match[str]], Span | None]

_SAYS = "(?:号码?|號碼?)?[^0-9０-９\\n]{0,6}"


def _resident_id(match: re.Match[str]) -> Span | None:
    number = _MARK.sub("", match["value"])
    return match.span("value") if number != match["value"] and is_resident_id(number) else None


def _in_two_lines(match: re.Match[str]) -> Span | None:
    return match.span("value") if "\n" in match["value"] else None


def _mobile(match: re.Match[str]) -> Span | None:
    """In the groups that a number has, so that no tag stands between two of them."""
    parts = [len(part) for part in re.split(_TAG, match["value"]) if part]
    return match.span("value") if parts in ([3, 4, 4], [3, 8], [7, 4]) else None


def _broken(first: str, digits: int, last: str, mark: str) -> str:
    return rf"(?P<value>{first}(?:(?:{mark})?[0-9]){{{digits}}}{last})(?![0-9A-Za-z])"


_TAGGED = f"(?:[>＞]|[*＊]{{2}}){DIGIT}"
_BEFORE = r"(?<![0-9A-Za-z_])(?<![0-9>][.\-])"


def _by_tag(kind: str, parts: _Parts, validate: _Validate) -> Detector:
    """Digits between which tags or marks of Markdown stand."""
    pattern = re.compile(_BEFORE + _broken(*parts, _TAG))
    return Detector(kind, f"<{kind.upper()}>", _TAGGED, pattern, validate)


def _by_line_end(kind: str, words: str, least: str, parts: _Parts, validate: _Validate) -> Detector:
    """Digits behind a label that go on in the next line; `least` stand before its end."""
    label = f"(?:{words}){_SAYS}"
    pattern = re.compile(label + _broken(*parts, _LINE_END))
    prefilter = f"{label}{least}{SPACE}?\n"
    return Detector(kind, f"<{kind.upper()}>", prefilter, pattern, validate, spans_lines=True)


_ID: _Parts = ("[1-9]", 16, "[0-9Xx]")
_MOBILE: _Parts = ("1[3-9]", 8, "[0-9]")

BROKEN_ID = (
    _by_tag("resident_id", _ID, _resident_id),
    _by_line_end("resident_id", _ID_WORDS, f"{DIGIT}{{2,17}}", _ID, _resident_id),
)
BROKEN_MOBILE = (
    _by_tag("phone", _MOBILE, _mobile),
    _by_line_end("phone", _PHONE_WORDS, f"[1１]{DIGIT}{{2,9}}", _MOBILE, _in_two_lines),
)
