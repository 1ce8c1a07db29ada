"""Which columns a table has, so that a wrong name is told before its rows are read."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from taojin.core.errors import UserError, unknown
from taojin.pipeline.ingest.opened import opened
from taojin.pipeline.ingest.readers import format_of, head_of
from taojin.pipeline.ingest.stored import DamagedFile, Stored, pieces
from taojin.pipeline.ingest.tables import arrow, conversation, delimited, jsonl, parquet
from taojin.pipeline.ingest.tables.labelled import Columns, Labelled, is_labelled
from taojin.pipeline.ingest.tables.row import RowReader

ROWS = 1000
"""Rows of a JSONL file whose columns are looked at."""
FILES = 20
"""Files of a source that are looked at."""
_MAX_BYTES = 64 << 20


def columns(path: str) -> list[str]:
    """The names of a table's columns in their order; none for a file that is no table.

    A row of JSON Lines may have columns of its own: those of the first rows are given.
    """
    with opened(path) as file:
        stored = Stored(file)
        kind = format_of(path, head_of(stored))
        stored.seek(0)
        file.seek(0)
        if kind == "parquet":
            return parquet.columns(file)
        if kind == "arrow":
            return arrow.columns(file)
        if kind == "jsonl":
            return list(dict.fromkeys(_keys(_undamaged(stored))))
        return delimited.header(_undamaged(stored), _MAX_BYTES) if kind == "csv" else []


def check(path: str, names: Iterable[str], where: str) -> None:
    """UserError for a name that no column of a table has; dots may lead into nested values."""
    known = columns(path)
    for name in names:
        if known and name not in known and name.split(".", maxsplit=1)[0] not in known:
            raise unknown(where, "column", name, known)


def check_text(paths: Sequence[str], named: Columns, where: str) -> None:
    """UserError where the first files are tables of which none has the column of the text.

    Of labelled tables each part is looked for that a row must have. `named` are the columns that
    the recipe names. One file that is no table, or that cannot be
    read, is enough to say nothing: a folder of documents may hold a table that is none of them.
    """
    if is_labelled(named):
        _check_parts([columns(path) for path in paths[:FILES]], named, where)
        return
    reader = RowReader(named)
    field = "conversation" if named.get("conversation") else "text"
    tables = [columns(path) for path in paths[:FILES]]
    for known in map(set, tables):
        is_conversation = "text" not in named and known & set(conversation.COLUMNS)
        if not known or reader.is_table(known) or is_conversation:
            return
    if tables:
        error = unknown(where, "column", reader.columns.get(field, reader.text_column), tables[0])
        raise UserError(f'{error}; say which with columns = {{ {field} = "NAME" }}')


def _check_parts(tables: Sequence[Sequence[str]], named: Columns, where: str) -> None:
    for column in Labelled(named).needed if tables and all(tables) else ():
        first = column.split(".", maxsplit=1)[0]
        if not any(column in known or first in known for known in tables):
            raise unknown(where, "column", column, tables[0])


def _keys(blocks: Iterator[bytes]) -> Iterator[str]:
    for line in islice(jsonl.lines(blocks, _MAX_BYTES), ROWS):
        try:
            row = json.loads(line) if isinstance(line, bytes) and line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield from row


def _undamaged(stored: Stored) -> Iterator[bytes]:
    """The blocks of a file up to where its compression breaks."""
    try:
        yield from pieces(stored)
    except DamagedFile:
        return
