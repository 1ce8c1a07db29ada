"""What finds one kind of personal data: a cheap prefilter, an exact pattern, a check.

To add a kind, write its detectors in a module of their own and list them in `detectors.py`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]

START = r"(?=[0-9A-Za-z+(])(?<![0-9A-Za-z_])(?<![0-9>][.\-])"
END = r"(?![0-9A-Za-z_])(?![.\-][0-9])"
"""Guards of a number. Never `\\b`, which does not match between a Han character and a digit.

A placeholder before a dash counts as the digits it replaced: masking frees no neighbour. What may
begin a number is looked at first: most characters may not, and a look behind takes long."""


def value(match: re.Match[str]) -> Span:
    """The span of the group `value`: the check of a pattern that needs none."""
    return match.span("value")


@dataclass(frozen=True)
class Detector:
    """Finds the values of one kind in a line, or in a text where a value spans several."""

    kind: str
    placeholder: str
    prefilter: str
    """Rust regex over raw text, without look-around: matches every line that holds a value."""
    pattern: re.Pattern[str]
    """Python regex over a normalised line, with a group `value`. Must run in linear time."""
    validate: Callable[[re.Match[str]], Span | None] = value
    """The span of the value that a match holds, or None if it holds none."""
    confidence: float = 1.0
    """How likely what it finds is a value; 1 with a check digit or a fixed form."""
    spans_lines: bool = False
    """Whether a value may go on in the next line: a text with such a hit is searched whole."""

    def find(self, text: str) -> Iterator[Span]:
        """The spans of valid values in one or more normalised lines, by start.

        Unless values span lines, a line's are the same whatever stands before and after it.
        """
        found = self._found(text)
        if found is not None:
            yield from found
            return
        offset = 0
        for line in text.split("\n"):
            for start, end in self._found(line) or ():
                yield start + offset, end + offset
            offset += len(line) + 1

    def _found(self, text: str) -> list[Span] | None:
        """None if a match runs on from one line into the next."""
        spans = []
        for match in self.pattern.finditer(text):
            if "\n" in match[0] and not self.spans_lines:
                return None
            span = self.validate(match)
            if span is not None:
                spans.append(span)
        return spans


def joined(text: str) -> str:
    """A number without the gaps between its groups, in a normalised line."""
    return text.replace(" ", "").replace("-", "")


def before(match: re.Match[str], size: int) -> str:
    """Up to `size` characters that stand before the value in its line."""
    start = match.start("value")
    head = match.string[max(0, start - size) : start]
    return head.rpartition("\n")[2]


def rest_of_line(match: re.Match[str]) -> str:
    """What stands behind the value in its line."""
    return match.string[match.end("value") :].partition("\n")[0]


def line_start(match: re.Match[str]) -> int:
    """Where the line of the value starts."""
    return match.string.rfind("\n", 0, match.start("value")) + 1


_PATH = re.compile(r"[A-Za-z]://[!-~]*/$")


def in_path(match: re.Match[str]) -> bool:
    """Whether the value is a segment of a URL's path: page numbers look like phones and cards."""
    head = before(match, 200)
    return head.endswith("/") and _PATH.search(head) is not None
