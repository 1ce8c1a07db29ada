"""Unified social credit codes (GB 32100-2015) of companies and sole traders.

18 characters: authority, category, six digits of the division, nine of the organisation code and
a check character. Sole traders have one too, and theirs leads to a person.
"""

import re

from stdnum.cn import uscc

from taojin.pipeline.pii.characters import DIGIT, GAP
from taojin.pipeline.pii.china.label import near
from taojin.pipeline.pii.china.region import PROVINCES, is_county
from taojin.pipeline.pii.detector import END, START, Detector, Span, joined

_LABEL = re.compile(r"信用代码|信用代碼|信用编码|税号|稅號|识别号|識別號|代码证|uscc|tax", re.I)
_CHARACTER = "[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]"
_RAW = "[0-9０-９A-Ya-yＡ-Ｙａ-ｙ]"
_FIRST = "[1-9１-９ANYanyＡＮＹａｎｙ]"
_SECOND = "[1-9１-９AaＡａ]"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def _has_organisation_check(code: str) -> bool:
    """Whether nine characters pass the check of organisation codes (GB 11714)."""
    rest = -sum(int(one, 36) * weight for one, weight in zip(code, _WEIGHTS, strict=False)) % 11
    return code[8] == ("X" if rest == 10 else str(rest))


def _is_valid(code: str) -> bool:
    """Whether the check character is right, which of 31 codes is one; and the form, which costs."""
    total = sum(_PLACES[one] * 3**at for at, one in enumerate(code[:17]))
    return _PLACES[code[17]] == -total % 31 and bool(uscc.is_valid(code))


_PLACES = {one: at for at, one in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}


def _social_credit_code(match: re.Match[str]) -> Span | None:
    """Of 31 numbers of 18 digits one passes the check: those need a second one or a label."""
    code = joined(match["value"]).upper()
    division = code[2:8]
    if not (division.startswith("10") or int(division[:2]) in PROVINCES) or not _is_valid(code):
        return None
    if code.isdigit() and not near(match, _LABEL, 24):
        known = division == "100000" or is_county(division)
        return match.span("value") if known and _has_organisation_check(code[8:17]) else None
    return match.span("value")


SOCIAL_CREDIT_CODE = (
    Detector(
        kind="social_credit_code",
        placeholder="<SOCIAL_CREDIT_CODE>",
        prefilter=f"{_FIRST}{_SECOND}{GAP}?{DIGIT}{{6}}{GAP}?{_RAW}{{4}}"
        f"|{DIGIT}{{2}}{GAP}{DIGIT}{{4}}{GAP}{_RAW}{{4}}{GAP}{_RAW}{{4}}",
        pattern=re.compile(
            rf"{START}(?P<value>[1-9ANYany][1-9Aa][0-9]{{6}}{_CHARACTER}{{10}}"
            rf"|[1-9ANYany][1-9Aa][0-9]{{2}}(?P<gap>[ \-])[0-9]{{4}}(?P=gap){_CHARACTER}{{4}}"
            rf"(?P=gap){_CHARACTER}{{4}}(?P=gap)?{_CHARACTER}{{2}}"
            rf"|[1-9ANYany][1-9Aa][ \-]?[0-9]{{6}}[ \-]{_CHARACTER}{{9}}[ \-]?{_CHARACTER}"
            rf"|[1-9ANYany][1-9Aa][ \-]?[0-9]{{6}}[ \-]{_CHARACTER}{{8}}[ \-]{_CHARACTER}"
            rf"[ \-]?{_CHARACTER}){END}"
        ),
        validate=_social_credit_code,
    ),
)
