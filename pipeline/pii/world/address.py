"""Postal addresses of several countries: street and number, flat, place, postal code, country.

No check tells an address from a name with a number, so that this kind has a confidence below 1. It
is found where its own words say so (Street, Rua, -straße, P.O. Box, Apt., a postal code after a
place), or after words that announce one ("my address is", "lives at"). An address is one value
from its first number to its last line.
"""

import re
from collections.abc import Callable

from taojin.pipeline.pii.characters import DIGIT
from taojin.pipeline.pii.detector import Detector, Span, before, value
from taojin.pipeline.pii.world.countries import COUNTRIES
from taojin.pipeline.pii.world.streets import ANY_STREET, LETTER, LINK, NAME, NUMBER, STREET, WORD

_END_OF_LINE = r"(?:,? ?\n(?:[>?]{1,3} ?)? ?)"
_GAP = rf"(?:,? |{_END_OF_LINE})"
_UNIT = (
    r"(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|Bldg|Building)\.? ?#?[0-9A-Z]{1,5}"
    r"(?![0-9A-Za-z])|(?:[A-Z][a-z]+th|First|Second|Third|[0-9]{1,2}(?:st|nd|rd|th)) Floor"
    r"|#[0-9]{1,5})"
)
_LONGEST_FIRST = sorted(map(re.escape, COUNTRIES), key=len, reverse=True)
_COUNTRY = rf"(?:{'|'.join(_LONGEST_FIRST)})(?![a-z])(?: \([A-Z][a-z]+\))?"
_POSTAL_CODE = (
    r"(?:[0-9]{5}(?:-[0-9]{4})?|[0-9]{6}|[0-9]{5}-[0-9]{3}|[0-9]{2}-[0-9]{3}|[0-9]{3} [0-9]{2}"
    r"|[0-9]{4}(?: [A-Z]{2})?|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}"
    r"|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9])(?![0-9A-Za-z])"
)
_STATE = rf"(?:[A-Z]{{2,3}}|nan|[0-9]{{2}})(?![0-9{LETTER}])"
_PLACE = rf"{WORD}(?:[ \-](?:{LINK} ){{0,2}}\(?{WORD}\)?){{0,4}}"
_SURE_LOCALITY = (
    rf"(?:{_GAP}{_POSTAL_CODE} {_PLACE}(?:{_GAP}{_COUNTRY})?"
    rf"|{_GAP}{_PLACE}?(?:{_GAP}{{1,2}}(?:, ?)?{_STATE})?{_GAP}{_END_OF_LINE}?"
    rf"(?:{_COUNTRY} )?{_POSTAL_CODE}"
    rf"|{_GAP}{_PLACE}?{_GAP}{{1,2}}{_COUNTRY})"
)
"""A place with its postal code or its country, on one line or one each."""
_LOCALITY = (
    rf"(?:{_SURE_LOCALITY}|{_GAP}{_PLACE}{_GAP}(?:, ?)?{_STATE}|, {_PLACE}(?=$|\n|[.?!](?:\s|$)))"
)
_MILITARY = (
    r"(?:(?:PSC|Unit|CMR) [0-9]{1,5},? Box [0-9]{1,5}"
    r"|(?:USNS|USNV|USS|USCGC) [A-ZÀ-Þ][\w'\-]{1,24}),?[ \n](?:APO|FPO|DPO),? A[AEP] [0-9]{5}"
)
_START = rf"(?<![0-9{LETTER}_.,/\-])(?<![#$€£])"
_STOP = rf"(?![0-9{LETTER}_])"

_ANNOUNCES = re.compile(
    r"(?:address(?:es)?(?: (?:is|are|to|was|with))?(?: now)?:?|(?:deliver|ship)(?:p?ed)? to"
    r"|sent? (?:a new one |it )?to|liv(?:e|es|ed|ing) (?:at|in|on)|moved to|located (?:at|on|in)"
    r"|arrived at|(?:a )?(?:taxi|cab|ride) to|(?:is|are) at|(?:drops?|picks?) you (?:off|up) at"
    r"|resid(?:e|es|ing|ent) (?:at|in)|(?:north|south|east|west) side of|enter on|meet(?:ing)? at"
    r"|地址)[: ]{1,8}$",
    re.I,
)


def _announced(match: re.Match[str]) -> Span | None:
    return match.span("value") if _ANNOUNCES.search(before(match, 48)) else None


def _detector(
    prefilter: str, pattern: str, validate: Callable[[re.Match[str]], Span | None] = value
) -> Detector:
    return Detector(
        kind="address",
        placeholder="<ADDRESS>",
        prefilter=prefilter,
        pattern=re.compile(pattern),
        validate=validate,
        confidence=0.8,
        spans_lines=True,
    )


_NAME_AND_NUMBER = rf"{DIGIT}[A-Za-z]?,? [\pL]|\pL[.]? {DIGIT}|\pL[.]?,? {DIGIT}"
_UNITS = rf"(?:{_GAP}{_UNIT})"

ADDRESS = (
    _detector("APO|FPO|DPO", rf"{_START}(?P<value>{_MILITARY}){_STOP}"),
    _detector(
        _NAME_AND_NUMBER,
        rf"{_START}(?P<value>(?:{NUMBER} )?{STREET}(?:(?: {NAME})?{_UNITS}){{0,2}}{_LOCALITY}?)"
        rf"{_STOP}",
    ),
    _detector(
        _NAME_AND_NUMBER,
        rf"{_START}(?P<value>(?:{NUMBER} )?{ANY_STREET}{_UNITS}{{1,2}}"
        rf"(?:{_LOCALITY}|{_GAP}{_PLACE})?){_STOP}",
    ),
    _detector(
        _NAME_AND_NUMBER, rf"{_START}(?P<value>{NUMBER} {NAME} {NUMBER}{_SURE_LOCALITY}){_STOP}"
    ),
    _detector(
        _NAME_AND_NUMBER,
        rf"{_START}(?P<value>(?:{NUMBER} |{WORD} (?={NUMBER} {WORD}))?{ANY_STREET}{_UNITS}{{0,2}}"
        rf"{_LOCALITY}?){_STOP}",
        _announced,
    ),
    _detector(
        f"(?i:zip|post|postal)[ -]?(?i:code).{{0,4}}{DIGIT}",
        rf"(?i:zip|postal|post)[ \-]?(?i:code)(?: is|:| =)? ?(?P<value>{_POSTAL_CODE})",
    ),
    _detector(
        "corner of",
        rf"(?P<value>the corner of {ANY_STREET} and {NAME}(?: {NUMBER})?){_STOP}",
    ),
)
