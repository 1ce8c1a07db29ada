"""Resident identity numbers of mainland China: GB 11643-1999, and the 15 digits before it.

Cards of foreign permanent residents (since 2023) have the same length, date and check digit, with
9, the province and the numeric country code in the place of the county.
"""

import datetime
import re
from operator import mul

from taojin.pipeline.pii.characters import DIGIT, GAP, SPACE
from taojin.pipeline.pii.china.label import near
from taojin.pipeline.pii.china.region import PROVINCES, is_county
from taojin.pipeline.pii.detector import END, START, Detector, Span, joined

_LABEL = re.compile(
    r"身份证|身分證|身份證|身份号|公民号|居民证|证件号|證件號|证号|證號|身份识别|id_?card|identity",
    re.I,
)


def has_form(number: str) -> bool:
    """Whether 18 characters hold a province code and a date, whatever their check digit."""
    province = number[1:3] if number[0] == "9" else number[:2]
    return int(province) in PROVINCES and _is_date(number[6:14])


def _is_date(text: str) -> bool:
    if not 1880 <= int(text[:4]) <= 2099:
        return False
    try:
        datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def is_resident_id(number: str) -> bool:
    """Whether 18 characters hold a known county, a date and the check digit."""
    number = number.upper()
    known = number[0] == "9" or is_county(number[:6])
    return known and has_form(number) and _has_check_digit(number)


def _has_check_digit(number: str) -> bool:
    """Whether the last of 18 characters is right (ISO 7064, MOD 11-2)."""
    total = sum(map(mul, map(int, number[:17]), _WEIGHTS))
    return "10X98765432"[total % 11] == number[17]


_WEIGHTS = tuple(2**place % 11 for place in range(17, 0, -1))


def _resident_id(match: re.Match[str]) -> Span | None:
    """The county must be in the table, unless a label says that the number is one."""
    number = joined(match["value"]).upper()
    if not _has_check_digit(number) or not has_form(number):
        return None
    known = number[0] == "9" or is_county(number[:6]) or near(match, _LABEL, 24)
    return match.span("value") if known else None


def _of_15_digits(match: re.Match[str]) -> Span | None:
    """No check digit: only under a label, with a known county and a date of the last century."""
    number = match["value"]
    dated = _is_date("19" + number[6:12]) and is_county(number[:6])
    return match.span("value") if dated and near(match, _LABEL, 24) else None


RESIDENT_ID = (
    Detector(
        kind="resident_id",
        placeholder="<RESIDENT_ID>",
        prefilter=f"{DIGIT}{{3}}{GAP}?{DIGIT}{{3}}{GAP}?{DIGIT}{{4}}{GAP}?{DIGIT}{{2}}{GAP}?{DIGIT}{{2}}"
        f"{GAP}?{DIGIT}{{3}}|(?:{DIGIT}{SPACE}){{17}}",
        # Letters beside it are a label (sfz1101...): county, date and check leave chance no room.
        pattern=re.compile(
            r"(?<![0-9])(?<![0-9>][.\-])"
            r"(?P<value>[1-9][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{2}[ -]?[0-9]{2}"
            r"[ -]?[0-9]{3}[ -]?[0-9Xx]|[1-9] (?:[0-9] ){16}[0-9Xx])(?![0-9])(?![.\-][0-9])"
        ),
        validate=_resident_id,
    ),
    Detector(
        kind="resident_id",
        placeholder="<RESIDENT_ID>",
        prefilter=f"{DIGIT}{{15}}",
        pattern=re.compile(START + "(?P<value>[1-8][0-9]{14})" + END),
        validate=_of_15_digits,
        confidence=0.95,
    ),
)
