"""An HTTP response as a crawler stored it: its status, headers, and the decoded body."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zlib_ng import zlib_ng

from taojin.pipeline.ingest.records import Unreadable
from taojin.pipeline.ingest.stored import INFLATE_ERROR

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})")
_BLANK_LINE = re.compile(rb"\n\r*\n")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_SLICE_BYTES = 16 << 10
_EXPANDING_SLICE_BYTES = 1 << 10


@dataclass(frozen=True, slots=True)
class Response:
    """`status` is 0 when the bytes are no HTTP response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def parse_headers(head: bytes) -> dict[str, str]:
    """Name in lower case to value; a name that comes twice has its values joined by commas."""
    headers: dict[str, str] = {}
    name = ""
    for line in _text(head).split("\n"):
        if line[:1] in (" ", "\t") and name:
            headers[name] += " " + line.strip()
            continue
        before, colon, value = line.partition(":")
        name = before.strip().lower() if colon else ""
        if name:
            value = value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _text(head: bytes) -> str:
    try:
        return head.decode()
    except UnicodeDecodeError:
        return head.decode("latin-1")


def parse_response(message: bytes) -> Response:
    """Status, headers and the body as it was sent, with lines that end in CRLF or LF."""
    status = _STATUS.match(message)
    if not status:
        return Response(0, {}, message)
    end = _BLANK_LINE.search(message)
    head, body = (message[: end.start()], message[end.end() :]) if end else (message, b"")
    return Response(int(status[1]), parse_headers(head.partition(b"\n")[2]), body)


def decoded_body(response: Response, max_bytes: int) -> bytes:
    """The body without transfer and content encodings, which are believed only if they decode.

    A body cut short gives what there is of it. Raises Unreadable: too_large, bad_record.
    """
    body = response.body
    if "chunked" in response.headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    codings = response.headers.get("content-encoding", "").lower().split(",")
    for coding in reversed([coding.strip() for coding in codings]):
        if coding in _DECODERS and body:
            body = _DECODERS[coding](body, max_bytes)
    return body


def _unchunked(body: bytes) -> bytes:
    """The chunks joined; the body itself where it is not chunked, whatever the header says."""
    pieces: list[bytes] = []
    at = 0
    while found := _CHUNK_SIZE.match(body, at):
        size = int(found[1], 16)
        pieces.append(body[found.end() : found.end() + size])
        at = found.end() + size
        if not size:
            return b"".join(pieces)
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    return b"".join(pieces) if pieces and at >= len(body) else body


def _inflated(
    body: bytes, decompressor: Any, max_bytes: int, damage: type[BaseException], step: int
) -> bytes | None:
    """What decompresses, up to the first fault; None if nothing does. Raises too_large."""
    pieces: list[bytes] = []
    size = 0
    for start in range(0, len(body), step):
        try:
            piece = decompressor(body[start : start + step])
        except damage:
            break
        pieces.append(piece)
        size += len(piece)
        if size > max_bytes:
            raise Unreadable("too_large", f"more than {max_bytes} bytes when decompressed")
    return b"".join(pieces) if size else None


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    inflate = zlib_ng.decompressobj(31).decompress
    return _read_or_damaged(
        _inflated(body, inflate, max_bytes, INFLATE_ERROR, _SLICE_BYTES), "gzip"
    )


def _inflate(body: bytes, max_bytes: int) -> bytes:
    """What is sent as deflate comes with the zlib header that the standard asks for or without."""
    for bits in (15, -15):
        inflate = zlib_ng.decompressobj(bits).decompress
        if inflated := _inflated(body, inflate, max_bytes, INFLATE_ERROR, _SLICE_BYTES):
            return inflated
    return body


def _unbrotli(body: bytes, max_bytes: int) -> bytes:
    import brotli

    process = brotli.Decompressor().process
    return _inflated(body, process, max_bytes, brotli.error, _EXPANDING_SLICE_BYTES) or body


def _unzstd(body: bytes, max_bytes: int) -> bytes:
    import zstandard

    if not body.startswith(b"\x28\xb5\x2f\xfd"):
        return body
    expand = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj().decompress
    inflated = _inflated(body, expand, max_bytes, zstandard.ZstdError, _EXPANDING_SLICE_BYTES)
    return _read_or_damaged(inflated, "zstd")


def _read_or_damaged(inflated: bytes | None, coding: str) -> bytes:
    if inflated is None:
        raise Unreadable("bad_record", f"the body does not decode as {coding}")
    return inflated


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
