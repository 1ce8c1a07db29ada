"""WARC and WET files: one gzip member per record, written by hand so that every byte is ours.

An archive is also given faults: a member whose middle is garbage stands for a damaged disk.
"""

import base64
import gzip
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from taojin.data_samples.manuscripts import Manuscript, plain
from taojin.data_samples.sites import html_page, url

_CRAWLS = {
    "spring": datetime(2025, 3, 14, 8, tzinfo=UTC),
    "autumn": datetime(2025, 9, 20, 10, tzinfo=UTC),
}
_GARBAGE = bytes(range(255, 191, -1))
_HTTP = {
    "page": "text/html; charset={charset}",
    "raw": "text/html; charset={charset}",
    "image": "image/png",
}
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)


def archive(file: str, manuscripts: Iterable[Manuscript]) -> tuple[bytes, list[int]]:
    """The file and the byte offset of each record's gzip member."""
    start = next(date for name, date in _CRAWLS.items() if name in file)
    data, offsets = bytearray(), []
    for count, manuscript in enumerate(manuscripts):
        offsets.append(len(data))
        data += _member(manuscript, start + timedelta(seconds=7 * count), "warc.wet" in file)
    return bytes(data), offsets


def _member(manuscript: Manuscript, date: datetime, wet: bool) -> bytes:
    kind, content_type, payload = _content(manuscript, wet)
    headers = {
        "WARC-Type": kind,
        "WARC-Record-ID": _record_id(manuscript.name),
        "WARC-Date": date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Content-Type": content_type,
    }
    if kind != "warcinfo":
        headers["WARC-Target-URI"] = url(manuscript)
    if manuscript.refers_to:
        headers["WARC-Refers-To"] = _record_id(manuscript.refers_to)
        headers["WARC-Profile"] = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"
    member = gzip.compress(_record(headers, payload), mtime=0)
    return _damaged(member) if manuscript.kind == "broken" else member


def _content(manuscript: Manuscript, wet: bool) -> tuple[str, str, bytes]:
    """WARC type, content type and payload."""
    lines = manuscript.body.replace("\n", "\r\n").encode() + b"\r\n"
    match manuscript.kind:
        case "warcinfo":
            return "warcinfo", "application/warc-fields", lines
        case "request":
            return "request", "application/http; msgtype=request", lines + b"\r\n"
        case "revisit":
            return "revisit", "application/http; msgtype=response", lines + b"\r\n"
    if wet:
        text = plain(manuscript, title=True).replace("\n\n", "\n")
        return "conversion", "text/plain", text.encode()
    return "response", "application/http; msgtype=response", _response(manuscript)


def _response(manuscript: Manuscript) -> bytes:
    body = _PIXEL if manuscript.kind == "image" else html_page(manuscript)
    mime = _HTTP.get(manuscript.kind, _HTTP["page"]).format(charset=manuscript.charset)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _record(headers: Mapping[str, str], payload: bytes) -> bytes:
    fields = {**headers, "Content-Length": str(len(payload))}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.0\r\n{head}\r\n".encode() + payload + b"\r\n\r\n"


def _record_id(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'https://www.samples.example/{name}')}>"


def _damaged(member: bytes) -> bytes:
    """The member with garbage in its middle; the gzip header and the length stay."""
    middle = len(member) // 2
    return member[:middle] + _GARBAGE + member[middle + len(_GARBAGE) :]
