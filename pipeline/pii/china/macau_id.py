"""Identity cards of Macao: 1, 5 or 7, six digits, and a check digit whose rule is not public."""

import re

from taojin.pipeline.pii.characters import DIGIT
from taojin.pipeline.pii.china.label import both_widths, near
from taojin.pipeline.pii.detector import END, START, Detector, Span

_LABEL = re.compile("澳[门門]|BIR|[Mm]aca[uo]|MACA[UO]")
_WORDS = both_widths("澳门", "澳門", "BIR", "acau", "acao", "MACAU", "MACAO")
_CARD = re.compile(r"[证證]|(?<![A-Za-z])(?:BIR|ID|identity)", re.I)


def _macau_id(match: re.Match[str]) -> Span | None:
    labelled = near(match, _LABEL, 32) and near(match, _CARD, 24)
    return match.span("value") if labelled else None


MACAU_ID = (
    Detector(
        kind="macau_id",
        placeholder="<MACAU_ID>",
        prefilter=f"(?:{_WORDS}).*(?:{DIGIT}{{6}}|{DIGIT}[/／]{DIGIT})",
        pattern=re.compile(
            START + r"(?P<value>[157][0-9]{6}(?: ?\([0-9]\)|/[0-9])"
            r"|[157]/[0-9]{6}/[0-9]|[157][0-9]{7}(?![0-9.]))" + END
        ),
        validate=_macau_id,
        confidence=0.98,
    ),
)
