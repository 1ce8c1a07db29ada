"""WARC, WET and ARC archives."""

from collections.abc import Iterator
from typing import IO

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.parts import WHOLE, Part
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record, Skipped, Unreadable
from taojin.pipeline.ingest.stored import Stored
from taojin.pipeline.ingest.web import payload
from taojin.pipeline.ingest.web.frames import Frame, frames
from taojin.pipeline.ingest.web.frames import openings as frame_openings
from taojin.pipeline.ingest.web.http_message import decoded_body, parse_headers, parse_response
from taojin.pipeline.ingest.web.payload import Payload

_NO_DOCUMENT = ("warcinfo", "request", "revisit", "metadata", "continuation")
_NO_WHOLE_DOCUMENT = (204, 205, 206)


def read(file: IO[bytes], options: ReadOptions, part: Part = WHOLE) -> Iterator[Entry]:
    """One entry per record and per damaged stretch; their stored byte ranges cover the file."""
    stored = Stored(file)
    held: Frame | None = None
    for frame in frames(stored, options.max_bytes, part):
        if held:
            yield _entry(held, frame.position - held.position, options)
        held = frame
    if held:
        end = stored.size_bytes if part.end is None else part.end
        yield _entry(held, max(0, end - held.position), options)


def openings(file: IO[bytes], options: ReadOptions) -> Iterator[Part]:
    """Where a part can begin."""
    return frame_openings(Stored(file), options.max_bytes)


def _entry(frame: Frame, size_bytes: int, options: ReadOptions) -> Entry:
    if frame.cause == "padding":
        return Skipped(frame.position, size_bytes, "padding")
    if frame.cause:
        return Damaged(frame.position, size_bytes, frame.cause, frame.detail)
    try:
        if frame.head.startswith(b"WARC"):
            return _warc_entry(frame, size_bytes, options)
        return _arc_entry(frame, size_bytes, options)
    except Unreadable as damage:
        return damage.at(frame.position, size_bytes)


def _warc_entry(frame: Frame, size_bytes: int, options: ReadOptions) -> Entry:
    headers = parse_headers(frame.head)
    kind = headers.get("warc-type", "").lower()
    if kind in _NO_DOCUMENT:
        return Skipped(frame.position, size_bytes, kind)
    url = headers.get("warc-target-uri", "").strip("<>")
    date = headers.get("warc-date", "")
    mime, declared = payload.content_type(headers.get("content-type", ""))
    if kind == "conversion":
        return _conversion(frame, size_bytes, url, date, (mime, declared))
    if kind == "response" and (mime == "application/http" or frame.body.startswith(b"HTTP/")):
        return _response(frame, size_bytes, url, date, options)
    if kind in ("response", "resource"):
        if mime == "text/dns":
            return Skipped(frame.position, size_bytes, "dns")
        body = Payload(frame.position, size_bytes, frame.body, mime, declared, url, date)
        return payload.entry(body, options)
    return Skipped(frame.position, size_bytes, "other")


def _conversion(
    frame: Frame, size_bytes: int, url: str, date: str, content_type: tuple[str, str]
) -> Record:
    """The text that a crawl's archive has made of a page, as it is."""
    mime, declared = content_type
    decoded = charset.decode(frame.body, declared)
    return Record(
        frame.position,
        size_bytes,
        decoded.text,
        url,
        "",
        date,
        mime or "text/plain",
        charset=decoded.encoding,
        charset_from=decoded.told,
    )


def _arc_entry(frame: Frame, size_bytes: int, options: ReadOptions) -> Entry:
    line = [part.decode("utf-8", "replace") for part in frame.head.split()]
    url, _, date, mime, _ = line
    if url.startswith("filedesc:"):
        return Skipped(frame.position, size_bytes, "warcinfo")
    if frame.body.startswith(b"HTTP/"):
        return _response(frame, size_bytes, url, _iso(date), options)
    body = Payload(frame.position, size_bytes, frame.body, mime.lower(), "", url, _iso(date))
    return payload.entry(body, options)


def _iso(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:14]}Z"


def _response(frame: Frame, size_bytes: int, url: str, date: str, options: ReadOptions) -> Entry:
    response = parse_response(frame.body)
    if not response.status:
        raise Unreadable("bad_record", "no HTTP status line")
    if not 200 <= response.status < 300 or response.status in _NO_WHOLE_DOCUMENT:
        return Skipped(frame.position, size_bytes, "http_status")
    mime, declared = payload.content_type(response.headers.get("content-type", ""))
    body = decoded_body(response, options.max_bytes)
    page = Payload(frame.position, size_bytes, body, mime, declared, url, date)
    return payload.entry(page, options)
