"""Places on the earth: latitude and longitude, in decimals or in degrees, minutes and seconds."""

import re

from taojin.pipeline.pii.characters import DIGIT
from taojin.pipeline.pii.detector import Detector, Span, before

_CUE = re.compile(r"(?:geo:|@|lat|lng|lon|coord|gps|location|坐标|经纬度|位置)[^0-9]{0,24}$", re.I)
_IN_ARRAY = re.compile(r"[\[,0-9.] *$")


def _decimal(match: re.Match[str]) -> Span | None:
    """A pair within the bounds; without a word that says so one of five decimals, in no array."""
    first, second = match["first"], match["second"]
    head = before(match, 32)
    precise = min(len(number.partition(".")[2]) for number in (first, second)) >= 5
    alone = (
        precise and not _IN_ARRAY.search(head) and min(abs(float(first)), abs(float(second))) > 1
    )
    if not (alone or _CUE.search(head)):
        return None
    bounds = sorted((abs(float(first)), abs(float(second))))
    return match.span("value") if bounds[0] <= 90 and bounds[1] <= 180 else None


_DEGREES = rf"{DIGIT}[.．]{DIGIT}{{4,}}"
_NUMBER = r"[+\-]?[0-9]{1,3}\.[0-9]{4,12}"
_SECONDS = r"(?:[0-9]{1,2}(?:\.[0-9]{1,6})? ?(?:\"|″|”|''))?"
COORDINATES = (
    Detector(
        kind="coordinates",
        placeholder="<COORDINATES>",
        prefilter=f"{_DEGREES}°? ?[NSns]?[,，;；/ ] ?[\\-－−‐-―+]?{DIGIT}{{1,3}}[.．]{DIGIT}{{4}}",
        pattern=re.compile(
            rf"(?<![0-9A-Za-z_.\-])(?P<value>(?P<first>{_NUMBER})°? ?[NSns]?(?:[,;/] ?| )"
            rf"(?P<second>{_NUMBER})(?:°? ?[EWew](?![A-Za-z]))?)"
            r"(?![0-9A-Za-z_])(?!\.[0-9])(?![,;] ?[+\-]?[0-9]+\.[0-9])"
        ),
        validate=_decimal,
    ),
    Detector(
        kind="coordinates",
        placeholder="<COORDINATES>",
        prefilter=f"{DIGIT}[°º] ?{DIGIT}{{1,2}} ?['′’]",
        pattern=re.compile(
            r"(?<![0-9A-Za-z_.])"
            rf"(?P<value>[0-9]{{1,2}}[°º] ?[0-9]{{1,2}} ?['′’] ?{_SECONDS} ?[NSns]"
            rf"[,; ]{{0,2}}[0-9]{{1,3}}[°º] ?[0-9]{{1,2}} ?['′’] ?{_SECONDS} ?[EWew])(?![A-Za-z])"
        ),
    ),
)
