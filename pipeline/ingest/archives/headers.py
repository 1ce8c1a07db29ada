"""Headers of messages as text: encoded words (RFC 2047) and the raw bytes that mailers write.

The library takes labels at their word: characters of GBK in a word that says gb2312 are lost, and
so is a character whose bytes are cut by the end of a word. Here labels mean what they mean to
browsers, and words that follow each other in one encoding are one.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from email.message import EmailMessage
from quopri import decodestring

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.markup.blocks import one_line

_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]*)?\?([BbQq])\?([^?\s]*)\?=")


def header(part: EmailMessage, name: str) -> str:
    """A header's value on one line, "" where it is not there."""
    values = (value for own, value in part.raw_items() if own.lower() == name)
    return one_line(charset.clean("".join(_pieces(str(next(values, ""))))))


def _pieces(value: str) -> Iterator[str]:
    """What is written as it is, and encoded words; white space between two of these is none."""
    at, held, label = 0, b"", ""
    for found in _WORD.finditer(value):
        between = value[at : found.start()]
        if held and (between.strip() or found[1].lower() != label):
            yield charset.decode(held, label).text
            held = b""
        if between.strip() or not at:
            yield _plain(between)
        label, at = found[1].lower(), found.end()
        held += _bytes(found)
    if held:
        yield charset.decode(held, label).text
    yield _plain(value[at:])


def _bytes(word: re.Match[str]) -> bytes:
    """What a word holds; the word as it is written where it cannot be decoded."""
    written = word[3].encode("ascii", "replace")
    if word[2] in "Qq":
        return decodestring(written, header=True)
    written = written.rstrip(b"=")
    try:
        return base64.b64decode(written + b"=" * (-len(written) % 4))
    except binascii.Error:
        return word[0].encode("ascii", "replace")


def _plain(text: str) -> str:
    """Text whose bytes beyond ASCII, which no header should hold, are in some encoding."""
    if text.isascii():
        return text
    return charset.decode(text.encode("utf-8", "surrogateescape")).text
