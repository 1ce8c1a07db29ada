"""A row of a table as a record: which column is what."""

from collections.abc import Iterable, Mapping
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.records import COLUMNS, Damaged, Record, Unreadable
from taojin.pipeline.ingest.tables import conversation
from taojin.pipeline.ingest.tables.labelled import Labelled, is_labelled
from taojin.pipeline.ingest.tables.values import Number, plain

FIELDS = ("url", "title", "date", "mime", "licence", "author")


class RowReader:
    """Turns rows into entries; a column's name may lead into nested values with dots.

    `charset` and `charset_from` are those of the table, empty where its values are no bytes.
    """

    def __init__(
        self,
        columns: Mapping[str, str | tuple[str, ...]],
        charset: str = "",
        charset_from: str = "",
    ) -> None:
        self._charset, self._charset_from = charset, charset_from
        self._labelled = Labelled(columns) if is_labelled(columns) else None
        single = {field: name for field, name in columns.items() if isinstance(name, str)}
        chosen = {**COLUMNS, **single}
        self.text_column = chosen["text"]
        self.columns = {field: name for field, name in chosen.items() if name}
        self._fields = [self.columns.get(field, "") for field in FIELDS]
        self._conversation = single.get("conversation", "")

    def wanted(self, known: Iterable[str]) -> list[str]:
        """Those of a table's columns that a row is read from."""
        known = list(known)
        names = set(self.columns.values())
        if self._labelled:
            names.update(self._labelled.names)
        elif not self._conversation and not any(_leads(self.text_column, name) for name in known):
            names.update(conversation.COLUMNS)
        return [name for name in known if any(_leads(wanted, name) for wanted in names)]

    def is_table(self, known: Iterable[str]) -> bool:
        """Whether a table with these columns holds what a row's text is read from."""
        named = (self._conversation, self.text_column) if self._conversation else ()
        names = self._labelled.names if self._labelled else named or (self.text_column,)
        return any(_leads(name, column) for name in names for column in known)

    def entry(self, values: Any, position: int) -> Record | Damaged:
        """The record of a row of typed values, its size that of its text."""
        try:
            row = plain(values)
        except UnicodeDecodeError:
            return Damaged(position, 0, "bad_encoding", "bytes that are not UTF-8")
        text = _value(row, self.text_column) if isinstance(row, dict) else None
        size_bytes = len(text.encode("utf-8", "replace")) if isinstance(text, str) else 0
        return self.record(row, position, size_bytes)

    def record(self, row: Any, position: int, size_bytes: int) -> Record | Damaged:
        """The row's record, or `missing_text` where its text column holds no text.

        A row without that column may hold a conversation; one that the recipe names comes first.
        """
        if not isinstance(row, dict):
            return Damaged(position, size_bytes, "missing_text", "the row is not an object")
        text = _value(row, self.text_column)
        try:
            found = self._messages(row, text)
        except Unreadable as damage:
            return damage.at(position, size_bytes)
        if found is not None:
            text, messages = found
        elif not isinstance(text, str) or isinstance(text, Number):
            kind = "no" if text is None else f"a {type(text).__name__.lower()} in"
            detail = f"{kind} column '{self.text_column}'"
            return Damaged(position, size_bytes, "missing_text", detail)
        else:
            text, messages = clean(text), ()
        url, title, date, mime, licence, author = (_field(row, name) for name in self._fields)
        size_bytes = size_bytes or len(text.encode())
        return Record(
            position,
            size_bytes,
            text,
            url,
            title,
            date,
            mime,
            licence,
            messages=messages,
            charset=self._charset,
            charset_from=self._charset_from,
            author=author,
        )

    def _messages(self, row: Mapping[str, Any], text: Any) -> conversation.Found | None:
        if self._labelled:
            return self._labelled.read(row, _value)
        if self._conversation:
            value = _value(row, self._conversation)
            return None if value is None else conversation.of_value(value)
        return conversation.find(row) if text is None else None


def _leads(name: str, column: str) -> bool:
    """Whether a name is that of a column or leads into it."""
    return name == column or name.startswith(column + ".")


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
