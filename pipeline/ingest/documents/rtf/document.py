"""Rich Text Format: paragraphs, headings by their outline level, lists, table rows, footnotes.

One pass over the tokens, so that no file costs more than its size. Bytes are held back until
something that is no letter follows: a Han character may be written half escaped, half plain.
"""

import re
from dataclasses import dataclass, replace

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.rtf.blocks import Blocks, joined_pairs
from taojin.pipeline.ingest.documents.rtf.words import (
    CHARSETS,
    CODE_PAGES,
    SIGNS,
    TARGETS,
    WORDS,
)
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

MIME = "application/rtf"
_START = re.compile(rb"\s*\{\\rtf")
_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])"
    rb"|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.S,
)
_DEEPEST = 10_000


def read(data: bytes, _: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable: too_large for groups 10,000 deep, unreadable."""
    if not _START.match(data):
        raise Unreadable("unreadable", "no RTF")
    walk = _Walk()
    walk.run(data)
    text = clean(blocks.joined(walk.blocks.finished()))
    title = clean(blocks.one_line("".join(walk.title)))
    return Record(0, len(data), text, title=title, mime=MIME)


@dataclass(slots=True)
class _Group:
    """What holds up to the end of a group."""

    target: str = "text"
    hidden: bool = False
    skip: int = 1  # how many bytes stand for a \\u where it is not known
    codec: str = ""  # the font's, if it has one of its own


class _Walk:
    """One pass over the tokens of a file."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.title: list[str] = []
        self._note: list[str] = []
        self._groups = [_Group()]
        self._codec = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._pending = bytearray()
        self._skipping = 0

    def run(self, data: bytes) -> None:
        at = 0
        while token := _TOKEN.match(data, at):
            at = token.end()
            word, argument, code, sign, brace, plain = token.groups()
            if plain is not None or code is not None:
                self._bytes(plain or bytes([int(code, 16)]))
                continue
            if word is None and sign is None and brace is None:
                continue  # a line end, which may stand inside a character
            self._flush()
            if word is not None:
                self._word(word.decode(), int(argument) if argument else None)
                at += max(0, int(argument or 0)) if word == b"bin" else 0
            elif brace is not None:
                self._brace(brace)
            else:
                self._sign(sign)
        self._flush()

    def _bytes(self, taken: bytes) -> None:
        skipped = min(self._skipping, len(taken))
        self._skipping -= skipped
        self._pending += taken[skipped:]

    def _flush(self) -> None:
        self._skipping = 0
        if self._pending:
            text = self._pending.decode(self._groups[-1].codec or self._codec, "replace")
            self._pending.clear()
            self._put(text)

    def _put(self, text: str) -> None:
        group = self._groups[-1]
        if group.hidden:
            return
        if group.target == "text":
            self.blocks.text(text)
        elif group.target == "mark":
            self.blocks.mark(text)
        elif group.target == "note":
            self._note.append(text)
        elif group.target == "title":
            self.title.append(text)

    def _brace(self, brace: bytes) -> None:
        if brace == b"{":
            if len(self._groups) > _DEEPEST:
                raise Unreadable("too_large", f"groups more than {_DEEPEST} deep")
            self._groups.append(replace(self._groups[-1]))
        elif len(self._groups) > 1:
            ended = self._groups.pop()
            if ended.target == "note" and self._groups[-1].target != "note":
                self.blocks.note(joined_pairs(self._note))
                self._note.clear()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":  # a destination that a reader may not know
            self._groups[-1].target = "nothing"
        elif sign in b"\r\n":
            self._word("par", None)
        else:
            self._put(SIGNS.get(sign, ""))

    def _word(self, word: str, number: int | None) -> None:
        group = self._groups[-1]
        if word in TARGETS:
            self._aim(group, TARGETS[word])
        elif group.target == "fonts":
            self._font_word(word, number)
        elif word in WORDS:
            self._put(WORDS[word])
        elif word == "u":
            self._put(chr((number or 0) % 0x10000))
            self._skipping = group.skip
        elif word == "uc":
            group.skip = min(max(number or 0, 0), 100)
        elif word == "ansicpg":
            self._codec = CODE_PAGES.get(number or 0, "cp1252")
        elif word in ("f", "plain", "deleted", "v"):
            self._style(group, word, number)
        elif group.target == "text":
            self.blocks.word(word, number or 0)
        elif word == "par":
            self._put("\n")

    def _aim(self, group: _Group, target: str) -> None:
        """Send the group's text there; a title stands in the part that is left out otherwise."""
        if group.target in ("text", "note") or target == "title":
            group.target = target

    def _style(self, group: _Group, word: str, number: int | None) -> None:
        if word == "f":
            group.codec = self._fonts.get(number or 0, "")
        else:
            group.hidden = word != "plain" and number != 0

    def _font_word(self, word: str, number: int | None) -> None:
        if word == "f":
            self._font = number or 0
        elif word == "fcharset":
            self._fonts[self._font] = CHARSETS.get(number or 0, "")
