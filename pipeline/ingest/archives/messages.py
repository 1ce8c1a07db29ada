"""MIME messages: what their parts are and what the parts say.

The library takes the square of a header's length for some headers, the lines times the depth of the
parts for the body, and a third of a millisecond a part: all three are measured before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import cast

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.archives import headers
from taojin.pipeline.ingest.markup import render
from taojin.pipeline.ingest.markup.page import parsed as tree
from taojin.pipeline.ingest.records import PARSER_ERRORS, ReadOptions, Unreadable
from taojin.pipeline.ingest.web import extraction

PAGES = ("text/html", "application/xhtml+xml")
MAX_PARTS = 20_000
_MAX_HEADER_BYTES = 10_000
_MAX_CHECKS = 20_000_000
_READ_HEADERS = re.compile(
    rb"^(?:content-(?:disposition|id|location|transfer-encoding|type)|date|mime-version"
    rb"|snapshot-content-location|subject):[^\n]*(?:\n[ \t][^\n]*)*",
    re.I | re.M,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a part says, the encoding it says it in and how that was told; of a page its title and
    the engine that found its content too.
    """

    text: str
    charset: str = ""
    charset_from: str = ""
    title: str = ""
    extractor: str = ""


def parsed(data: bytes) -> EmailMessage:
    """The message. Raises Unreadable: too_large if it has too many parts, unreadable."""
    _check_cost(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    try:
        return message_from_bytes(data, policy=policy.default)
    except PARSER_ERRORS as error:
        raise Unreadable("unreadable", f"email: {type(error).__name__}") from error


def _check_cost(data: bytes) -> None:
    """Raises Unreadable for what would take the library minutes, wherever a header may stand."""
    holders = 0
    for found in _READ_HEADERS.finditer(data):
        if (size := len(found[0])) > _MAX_HEADER_BYTES:
            raise Unreadable("too_large", f"a header of {size} bytes")
        holders += b"multipart/" in found[0].lower()
    if holders and (parts := data.count(b"\n--")) > MAX_PARTS:
        raise Unreadable("too_large", f"a message with room for {parts} parts")
    # each line is held against the boundaries of all parts around it
    if (checks := holders * data.count(b"\n")) > _MAX_CHECKS:
        raise Unreadable("too_large", f"lines and parts for {checks} comparisons")


def leaves(part: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold no others; a message that was attached is one."""
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        for inner in part.get_payload():
            yield from leaves(cast("EmailMessage", inner))
    else:
        yield part


def date_of(message: EmailMessage) -> str:
    """When the message was sent, in ISO form; "" where it does not say."""
    try:
        return parsedate_to_datetime(headers.header(message, "date")).isoformat()
    except PARSER_ERRORS:
        return ""


def body_of(part: EmailMessage) -> bytes:
    """What a part holds, decoded as far as it can be."""
    try:
        payload = part.get_payload(decode=True)
    except PARSER_ERRORS as error:
        raise Unreadable("unreadable", f"email: {type(error).__name__}") from error
    return payload if isinstance(payload, bytes) else b""


def text_of(part: EmailMessage, options: ReadOptions, *, is_letter: bool = False) -> Said:
    """The text of a part, of a page its main content. Raises Unreadable."""
    declared = str(part.get_param("charset", "") or "")
    if part.get_content_type() not in PAGES:
        decoded = charset.decode(body_of(part), declared)
        return Said(decoded.text, decoded.encoding, decoded.told)
    return page_of(body_of(part), declared, options, is_letter=is_letter)


def page_of(data: bytes, declared: str, options: ReadOptions, *, is_letter: bool = False) -> Said:
    """The main content of a page; all of it where it is a letter in which nothing is more than
    the rest. Raises Unreadable.
    """
    decoded = charset.decode(data, declared, markup=True)
    page = extraction.extract(decoded.text, options.extractor, options.fence)
    text = page.text
    if is_letter and not text.strip():
        text = render.whole(tree(decoded.text))
    return Said(text, decoded.encoding, decoded.told, page.about.title, options.extractor)
