"""Where in the world an address lies: its place, region, state, postal code and country.

Patterns are pieces of a longer one. What parts them is a space, a comma or a line end, behind which
a mail may have its marks of quotation.
"""

import re

from taojin.pipeline.pii.world.countries import COUNTRIES
from taojin.pipeline.pii.world.streets import LETTER, LINK, WORD

_LINE_END = r"(?:,? ?\n(?:[>?]{1,3} ?)? ?)"
GAP = rf"(?:,? |{_LINE_END})"
_BREAK = rf"(?:, ?|{_LINE_END}{{1,2}})"

UK_POSTCODE = r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}"
_LONG_CODE = (
    rf"(?:[0-9]{{5}}(?:-[0-9]{{3,4}})?|{UK_POSTCODE}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9])"
    r"(?![0-9A-Za-z])"
)
POSTAL_CODE = (
    rf"(?:{_LONG_CODE}|(?:[0-9]{{6}}|[0-9]{{2}}-[0-9]{{3}}|[0-9]{{3}} [0-9]{{2}}"
    r"|[0-9]{4}(?: [A-Z]{2})?)(?![0-9A-Za-z]))"
)
_STATE = rf"(?:[A-Z]{{2,3}}|nan|[0-9]{{2}})(?![0-9{LETTER}])"
US_STATE = (
    "(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI"
    "|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
)
_LONGEST_FIRST = sorted(map(re.escape, COUNTRIES), key=len, reverse=True)
_COUNTRY = rf"(?:{'|'.join(_LONGEST_FIRST)})(?![{LETTER}])(?: \([A-Z][a-z]+\))?"
_PLACE = rf"{WORD}(?:[ \-](?:{LINK} ){{0,2}}\(?{WORD}\)?){{0,4}}"

US_LOCALITY = rf"{GAP}{_PLACE},? {US_STATE},? [0-9]{{5}}(?:-[0-9]{{4}})?(?![0-9A-Za-z\-])"
"""A place with its state and ZIP code, which nothing else is written like."""

SURE_LOCALITY = (
    rf"(?:{GAP}{POSTAL_CODE} {_PLACE}(?:{GAP}{_COUNTRY})?"
    rf"|(?:{GAP}{_PLACE}{_BREAK}{_PLACE}{GAP}{_LONG_CODE}"
    rf"|{GAP}{_PLACE}?(?:{GAP}{{1,2}}(?:, ?)?{_STATE})?{GAP}{_LINE_END}?"
    rf"(?:{_COUNTRY} )?{POSTAL_CODE})(?:{_BREAK}{_COUNTRY})?"
    rf"|{GAP}{_PLACE}?{GAP}{{1,2}}{_COUNTRY})"
)
"""A place, with a region or without, and its postal code or its country, on one line or several."""

LOCALITY = (
    rf"(?:{SURE_LOCALITY}|{GAP}{_PLACE}{GAP}(?:, ?)?{_STATE}|, {_PLACE}(?=$|\n|[.?!](?:\s|$)))"
)
"""A place that may have neither."""

PLACE_ALONE = rf"{GAP}{_PLACE}"
