"""Permits to travel between the mainland, Hong Kong, Macao and Taiwan.

From the mainland C or W (Hong Kong, Macao), L or T (Taiwan); to it H or M with 8 or 10 digits, or
8 digits with Taiwan's. Each form is also that of a part number, so that a label must say so.
"""

import re

from taojin.pipeline.pii.china.label import near
from taojin.pipeline.pii.detector import END, START, Detector, Span

_PERMIT = (
    "通行证|通行證|回乡证|回鄉證|回乡卡|回鄉卡|[台臺]胞[证證]|往来港澳|往來港澳|来往内地|來往內地"
)
_LABEL = re.compile(_PERMIT)
_OF_TAIWAN = re.compile(r"[台臺]胞[证證]|[台臺][湾灣]居民来?往?來?往?大[陆陸]通行[证證]")


def _travel_permit(match: re.Match[str]) -> Span | None:
    label = _OF_TAIWAN if match["value"][0].isdigit() else _LABEL
    return match.span("value") if near(match, label, 32) else None


TRAVEL_PERMIT = (
    Detector(
        kind="travel_permit",
        placeholder="<TRAVEL_PERMIT>",
        prefilter=_PERMIT,
        pattern=re.compile(
            START + r"(?P<value>[CWLTcwlt][0-9]{8}|[Cc][A-HJ-NP-Za-hj-np-z][0-9]{7}"
            r"|[HMhm](?:[0-9]{10}|[0-9]{8})|[0-9]{8}(?:[0-9]{2}(?:\([A-Z0-9]\))?)?)" + END
        ),
        validate=_travel_permit,
        confidence=0.98,
    ),
)
