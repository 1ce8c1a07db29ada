"""What a document defines before or after it is used: substitutions, labels, numbered notes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

_SUBSTITUTION = re.compile(
    r"^ *\.\. +\|(?P<name>[^|\n]{1,100})\| +(?P<kind>replace|unicode|image|date) ?::(?P<value>.*"
    r"(?:\n(?= )(?! *\.\. ).*)*)",
    re.M,
)
_ALT = re.compile(r"^ *:alt: *(.*)$", re.M)
_LABEL = re.compile(
    r"^\.\. _`?(?P<name>[^:\n]{1,100}?)`?:\n\n?"
    r"(?:([^\w\s])\2{2,}\n)?(?P<title>[^\s.].*)\n([^\w\s])\4{2,}$",
    re.M,
)
_NUMBER = re.compile(r"^ *\.\. +\[(\d{1,9})\]", re.M)
_CODE = re.compile(r"(?:0x|\\?[xuU]\+?)([0-9A-Fa-f]{2,6})$")


@dataclass(frozen=True)
class Definitions:
    """Substitutions by their names, titles by the labels before them, numbers that notes have."""

    substitutions: Mapping[str, str]
    labels: Mapping[str, str]
    taken: frozenset[int]

    def numbers(self) -> Iterator[int]:
        """The numbers that notes without one get, in their order."""
        return (number for number in count(1) if number not in self.taken)


def found(text: str) -> Definitions:
    """The definitions of a text."""
    substitutions = {
        one["name"].strip(): _value(one["kind"], one["value"])
        for one in _SUBSTITUTION.finditer(text)
    }
    labels = {one["name"].lower(): one["title"].strip() for one in _LABEL.finditer(text)}
    return Definitions(substitutions, labels, frozenset(map(int, _NUMBER.findall(text))))


def _value(kind: str, value: str) -> str:
    if kind == "image":
        alt = _ALT.search(value)
        return alt[1] if alt else ""
    if kind == "unicode":
        codes = value.partition(" .. ")[0].split()
        return "".join(map(_character, codes))
    return " ".join(value.split()) if kind == "replace" else ""


def _character(code: str) -> str:
    named = _CODE.match(code)
    number = int(named[1], 16) if named else 0
    return chr(number) if 0 < number < 0x110000 else code
