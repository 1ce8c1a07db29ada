"""QQ numbers and QQ groups: five to ten digits after a word for QQ."""

import re

from taojin.pipeline.pii.characters import DIGIT, SPACE
from taojin.pipeline.pii.detector import Detector, Span

_UNIT = re.compile(r" ?(?:万|萬|亿|億|元|个|個|人|次|年|版|款|MB|KB|%)")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-3][0-9])?")
_OFFICIAL = frozenset({"10000", "10001", "10086", "10010", "95599"})


def _qq(match: re.Match[str]) -> Span | None:
    number = match["value"]
    if number in _OFFICIAL or _UNIT.match(match.string, match.end()):
        return None
    return None if _DATE.fullmatch(number) and not match["says_id"] else match.span("value")


def _second(match: re.Match[str]) -> Span | None:
    number = match["value"]
    is_other = _DATE.fullmatch(number) or _UNIT.match(match.string, match.end())
    return None if is_other else match.span("value")


QQ = (
    Detector(
        kind="qq",
        placeholder="<QQ>",
        prefilter="(?:[qQ]{2}|[ｑＱ]{2}|扣扣|企鹅号?|企鵝號?|[qQｑＱ][群号號]|加[qQｑＱ])"
        f"(?:{SPACE}|[群号码號碼是为為:：=＝(（\"'“「【\\t|｜]|交流|ID|id|ＩＤ|ｉｄ|[＂＇]"
        f"|[1-9一二三四](?:{SPACE}|[:：])){{0,8}}"
        f"{DIGIT}{{5}}",
        pattern=re.compile(
            r"(?:(?<![0-9A-Za-z_])(?:[qQ]{2}|[qQ](?=[群号號]))|扣扣|企鹅号?|企鵝號?|加[qQ])"
            r"(?P<says_id>(?: ?交流)? ?(?:群|号码?|號碼?|ID|id|是|为|為|:"
            r"|[1-9一二三四](?=[ :])){1,4})?"
            r"[ :=(\"'“「【\t|]{0,4}(?:号码?|號碼?)?[ :=(]{0,2}"
            r"(?P<value>[1-9][0-9]{4,9})(?![0-9A-Za-z_@])(?![.\-][0-9])"
        ),
        validate=_qq,
        confidence=0.95,
    ),
    Detector(
        kind="qq",
        placeholder="<QQ>",
        prefilter=f"(?:[qQｑＱ]{{2}}|扣扣|企[鹅鵝]|加[qQｑＱ])[^0-9０-９]{{0,8}}{DIGIT}{{6}}",
        pattern=re.compile(
            r"(?:(?<![0-9A-Za-z_])[qQ]{2}|扣扣|企[鹅鵝]|加[qQ])(?:交流)?[群号码號碼是为為: ]{0,5}"
            r"[1-9][0-9]{5,9} ?[、/,;或和] ?(?P<value>[1-9][0-9]{5,9})"
            r"(?![0-9A-Za-z_@])(?![.\-][0-9])"
        ),
        validate=_second,
        confidence=0.95,
    ),
)
"""One, and the other of a pair: QQ 123456789、987654321."""
