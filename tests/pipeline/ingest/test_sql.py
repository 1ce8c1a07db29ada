"""Rows of databases: SQLite always, a real PostgreSQL where one can be started."""

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from taojin.core.errors import UserError
from taojin.pipeline import recipe
from taojin.pipeline.ingest.records import Damaged, ReadOptions, Record
from taojin.pipeline.ingest.tables.sql import Place, is_url, read, summary
from taojin.pipeline.inputs import find
from taojin.pipeline.settings.sources import Source

pytest.importorskip("sqlalchemy")
ROWS = [(f"{number:06d}", f"第 {number} 行: 50%") for number in range(2500)]


@pytest.fixture
def url(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "a.db")) as opened:
        opened.execute("CREATE TABLE pages (id TEXT PRIMARY KEY, text TEXT)")
        opened.executemany("INSERT INTO pages VALUES (?, ?)", ROWS)
        opened.execute("CREATE TABLE loose (text TEXT)")
        opened.commit()
    return f"sqlite:///{tmp_path}/a.db"


def told(place: Place) -> list[tuple[int, str, str]]:
    found = read(place, summary(place)[1], ReadOptions({"title": "id"}))
    return [(one.position, one.title, one.text) for one in found if isinstance(one, Record)]


EXPECTED = [(at, *row) for at, row in enumerate(ROWS)]


def test_a_table_comes_in_the_order_of_its_key(url: str) -> None:
    assert told(Place("s", url, table="pages")) == EXPECTED


def test_a_query_comes_in_its_order(url: str) -> None:
    query = "SELECT id, text FROM pages WHERE text LIKE '%: 50%' ORDER BY id DESC"
    assert [one[1] for one in told(Place("s", url, query))] == [one[0] for one in reversed(ROWS)]


@pytest.mark.parametrize(
    ("query", "table", "says"),
    [
        (None, None, "either a query or a table"),
        ("SELECT 1 ORDER BY 1", "pages", "either a query or a table"),
        ("SELECT text FROM pages", None, "ORDER BY"),
        ("DELETE FROM pages ORDER BY 1", None, "SELECT"),
        (None, "loose", "no primary key"),
        (None, "nowhere", "no table 'nowhere'"),
        ("SELECT missing FROM pages ORDER BY 1", None, "no such column"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    url: str, query: str | None, table: str | None, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        summary(Place("s", url, query, table))


def test_rows_that_change_between_listing_and_reading_are_told(url: str) -> None:
    place = Place("s", url, table="pages")
    content = summary(place)[1]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as opened:
        opened.execute("UPDATE pages SET text = 'x' WHERE id = '000007'")
        opened.commit()
    with pytest.raises(UserError, match="have changed while they were read"):
        list(read(place, content, ReadOptions()))


def test_rows_without_text_are_quarantined(url: str) -> None:
    place = Place("s", url, "SELECT NULL AS text UNION ALL SELECT 'a' ORDER BY 1")
    lost, good = read(place, summary(place)[1], ReadOptions())
    assert isinstance(lost, Damaged) and isinstance(good, Record)


SECRETS = [
    "postgresql://me:hunter2@host/db", "postgresql+psycopg://:hunter2@host/db",
    "mysql://me:hunter2${X}@host/db", "https://me:hunter2@host/a.jsonl", "postgresql://host/db?user=a&password=hunter2",
]  # fmt: skip


@pytest.mark.parametrize("path", SECRETS)
def test_a_password_in_a_recipe_is_refused_and_not_told(tmp_path: Path, path: str) -> None:
    text = f'name = "a"\n[[sources]]\nname = "s"\npath = "{path}"\ntable = "t"\n'
    (tmp_path / "recipe.toml").write_text(text)
    with pytest.raises(UserError, match="environment variable") as caught:
        recipe.load(tmp_path / "recipe.toml")
    assert "hunter2" not in str(caught.value)


def test_a_path_without_a_password_is_none() -> None:
    for path in ("postgresql://${A}:${B}@host/db", "s3://a/b:c@d/*", "a:b@c", "https://h:80/a@b"):
        assert Source(name="s", path=path, table="t" if is_url(path) else None).path == path


def test_a_variable_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH", raising=False)
    with pytest.raises(UserError, match="no variable NO_SUCH"):
        summary(Place("s", "postgresql+psycopg://a:${NO_SUCH}@localhost/db", table="t"))


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The port of a PostgreSQL of our own, with the table `pages` and the user `reader`."""
    pytest.importorskip("psycopg")
    folders = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        Path(shutil.which("initdb") or "/no").parent,
    ]
    bins = next(
        (one for one in folders if (one / "initdb").exists() and (one / "postgres").exists()), None
    )
    if bins is None:
        pytest.skip("no initdb and postgres on this machine")
    folder = Path(tempfile.mkdtemp())
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        setup = [
            bins / "initdb",
            "-D",
            folder / "data",
            "-U",
            "owner",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        made = subprocess.run(setup, user=user, capture_output=True, check=False, cwd=folder)
        if made.returncode:
            pytest.skip(f"initdb ends with {made.returncode}")
        (folder / "data" / "pg_hba.conf").write_text(
            "host all owner 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        command = [
            bins / "postgres",
            "-D",
            folder / "data",
            "-p",
            str(port),
            "-k",
            folder,
            "-h",
            "127.0.0.1",
            "-F",
        ]
        with subprocess.Popen(
            command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                fill(port)
                yield port
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill(port: int) -> None:
    import time

    import psycopg

    for attempt in range(100):
        try:
            opened = psycopg.connect(f"host=127.0.0.1 port={port} user=owner dbname=postgres")
            break
        except psycopg.OperationalError:
            if attempt == 99:
                pytest.skip("postgres does not start")
            time.sleep(0.1)
    with opened, opened.cursor() as cursor:
        cursor.execute("CREATE TABLE pages (id TEXT PRIMARY KEY, text TEXT, meta JSONB)")
        cursor.executemany(
            'INSERT INTO pages VALUES (%s, %s, \'{"page": {"id": "000123"}}\')', ROWS
        )
        cursor.execute("CREATE ROLE reader LOGIN PASSWORD 'p@ss/word:1'")
        cursor.execute("GRANT SELECT ON pages TO reader")


def test_postgresql(server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_PASSWORD", "p@ss/word:1")
    url = f"postgresql+psycopg://reader:${{TEST_PASSWORD}}@127.0.0.1:{server}/postgres"
    (file,) = find(Source(name="s", path=url, table="pages"), Path(), {})
    assert (file.path, file.uri) == ("pages", url)
    place = Place("s", url, table="pages")
    assert told(place) == EXPECTED
    dotted = next(read(place, "", ReadOptions({"title": "meta.page.id"})))
    assert isinstance(dotted, Record) and dotted.title == "000123"
    query = "SELECT id, text FROM pages WHERE id >= '002490'::text ORDER BY id"
    assert [one[1] for one in told(Place("s", url, query))] == [one[0] for one in ROWS[2490:]]
    monkeypatch.setenv("TEST_PASSWORD", "wrong")
    with pytest.raises(UserError, match="source 's': the database says") as caught:
        summary(place)
    assert "wrong" not in str(caught.value)
