"""The user's mistakes, each told in one sentence; bugs stay tracebacks."""

from collections.abc import Iterable


class UserError(Exception):
    """What is wrong, where, what is allowed and what to try, in one sentence."""


def unknown(where: str, kind: str, name: object, known: Iterable[str]) -> UserError:
    """The error for a name that does not exist, listing the ones that do."""
    return UserError(f"{where}: no {kind} '{name}'; known: {', '.join(sorted(known))}")
