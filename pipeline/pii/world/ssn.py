"""Social security numbers of the United States: area, group and serial number, none of zeros."""

import re

from taojin.pipeline.pii.characters import DIGIT, GAP
from taojin.pipeline.pii.detector import END, START, Detector, Span
from taojin.pipeline.pii.world.label import labelled

_NEVER_ISSUED = frozenset({"078051120", "219099999", "457555462"})
"""Numbers of advertisements, which the administration voided."""

_LABEL = r"ssns?|social[ \-]security(?:[ _\-](?:number|no|num|#))?|soc\.? sec\.?"
_DIGITS = r"(?!000|666|9)[0-9]{3}(?P<gap>[ \-]?)(?!00)[0-9]{2}(?P=gap)(?!0000)[0-9]{4}"
_PREFILTER = f"{DIGIT}{{3}}{GAP}{DIGIT}{{2}}{GAP}{DIGIT}{{4}}"


def _ssn(match: re.Match[str]) -> Span | None:
    digits = re.sub("[ -]", "", match["value"])
    return None if digits in _NEVER_ISSUED or len(set(digits)) == 1 else match.span("value")


SSN = (
    Detector(
        kind="ssn",
        placeholder="<SSN>",
        prefilter=_PREFILTER,
        pattern=re.compile(
            START + r"(?P<value>(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4})" + END
        ),
        validate=_ssn,
    ),
    Detector(
        kind="ssn",
        placeholder="<SSN>",
        prefilter=f"(?i:ssn|social.security|soc.{{0,2}}sec)[^\\n]{{0,24}}{DIGIT}{{3}}",
        pattern=labelled(_LABEL, _DIGITS),
        validate=_ssn,
    ),
)
