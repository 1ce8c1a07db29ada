"""Postal addresses of several countries: street and number, flat, place, postal code, country.

No check tells an address from a name with a number, so that this kind has a confidence below 1. It
is found where its own words say so (Street, Rua, -straße, P.O. Box, Apt., a postal code after a
place), or after words that announce one ("my address is", "lives at"). An address is one value
from its first number to its last line.
"""

import re
from collections.abc import Callable

from taojin.pipeline.pii.characters import DIGIT
from taojin.pipeline.pii.detector import Detector, Span, value
from taojin.pipeline.pii.world.locality import (
    GAP,
    LOCALITY,
    PLACE_ALONE,
    POSTAL_CODE,
    SURE_LOCALITY,
    US_LOCALITY,
    US_STATE,
)
from taojin.pipeline.pii.world.streets import ANY_STREET, LETTER, NAME, NUMBER, STREET, TYPE, WORD

_UNIT_WORDS = (  # secondary unit designators, USPS Publication 28, appendix C2
    "Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|Bldg|Building|Dept|Lot|Spc|Trlr|Trailer"
    "|Penthouse|PH|Hngr"
)
_NUMBERED_UNIT = (
    rf"(?:{_UNIT_WORDS})\.? ?#?"
    r"(?:[0-9]{1,5}(?:-?[A-Za-z])?|[A-Z](?:-?[0-9]{1,4})?|[0-9A-Z]{1,5})(?![0-9A-Za-z])"
)
_UNIT = (
    rf"(?:{_NUMBERED_UNIT}|(?:[A-Z][a-z]+th|First|Second|Third|[0-9]{{1,2}}(?:st|nd|rd|th)) Floor"
    r"|#[0-9]{1,5})"
)
_MILITARY = (
    r"(?:(?:PSC|Unit|CMR) [0-9]{1,5},? Box [0-9]{1,5}"
    r"|(?:USNS|USNV|USS|USCGC) [A-ZÀ-Þ][\w'\-]{1,24}),?[ \n](?:APO|FPO|DPO),? A[AEP] [0-9]{5}"
)
_START = rf"(?<![0-9{LETTER}_.,/\-])(?<![#$€£])"
_STOP = rf"(?![0-9{LETTER}_])"

_CUES = (
    r"address(?:es)?(?: (?:is|are|to|was|with))?(?: now)?:?|(?:deliver|ship)(?:p?ed)? to"
    r"|sen[dt] (?:a new one |it )?to|liv(?:e|es|ed|ing) (?:at|in|on)|moved to|located (?:at|on|in)"
    r"|arrived at|(?:a )?(?:taxi|cab|ride) to|(?:is|are) at|(?:drops?|picks?) you (?:off|up) at"
    r"|resid(?:e|es|ing|ent) (?:at|in)|(?:north|south|east|west) side of|enter on|meet(?:ing)? at"
    r"|地址"
)
"""What announces an address."""

_MIXED = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]")


def _in_one_case(match: re.Match[str]) -> Span | None:
    """Chats have no capitals, forms have nothing else: capitals tell no name from a word there."""
    return None if _MIXED.search(match["value"]) else match.span("value")


def _detector(
    prefilter: str,
    pattern: str,
    validate: Callable[[re.Match[str]], Span | None] = value,
    flags: int = 0,
) -> Detector:
    return Detector(
        kind="address",
        placeholder="<ADDRESS>",
        prefilter=prefilter,
        pattern=re.compile(pattern, flags),
        validate=validate,
        confidence=0.8,
        spans_lines=True,
    )


_NAME_AND_NUMBER = rf"{DIGIT}[A-Za-z]?,? [\pL]|\pL[.]? {DIGIT}|\pL[.]?,? {DIGIT}"
_UNITS = rf"(?:{GAP}{_UNIT})"
_UNIT_BEFORE = rf"(?:{_NUMBERED_UNIT}{GAP}(?:{NAME}{GAP})?(?={NUMBER} ))?"
_DOUBLED = rf"(?:{NUMBER} |(?!(?:is|are|was|now|to|at|in|on|with) ){WORD} (?={NUMBER} {WORD}))?"
_COMPASS = "(?: (?:North|South|East|West|[NSEW]{1,2})(?![A-Za-z]))?"

