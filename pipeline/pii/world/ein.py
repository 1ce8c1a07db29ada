"""Employer identification numbers of the United States: a campus's prefix, after a label."""

import re

from stdnum.us import ein

from taojin.pipeline.pii.characters import DIGIT, GAP
from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.world.label import labelled

_LABEL = (
    r"f?eins?(?: \(employer identification number\))?|employer(?:'s)? identification"
    r"|(?:federal |business )?tax(?:payer)?(?: identification| id| i\.d\.)?|irs|tin"
)


def _ein(match: re.Match[str]) -> Span | None:
    return match.span("value") if ein.is_valid(match["value"]) else None


EIN = (
    Detector(
        kind="ein",
        placeholder="<EIN>",
        prefilter=rf"{DIGIT}{{2}}{GAP}{DIGIT}{{7}}",
        pattern=labelled(_LABEL, "[0-9]{2}-[0-9]{7}"),
        validate=_ein,
    ),
)
