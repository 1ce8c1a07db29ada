r"""What a LaTeX text leaves out under conditions whose outcome the text says itself.

These are `\iffalse`, `\iftrue` and the switches that `\newif` makes; of all other conditions both
branches stay, since what decides them is known only when TeX runs. One that has no `\fi` is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OTHER_NAMES = (
    "if ifcase ifcat ifcsname ifdefined ifdim ifeof iffontchar ifhbox ifhmode ifinner ifmmode "
    "ifnum ifodd ifvbox ifvmode ifvoid ifx ifpdf ifxetex ifluatex ifptex ifetex"
)
_OTHERS = frozenset(_OTHER_NAMES.split())
_TOKEN = re.compile(
    r"\\let[ ]*\\if(?P<let>[A-Za-z@]+)[ ]*=?[ ]*\\if(?P<value>true|false)(?![A-Za-z@])"
    r"|\\newif[ ]*\\if(?P<new>[A-Za-z@]+)"
    r"|\\(?P<begin>if[A-Za-z@]*)[ ]*"
    r"|\\(?P<part>else|fi)(?![A-Za-z@])[ ]*"
    r"|\\(?P<set>[A-Za-z@]+?)(?P<to>true|false)(?![A-Za-z@])"
    r"|\\.",
    re.S,
)


@dataclass
class _Condition:
    begin: tuple[int, int]
    outcome: bool | None
    other: tuple[int, int] = (0, 0)
    """Where its `else` stands."""


def decided(text: str) -> str:
    """The text without the branches that are not taken."""
    if "\\if" not in text:
        return text
    pieces, at = [], 0
    for start, end in sorted(_left_out(text)):
        if end > at:
            pieces.append(text[at : max(at, start)])
            at = end
    return "".join([*pieces, text[at:]])


def _left_out(text: str) -> Iterator[tuple[int, int]]:
    """What goes, not in order: branches, and the commands around those that stay."""
    switches = {"true": True, "false": False}
    begun: list[_Condition] = []
    for found in _TOKEN.finditer(text):
        name = (found["begin"] or "")[2:]
        if new := found["new"] or found["let"]:
            switches[new] = found["value"] == "true"
            yield found.span()
        elif found["set"] in switches:
            switches[found["set"]] = found["to"] == "true"
            yield found.span()
        elif found["begin"] and (name in switches or found["begin"] in _OTHERS):
            begun.append(_Condition(found.span(), switches.get(name)))
        elif begun and found["part"] == "else":
            begun[-1].other = found.span()
        elif begun and found["part"] == "fi":
            yield from _ended(begun.pop(), found.span())


def _ended(one: _Condition, end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    if one.outcome is None:
        return
    yield end
    if one.outcome:
        yield one.begin
        if one.other[1]:
            yield one.other[0], end[1]
    else:
        yield one.begin[0], one.other[1] or end[1]
