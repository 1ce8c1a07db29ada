"""Passwords in headers of HTTP's Basic scheme (RFC 7617): user and password in Base64."""

import base64
import binascii
import re

from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.secrets.randomness import stands_for


def _basic_auth(match: re.Match[str]) -> Span | None:
    """A word after "Basic" is no password: what it decodes to has a colon, and is text."""
    text = match["value"]
    try:
        given = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    user, colon, password = given.partition(":")
    is_secret = colon and user.isprintable() and password.isprintable() and len(password) >= 4
    return match.span("value") if is_secret and not stands_for(password) else None


BASIC_AUTH = (
    Detector(
        kind="password",
        placeholder="<PASSWORD>",
        prefilter="(?i:basic) [0-9A-Za-z+/]{8}",
        pattern=re.compile(
            r"(?:[Bb]asic|BASIC) (?P<value>[0-9A-Za-z+/]{8,400}={0,2})(?![0-9A-Za-z+/=])"
        ),
        validate=_basic_auth,
    ),
)
