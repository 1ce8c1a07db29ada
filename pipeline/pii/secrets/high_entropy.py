"""Random tokens after a label that says secret: what no known form catches.

Commit ids, UUIDs, checksums and integrity hashes of lock files are as random; their labels tell
them apart, and a UUID is never taken.
"""

import re

from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.secrets.randomness import entropy, stands_for

_LABEL = (
    r"(?:secret|token|credentials?|bearer|密钥|密鑰|令牌|私钥|秘钥"
    r"|(?:api|access|auth|secret|private|signing|encryption|master|account|subscription)[_\- ]?key)"
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$", re.I)
_HEX = re.compile(r"[0-9a-f]+$", re.I)
HEX_BITS, BITS = 3.0, 3.5
"""Least entropy per character; of random tokens of 16 characters 1 in 100 has less."""


def _high_entropy(match: re.Match[str]) -> Span | None:
    text = match["value"]
    if stands_for(text) or _UUID.match(text) or not re.search("[0-9]", text):
        return None
    is_random = entropy(text) >= (HEX_BITS if _HEX.match(text) else BITS)
    return match.span("value") if is_random and re.search("[A-Za-z]", text) else None


_RANDOM = r"[0-9A-Za-z+/_\-=.]{16}"
HIGH_ENTROPY = (
    Detector(
        kind="high_entropy",
        placeholder="<SECRET>",
        prefilter="(?:(?i:secret|token|key|credentials?)|密钥|密鑰|令牌|私钥|秘钥)"
        rf"[\"'\]]{{0,2}} ?[=:：＝]{{1,3}}>? ?[\"'`]?{_RANDOM}|(?i:bearer) {_RANDOM}",
        pattern=re.compile(
            rf"(?<!(?i:public)[_\-])(?<!(?i:public))(?<!(?i:publickey))(?i:{_LABEL})"
            r"(?:[\"'\]]{0,2} ?(?:=>|:=|={1,3}|:) ?[\"'`]?|(?<=(?i:bearer)) )"
            r"(?P<value>[0-9A-Za-z+/_\-.]{16,512}={0,2})(?![0-9A-Za-z+/_\-=.(\[])"
        ),
        validate=_high_entropy,
    ),
)
