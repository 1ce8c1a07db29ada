"""Blocks of text, between the borders of elements that are shown as blocks, and what is in them."""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np

from taojin.core.arrow import Bytes
from taojin.core.utf8 import decode
from taojin.pipeline.ingest.markup.tree_kernels import (
    BLOCK_ID,
    FROM,
    LINK,
    OWNER,
    RUN,
    TO,
    Table,
)

(FIRST, BEHIND, HOLDER, CHARS, UNITS, LINK_CHARS, LINKS, COMMAS, ENDS, DIGITS, CAPITALS, MARKS, HAN,
 ENDED) = range(14)  # fmt: skip
"""Columns of blocks: the first of its texts and the one behind its last; the element that is the
block; visible characters; words and Han characters; characters and count of links; commas; ends of
sentences; digits; words with a capital; bars, guillemets and copyright signs; Han characters;
whether the last character ends a sentence."""

_SPACES = (0x20, 0xA0, 0x3000, 0x200B, 0xFEFF)
_COMMAS = (0x2C, 0x3B, 0xFF0C, 0x3001, 0xFF1B)  # , ; ， 、 ；
_SENTENCE_ENDS = (0x2E, 0x21, 0x3F, 0x3002, 0xFF01, 0xFF1F, 0x2026)  # . ! ? 。 ！ ？ …
_BARS = (0x7C, 0xBB, 0xAB, 0xA9, 0x203A, 0x2039, 0x2022, 0xB7, 0x3E, 0xFF5C)  # | » « © › ‹ • · > ｜
_CLOSERS = (
    0x22,
    0x27,
    0x29,
    0x201D,
    0x201C,
    0x2019,
    0x300D,
    0x300F,
    0xFF09,
)  # " ' ) ” “ ’ 」 』 ）
(_OTHER, _SPACE, _LETTER, _CAPITAL, _DIGIT, _ALONE, _COMMA, _END, _MARK, _CLOSER) = range(10)


@nb.njit(nogil=True, cache=True)
def _entity(data: Bytes, at: int, end: int) -> int:
    """The size of a character reference, 0 if there is none."""
    for size in range(2, 12):
        if at + size >= end:
            return 0
        byte = data[at + size]
        if byte == 59:  # ;
            return size + 1
        if not (48 <= byte <= 57 or 97 <= (byte | 32) <= 122 or byte == 35):
            return 0
    return 0


@nb.njit(nogil=True, cache=True)
def _kind(code: int) -> int:
    """What a character is to a reader."""
    kind = _OTHER
    if 97 <= code <= 122 or 0xC0 <= code < 0x2000:
        kind = _LETTER
    elif 65 <= code <= 90:
        kind = _CAPITAL
    elif code in _SPACES or code < 32:
        kind = _SPACE
    elif 48 <= code <= 57:
        kind = _DIGIT
    elif 0x3040 <= code < 0xA000 or 0x20000 <= code < 0x32000 or 0xAC00 <= code < 0xD7B0:
        kind = _ALONE
    elif code in _COMMAS:
        kind = _COMMA
    elif code in _SENTENCE_ENDS:
        kind = _END
    elif code in _BARS:
        kind = _MARK
    elif code in _CLOSERS:
        kind = _CLOSER
    return kind


@nb.njit(nogil=True, cache=True)
def _character(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """(code point, bytes); a character reference is a letter, or a space."""
    byte = data[at]
    if byte != 38:  # &
        return (np.int64(byte), 1) if byte < 0x80 else decode(data, at)
    size = _entity(data, at, end)
    if size == 6 and data[at + 1] == 110 and data[at + 2] == 98:  # &nbsp;
        return 32, size
    return (97, size) if size else (38, 1)


@nb.njit(nogil=True, cache=True)
def _count(data: Bytes, at: int, end: int, row: Table) -> int:
    """Count the characters of a text into a block; the number of them that are visible."""
    chars, inside = 0, False
    while at < end:
        code, size = _character(data, at, end)
        at += size
        kind = _kind(code)
        if kind == _SPACE:
            inside = False
            continue
        chars += 1
        in_word = kind in (_LETTER, _CAPITAL, _DIGIT)
        row[UNITS] += kind == _ALONE or (in_word and not inside)
        row[CAPITALS] += kind == _CAPITAL and not inside
        row[HAN] += kind == _ALONE
        row[DIGITS] += kind == _DIGIT
        row[COMMAS] += kind == _COMMA
        row[ENDS] += kind == _END
        row[MARKS] += kind == _MARK
        row[ENDED] = kind == _END or (kind == _CLOSER and row[ENDS] > 0)
        inside = in_word or (inside and code in (39, 45, 0x2019))  # ' - ’
    row[CHARS] += chars
    return chars


@nb.njit(nogil=True, cache=True)
def blocks(data: Bytes, elements: Table, texts: Table) -> Table:
    """int64[k, 14]: the blocks of a page in order."""
    found = np.zeros((len(texts), 14), np.int64)
    count, link = 0, 0
    for text in range(len(texts)):
        if text == 0 or texts[text, RUN] != texts[text - 1, RUN]:
            found[count, FIRST] = text
            found[count, HOLDER] = elements[texts[text, OWNER], BLOCK_ID]
            count += 1
            link = 0
        row = found[count - 1]
        row[BEHIND] = text + 1
        chars = _count(data, texts[text, FROM], texts[text, TO], row)
        if texts[text, LINK]:
            row[LINK_CHARS] += chars
            row[LINKS] += texts[text, LINK] != link
            link = texts[text, LINK]
    return found[:count]
