"""Files elsewhere: a real S3 server and web servers on this machine, whole or failing."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taojin.core.errors import UserError
from taojin.pipeline.ingest import remote
from taojin.pipeline.ingest.opened import Changed, opened
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import ReadOptions
from taojin.pipeline.inputs import find
from taojin.pipeline.settings.sources import Source

OPTIONS = ReadOptions()
TEXTS = [f"第 {number} 行 " + "x" * 500 for number in range(8000)]
LINES = "".join(json.dumps({"text": text}) + "\n" for text in TEXTS).encode()


@dataclass
class Trouble:
    """What a server does with bodies: how many requests it refuses or breaks, and what it has sent."""

    refuse: int = 0
    broken: int = 0
    short: int = 0
    ranges: bool = True
    sent_bytes: int = 0
    requests: list[str] = field(default_factory=list)
    data: bytes = b""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, name: str) -> bool:
        with self.lock:
            left = getattr(self, name)
            setattr(self, name, max(0, left - 1))
        return left > 0


class Handler(BaseHTTPRequestHandler):
    """Passes requests on to another server, or serves `data`, with its troubles."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *given: object, trouble: Trouble, port: int = 0) -> None:
        self.trouble, self.port = trouble, port
        super().__init__(*given)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    do_GET = do_HEAD

    def answer(self) -> None:
        self.trouble.requests.append(f"{self.command} {self.path}")
        if self.trouble.takes("refuse"):
            self.send(503, {}, b"")
            return
        status, headers, body = self.passed_on() if self.port else self.own()
        self.send(status, headers, body, broken=len(body) > 1000 and self.trouble.takes("broken"))

    def passed_on(self) -> tuple[int, dict[str, str], bytes]:
        other = http.client.HTTPConnection("127.0.0.1", self.port)
        other.request(self.command, self.path, headers=dict(self.headers))
        found = other.getresponse()
        return found.status, dict(found.getheaders()), found.read()

    def own(self) -> tuple[int, dict[str, str], bytes]:
        data = self.trouble.data
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not asked or not self.trouble.ranges:
            return 200, {"Content-Length": str(len(data)), "ETag": str(hash(data))}, data
        body = data[int(asked[1]) : int(asked[2]) + 1]
        if len(body) > 1000 and self.trouble.takes("short"):
            body = body[:1000]
        where = f"bytes {asked[1]}-{asked[2]}/{len(data)}"
        return 206, {"Content-Range": where, "Content-Length": str(len(body))}, body

    def send(
        self, status: int, headers: dict[str, str], body: bytes, *, broken: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        if "content-length" not in map(str.lower, headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            try:
                self.wfile.write(body[: len(body) // 2] if broken else body)
            except OSError:
                self.close_connection = True
            self.trouble.sent_bytes += len(body)
        if broken:
            self.close_connection = True


@contextmanager
def serving(handler: object) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)  # type: ignore[arg-type]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def moto() -> Iterator[int]:
    """The port of an S3 server whose bucket `corpus` holds lines and a table."""
    pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    client.create_bucket(Bucket="corpus")
    client.put_object(Bucket="corpus", Key="in/deep/a.jsonl", Body=LINES)
    client.put_object(Bucket="corpus", Key="in/b.jsonl", Body=LINES[:1000] + b"\n")
    table = pa.BufferOutputStream()
    pq.write_table(
        pa.table({"text": TEXTS, "id": [f"{at:06d}" for at in range(len(TEXTS))]}),
        table,
        row_group_size=500,
        compression="none",
        use_dictionary=False,
    )
    client.put_object(Bucket="corpus", Key="tables/a.parquet", Body=table.getvalue().to_pybytes())
    yield port
    server.stop()


@pytest.fixture
def s3(moto: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trouble]:
    """The server behind one whose troubles can be chosen."""
    import s3fs

    trouble = Trouble()
    monkeypatch.setattr(remote, "FIRST_WAIT_S", 0.01)
    with serving(partial(Handler, trouble=trouble, port=moto)) as url:
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        yield trouble
        s3fs.S3FileSystem.clear_instance_cache()


def texts(url: str) -> list[str]:
    return [getattr(one, "text", "?") for one in read(url, OPTIONS)]


@pytest.mark.parametrize(("refuse", "broken"), [(0, 0), (3, 0), (0, 2), (2, 2)])
def test_s3_is_listed_and_read_whole_whatever_the_server_does(
    s3: Trouble, refuse: int, broken: int
) -> None:
    s3.refuse, s3.broken = refuse, broken
    files = find(Source(name="s", path="s3://corpus/in/**/*.jsonl"), Path(), {})
    assert [(file.path, file.size_bytes) for file in files] == [
        ("b.jsonl", 1001),
        ("deep/a.jsonl", len(LINES)),
    ]
    s3.refuse = refuse
    assert texts(files[1].uri) == TEXTS
    assert (s3.refuse, s3.broken) == (0, 0)


def test_a_limit_reads_no_more_than_it_needs(s3: Trouble) -> None:
    for url, most in (
        ("s3://corpus/in/deep/a.jsonl", 300_000),
        ("s3://corpus/tables/a.parquet", 1_300_000),
    ):
        s3.sent_bytes = 0
        found = list(islice(read(url, ReadOptions({"title": "id"})), 5))
        assert [one.text for one in found] == TEXTS[:5]
        assert s3.sent_bytes < most < len(LINES) / 3, url


def test_parquet_from_s3_with_broken_connections(s3: Trouble) -> None:
    s3.broken = 3
    assert texts("s3://corpus/tables/a.parquet") == TEXTS
    assert s3.broken == 0


def test_a_server_that_never_answers_well_is_a_sentence(
    s3: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "ATTEMPTS", 2)
    s3.broken = 10_000
    with pytest.raises(OSError, match="attempts have failed"):
        texts("s3://corpus/in/deep/a.jsonl")


def test_a_bucket_that_is_not_there_is_a_sentence(s3: Trouble) -> None:
    with pytest.raises(UserError, match="source 's'"):
        find(Source(name="s", path="s3://nowhere/*.jsonl"), Path(), {})


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Trouble]]:
    pytest.importorskip("aiohttp")
    monkeypatch.setattr(remote, "FIRST_WAIT_S", 0.01)
    trouble = Trouble(data=LINES)
    with serving(partial(Handler, trouble=trouble)) as url:
        yield f"{url}/a.jsonl", trouble


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize(("refuse", "broken"), [(0, 0), (2, 0), (0, 2)])
def test_the_web_is_read_whole_whatever_the_server_does(
    web: tuple[str, Trouble], refuse: int, broken: int, *, ranges: bool
) -> None:
    url, trouble = web
    trouble.ranges = ranges
    trouble.refuse = refuse
    (file,) = find(Source(name="s", path=url), Path(), {})
    assert file.size_bytes == len(LINES)
    trouble.refuse, trouble.broken = refuse, broken
    assert texts(url) == TEXTS
    assert (trouble.refuse, trouble.broken) == (0, 0)


def test_a_range_that_comes_short_is_fetched_again(web: tuple[str, Trouble]) -> None:
    url, trouble = web
    found = read(url, OPTIONS)
    first = next(found)
    trouble.short = 3
    assert [getattr(one, "text", "?") for one in (first, *found)] == TEXTS
    assert trouble.short == 0


def test_a_limit_over_the_web_reads_no_more_than_it_needs(web: tuple[str, Trouble]) -> None:
    url, trouble = web
    assert len(list(islice(read(url, OPTIONS), 3))) == 3
    assert trouble.sent_bytes < 300_000


def test_a_file_that_another_replaces_is_an_error(web: tuple[str, Trouble]) -> None:
    url, trouble = web
    found = read(url, OPTIONS)
    next(found)
    trouble.data = LINES[:-1] + b" "
    trouble.data += b'{"text": "new"}\n'
    with pytest.raises(Changed):
        list(found)


def test_a_page_that_is_not_there_is_not_asked_for_again(web: tuple[str, Trouble]) -> None:
    trouble, gone = web[1], []

    class Gone(Handler):
        def own(self) -> tuple[int, dict[str, str], bytes]:
            gone.append(self.command)
            return 404, {}, b""

    with serving(partial(Gone, trouble=trouble)) as other:
        with pytest.raises(OSError):
            opened(f"{other}/a.jsonl")
        with pytest.raises(UserError, match="source 's': it cannot be listed"):
            find(Source(name="s", path=f"{other}/a.jsonl"), Path(), {})
    assert len(gone) == 4  # fsspec asks by HEAD, then by GET


def test_a_refusal_in_the_middle_is_an_error_of_storage(web: tuple[str, Trouble]) -> None:
    class Shut(Handler):
        def own(self) -> tuple[int, dict[str, str], bytes]:
            status, headers, body = super().own()
            return (403, {}, b"") if len(body) > 1 and status == 206 else (status, headers, body)

    refused = pytest.raises(OSError, match="the server answers 403")
    with serving(partial(Shut, trouble=web[1])) as other, refused:
        texts(f"{other}/a.jsonl")


def test_the_plain_server_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aiohttp")
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    (tmp_path / "a.jsonl").write_bytes(LINES)
    with serving(partial(SimpleHTTPRequestHandler, directory=str(tmp_path))) as url:
        (file,) = find(Source(name="s", path=f"{url}/a.jsonl"), Path(), {})
        assert [
            getattr(one, "text", "?") for one in read(file.uri, OPTIONS, file.size_bytes)
        ] == TEXTS


def test_every_read_gives_what_was_asked_for(web: tuple[str, Trouble]) -> None:
    file = opened(web[0])
    for start, size in ((0, 10), (5, 400_000), (len(LINES) - 3, 10), (100, -1), (len(LINES), 5)):
        file.seek(start)
        end = len(LINES) if size < 0 else start + size
        assert file.read(size) == LINES[start:end]
        assert file.tell() == min(end, len(LINES))
