"""What is wrong in a recipe, in one sentence: pydantic's words for someone who writes one."""

from collections.abc import Iterator, Sequence
from inspect import isclass
from typing import get_args

from pydantic import BaseModel, ValidationError

_TYPES = ("literal[False]", "tuple[", "dict[", "constrained-")
"""How pydantic tells in the place of an error which of several types of a key it has tried."""

_NEEDED = {
    "tuple_type": "a list is needed, such as [...]; for [[sources]] write two brackets",
    "too_short": "at least one is needed",
    "string_pattern_mismatch": "letters, digits, dots, dashes and underscores only",
    "model_type": "a table is needed",
    "dict_type": "a table is needed",
    "missing": "this key is needed",
}
"""What pydantic's words mean."""


def sentence(error: ValidationError, whole: type[BaseModel]) -> str:
    """The first thing that is wrong, and what would be right; `whole` is what was validated."""
    found = error.errors()
    unknown_key = next((one for one in found if one["type"] == "extra_forbidden"), None)
    alike = [one for one in found if one["loc"][:2] == found[0]["loc"][:2]]
    meant = max(alike, key=lambda one: len(one["loc"]))  # of the types that the key may have
    first = unknown_key or meant
    keys = [part for part in first["loc"] if isinstance(part, int) or part[:1].islower()]
    keys = [key for key in keys if not str(key).startswith(_TYPES)]
    at = ".".join(map(str, keys))
    if first["type"] == "extra_forbidden":
        return f"no key '{at}'; known: {', '.join(_known_keys(keys[:-1], whole))}"
    message = _NEEDED.get(first["type"], first["msg"].removeprefix("Value error, "))
    return f"{at}: {message[0].lower()}{message[1:]}" if at else message


def _known_keys(parent: Sequence[int | str], whole: type[BaseModel]) -> list[str]:
    table = whole
    for part in parent:
        if isinstance(part, str):
            table = next(_tables(table.model_fields[part].annotation))
    return sorted(set(table.model_fields) - {"folder"})


def _tables(annotation: object) -> Iterator[type[BaseModel]]:
    """The tables among the types that a key may have, or that its list holds."""
    if isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _tables(part)
