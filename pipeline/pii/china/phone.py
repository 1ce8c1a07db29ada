"""Telephone numbers of mainland China, as they are written there."""

import re

from taojin.pipeline.pii.characters import DIGIT, GAP, SPACE, STYLED
from taojin.pipeline.pii.china.label import HAN
from taojin.pipeline.pii.detector import (
    END,
    START,
    Detector,
    Span,
    before,
    in_path,
    rest_of_line,
)

_CUE = re.compile(
    r"(?:电话|電話|手机|手機|座机|座機|固话|固話|传真|傳真|联系方式|聯絡方式|聯繫方式"
    r"|行[动動][电電][话話]|(?<![A-Za-z])(?:tel|fax|phone))"
    r"(?:号码?|號碼?|是|为|為)?[ :.]{0,2}\(?$",
    re.I,
)
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")

_DATED = re.compile(rf"0[0-9]{{2,3}} ?- ?{_DATE.pattern}")

_SIZE = re.compile(
    r"(?:size|bytes?|length|len|offset|seed|count|大小|字节数?|长度|偏移)"
    r"[\"']?(?: is)? ?[=:]? ?[\"']?$",
    re.I,
)
_LIST_NUMBER = re.compile(r"[0-9]\.$")  # 1.13812345678 alone is a number with decimals
_HAN = re.compile(HAN)
_UNIT = re.compile(
    r" ?(?:[nuµm]s|[KMGT]?i?B|bytes?|rows|ops|字节|毫秒|微秒|纳秒|元(?![旦宵])"
    r"|条(?!件)|行(?![吗么嘛不])|次(?![日要]))(?![A-Za-z])"
)

_COUNTRY = r"(?:(?:\+|00)?86[ \-]?|\((?:\+|00)?86\)[ \-]?)"
_AREA = r"0(?:10|2[0-57-9]|[3-9][0-9]{2})"
_LOCAL = r"[2-9](?:[0-9]{6,7}|[0-9]{2,3}[ \-][0-9]{4})"
_TAIWAN = (
    r"(?:\(0[2-8][0-9]?\)|0[2-8][0-9]?-) ?[2-9][0-9]{2,3}[ \-]?[0-9]{4}"
    r"|09[0-9]{2}[ \-]?[0-9]{3}[ \-]?[0-9]{3}"
)
_EXTENSION = r"(?: ?(?:转|轉|分机|分機|ext\.?|x|#)[ :]?[0-9]{1,6}|-[0-9]{1,5})"


def _in_text(match: re.Match[str]) -> Span | None:
    return None if in_path(match) else match.span("value")


def _mobile(match: re.Match[str]) -> Span | None:
    """Not 17179869184 bytes: of phones one in 4,096 is a whole number of memory pages."""
    text = match["value"]
    head = before(match, 16)
    is_size = len(text) == 11 and (
        int(text) % 4096 == 0
        or _UNIT.match(match.string, match.end())
        or _SIZE.search(head)
        or (_LIST_NUMBER.search(head) and not _HAN.search(rest_of_line(match)))
    )
    return None if is_size and not _CUE.search(head) else _in_text(match)


def _landline(match: re.Match[str]) -> Span | None:
    """Not 021-20240102: the second half is a date."""
    is_date = _DATED.fullmatch(match["value"]) and not _CUE.search(before(match, 16))
    return None if is_date else match.span("value")


def _after_cue(match: re.Match[str]) -> Span | None:
    cued = _CUE.search(before(match, 16)) and not _DATE.fullmatch(match["value"])
    return match.span("value") if cued else None


