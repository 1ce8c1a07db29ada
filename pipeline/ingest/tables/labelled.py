"""A row of a labelled table as a document: its parts, one behind the other, and where each lies.

The document is what people wrote and no word of a template: so it is masked, measured, deduplicated
and searched for evaluation items as any other, and put into words only where it was kept.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from taojin.core.schema import LABELLED
from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.records import Message, Unreadable
from taojin.pipeline.ingest.tables.values import Number

Columns = Mapping[str, str | tuple[str, ...]]
"""Which column of a table, or which several of them, is what."""

OPTIONS = "options"
"""What a recipe calls the columns of the options, each of which is a part of its own."""
NAMES = tuple(OPTIONS if part == "option" else part for part in LABELLED)
"""What a recipe may name, in the order of the document."""
OPTIONAL = ("input", "context", "reasoning", "system")
"""Parts that a row need not have."""
_GAP = "\n\n"


def is_labelled(columns: Columns) -> bool:
    """Whether the columns are those of a labelled table: every table may have a text."""
    return any(name in columns for name in NAMES if name != "text")


Value = Callable[[Mapping[str, Any], str], Any]
"""The value of a row's column, by its name with dots."""


class Labelled:
    """Reads the parts of rows."""

    def __init__(self, columns: Columns) -> None:
        self._columns = {
            part: (names,) if isinstance(names, str) else tuple(names)
            for part in NAMES
            if (names := columns.get(part))
        }
        self.names = tuple(name for names in self._columns.values() for name in names)
        needed = [names for part, names in self._columns.items() if part not in OPTIONAL]
        self.needed = tuple(name for names in needed for name in names)

    def read(self, row: Mapping[str, Any], value: Value) -> tuple[str, tuple[Message, ...]]:
        """The text and its parts as messages; Unreadable for a part that has to be there."""
        pieces: list[str] = []
        parts: list[Message] = []
        at = 0
        for role, text in self._parts(row, value):
            gap = _GAP if pieces else ""
            pieces += (gap, text)
            at += len(gap) + len(text)
            parts.append(Message(role, at - len(text), at, len(parts) - 1 if parts else None))
        return "".join(pieces), tuple(parts)

    def _parts(self, row: Mapping[str, Any], value: Value) -> Iterator[tuple[str, str]]:
        for part, names in self._columns.items():
            values = [value(row, name) for name in names]
            texts = _options(values) if part == OPTIONS else list(_texts(values))
            if not all(texts):  # a letter or number behind it would name another one
                raise Unreadable("missing_text", f"an option of column '{names[0]}' is empty")
            if not texts and part not in OPTIONAL:
                raise Unreadable("missing_text", f"nothing in column '{names[0]}'")
            role = "option" if part == OPTIONS else part
            for text in texts if part == OPTIONS else texts[:1]:
                yield role, text


def _options(values: Sequence[Any]) -> list[str]:
    """The text of each option, empty for one without; at the end of the columns such are none."""
    if len(values) == 1:
        values = values[0] if isinstance(values[0], list) else _written(values[0])
    found = [next(_texts(one), "") for one in values]
    while found and not found[-1]:
        found.pop()
    return found


def _written(value: Any) -> Sequence[Any]:
    """The list that a value is, if it is one as JSON; else the value alone."""
    try:
        found = json.loads(value, parse_int=Number, parse_float=Number)
    except (TypeError, ValueError, RecursionError):
        return [value]
    return found if isinstance(found, list) else [value]


def _texts(value: Any) -> Iterator[str]:
    """The texts of a value: of a list those of its values, numbers as they are written."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, str) and (text := clean(value).strip()):
        yield text
