"""Rows of a database, through SQLAlchemy: a table in the order of its key, or a query.

A cursor on the server gives them a thousand at a time. Every read is a transaction that is rolled
back, and its rows are hashed: what a run has listed and what it reads must be the same.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import xxhash

from taojin.core.errors import UserError
from taojin.pipeline.ingest.records import Entry, ReadOptions
from taojin.pipeline.ingest.tables.row import RowReader

_ROWS = 1000
_DIALECTS = (
    "postgresql", "mysql", "mariadb", "mssql", "oracle", "sqlite", "duckdb", "clickhouse",
    "snowflake", "bigquery", "redshift", "trino", "cockroachdb", "db2",
)  # fmt: skip
_URL = re.compile(rf"(?:{'|'.join(_DIALECTS)})(?:\+\w+)?://")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_ORDERED = re.compile(r"\border\s+by\b", re.I)
_READS = re.compile(r"\s*(?:select|with)\b", re.I)


@dataclass(frozen=True)
class Place:
    """What is read: a query or a table of a database whose URL may name variables as ${NAME}."""

    source: str
    url: str
    query: str | None = None
    table: str | None = None

    def __post_init__(self) -> None:
        if bool(self.query) == bool(self.table):
            raise self.error("a database needs either a query or a table")
        if self.query and not (_READS.match(self.query) and _ORDERED.search(self.query)):
            raise self.error("a query is a SELECT with ORDER BY, so that each row keeps its number")

    @property
    def name(self) -> str:
        """The path of its records."""
        return self.table or "query"

    def error(self, what: str) -> UserError:
        """What is wrong, in a sentence that names the source."""
        return UserError(f"source '{self.source}': {what}")


def is_url(path: str) -> bool:
    """Whether a path is the URL of a database."""
    return _URL.match(path) is not None


def summary(place: Place) -> tuple[int, str]:
    """How many bytes the rows hold, and a digest over all of them; UserError as `read` says."""
    digest = _Digest()
    for row in _rows(place):
        digest.add(row)
    return digest.size_bytes, digest.value


def read(place: Place, content: str, options: ReadOptions) -> Iterator[Entry]:
    """One entry per row, its position its number from 0.

    UserError where the database cannot be reached or read, or holds others than `summary` found.
    """
    reader, digest = RowReader(options.columns), _Digest()
    for position, row in enumerate(_rows(place)):
        digest.add(row)
        yield reader.entry(row, position)
    if digest.value != content:
        raise place.error(f"the rows of {place.name} have changed while they were read; run again")


class _Digest:
    def __init__(self) -> None:
        self._digest = xxhash.xxh3_128()
        self.size_bytes = 0

    def add(self, row: Mapping[str, Any]) -> None:
        data = repr(list(row.items())).encode("utf-8", "surrogatepass")
        self._digest.update(data)
        self.size_bytes += len(data)

    @property
    def value(self) -> str:
        return self._digest.hexdigest()


def _rows(place: Place) -> Iterator[dict[str, Any]]:
    with _told(place):
        from sqlalchemy import create_engine

        engine = create_engine(_url(place))
        try:
            with engine.connect() as connection:
                cursor = connection.execution_options(stream_results=True, yield_per=_ROWS)
                for row in cursor.execute(_statement(place, connection)).mappings():
                    yield dict(row)
        finally:
            engine.dispose()


@contextmanager
def _told(place: Place) -> Iterator[None]:
    """Errors as sentences; those over values are told by their name alone."""
    try:
        from sqlalchemy import exc
    except ImportError:
        raise place.error("databases need more libraries: pip install 'taojin[sql]'") from None
    try:
        yield
    except ImportError as error:
        raise place.error(
            f"the driver of its URL is not installed: no module '{error.name}'"
        ) from None
    except (exc.ArgumentError, exc.NoSuchModuleError, exc.NoSuchTableError) as error:
        what = (
            f"no table '{error}'" if isinstance(error, exc.NoSuchTableError) else "no such driver"
        )
        raise place.error(f"{what}; check its path and table") from None
    except exc.DBAPIError as error:
        is_plain = isinstance(error, (exc.OperationalError, exc.ProgrammingError))
        first = str(error.orig).strip().partition("\n")[0] if is_plain else ""
        raise place.error(
            f"the database says {type(error.orig).__name__} {first}".strip()
        ) from None


def _url(place: Place) -> Any:
    from sqlalchemy import make_url

    url = make_url(place.url)
    parts = {name: getattr(url, name) for name in ("username", "password", "host", "database")}
    given = {name: _expanded(place, str(part)) for name, part in parts.items() if part is not None}
    return url.set(**given)


def _expanded(place: Place, part: str) -> str:
    for name in _VARIABLE.findall(part):
        if name not in os.environ:
            raise place.error(f"the environment has no variable {name}, which its path names")
    return _VARIABLE.sub(lambda found: os.environ[found[1]], part)


def _statement(place: Place, connection: Any) -> Any:
    from sqlalchemy import MetaData, Table, select, text

    if place.query:
        return text(place.query.replace(":", r"\:"))  # a colon is no parameter
    schema, _, name = str(place.table).rpartition(".")
    table = Table(name, MetaData(), schema=schema or None, autoload_with=connection)
    if not table.primary_key.columns:
        raise place.error(f"table {name} has no primary key; name a query with ORDER BY")
    return select(table).order_by(*table.primary_key.columns)
