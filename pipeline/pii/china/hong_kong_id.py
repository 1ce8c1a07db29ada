"""Identity cards of Hong Kong: one or two letters, six digits and a check digit in brackets."""

import re

from taojin.pipeline.pii.characters import DIGIT, LETTER, SPACE
from taojin.pipeline.pii.china.label import near
from taojin.pipeline.pii.detector import START, Detector, Span

_LABEL = re.compile(
    r"香港|港澳|身份[证證]|身分[证證]|(?<![A-Za-z])(?:hkid|identity card|id card)", re.I
)
_PART = re.compile(
    r"型号|型號|料号|料號|货号|貨號|批号|批號|订单|單號|单号|(?<![A-Za-z])(?:SKU|model|part)", re.I
)
_TWO_LETTERS = re.compile("W[A-Z]|X[A-Z]|EC|EZ")


def check_digit(prefix: str) -> str:
    """The check digit of the letters and the six digits; a missing first letter counts 36."""
    values = [36 if one == " " else int(one, 36) for one in prefix.rjust(8)]
    rest = -sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) % 11
    return "A" if rest == 10 else str(rest)


def _hong_kong_id(match: re.Match[str]) -> Span | None:
    """One in eleven passes the check: without brackets or a known prefix a label must say so."""
    prefix, check = match["prefix"].upper(), (match["in_brackets"] or match["bare"]).upper()
    if check_digit(prefix) != check:
        return None
    part = near(match, _PART, 12)
    decisive = (
        not part and match["in_brackets"] and (len(prefix) == 7 or _TWO_LETTERS.match(prefix))
    )
    return match.span("value") if decisive or near(match, _LABEL, 24) else None


HONG_KONG_ID = (
    Detector(
        kind="hong_kong_id",
        placeholder="<HONG_KONG_ID>",
        prefilter=f"{LETTER}{DIGIT}{{6}}(?:{SPACE}?[(（]|{DIGIT}|[AaＡａ])",
        pattern=re.compile(
            START + r"(?P<value>(?P<prefix>[A-Za-z]{1,2}[0-9]{6})"
            r"(?: ?\((?P<in_brackets>[0-9Aa])\)|(?P<bare>[0-9Aa])(?![0-9A-Za-z_])))(?![.\-][0-9])"
        ),
        validate=_hong_kong_id,
    ),
)
