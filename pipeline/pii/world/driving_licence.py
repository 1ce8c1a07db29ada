"""Numbers of driving licences after a label: the forms of the United States and the kingdom."""

import re

from taojin.pipeline.pii.characters import DIGIT
from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.world.label import labelled

_LABEL = (
    r"(?:driver|driving|operator)(?:'?s?'?|’s)[ \-]licen[cs]e|driving permit"
    r"|führerschein(?:nummer)?|permis de conduire|驾驶证|駕駛證|驾照"
)
_VALUE = (
    r"[A-Z]{5}[0-9]{6}[A-Z9]{2}[0-9][A-Z]{2}"  # DVLA: MORGA657054SM9IJ
    r"|[A-Za-z]{0,3}[0-9]{4,14}[A-Za-z]{0,2}"
    r"|[A-Za-z]{0,2}[0-9]{2,4}(?:[ \-][0-9]{1,6}){1,4}"  # Florida, Illinois, New York
    r"|[A-Za-z][0-9]{2}-[0-9]{2}-[0-9]{4}|[0-9]{2}[A-Z]{3}[0-9]{5}|[A-Z0-9*]{7}[0-9]{3}[A-Z0-9]{2}"
)


def _licence(match: re.Match[str]) -> Span | None:
    digits = re.sub("[^0-9]", "", match["value"])
    is_year = len(match["value"]) == 4
    return None if is_year or len(digits) < 4 or len(set(digits)) == 1 else match.span("value")


DRIVING_LICENCE = (
    Detector(
        kind="driving_licence",
        placeholder="<DRIVING_LICENCE>",
        prefilter="(?:(?i:(?:driver|operator).{0,3}[ -]licen[cs]e|driving[ -](?:licen[cs]e|permit)"
        f"|führerschein|permis de conduire)|驾驶证|駕駛證|驾照)[^\\n]{{0,24}}{DIGIT}",
        pattern=labelled(_LABEL, f"(?:{_VALUE})"),
        validate=_licence,
    ),
)
