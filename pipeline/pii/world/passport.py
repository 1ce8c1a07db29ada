"""Passport numbers after a label: nine characters at most, as ICAO 9303 has them."""

import re

from taojin.pipeline.pii.characters import DIGIT
from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.world.label import labelled

_LABEL = "passports?|passeport|reisepass(?:nummer)?|pasaporte|passaporto|passaporte|护照|護照"


def _passport(match: re.Match[str]) -> Span | None:
    digits = re.sub("[^0-9]", "", match["value"])
    return match.span("value") if len(digits) >= 5 and len(set(digits)) > 1 else None


PASSPORT = (
    Detector(
        kind="passport",
        placeholder="<PASSPORT>",
        prefilter="(?:(?i:passport|passeport|reisepass|pasaporte|passaporto)|[护護]照)"
        f"[^\\n]{{0,24}}{DIGIT}",
        pattern=labelled(
            _LABEL,
            "(?:[A-Za-z]{0,3}[0-9]{6,9}"
            "|[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{7}[0-9]"  # Germany
            "|[A-Z][0-9][A-Z0-9][0-9]{5,6})",  # United States, France
        ),
        validate=_passport,
    ),
)
