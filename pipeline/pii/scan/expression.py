r"""A prefilter as a tree: what `literals.py` and `runs.py` read off it.

Python's own parser takes a prefilter apart once `\u{a0}`, `\x{80}` and `\pL` of Rust's syntax are
written in Python's. What is not told exactly, such as a negated class, counts as any character.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Range = tuple[int, int]

_RUST = re.compile(r"\\(?:[ux]\{(?P<code>[0-9A-Fa-f]+)\}|(?P<property>p(?:\{\w+\}|\w))|.)", re.S)
_MOST_CASED = 4096  # characters of a class whose other cases are looked up


@dataclass(frozen=True)
class Chars:
    """One character."""

    ranges: tuple[Range, ...] | None
    """Code points, both ends included; None if it may be any."""

    @property
    def count(self) -> int | None:
        return None if self.ranges is None else sum(last - first + 1 for first, last in self.ranges)


@dataclass(frozen=True)
class Chain:
    """One after the other."""

    parts: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Either:
    """One of them."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Repeat:
    """From `least` to `most` times; None: without an end."""

    part: "Node"
    least: int
    most: int | None


Node = Chars | Chain | Either | Repeat


def parse(prefilter: str) -> Node:
    """The tree of a regex without look-around; ValueError for what has no place in one."""
    return _sequence(parser.parse(_RUST.sub(_in_python, prefilter)), ignore_case=False)


def _in_python(match: re.Match[str]) -> str:
    if match["code"]:
        return rf"\U{int(match['code'], 16):08x}"
    return r"\w" if match["property"] else match[0]


def _sequence(parsed: Iterable[tuple[Any, Any]], *, ignore_case: bool) -> Node:
    return Chain(tuple(_node(code, given, ignore_case) for code, given in parsed))


def _node(code: Any, given: Any, ignore_case: bool) -> Node:
    if code in {codes.LITERAL, codes.ANY, codes.NOT_LITERAL}:
        return _class([(code, given)], ignore_case)
    if code is codes.IN:
        return _class(given, ignore_case)
    if code is codes.AT:
        return Chain()
    if code is codes.BRANCH:
        return Either(tuple(_sequence(one, ignore_case=ignore_case) for one in given[1]))
    if code is codes.SUBPATTERN:
        _, added, removed, parsed = given
        ignored = (ignore_case or bool(added & re.I)) and not removed & re.I
        return _sequence(parsed, ignore_case=ignored)
    if code in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
        least, most, parsed = given
        part = _sequence(parsed, ignore_case=ignore_case)
        return Repeat(part, least, None if most is codes.MAXREPEAT else most)
    raise ValueError(f"{code} has no place in a prefilter")


def _class(items: Sequence[tuple[Any, Any]], ignore_case: bool) -> Chars:
    if any(code not in {codes.LITERAL, codes.RANGE} for code, _ in items):
        return Chars(None)
    ranges = [given if code is codes.RANGE else (given, given) for code, given in items]
    return _chars(ranges, ignore_case)


def _chars(ranges: Sequence[Range], ignore_case: bool) -> Chars:
    if not ignore_case:
        return Chars(tuple(ranges))
    if sum(last - first + 1 for first, last in ranges) > _MOST_CASED:
        return Chars(None)
    members = {chr(code) for first, last in ranges for code in range(first, last + 1)}
    cased = members | {other for one in members for other in (one.lower(), one.upper())}
    return Chars(tuple((ord(one), ord(one)) for one in sorted(cased) if len(one) == 1))
