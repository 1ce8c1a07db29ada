"""Resident identity numbers of mainland China (GB 11643-1999): 18 characters."""

import datetime
import re

from stdnum.iso7064 import mod_11_2

from taojin.pipeline.pii.characters import DIGIT, GAP
from taojin.pipeline.pii.detector import END, START, Detector, Span

_PROVINCES = frozenset(
    code
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for code in range(first, last + 1)
)
"""GB/T 2260; 81 to 83 are on residence permits of Hong Kong, Macao and Taiwan residents."""


def has_form(number: str) -> bool:
    """Whether 18 characters hold a province code and a date, whatever their check digit."""
    if int(number[:2]) not in _PROVINCES or not 1880 <= int(number[6:10]) <= 2099:
        return False
    try:
        datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True


def _resident_id(match: re.Match[str]) -> Span | None:
    number = re.sub("[ -]", "", match["value"]).upper()
    return match.span("value") if has_form(number) and mod_11_2.is_valid(number) else None


RESIDENT_ID = (
    Detector(
        kind="resident_id",
        placeholder="<RESIDENT_ID>",
        prefilter=f"{DIGIT}{{6}}{GAP}?{DIGIT}{{4}}{GAP}?{DIGIT}{{2}}{GAP}?{DIGIT}{{2}}{GAP}?{DIGIT}{{3}}",
        pattern=re.compile(
            START + r"(?P<value>[1-8][0-9]{5}[ -]?[0-9]{4}[ -]?[0-9]{2}[ -]?[0-9]{2}"
            r"[ -]?[0-9]{3}[ -]?[0-9Xx])" + END
        ),
        validate=_resident_id,
    ),
)
