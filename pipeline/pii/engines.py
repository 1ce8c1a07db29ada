"""Engines: what finds personal data by a model, beside the detectors, and is installed apart.

An installed package offers one as an entry point of the group `taojin.pii_engines`: a class without
arguments whose objects are called with texts. A recipe names engines, it never says what to import.
"""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import NamedTuple, Protocol, cast

from taojin.core.errors import UserError, unknown

GROUP = "taojin.pii_engines"


class Entity(NamedTuple):
    """What a model takes for a value: code points of the text, and how sure it is, 0 to 1."""

    start: int
    end: int
    kind: str
    confidence: float


class Engine(Protocol):
    """A model that finds entities."""

    kinds: Sequence[str]
    """What it can find, in the names of recipes: small letters and `_`."""

    def __call__(self, texts: Sequence[str], langs: Sequence[str]) -> list[list[Entity]]:
        """The entities of each text, given its language (BCP-47), in any order."""
        ...


@cache
def engine(name: str) -> Engine:
    """The engine of that name, ready to use; UserError if it isn't installed."""
    return kind_of(name)()


@cache
def kind_of(name: str) -> type[Engine]:
    """The engine's class, of which no model is loaded yet. UserError if it isn't installed."""
    try:
        return cast("type[Engine]", _entry(name).load())
    except ImportError as error:
        raise UserError(f"pii.engines: '{name}' cannot be loaded: {error}") from None


@cache
def version(name: str) -> str:
    """What tells one installed engine from another."""
    found = _entry(name).dist
    return "" if found is None else f"{found.name} {found.version}"


def _entry(name: str) -> EntryPoint:
    found = {one.name: one for one in entry_points(group=GROUP)}
    if name not in found:
        raise unknown("pii", "engine", name, found)
    return found[name]
