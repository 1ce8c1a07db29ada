"""Telephone numbers as they are written at home: what they are depends on the country.

`0171 1234567` is a number in German text and none in French. They are looked for in documents whose
country is known by domain or language, with the tables of `phonenumbers` (Google's libphonenumber),
and only with the digit that is dialled first at home: without it they look like sums.
"""

import re
from functools import cache, partial

from taojin.pipeline.pii.characters import DIGIT, GAP
from taojin.pipeline.pii.detector import END, START, Detector, Span

_FORMS = {
    "0": r"\(0[0-9]{1,4}\) ?[0-9]{2,9}(?:[ \-][0-9]{2,5}){0,4}"
    r"|0[0-9]{1,5}(?: ?[/\-] ?| )[0-9]{2,9}(?:[ \-][0-9]{2,5}){0,4}"
    r"|0[0-9]{1,3}(?:\.[0-9]{2,4}){3,4}|0[0-9]{9,10}",
    "8": r"8(?: ?\([0-9]{3,5}\) ?|[ \-][0-9]{3,5}[ \-])[0-9]{1,3}(?:[ \-][0-9]{2}){2}",
}
"""By the digit that is dialled first. Dates have groups as well, which `_DATE` tells."""
_DATE = re.compile(r"[0-9]{1,4}([.\-/])[0-9]{1,2}\1(?:19|20)?[0-9]{2}(?![0-9])")
_BYTE = "[0-9A-Fa-f]{2}"  # of a hexadecimal dump
CONFIDENCE = 0.9
LEAST_DIGITS = 9
"""In two groups; one less in more. Numbers of small towns look like hours and parts of dates."""


def _at_home(region: str, match: re.Match[str]) -> Span | None:
    """In groups, or a mobile number in one: other digits after a 0 are serial numbers."""
    import phonenumbers as numbers

    text = match["value"]
    groups = re.findall("[0-9]+", text)
    size = len("".join(groups)) + (len(groups) > 2)
    if size < LEAST_DIGITS or _DATE.match(text):
        return None
    try:
        number = numbers.parse(text, region)
    except numbers.NumberParseException:
        return None
    kinds = numbers.PhoneNumberType
    kind = numbers.number_type(number) if numbers.is_valid_number(number) else 99
    if text.isdigit():
        return match.span("value") if kind == kinds.MOBILE else None
    private = kind in (kinds.MOBILE, kinds.FIXED_LINE, kinds.FIXED_LINE_OR_MOBILE)
    return match.span("value") if private else None


@cache
def home_phones(region: str) -> tuple[Detector, ...]:
    """The detectors of the country's numbers; none where no digit is dialled first."""
    import phonenumbers as numbers

    first = (numbers.ndd_prefix_for_region(region, True) or "")[:1]
    first = "0" if region == "IT" else first  # not dropped from abroad, and so no prefix there
    if first not in _FORMS:
        return ()
    return (
        Detector(
            kind="phone",
            placeholder="<PHONE>",
            prefilter=rf"[{first}{chr(ord(first) + 0xFEE0)}]"
            rf"(?:(?:{GAP}|[.()/．（）／]){{0,3}}{DIGIT}){{7}}",
            pattern=re.compile(
                rf"{START}(?<![+/:])(?<![0-9] )(?<![^0-9A-Za-z]{_BYTE} )"
                rf"(?P<value>{_FORMS[first]}){END}(?! ?[:,/][0-9])(?! {_BYTE}(?![0-9A-Za-z]))"
            ),
            validate=partial(_at_home, region),
            confidence=CONFIDENCE,
        ),
    )
