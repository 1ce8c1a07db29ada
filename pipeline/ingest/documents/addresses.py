"""Web addresses that a line's end has cut in two."""

import re

_OPEN = re.compile(r"(?:https?://|www\.)[!#-;=?-Z_a-z~]*\Z")
_LONGEST = 400
_REST = re.compile(r"[!#-;=?-Z_a-z~]+")
_JOINTS = tuple("-_=&?%#~+")
"""What no address ends with."""
_PATH = re.compile(r"[/=&%_]|\.[A-Za-z]{2,5}\b|\d")


def is_cut_address(line: str, after: str) -> bool:
    """Whether an address at the end of a line goes on in the next.

    It does behind a sign that ends none, and where the next word looks like part of a path: behind
    a slash one sign of that is enough, elsewhere it must have a slash and one more.
    """
    found = _OPEN.search(line[-_LONGEST:])
    rest = _REST.match(after)
    if not found or not rest:
        return False
    if found[0].endswith(_JOINTS):
        return True
    if found[0].endswith("/"):
        return bool(_PATH.search(rest[0]))
    parts = rest[0].partition("/")
    return bool(parts[1] and _PATH.search(parts[2])) and "://" not in rest[0]
