"""A row of a table as a record: which column is what."""

from collections.abc import Mapping
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.records import COLUMNS, Damaged, Record

FIELDS = ("url", "title", "date", "mime", "licence")


class Number(str):
    """A number as it was written: a title or an id can be one, a text cannot."""

    __slots__ = ()


class RowReader:
    """Turns rows into entries; a column's name may lead into nested values with dots."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        chosen = {**COLUMNS, **columns}
        self.text_column = chosen["text"]
        self.columns = {field: name for field, name in chosen.items() if name}
        self._fields = [self.columns.get(field, "") for field in FIELDS]

    def record(self, row: Any, position: int, size_bytes: int) -> Record | Damaged:
        """The row's record, or `missing_text` where its text column holds no text."""
        if not isinstance(row, dict):
            return Damaged(position, size_bytes, "missing_text", "the row is not an object")
        text = _value(row, self.text_column)
        if not isinstance(text, str) or isinstance(text, Number):
            kind = "no" if text is None else f"a {type(text).__name__.lower()} in"
            detail = f"{kind} column '{self.text_column}'"
            return Damaged(position, size_bytes, "missing_text", detail)
        url, title, date, mime, licence = [_field(row, name) for name in self._fields]
        return Record(position, size_bytes, clean(text), url, title, date, mime, licence)


def _value(row: Mapping[str, Any], name: str) -> Any:
    if name in row or "." not in name:
        return row.get(name)
    first, _, rest = name.partition(".")
    inner = row.get(first)
    return _value(inner, rest) if isinstance(inner, dict) else None


def _field(row: Mapping[str, Any], name: str) -> str:
    value = _value(row, name) if name else None
    if isinstance(value, bool):
        return str(value).lower()
    return clean(value) if isinstance(value, str) else ""