_ANNOUNCED = f"(?i:{_CUES})[: ]{{1,8}}"
_AND_NUMBER = f"[^0-9\\n]{{0,160}}{DIGIT}"
_HAS_UNIT = (
    f"(?:{_UNIT_WORDS})[.]? ?#?(?:{DIGIT}|[A-ZＡ-Ｚ])|#{DIGIT}"
    "|(?:th|st|nd|rd|First|Second|Third) Floor"
)

ADDRESS = (
    _detector(
        rf"(?i:[afd]po,? a[aep]) {DIGIT}{{5}}",
        rf"{_START}(?P<value>{_MILITARY}){_STOP}",
        flags=re.I,
    ),
    _detector(
        _NAME_AND_NUMBER,
        rf"{_START}(?P<value>{_UNIT_BEFORE}(?:{NUMBER} )?{STREET}(?:(?: {NAME})?{_UNITS}){{0,2}}"
        rf"{LOCALITY}?){_STOP}",
    ),
    _detector(
        _HAS_UNIT,
        rf"{_START}(?P<value>(?:{NUMBER} )?{ANY_STREET}{_UNITS}{{1,2}}"
        rf"(?:{LOCALITY}|{PLACE_ALONE})){_STOP}",
    ),
    _detector(
        _NAME_AND_NUMBER,
        rf"{_START}(?P<value>{NUMBER} {NAME} {NUMBER}{_COMPASS}{SURE_LOCALITY}"
        rf"|{NUMBER} {NAME}{_UNITS}{{0,2}}{US_LOCALITY}){_STOP}",
    ),
    _detector(
        _ANNOUNCED + _AND_NUMBER,
        rf"{_ANNOUNCED}(?P<value>{_DOUBLED}{ANY_STREET}{_UNITS}{{0,2}}{LOCALITY}?){_STOP}",
    ),
    _detector(
        f"(?i:zip|post|postal)[ -]?(?i:code).{{0,4}}{DIGIT}",
        rf"(?i:zip|postal|post)[ \-]?(?i:code)(?: is|:| =)? ?(?P<value>{POSTAL_CODE})",
    ),
    _detector(
        "corner of",
        rf"(?P<value>the corner of {ANY_STREET} and {NAME}(?: {NUMBER})?){_STOP}",
    ),
    _detector(
        "(?i:corner of)",
        rf"(?P<value>the corner of {ANY_STREET} and (?:{WORD} ){{1,3}}{TYPE}){_STOP}",
        _in_one_case,
        re.I,
    ),
    # In one case: with a flat and a place, with a state and a ZIP code, or announced.
    _detector(
        f"[ ,\n](?i:apt|apartment|suite|ste|unit|flat)[.]? ?#?{DIGIT}",
        rf"{_START}(?P<value>(?:{NUMBER} )?{ANY_STREET}{_UNITS}{{1,2}}{SURE_LOCALITY}){_STOP}",
        _in_one_case,
        re.I,
    ),
    _detector(
        rf"[ ,](?i:{US_STATE}),? {DIGIT}{{5}}",
        rf"{_START}(?P<value>{STREET}{_UNITS}{{0,2}}{US_LOCALITY}){_STOP}",
        _in_one_case,
        re.I,
    ),
    _detector(
        _ANNOUNCED + _AND_NUMBER,
        rf"{_ANNOUNCED}(?P<value>{_DOUBLED}{ANY_STREET}"
        rf"(?:{_UNITS}{{0,2}}{SURE_LOCALITY}|{_UNITS}{{1,2}})){_STOP}",
        _in_one_case,
        re.I,
    ),
)
