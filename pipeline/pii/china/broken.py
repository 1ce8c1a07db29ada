"""Numbers that a tag, an emphasis or a line end breaks: 138<b>1234</b>5678.

A tag or an emphasis breaks any number; a line end breaks one that a label announces, since a column
of a table has numbers below each other as well.
"""

import re

from taojin.pipeline.pii.characters import DIGIT, SPACE
from taojin.pipeline.pii.china.resident_id import is_resident_id
from taojin.pipeline.pii.detector import Detector, Span

_TAG = r"(?:</?[A-Za-z][^<>\n]{0,60}>|\*{2,3}){1,2}"
_LINE_END = r" ?\n[ >]{0,4}"
_MARK = re.compile(f"{_TAG}|{_LINE_END}")

_ID_WORDS = "身份证|身分證|身份證|公民号码|证件号|證件號|证号|證號"
_PHONE_WORDS = "电话|電話|手机|手機|联系方式|聯絡方式"
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

BROKEN_ID = (
    Detector(
        kind="resident_id",
        placeholder="<RESIDENT_ID>",
        prefilter=_TAGGED,
        pattern=re.compile(_BEFORE + _broken("[1-9]", 16, "[0-9Xx]", _TAG)),
        validate=_resident_id,
    ),
    Detector(
        kind="resident_id",
        placeholder="<RESIDENT_ID>",
        prefilter=f"(?:{_ID_WORDS}){_SAYS}{DIGIT}{{2,17}}{SPACE}?\n",
        pattern=re.compile(f"(?:{_ID_WORDS}){_SAYS}" + _broken("[1-9]", 16, "[0-9Xx]", _LINE_END)),
        validate=_resident_id,
        spans_lines=True,
    ),
)
BROKEN_MOBILE = (
    Detector(
        kind="phone",
        placeholder="<PHONE>",
        prefilter=_TAGGED,
        pattern=re.compile(_BEFORE + _broken("1[3-9]", 8, "[0-9]", _TAG)),
        validate=_mobile,
    ),
    Detector(
        kind="phone",
        placeholder="<PHONE>",
        prefilter=f"(?:{_PHONE_WORDS}){_SAYS}[1１]{DIGIT}{{2,9}}{SPACE}?\n",
        pattern=re.compile(f"(?:{_PHONE_WORDS}){_SAYS}" + _broken("1[3-9]", 8, "[0-9]", _LINE_END)),
        validate=_in_two_lines,
        spans_lines=True,
    ),
)
