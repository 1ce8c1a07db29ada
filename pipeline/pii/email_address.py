"""E-mail addresses."""

import re

from taojin.pipeline.pii.characters import DIGIT, LETTER
from taojin.pipeline.pii.detector import Detector, Span

_NOT_DOMAINS = frozenset(
    {"gif", "jpeg", "jpg", "js", "json", "png", "svg", "webp", "yaml", "yml"}
    | {"mount", "path", "service", "slice", "socket", "target", "timer"}
)
"""Endings of files and systemd units (icon@2x.png, getty@tty1.service); none is a domain."""

_REMOTE_USERS = frozenset({"git", "hg", "svn"})
"""Accounts that everybody shares: git@github.com:owner/name is an address of a repository."""


def _email(match: re.Match[str]) -> Span | None:
    labels = match["domain"].lower().split(".")
    numeric = sum(label.isdigit() for label in labels)
    if labels[-1] in _NOT_DOMAINS or numeric > 1 or match["local"].lower() in _REMOTE_USERS:
        return None
    return match.span("value")


EMAIL = (
    Detector(
        kind="email",
        placeholder="<EMAIL>",
        prefilter=f"(?:{LETTER}|{DIGIT}|[._%+＿－．\\-])(?:@|＠|%(?:25){{0,3}}40)(?:{LETTER}|{DIGIT})",
        # A run of local characters is entered at its start only, so that a long one costs one pass.
        pattern=re.compile(
            r"(?<![0-9A-Za-z._%+\-])[.%+\-]{0,8}"
            r"(?P<value>(?P<local>[0-9A-Za-z_][0-9A-Za-z._%+\-]{0,63})(?:@|%(?:25){0,3}40)"
            r"(?P<domain>(?:[0-9A-Za-z](?:[0-9A-Za-z\-]{0,61}[0-9A-Za-z])?\.){1,8}[A-Za-z]{2,24}))"
            r"(?![0-9A-Za-z\-])"
        ),
        validate=_email,
    ),
)
