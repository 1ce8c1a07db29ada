"""SQLite files: every table with the text column, its rows in the order of their rowids.

The file is opened read-only and as it lies: nothing is written beside it, no schema of it is
trusted, and what a write-ahead log would add is told as missing.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Unreadable
from taojin.pipeline.ingest.stored import DamagedFile, Stored, codec_of, pieces
from taojin.pipeline.ingest.tables.row import RowReader

_LOGS = ("-wal", "-journal")
_MOST_TURNS = 100
"""How often ids may fall: once for each that is damaged; on some damaged pages without end."""

_LEAST_ROW_BYTES = 4
"""A pointer of two bytes, the size of a record and of its head."""


def read(path: str | None, stored: Stored, options: ReadOptions) -> Iterator[Entry]:
    """One entry per row; positions count from 0 over all tables, in the order of their names.

    `path` is None for a member of an archive, which is no file of its own.

    What follows damage in a table is one entry, and reading goes on at the next table.
    """
    try:
        with _as_file(path, stored) as local, closing(_opened(local, options.max_bytes)) as opened:
            yield from _entries(opened, local, stored.size_bytes, options)
    except DamagedFile as damage:
        yield Damaged(0, stored.size_bytes, damage.fault, "the compressed data is damaged")


@contextmanager
def _as_file(path: str | None, stored: Stored) -> Iterator[Path]:
    """The database as a local file: a copy of one that is compressed or lies elsewhere."""
    stored.seek(0)
    if path and "://" not in path and codec_of(stored.peek(16)) is None:
        yield Path(path)
        return
    with NamedTemporaryFile(suffix=".sqlite") as copy:
        for piece in pieces(stored):
            copy.write(piece)
            if shutil.disk_usage(copy.name).free < (1 << 30):
                raise DamagedFile("too_large", 0, stored.size_bytes)
        copy.flush()
        yield Path(copy.name)


def _opened(path: Path, max_bytes: int) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    opened = sqlite3.connect(uri, uri=True)
    opened.text_factory = bytes
    opened.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max_bytes)
    opened.execute("PRAGMA trusted_schema = OFF")
    opened.execute("PRAGMA cell_size_check = ON")
    return opened


def _entries(
    opened: sqlite3.Connection, path: Path, size_bytes: int, options: ReadOptions
) -> Iterator[Entry]:
    row = RowReader(options.columns)
    position = read = 0
    try:
        tables = _tables(opened)
    except (sqlite3.Error, UnicodeDecodeError):
        yield Damaged(0, size_bytes, "unreadable", "no SQLite database that can be read")
        return
    for name, columns in tables:
        if row.is_table(columns):
            read += 1
            for entry in _table(opened, name, row, columns, position):
                yield entry
                position = entry.position + 1
    if not read:
        yield Damaged(position, size_bytes, "missing_text", f"no table with '{row.text_column}'")
    for log in (path.with_name(path.name + suffix) for suffix in _LOGS):
        if log.is_file() and (lost := log.stat().st_size):
            detail = "changes in a log beside the file are not in it"
            yield Damaged(position, lost, "unreadable", detail)
            position += 1


def _tables(opened: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    """The tables with their columns, sorted; no views, no virtual tables, none of SQLite's own."""
    listed = opened.execute("SELECT schema, name, type FROM pragma_table_list").fetchall()
    names = sorted(
        name.decode()
        for schema, name, kind in listed
        if (schema, kind) == (b"main", b"table") and not name.startswith(b"sqlite_")
    )
    found = []
    for name in names:
        columns = opened.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
        found.append((name, [column.decode() for (column,) in columns]))
    return found


def _table(
    opened: sqlite3.Connection, name: str, row: RowReader, columns: list[str], start: int
) -> Iterator[Entry]:
    wanted = row.wanted(columns)
    position = start
    try:
        for values in _rows(opened, name, wanted):
            if isinstance(values, Unreadable):
                yield values.at(position, 0)
            else:
                yield row.entry(dict(zip(wanted, values, strict=True)), position)
            position += 1
    except sqlite3.Error:
        yield Damaged(position, 0, "unreadable", "the rows of a table from a damaged page on")


def _rows(opened: sqlite3.Connection, name: str, columns: list[str]) -> Iterator[Any]:
    """The rows by rowid, or by the primary key of a table that has none.

    Each is asked for by its rowid, so that one that cannot be read costs itself alone.
    """
    select = f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(name)}"  # noqa: S608
    try:
        rowids = opened.execute(f"SELECT rowid FROM {_quoted(name)} ORDER BY rowid")  # noqa: S608
    except sqlite3.OperationalError:  # a table WITHOUT ROWID lies in the order of its key
        yield from _as_many_as_fit(opened, opened.execute(select))
        return
    last = None
    for rowid in _rising(rowid for (rowid,) in rowids):
        if last is not None and rowid <= last:
            yield Unreadable("unreadable", "a row on a damaged page")
            continue
        try:
            (values,) = opened.execute(f"{select} WHERE rowid = ?", (rowid,)).fetchall()
        except sqlite3.DataError:
            yield Unreadable("too_large", "a row with a value that is too large")
        except (sqlite3.Error, ValueError):
            yield Unreadable("unreadable", "a row on a damaged page")
        else:
            last = rowid
            yield values


def _as_many_as_fit(opened: sqlite3.Connection, rows: Iterator[Any]) -> Iterator[Any]:
    """The rows, as many as the file has room for: pages that lead to each other give some without
    end. Raises sqlite3.Error for one more.
    """
    ((pages, page_bytes),) = opened.execute("SELECT * FROM pragma_page_count, pragma_page_size")
    most = pages * page_bytes // _LEAST_ROW_BYTES
    for count, row in enumerate(rows):
        if count > most:
            raise sqlite3.DatabaseError("more rows than the file has room for")
        yield row


def _rising(rowids: Iterator[int]) -> Iterator[int]:
    """The ids, which rise but on damaged pages. Raises sqlite3.Error where they fall too often."""
    before, turns = None, 0
    for rowid in rowids:
        turns += before is not None and rowid <= before
        if turns > _MOST_TURNS:
            raise sqlite3.DatabaseError("ids that fall")
        before = rowid
        yield rowid


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
