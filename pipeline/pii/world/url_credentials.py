"""What opens a door in an address of the web: the password before the host, tokens in the query.

The span is the secret alone: whose account it is, and of which host, stays.
"""

import re

from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.secrets.randomness import stands_for

_NAMES = (
    "(?:access|auth|refresh|id|api|security|session|user|login|private|csrf|reset|sas|bot)?"
    "[_\\-]?token|x-amz-(?:signature|security-token|credential)|x-goog-(?:signature|credential)"
    "|(?:api|app|access|auth|secret|subscription|private|client)[_\\-]?(?:key|secret)|secret"
    "|sig|signature|sign|passwd|password|pwd|pass|session(?:[_\\-]?(?:id|key))?|sessid|phpsessid"
    "|jsessionid|sid|ticket|jwt|auth|authkey|credential|key"
)


def _userinfo(match: re.Match[str]) -> Span | None:
    return None if stands_for(match["value"]) else match.span("value")


def _parameter(match: re.Match[str]) -> Span | None:
    """Letters and digits, or a long word; `key=name` and `token=abc` of examples are none."""
    text = match["value"]
    has_digit, has_letter = re.search("[0-9]", text), re.search("[A-Za-z]", text)
    is_password = match["name"].lower().startswith("pass") or match["name"].lower() == "pwd"
    enough = 4 if is_password else 8
    if len(text) < enough or not has_digit or not (has_letter or is_password) or stands_for(text):
        return None
    return match.span("value")


URL_CREDENTIALS = (
    Detector(
        kind="url_credentials",
        placeholder="<URL_CREDENTIALS>",
        prefilter=r"://[^\s/@:：]*[:：][^\s/@]+[@＠][^\s]",
        pattern=re.compile(
            r"(?<=[0-9A-Za-z]://)(?P<user>[^\s/@:\"'<>\[{(]{0,64}):"
            r"(?P<value>[^\s/@\"'`<>]{1,255})@(?=[0-9A-Za-z\[])"
        ),
        validate=_userinfo,
    ),
    Detector(
        kind="url_credentials",
        placeholder="<URL_CREDENTIALS>",
        prefilter=f"(?:&|;|[?]|？|＆|；)(?i:{_NAMES})[=＝][^\\s&]{{4}}",
        pattern=re.compile(
            rf"(?<=[?&;])(?P<name>{_NAMES})=(?P<value>[0-9A-Za-z%+/._~=\-]{{4,2048}})", re.I
        ),
        validate=_parameter,
    ),
)