MOBILE = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=f"[1１]{DIGIT}{{2}}(?:(?:{GAP}|[.．])?{DIGIT}{{4}}(?:{GAP}|[.．])?{DIGIT}{{4}}"
    f"|{DIGIT}{GAP}{DIGIT}{{3}}{GAP}{DIGIT}{{4}}|{GAP}{DIGIT}{{3}}{GAP}{DIGIT}{{5}})"
    rf"|(?:{STYLED}){{3}}(?:{GAP}?{STYLED}){{8}}",
    pattern=re.compile(
        r"(?=[+(018])"  # looked at first, because seven looks behind take ten times as long
        r"(?:(?<![0-9A-Za-z_])|(?<=[Tt]el)|(?<=TEL)|(?<=[Pp]hone)|(?<=[Mm]obile)"
        r"|(?<=[Cc]all)|(?<=(?<![0-9A-Za-z_])[VvMmTt])|(?<=(?<![0-9A-Za-z_])[VvWw][Xx]))"
        r"(?:(?<![0-9>][.\-])|(?<=1[3-9][0-9]{9}-)|(?<=^[0-9]\.)|(?<=^[0-9]{2}\.))"
        r"(?<![A-Z]-)(?<!\+)"
        rf"(?P<value>{_COUNTRY}?1[3-9][0-9](?:[ \-]?[0-9]{{4}}[ \-]?[0-9]{{4}}"
        r"|\.[0-9]{4}\.[0-9]{4}|[0-9](?P<gap>[ \-])[0-9]{3}(?P=gap)[0-9]{4}"
        r"|(?P<gap5>[ \-])[0-9]{3}(?P=gap5)[0-9]{5}))"
        r"(?![0-9A-Za-z_])(?!\.[0-9a-z])(?!-[0-9]{2}-)",
        re.M,
    ),
    validate=_mobile,
)

_NUMERAL = "[零〇一幺二三四五六七八九]"

SPELT_MOBILE = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=f"[一幺][三四五六七八九]{_NUMERAL}{{9}}",
    pattern=re.compile(
        rf"(?<!{_NUMERAL})(?P<value>[一幺][三四五六七八九]{_NUMERAL}{{9}})(?!{_NUMERAL}|[十百千万亿])"
    ),
)
"""一三八〇一二三…: no sum is written so, and no year has eleven numerals."""

SPREAD_MOBILE = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=rf"[1１](?:{GAP}|[.．_＿·]){{0,3}}[3-9３-９](?:(?:{GAP}|[.．_＿·]){{0,3}}{DIGIT}){{9}}",
    pattern=re.compile(
        rf"{START}(?P<value>1[ \-._·]{{0,3}}[3-9](?:[ \-._·]{{0,3}}[0-9]){{9}}){END}"
    ),
    validate=_after_cue,
)
"""After a cue in any groups: 1 3 8 1 2 3 4 5 6 7 8, 1381234 - 5678."""

LANDLINE = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=f"[0０]{DIGIT}{{2,3}}[)）]?{GAP}{{0,3}}{DIGIT}{{3,4}}{GAP}?{DIGIT}{{4}}",
    pattern=re.compile(
        rf"{START}(?<!\+)(?P<value>{_COUNTRY}?(?:\({_AREA}\)[ \-]?|{_AREA}(?: ?- ?| ))"
        rf"{_LOCAL}{_EXTENSION}?){END}"
    ),
    validate=_landline,
)

LANDLINE_AFTER_CUE = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=f"(?:话|話|机|機|真|方式|码|碼|号|號|是|为|為|(?i:tel|fax|phone|ｔｅｌ|ｆａｘ))"
    f"(?:{SPACE}|[:：.．]){{0,2}}[(（]?(?:{DIGIT}{{3}}|[0０]{DIGIT}(?:[)）]|{GAP}))",
    pattern=re.compile(
        rf"{START}(?<!\+)(?P<value>(?:(?:{_AREA})?{_LOCAL}|{_TAIWAN}){_EXTENSION}?){END}"
    ),
    validate=_after_cue,
)

PHONE = (MOBILE, SPELT_MOBILE, SPREAD_MOBILE, LANDLINE, LANDLINE_AFTER_CUE)
