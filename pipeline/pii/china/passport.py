"""Passports of China with its regions, and of other countries where a label says so."""

import re

from taojin.pipeline.pii.china.label import AFTER_LABEL, both_widths, near
from taojin.pipeline.pii.detector import END, START, Detector, Span

_LABEL = re.compile("护照|護照|[Pp]assport|PASSPORT")
_BEFORE = re.compile(
    rf"(?:护照|護照|[Pp]assport|PASSPORT)(?:\([^()]{{1,8}}\)|持有人|信息|证件)?{AFTER_LABEL}$"
)
_CHINESE = re.compile(
    r"[EGK][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|(?:D|S|P|DE|SE|PE|KJ|HJ|HA)[0-9]{7,8}|M[AB][0-9]{7}"
    r"|H[0-9]{8}|1[45][0-9]{7}"
)
_FOREIGN = re.compile(r"(?=.{0,3}[0-9]{5})[A-Z0-9]{7,10}")


def _passport(match: re.Match[str]) -> Span | None:
    """A part number looks the same: the word must stand nearby, right before other forms."""
    number = match["value"].upper()
    if _CHINESE.fullmatch(number) and near(match, _LABEL, 40, 12):
        return match.span("value")
    labelled = _FOREIGN.fullmatch(number) and near(match, _BEFORE, 32)
    return match.span("value") if labelled else None


PASSPORT = (
    Detector(
        kind="passport",
        placeholder="<PASSPORT>",
        prefilter=both_widths("护照", "護照", "assport", "ASSPORT"),
        pattern=re.compile(
            START + r"(?P<value>(?=[A-Za-z0-9]{0,4}[0-9]{5})[A-Za-z0-9]{7,10})" + END
        ),
        validate=_passport,
        confidence=0.98,
    ),
)
