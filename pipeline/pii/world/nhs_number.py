"""NHS numbers of England, Wales and the Isle of Man: ten digits with a check digit (modulus 11)."""

import re

from stdnum.gb import nhs

from taojin.pipeline.pii.characters import DIGIT, SPACE
from taojin.pipeline.pii.detector import END, START, Detector, Span, before
from taojin.pipeline.pii.world.label import labelled

_PHONE = re.compile(
    r"(?:tel|phone|mobile|cell|fax|call|电话|手机|传真)[^0-9]{0,24}$|\+[0-9]{0,3} ?$", re.I
)


def _nhs(match: re.Match[str]) -> Span | None:
    digits = re.sub("[^0-9]", "", match["value"])
    return match.span("value") if len(set(digits)) > 2 and nhs.is_valid(digits) else None


def _spaced(match: re.Match[str]) -> Span | None:
    """Of telephone numbers in the same groups one in eleven has the check digit."""
    return None if _PHONE.search(before(match, 32)) else _nhs(match)


NHS_NUMBER = (
    Detector(
        kind="nhs_number",
        placeholder="<NHS_NUMBER>",
        prefilter=f"{DIGIT}{{3}}{SPACE}{DIGIT}{{3}}{SPACE}{DIGIT}{{4}}",
        pattern=re.compile(START + r"(?P<value>[1-9][0-9]{2} [0-9]{3} [0-9]{4})" + END),
        validate=_spaced,
    ),
    Detector(
        kind="nhs_number",
        placeholder="<NHS_NUMBER>",
        prefilter=f"(?i:nhs|health.service)[^\\n]{{0,20}}{DIGIT}{{3}}",
        pattern=labelled(
            r"nhs|national health service", r"[0-9]{3}(?P<gap>[ \-]?)[0-9]{3}(?P=gap)[0-9]{4}"
        ),
        validate=_nhs,
    ),
)
