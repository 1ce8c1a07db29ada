"""Identity cards and resident certificates of Taiwan: a letter, nine digits, a check digit.

The second character is 1 or 2 for nationals, 8 or 9 for foreigners since 2021, A to D before.
"""

import re

from taojin.pipeline.pii.characters import DIGIT, LETTER
from taojin.pipeline.pii.china.label import near
from taojin.pipeline.pii.detector import END, START, Detector, Span

_LABEL = re.compile(
    r"身分[证證]|身份[证證]|居留[证證]|[统統]一[证證][号號]|[统統]一?[编編][号號]|[证證][号號件]|[台臺][湾灣]"
    r"|(?<![A-Za-z])(?:id|national|identity|arc)(?![a-z])",
    re.I,
)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""In the order of their values, 10 to 35."""


def has_check_digit(number: str) -> bool:
    """Whether the weighted sum of ten characters is a multiple of ten."""
    first = _LETTERS.index(number[0]) + 10
    second = number[1] if number[1].isdigit() else str(_LETTERS.index(number[1]) % 10)
    digits = [first // 10, first % 10, *(int(one) for one in second + number[2:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0


def _taiwan_id(match: re.Match[str]) -> Span | None:
    """One part number in ten passes the check: a label must say so."""
    valid = has_check_digit(match["value"].upper()) and near(match, _LABEL, 40, 12)
    return match.span("value") if valid else None


TAIWAN_ID = (
    Detector(
        kind="taiwan_id",
        placeholder="<TAIWAN_ID>",
        prefilter=f"{LETTER}(?:[1289１２８９]|[A-Da-dＡ-Ｄａ-ｄ]){DIGIT}{{8}}",
        pattern=re.compile(START + r"(?P<value>[A-Za-z][1289A-Da-d][0-9]{8})" + END),
        validate=_taiwan_id,
    ),
)
