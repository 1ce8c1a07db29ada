"""International bank account numbers (ISO 13616): country, length and the check of ISO 7064."""

import re

from stdnum import iban

from taojin.pipeline.pii.characters import DIGIT, GAP
from taojin.pipeline.pii.detector import START, Detector, Span

_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL SD FK",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH CR HR LI LV",
    22: "BG BH DE GB GE IE ME RS",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
LENGTH = {country: length for length, names in _LENGTHS.items() for country in names.split()}
"""Characters of each country's numbers, spaces left out: registry of SWIFT."""


def _iban(match: re.Match[str]) -> Span | None:
    """The first characters of the match that are as many as the country's numbers have."""
    text = match["value"]
    length = LENGTH.get(text[:2].upper(), 0)
    taken = [at for at, character in enumerate(text, 1) if character.isalnum()][:length]
    if not length or len(taken) < length or text[taken[-1] : taken[-1] + 1].isalnum():
        return None
    if text[:2].islower() != text[: taken[-1]].islower():
        return None
    start = match.start("value")
    return (start, start + taken[-1]) if iban.is_valid(text[: taken[-1]]) else None


IBAN = (
    Detector(
        kind="iban",
        placeholder="<IBAN>",
        prefilter=r"(?:^|[^0-9A-Za-z]|\\[nrt]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2})[A-Za-zＡ-Ｚａ-ｚ]{2}"
        f"{DIGIT}{{2}}(?:{GAP}?[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{{4}}){{2}}",
        # Seen ahead and not taken: what follows a number may be the next one.
        pattern=re.compile(
            START + r"(?=(?P<value>[A-Za-z]{2}[0-9]{2}(?:[ \-]?[0-9A-Za-z]){11,31}))"
        ),
        validate=_iban,
    ),
)
