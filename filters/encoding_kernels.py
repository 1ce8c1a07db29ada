"""Signs of text that was read in the wrong encoding, found in one pass over the UTF-8 bytes."""
# mypy: disable-error-code="untyped-decorator"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.utf8 import decode

Matrix = NDArray[np.int64]

SIGNS, DAMAGED, CHARACTERS, LOST = range(4)
"""Columns of `count_mojibake`."""

SPACE, LATIN, LETTER, MEMORY, LEAD = 1, 2, 4, 8, 16
"""Bits of the kinds of characters: white space; printed Latin-1 beyond ASCII; a letter of it; what
the bytes that fill unused memory spell in GBK; what can be the first character of a sign."""

SHORTEST_RUN = 4
MEMORY_RUN = 3

_REPLACEMENT = 0xFFFD


@nb.njit(nogil=True, cache=True, inline="always")
def _value(at: int, end: int, data: Bytes, values: NDArray[np.uint16]) -> tuple[int, int]:
    """(value in a table of the first code points, bytes it takes); (0, 0) at the end."""
    if at >= end:
        return 0, 0
    code, size = decode(data, at)
    return (int(values[code]) if code < values.size else 0), size


@nb.njit(nogil=True, cache=True)
def _chinese(first: int, second: int, third: int) -> bool:
    """Whether three bytes are the UTF-8 of what Chinese is written with, or of U+FFFD."""
    if not (0xE2 <= first <= 0xEF and 0x80 <= second < 0xC0 and 0x80 <= third < 0xC0):
        return False
    code = ((first & 15) << 12) | ((second & 63) << 6) | (third & 63)
    return (
        0x4E00 <= code < 0xA000  # Han
        or 0x3000 <= code < 0x3040  # 。、「」
        or 0xFF00 <= code < 0xFF60  # ，！
        or 0x2010 <= code < 0x2030  # “—…
        or code == _REPLACEMENT
    )


@nb.njit(nogil=True, cache=True)
def _utf8_as_gbk(one: int, here: int, end: int, data: Bytes, gbk: NDArray[np.uint16]) -> int:
    """Where the third of three characters ends whose six bytes in GBK are the UTF-8 of two; 0 if
    they are not. `one` has the bytes of the first, which ends `here`.
    """
    two, size = _value(here, end, data, gbk)
    if not _chinese(one >> 8, one & 255, two >> 8):
        return 0
    here += size
    three, size = _value(here, end, data, gbk)
    return here + size if _chinese(two & 255, three >> 8, three & 255) else 0


@nb.njit(nogil=True, cache=True)
def _utf8_as_latin(
    lead: int, here: int, end: int, data: Bytes, latin: NDArray[np.uint16]
) -> tuple[int, int, int]:
    """(characters, where they end, the code point) that in Windows-1252 are the UTF-8 of one;
    (0, 0, 0) if they are not. `lead` is the byte of the first, which ends `here`.
    """
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    code = lead & (0xFF >> (length + 1))
    for _ in range(length - 1):
        byte, size = _value(here, end, data, latin)
        if not 0x80 <= byte < 0xC0:
            return 0, 0, 0
        here += size
        code = (code << 6) | (byte & 0x3F)
    return length, here, code


@nb.njit(nogil=True, cache=True)
def count_mojibake(
    offsets: Offsets,
    data: Bytes,
    gbk: NDArray[np.uint16],
    latin: NDArray[np.uint16],
    kinds: NDArray[np.uint8],
) -> Matrix:
    """int64[n, 4]: signs of a wrong decoding, the characters they are made of, all characters that
    are no white space, and signs of UTF-8 read as Windows-1252 whose character stands nowhere in
    the text as it should.

    `gbk` and `latin` hold the bytes that a character has in GBK and in Windows-1252, 0 for none,
    `kinds` the bits above of every code point. A run of Latin letters counts as one sign for every
    two characters, a run of 烫 as one for every three.
    """
    counts = np.zeros((offsets.size - 1, 4), np.int64)
    for doc in range(counts.shape[0]):
        tally = counts[doc]
        misread = 0
        run = letters = same = last = 0
        at, end = offsets[doc], offsets[doc + 1]
        while at < end:
            code, size = decode(data, at)
            kind = kinds[code]
            wrong, after = 0, at + size
            if kind & LEAD:
                if code < latin.size:
                    lead = int(latin[code])
                    wrong, after, _ = _utf8_as_latin(lead, at + size, end, data, latin)
                    misread += wrong > 0
                elif code != _REPLACEMENT:
                    after = _utf8_as_gbk(int(gbk[code]), at + size, end, data, gbk)
                    wrong = 3 if after else 0
                else:
                    wrong = 1
            if wrong:
                run = letters = same = _close(run, letters, same, tally)
                tally[SIGNS] += 1
                tally[DAMAGED] += wrong
                tally[CHARACTERS] += wrong
                at = after
                continue
            tally[CHARACTERS] += not kind & SPACE
            if run or same or kind & (LATIN | MEMORY):
                beyond = (kind & LATIN) != 0
                memory = (kind & MEMORY) != 0
                if not (beyond and same == 0) and not (memory and same and code == last):
                    run = letters = same = _close(run, letters, same, tally)
                run += beyond
                letters += (kind & LETTER) != 0
                same += memory
                last = code
            at += size
        _close(run, letters, same, tally)
        if misread:
            tally[LOST] = _lost(offsets[doc], end, data, misread, gbk, latin, kinds)
    return counts


@nb.njit(nogil=True, cache=True)
def _lost(
    start: int,
    end: int,
    data: Bytes,
    misread: int,
    gbk: NDArray[np.uint16],
    latin: NDArray[np.uint16],
    kinds: NDArray[np.uint8],
) -> int:
    """Of so many signs of UTF-8 read as Windows-1252 those whose character the text never has.

    A second look at the few texts with such signs: gathering them above takes five times as long.
    """
    meant = _meant(start, end, data, misread, gbk, latin, kinds)
    written = np.zeros(meant.size, np.bool_)
    at = start
    while at < end:
        code, size = decode(data, at)
        at += size
        if code >= 0x80:
            first = np.searchsorted(meant, code)
            while first < meant.size and meant[first] == code and not written[first]:
                written[first] = True
                first += 1
    return misread - written.sum()


@nb.njit(nogil=True, cache=True)
def _meant(
    start: int,
    end: int,
    data: Bytes,
    misread: int,
    gbk: NDArray[np.uint16],
    latin: NDArray[np.uint16],
    kinds: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """int64[misread]: the characters that signs of UTF-8 read as Windows-1252 stand for, sorted."""
    meant = np.empty(misread, np.int64)
    number = 0
    at = start
    while at < end:
        code, size = decode(data, at)
        at += size
        if kinds[code] & LEAD and code < latin.size:
            _, after, right = _utf8_as_latin(int(latin[code]), at, end, data, latin)
            if after:
                meant[number] = right
                number += 1
                at = after
        elif kinds[code] & LEAD and code != _REPLACEMENT:
            at = max(at, _utf8_as_gbk(int(gbk[code]), at, end, data, gbk))
    return np.sort(meant[:number])


@nb.njit(nogil=True, cache=True)
def _close(run: int, letters: int, same: int, tally: NDArray[np.int64]) -> int:
    """Count the runs that end here; 0."""
    if run >= SHORTEST_RUN and 2 * letters >= run:
        tally[SIGNS] += run // 2
        tally[DAMAGED] += run
    if same >= MEMORY_RUN:
        tally[SIGNS] += same // MEMORY_RUN
        tally[DAMAGED] += same
    return 0
