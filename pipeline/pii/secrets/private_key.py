"""Private keys in PEM (RFC 7468) and OpenPGP armour, whole blocks or what is left of one."""

import re

from taojin.pipeline.pii.detector import Detector, Span

_MATERIAL = re.compile(r"[0-9A-Za-z+/]{20}")


def _private_key(match: re.Match[str]) -> Span | None:
    """A block without key material shows the form only: `-----BEGIN PRIVATE KEY-----...`."""
    return match.span("value") if _MATERIAL.search(match["body"]) else None


# A body ends at the next five dashes, so that a line of headers is read once.
_NAME = r"(?P<name>[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?)"
_BODY = r"(?P<body>[^\-]*(?:-{1,4}(?!-)[^\-]*)*)"
_BLOCK = re.compile(rf"(?P<value>-----BEGIN {_NAME}-----{_BODY}-----END (?P=name)-----)")
_LINE_END = r"(?:\\[nr]|[\s\"',>|]){1,12}"
_CUT_OFF = re.compile(
    rf"(?P<value>-----BEGIN {_NAME}-----(?P<body>(?:{_LINE_END}[0-9A-Za-z+/=]{{16,}})+))"
)

_PREFILTER = "BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY"
PRIVATE_KEY = (
    Detector("private_key", "<PRIVATE_KEY>", _PREFILTER, _BLOCK, _private_key, spans_lines=True),
    Detector("private_key", "<PRIVATE_KEY>", _PREFILTER, _CUT_OFF, _private_key, spans_lines=True),
)
