"""E-mails: the text of the message as one document, each attachment as one of its own.

Who wrote to whom is no text: sender and recipients are left out.
"""

import io
import mimetypes
from collections.abc import Iterator
from email.message import EmailMessage
from functools import partial
from typing import cast

from taojin.pipeline.ingest.archives import members, messages
from taojin.pipeline.ingest.archives.headers import header
from taojin.pipeline.ingest.archives.members import Budget, Found, Inner, Member
from taojin.pipeline.ingest.archives.messages import Said
from taojin.pipeline.ingest.records import (
    PARSER_ERRORS,
    Entry,
    ReadOptions,
    Record,
    Skipped,
    Unreadable,
)

MIME = "message/rfc822"
_NO_TEXT = ("image", "audio", "video", "font")


def read(data: bytes, options: ReadOptions, inner: Inner, budget: Budget) -> Iterator[Entry]:
    """The message, then an entry or more per attachment; of a file that is none, its cause."""
    try:
        message = messages.parsed(data)
        bodies, others = _divided(message)
        yield _record(message, bodies, len(data), options)
    except Unreadable as damage:
        yield damage.at(0, len(data))
        return
    found = (_attachment(part, number, budget) for number, part in enumerate(others, start=1))
    yield from members.entries(found, inner, budget, start=1)


def _record(
    message: EmailMessage, bodies: list[EmailMessage], size_bytes: int, options: ReadOptions
) -> Record:
    if not message.keys():
        raise Unreadable("unreadable", "a message without a header")
    said = (messages.text_of(body, options, is_letter=True) for body in bodies)
    found = next((one for one in said if one.text.strip()), Said(""))
    title, date = header(message, "subject"), messages.date_of(message)
    return Record(
        0,
        size_bytes,
        found.text,
        "",
        title,
        date,
        MIME,
        charset=found.charset,
        charset_from=found.charset_from,
        extractor=found.extractor,
    )


def _divided(message: EmailMessage) -> tuple[list[EmailMessage], list[EmailMessage]]:
    """The parts that say what the message says, plain ones first, and the others.

    The first text is the message; a page beside it, in the same alternative, says the same.
    """
    bodies: list[EmailMessage] = []
    others: list[EmailMessage] = []
    for part in messages.leaves(message):
        kind = part.get_content_type()
        is_text = kind == "text/plain" or kind in messages.PAGES or _is_undivided(part)
        is_new = kind not in {body.get_content_type() for body in bodies}
        if is_text and is_new and not _is_attached(part):
            bodies.append(part)
        else:
            others.append(part)
    bodies.sort(key=lambda part: part.get_content_type() in messages.PAGES)
    return bodies, others


def _is_undivided(part: EmailMessage) -> bool:
    """Whether its parts were never begun, so that what it holds is text."""
    return part.get_content_maintype() == "multipart"


def _is_attached(part: EmailMessage) -> bool:
    try:
        return part.get_content_disposition() == "attachment" or bool(part.get_filename())
    except PARSER_ERRORS:
        return True


def _attachment(part: EmailMessage, number: int, budget: Budget) -> Found:
    if part.get_content_maintype() in _NO_TEXT:
        return Skipped(0, 0, part.get_content_maintype())
    return Member(_name(part, number), 0, partial(_content, part, budget))


def _name(part: EmailMessage, number: int) -> str:
    """The name an attachment was given, on no path; one by its type where it has none."""
    try:
        given = (part.get_filename() or "").replace("\\", "/").rpartition("/")[2].strip()
    except PARSER_ERRORS:
        given = ""
    kind = part.get_content_type()
    suffix = ".eml" if kind == MIME else mimetypes.guess_extension(kind) or ""
    return given if "." in given else f"{given or f'part-{number}'}{suffix}"


def _content(part: EmailMessage, budget: Budget) -> io.BytesIO:
    is_message = part.get_content_type() == MIME
    data = _message(part) if is_message else messages.body_of(part)
    budget.take(len(data))
    return io.BytesIO(data)


def _message(part: EmailMessage) -> bytes:
    try:
        return b"".join(cast("EmailMessage", inner).as_bytes() for inner in part.get_payload())
    except (*PARSER_ERRORS, KeyError) as error:
        raise Unreadable("unreadable", f"email: {type(error).__name__}") from error
