"""File numbers of driving licences: twelve digits that begin with the issuing prefecture.

The number of the licence itself is the resident number, and is found as one.
"""

import re

from taojin.pipeline.pii.characters import DIGIT
from taojin.pipeline.pii.china.label import AFTER_LABEL, RAW_AFTER_LABEL
from taojin.pipeline.pii.china.region import is_prefecture
from taojin.pipeline.pii.detector import END, Detector, Span

_LABEL = "档案编号|檔案編號|驾驶证档案号?|驾照档案号?|驾驶证编?号?|驾照编?号?"


def _driving_licence(match: re.Match[str]) -> Span | None:
    return match.span("value") if is_prefecture(match["value"][:4]) else None


DRIVING_LICENCE = (
    Detector(
        kind="driving_licence",
        placeholder="<DRIVING_LICENCE>",
        prefilter=f"(?:{_LABEL}){RAW_AFTER_LABEL}{DIGIT}{{12}}",
        pattern=re.compile(rf"(?:{_LABEL}){AFTER_LABEL}(?P<value>[1-6][0-9]{{11}}){END}"),
        validate=_driving_licence,
        confidence=0.98,
    ),
)
