"""JSON Web Tokens (RFC 7519): signed ones of three parts, encrypted ones of five."""

import base64
import binascii
import json
import re

from taojin.pipeline.pii.detector import Detector, Span


def _jwt(match: re.Match[str]) -> Span | None:
    header = match["header"]
    try:
        fields = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return match.span("value") if isinstance(fields, dict) and "alg" in fields else None


JWT = (
    Detector(
        kind="jwt",
        placeholder="<JWT>",
        prefilter=r"eyJ[0-9A-Za-z_\-]{10,}\.[0-9A-Za-z_\-]",
        pattern=re.compile(
            r"(?<![0-9A-Za-z_\-.])(?P<value>(?P<header>eyJ[0-9A-Za-z_\-]{10,})"
            r"\.[0-9A-Za-z_\-]{4,}\.[0-9A-Za-z_\-]*(?:\.[0-9A-Za-z_\-]+){0,2})(?![0-9A-Za-z_\-])"
        ),
        validate=_jwt,
    ),
)
