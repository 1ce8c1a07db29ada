"""The compressed members of an archive, found again behind those that are damaged.

A stream whose bytes were changed may decode past its own end before an error shows, so the search
begins right behind the start of the damaged member, and a member counts if a record opens it.
"""

import re
from collections.abc import Iterator

from taojin.pipeline.ingest.parts import Part
from taojin.pipeline.ingest.stored import Codec, Member, Stored, codec_of

PADDING = b"\r\n\0 \t"
_SCAN_BYTES = 1 << 20
DICTIONARY_BYTES = 64 << 20
"""The most that a dictionary may have; those of web archives have some 100 KB."""

LINE_BYTES = 4096
"""More than the line has that opens a record; what is looked at to tell whether one does."""
_ADDRESS = rb"\d{1,3}(?:\.\d{1,3}){3}"
ARC_LINE = rb"\S{1,2048} " + _ADDRESS + rb" \d{14} \S{1,256} \d{1,18}\r{0,9}\n"
WARC_LINE = rb"WARC/[01]\.\d{1,9}[ \t\r]{0,64}\n|WARC-Type:"
START = re.compile(WARC_LINE + rb"|" + ARC_LINE)


def members(stored: Stored, part: Part) -> Iterator[Member]:
    """The members that start in a part; what is none, up to the next, has a fault and no bytes."""
    dictionary = _dictionary(stored)
    codec = codec_of(stored.peek(16))
    stored.seek(part.start)
    while stored.position < (stored.size_bytes if part.end is None else part.end):
        start = stored.position
        member = Member(stored, codec, dictionary)
        if codec and not codec.magic.match(stored.peek(16)):
            member.fault, member.done = "bad_record", True
        yield member
        if codec and member.fault == "bad_record":
            stored.seek(_next_member(stored, codec, dictionary, start + 1))
        if codec and not codec.magic.match(stored.peek(16)) and _is_padding(stored):
            return


def _is_padding(stored: Stored) -> bool:
    """Whether nothing but zeros and blank lines is left; they belong to the last record."""
    start = stored.position
    while block := stored.take(64 << 10):
        if block.strip(PADDING):
            stored.seek(start)
            return False
    return True


def _next_member(stored: Stored, codec: Codec, dictionary: bytes, start: int) -> int:
    """Offset of the next member that opens with a record, the file's size if there is none."""
    stored.seek(start)
    while block := stored.peek(_SCAN_BYTES):
        for found in codec.magic.finditer(block):
            stored.seek(start + found.start())
            if START.match(Member(stored, codec, dictionary).read().lstrip(PADDING)):
                return start + found.start()
        start += len(block) if len(block) < _SCAN_BYTES else len(block) - 16
        stored.seek(start)
    return stored.size_bytes


def _dictionary(stored: Stored) -> bytes:
    """The dictionary that a .warc.zst may open with, in a skippable frame of its own.

    Empty for one that is larger than allowed: its records are lost, not the machine's memory.
    """
    head = stored.peek(8)
    size_bytes = int.from_bytes(head[4:8], "little")
    if head[:4] != b"\x5d\x2a\x4d\x18" or size_bytes > DICTIONARY_BYTES:
        return b""
    packed = stored.peek(8 + size_bytes)[8:]
    return packed if codec_of(packed) is None else _expanded(packed)


def _expanded(packed: bytes) -> bytes:
    import zstandard

    stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(packed)
    try:
        dictionary = bytes(stream.read(DICTIONARY_BYTES + 1))
    except zstandard.ZstdError:
        return b""
    return dictionary if len(dictionary) <= DICTIONARY_BYTES else b""
