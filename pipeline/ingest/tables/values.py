"""The values of a table's cells: numbers as they are written, so that an id stays what it is."""

import datetime
from decimal import Decimal
from typing import Any


class Number(str):
    """A number as it was written: a title or an id can be one, a text cannot."""

    __slots__ = ()


def plain(value: Any) -> Any:
    """Numbers as they are written, dates in ISO form, bytes as UTF-8; the rest as it is.

    Raises UnicodeDecodeError for bytes that are not.
    """
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return Number(str(value))
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value
