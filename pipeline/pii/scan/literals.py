"""Literals of which every match of a prefilter holds at least one: the rarest such set.

The idea is that of RE2's FilteredRE2: a regex need not be tried on a text without its literals, and
one automaton finds those of all regexes at once. ASCII letters are small: case is ignored.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product
from math import prod
from typing import NamedTuple

from taojin.pipeline.pii.characters import TWINS
from taojin.pipeline.pii.scan.expression import Chain, Chars, Either, Node, Repeat

Literals = frozenset[str]

MOST = 4096
"""Literals of one set at most."""
_TOO_COMMON, _RARE = 0.025, 2e-5
"""Occurrences for each character of a text: a set that has more tells nothing, one that has fewer
is not made any rarer.
"""
_CHANGE = 0.06  # of script from one character to the next
_EACH = 1e-7  # what a literal costs, in occurrences
_WIDE = "Ａ".encode()[:1]
_OF_TWINS = 0.0002
_SHARES = {" ": 0.15, **dict.fromkeys(".,:/_-()：，", 0.01)}


class _Set(NamedTuple):
    """Literals in UTF-8, and how often one of them begins at a character of an ordinary text."""

    expected: float
    literals: frozenset[bytes]

    @property
    def cost(self) -> float:
        """Of two that are as rare the one of fewer literals is the better."""
        return self.expected + _EACH * len(self.literals)


class _Spelt(NamedTuple):
    """What a part of a sequence spells, or its first copies; what follows adjoins if it is all."""

    expected: float
    literals: Literals
    scripts: frozenset[str]
    is_all: bool


def literals(node: Node) -> frozenset[bytes] | None:
    """The rarest set of literals of which each match holds one; None if all are common."""
    found = _required(node)
    return found.literals if found is not None and found.expected < _TOO_COMMON else None


def exact(node: Node) -> Literals | None:
    """All texts that match, None if they are more than MOST."""
    if isinstance(node, Chars):
        return _members(node)
    if isinstance(node, Repeat):
        return None if node.most is None else _repeated(node, range(node.least, node.most + 1))
    parts = [exact(part) for part in node.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return _union(known) if isinstance(node, Either) else _joined(known)


def _members(chars: Chars) -> Literals | None:
    """None if it may be a line end as well: a literal is looked for within a line."""
    if chars.ranges is None or chars.count is None or chars.count > MOST:
        return None
    if any(first <= ord("\n") <= last for first, last in chars.ranges):
        return None
    return frozenset(
        _small(chr(code)) for first, last in chars.ranges for code in range(first, last + 1)
    )


def _small(character: str) -> str:
    return character.lower() if character.isascii() else character


def _repeated(node: Repeat, times: Iterable[int]) -> Literals | None:
    part = exact(node.part)
    sets = [] if part is None else [_joined([part] * count) for count in times]
    known = [one for one in sets if one is not None]
    return _union(known) if known and len(known) == len(sets) else None


def _union(sets: Sequence[Literals]) -> Literals | None:
    every = frozenset[str]().union(*sets)
    return every if len(every) <= MOST else None


def _joined(parts: Sequence[Literals]) -> Literals | None:
    if prod(map(len, parts)) > MOST:
        return None
    return frozenset(map("".join, product(*parts)))


def _required(node: Node) -> _Set | None:
    if isinstance(node, Either):
        sets = [_required(part) for part in node.parts]
        known = [one for one in sets if one is not None]
        every = frozenset[bytes]().union(*(one.literals for one in known))
        if len(every) > MOST or len(known) < len(sets):
            return None
        return _Set(sum(one.expected for one in known), every)
    if isinstance(node, Repeat):
        return _required(node.part) if node.least else None
    parts = _flat(node)
    spelt = [_spelt(part) for part in parts]
    windows = [window for first in range(len(parts)) for window in _windows(spelt[first:])]
    found = list(_in_parts(parts))
    if windows:
        found.append(_together(min(windows, key=_cost_together)))
    return min(found, key=lambda one: one.cost, default=None)


def _flat(node: Node) -> list[Node]:
    """The parts of a sequence, of those within it, and the first copies of what is repeated."""
    if isinstance(node, Repeat) and node.most == node.least:
        return _flat(node.part) * min(node.least, 4) + ([Chars(None)] if node.least > 4 else [])
    if not isinstance(node, Chain):
        return [node]
    return [one for part in node.parts for one in _flat(part)]


def _in_parts(parts: Iterable[Node]) -> Iterator[_Set]:
    for part in parts:
        found = None if isinstance(part, Chars) else _required(part)
        if found is not None:
            yield found


def _together(parts: Sequence[_Spelt]) -> _Set:
    literals = map("".join, product(*(part.literals for part in parts)))
    return _Set(_expected_together(parts), frozenset(map(_shortened, literals)))


def _shortened(literal: str) -> bytes:
    """Its bytes, of a full-width form at its end the first only: one for all of them."""
    spelt = literal.encode()
    return spelt[:-2] if len(literal) > 1 and spelt[-3:-2] == _WIDE else spelt


def _spelt(part: Node) -> _Spelt | None:
    known, is_all = exact(part), True
    if known is None and isinstance(part, Repeat) and part.least:
        known, is_all = _repeated(part, [part.least]), False
    if known is None:
        return None
    scripts = frozenset(_script(one) for literal in known for one in literal)
    return _Spelt(sum(map(_likelihood, known)), known, scripts, is_all)


def _windows(parts: Sequence[_Spelt | None]) -> Iterator[Sequence[_Spelt]]:
    """The first parts, one and more, up to where they are rare or too many literals."""
    for end, part in enumerate(parts, 1):
        taken = [one for one in parts[:end] if one is not None]
        if part is None or _count_together(taken) > MOST:
            return
        if any("" not in one.literals for one in taken):
            yield taken
            if _expected_together(taken) < _RARE:
                return
        if not part.is_all:
            return


def _count_together(parts: Sequence[_Spelt]) -> int:
    *heads, last = parts
    ends = len(set(map(_shortened, last.literals))) if heads else len(last.literals)
    return prod(len(part.literals) for part in heads) * ends


def _cost_together(parts: Sequence[_Spelt]) -> float:
    return _expected_together(parts) + _EACH * _count_together(parts)


def _expected_together(parts: Sequence[_Spelt]) -> float:
    """What may be left out makes nothing rarer."""
    changes = sum(not one.scripts & other.scripts for one, other in pairwise(parts))
    shares = [part.expected for part in parts if "" not in part.literals]
    return float(prod(shares) * _CHANGE ** min(changes, len(shares) - 1))


def _likelihood(literal: str) -> float:
    return prod(map(_share, literal))


def _share(character: str) -> float:
    """The share of a character in ordinary text."""
    if character in _SHARES:
        return _SHARES[character]
    if character in TWINS:
        return _OF_TWINS
    return {"letter": 0.04, "digit": 0.03, "sign": 0.001, "other": 0.002}[_script(character)]


def _script(character: str) -> str:
    character = TWINS.get(character, character)
    if not character.isascii():
        return "other"
    return "letter" if character.isalpha() else "digit" if character.isdigit() else "sign"
