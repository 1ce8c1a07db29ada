"""Passwords after a label, in prose, configuration and code.

A word of letters alone is none ("password: required", `password = getpass()`): without a digit or
a sign a password cannot be told from a description, a type or a name.
"""

import re

from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.secrets.randomness import stands_for

_LABEL = (
    "(?:pass(?:wo?r?d|code|phrase)|pwd|passwort|contraseña|mot de passe|senha|пароль"
    "|密码|密碼|口令)"
)
_BECOMES = "(?:设置?|設置?|改|修改|更改|重置|换)?"
_SAYS = (
    r"(?:[\"'\]]{0,2} ?(?:=>|:=|={1,3}|:)| (?:is|are|was|ist|est|es|é)(?: set to)? ?:?"
    rf"|{_BECOMES}[是为為成]:?|(?<=[码碼令]) ) ?"
)
_NOT_SECRET = re.compile(
    r"[^0-9!@#$%^&*+?~=]*$"  # letters alone
    r"|[0-9]{1,3}$|[0-9]+(?:[.\-~][0-9]+)+$"  # a length, a version, a date
    r"|(?:[.~]|[A-Za-z]:)?[/\\]|[A-Za-z0-9+]{2,12}://"  # a path
    r"|[A-Za-z_][0-9A-Za-z_]*(?:(?:\.|->|::)[A-Za-z_][0-9A-Za-z_]*)+$"  # an attribute
    r"|[^0-9A-Za-z]*$"
)
_EXPRESSION = re.compile(r"[()\[\]{}\\|]|->|::|=>|==|&&|&[a-z]|[A-Za-z]=[A-Za-z]?")


def _quoted(match: re.Match[str]) -> Span | None:
    text = match["value"]
    return None if stands_for(text) or _NOT_SECRET.match(text) else match.span("value")


def _bare(match: re.Match[str]) -> Span | None:
    text = match["value"].rstrip(".:?*")
    if len(text) < 4 or stands_for(text) or _NOT_SECRET.match(text) or _EXPRESSION.search(text):
        return None
    return match.start("value"), match.start("value") + len(text)


_PREFILTER = (
    "(?:(?i:passwo?r?d|passcode|passphrase|pwd|passwort|contraseña|mot de passe|senha|пароль)"
    r"|密码|密碼|口令)(?:[\"'\]]{0,2} ?[=:：＝]| (?:is|are|was|ist|est|es|é) |"
    f"{_BECOMES}[是为為成])"
    "|(?:密码|密碼|口令) [^ ]"
)
_AFTER_LABEL = rf"(?i:{_LABEL}){_SAYS}"
_ENDS = r"\s\"'`<>,;\u3001\u3002\u4e00-\u9fff"
PASSWORD = (
    Detector(
        kind="password",
        placeholder="<PASSWORD>",
        prefilter=_PREFILTER,
        pattern=re.compile(
            _AFTER_LABEL + r"(?P<quote>\\?[\"'`])(?P<value>[^\s\"'`\\<>]{4,64})(?P=quote)"
        ),
        validate=_quoted,
    ),
    Detector(
        kind="password",
        placeholder="<PASSWORD>",
        prefilter=_PREFILTER,
        pattern=re.compile(
            rf"{_AFTER_LABEL}(?P<value>[0-9A-Za-z!@#%^&*_+~][^{_ENDS}]{{3,63}})(?![^{_ENDS}])"
        ),
        validate=_bare,
    ),
)
