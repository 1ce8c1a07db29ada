# mypy: disable-error-code="untyped-decorator, return-value, call-overload"
"""Units, lines, paragraphs and sentence ends of texts, in one pass over their UTF-8.

About 5 ns a byte, most of them for branches at the ends of words. What is done for each character
is written out or inlined, since passing arrays costs more than it does, and reads
`data[np.uintp(at)]`, since an index with a sign is first asked whether it counts from the end: a
sixth of the time.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets
from taojin.core.text import BULLET, CLOSER, END, LETTER, SPACE, UNSPACED_CHARACTER, WIDE, WORD
from taojin.core.utf8 import decode
from taojin.filters.kernels import (
    BULLET_LINES,
    CHARACTERS,
    DUPLICATE_CHARACTERS,
    DUPLICATES,
    ELLIPSES,
    ELLIPSIS_LINES,
    END_LINES,
    FEW_UNIT_LINES,
    KEPT_BRACES,
    KEPT_SENTENCES,
    LETTER_UNITS,
    LINES,
    LONGEST_UNIT,
    NEWLINES,
    SENTENCES,
    SHORT_LINES,
    UNIT_CHARACTERS,
    UNITS,
    UNTERMINATED_LINES,
    WORDS,
    Classes,
    Matrix,
    Row,
    Units,
)

Tables = tuple[NDArray[np.uint64], NDArray[np.uint64]]
"""Room for the hash tables of a text's lines and of its paragraphs."""

SHORT_COLUMNS = 30
"""FineWeb's 30 characters, as columns: a Han character is as wide as two Latin letters."""
LONGEST_NOTE = 16
FEW_UNITS = 3
LONGEST_KEPT_UNIT = 1000
"""C4 keeps lines of three words or more, none of them over 1000 characters."""

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)
_HALF = np.uint64(32)
_NEWLINE, _SPACE, _MARK, _QUOTE, _APOSTROPHE = 10, 32, 33, 34, 39
_CLOSE, _DOT, _QUESTION, _SQUARE, _BRACE = 41, 46, 63, 93, 123
_RIGHT_QUOTE, _RIGHT_QUOTES, _ELLIPSIS = 0x2019, 0x201D, 0x2026
_TWO_DOTS, _CENTRED_ELLIPSIS, _WIDE_STOP, _WIDE_DOT = 0x2025, 0x22EF, 0x3002, 0xFF0E
_OPEN_SQUARE, _LENTICULAR, _CLOSE_LENTICULAR = 91, 0x3010, 0x3011
_WIDE_OPEN, _WIDE_CLOSE, _STAR, _LOW_LINE = 0xFF08, 0xFF09, 42, 95
_IN_WORD, _LETTER = 1, 2


@nb.njit(nogil=True, cache=True, inline="always")
def _previous(data: Bytes, at: int) -> int:
    """Where the character before `at` starts."""
    at -= 1
    while data[at] & 0xC0 == 0x80:
        at -= 1
    return at


@nb.njit(nogil=True, cache=True)
def _ascii_kinds(classes: Classes) -> Classes:
    """uint8[256]: bits of ASCII characters in words, 0 for other bytes; a table for the cache."""
    kinds = np.zeros(256, np.uint8)
    for byte in range(128):
        if classes[byte] & WORD:
            kinds[byte] = _IN_WORD | (_LETTER if classes[byte] & LETTER else 0)
    return kinds


@nb.njit(nogil=True, cache=True, inline="always")
def _sentence_may_end(data: Bytes, at: int, end: int, classes: Classes) -> bool:
    """Whether white space, a closing quote or bracket, or the end follows . ! or ?"""
    if at == end:
        return True
    code, _ = decode(data, at)
    quote = code in (_QUOTE, _APOSTROPHE, _RIGHT_QUOTE, _RIGHT_QUOTES)
    return quote or code in (_CLOSE, _SQUARE) or (classes[code] & SPACE) != 0


@nb.njit(nogil=True, cache=True)
def _scan_line(  # noqa: PLR0912, PLR0915  # one loop over characters
    data: Bytes,
    at: int,
    end: int,
    kinds: Classes,
    classes: Classes,
    units: Units,
    count: int,
    signs: Row,
) -> tuple[int, int, int, int, int, int]:
    """Add the units, sentence ends and ellipses of the line that starts at `at`.

    Returns the line's end, the units so far, and the line's continuation bytes, wide characters,
    units with a letter, and the code points of its longest unit.
    """
    hashes, apart, sums = units
    extra = wide = lettered = longest = dots = 0
    unit_end = dots_end = ends_end = ellipses_end = -1
    while at < end:
        byte = data[np.uintp(at)]
        alone = False
        if byte == _SPACE:
            at += 1
            continue
        if byte < 128:
            if not kinds[byte]:
                if byte == _NEWLINE:
                    break
                at += 1
                if byte == _DOT:
                    dots = dots + 1 if dots_end == at - 1 else 1
                    dots_end = at
                    signs[ELLIPSES] += dots == 3
                    dots %= 3
                if byte in (_DOT, _MARK, _QUESTION):
                    signs[SENTENCES] += _sentence_may_end(data, at, end, classes)
                continue
        else:
            code, size = decode(data, at)
            bits = classes[code]
            if not bits & WORD:
                if code == _ELLIPSIS:
                    signs[ELLIPSES] += ellipses_end != at
                    ellipses_end = at + size
                if bits & END:
                    signs[SENTENCES] += ends_end != at
                    ends_end = at + size
                wide += (bits & WIDE) != 0
                extra += size - 1
                at += size
                continue
            alone = (bits & UNSPACED_CHARACTER) != 0
        apart[count] = at != unit_end
        start, before = at, extra
        hashed = _FNV_OFFSET
        letters = 0
        if alone:
            for step in range(size):
                hashed = (hashed ^ np.uint64(data[np.uintp(at + step)])) * _FNV_PRIME
            letters = bits & LETTER
            wide += (bits & WIDE) != 0
            extra += size - 1
            at += size
        while not alone and at < end:
            byte = data[np.uintp(at)]
            kind = kinds[byte]
            if kind:
                hashed = (hashed ^ np.uint64(byte)) * _FNV_PRIME
                letters |= kind & _LETTER
                at += 1
                continue
            if byte < 128:
                break
            code, size = decode(data, at)
            bits = classes[code]
            if not bits & WORD or bits & UNSPACED_CHARACTER:
                break
            for step in range(size):
                hashed = (hashed ^ np.uint64(data[np.uintp(at + step)])) * _FNV_PRIME
            letters |= bits & LETTER
            wide += (bits & WIDE) != 0
            extra += size - 1
            at += size
        unit_end = at
        length = at - start - (extra - before)
        hashes[count] = hashed
        sums[count + 1] = sums[count] + length
        count += 1
        lettered += letters != 0
        longest = max(longest, length)
    return at, count, extra, wide, lettered, longest


@nb.njit(nogil=True, cache=True)
def _trim(data: Bytes, start: int, end: int, classes: Classes) -> tuple[int, int, int]:
    """A line without white space at its end: its end, and what went, characters and wide ones."""
    characters = wide = 0
    while end > start:
        at = _previous(data, end)
        bits = classes[decode(data, at)[0]]
        if not bits & SPACE:
            break
        characters += 1
        wide += (bits & WIDE) != 0
        end = at
    return end, characters, wide


@nb.njit(nogil=True, cache=True)
def _ends_sentence(data: Bytes, start: int, at: int, classes: Classes) -> bool:
    """Whether a line ends a sentence, white space and closing quotes and brackets aside.

    Of ASCII closers there may be one, and not ]: lines that end in `.')` are those of programs.
    """
    closed = False
    while at > start:
        at = _previous(data, at)
        code, _ = decode(data, at)
        bits = classes[code]
        if bits & CLOSER and code < 128:
            if closed or code == _SQUARE:
                return False
            closed = True
        elif not bits & (CLOSER | SPACE):
            return (bits & END) != 0
    return False


@nb.njit(nogil=True, cache=True)
def _before_notes(data: Bytes, start: int, at: int, classes: Classes) -> int:
    """Where a line ends without what may stand behind its last sentence: [1], （笑） and 【注】, of
    LONGEST_NOTE characters at most with their brackets, and **, which closes bold type.
    """
    end = at
    while at > start:
        at = _previous(data, at)
        code, _ = decode(data, at)
        if code in (_STAR, _LOW_LINE) and at > start and data[at - 1] == code:
            at -= 1
            end = at
        elif code in (_SQUARE, _CLOSE_LENTICULAR, _WIDE_CLOSE):
            at = _opening(data, start, at)
            if at < 0:
                return end
            end = at
        elif not classes[code] & SPACE:
            return end
    return end


@nb.njit(nogil=True, cache=True)
def _opening(data: Bytes, start: int, at: int) -> int:
    """Where the note begins whose closing bracket is at a position; -1 if none begins near."""
    for _ in range(LONGEST_NOTE - 1):
        if at <= start:
            return -1
        at = _previous(data, at)
        code, _ = decode(data, at)
        if code in (_OPEN_SQUARE, _LENTICULAR, _WIDE_OPEN):
            return at
    return -1


@nb.njit(nogil=True, cache=True)
def _ends_in_ellipsis(data: Bytes, start: int, at: int, classes: Classes) -> bool:
    """Whether a line ends in … or its like, three dots, two full stops of Chinese, or two dots
    behind a word, white space between them aside.
    """
    dots = stops = 0
    while at > start:
        at = _previous(data, at)
        code, _ = decode(data, at)
        if code == _DOT and stops == 0:
            dots += 1
        elif code in (_WIDE_STOP, _WIDE_DOT) and dots == 0:
            stops += 1
        elif not classes[code] & SPACE:
            if dots + stops == 0:
                return code in (_ELLIPSIS, _CENTRED_ELLIPSIS, _TWO_DOTS)
            return dots == 2 and (classes[code] & WORD) != 0
        if dots == 3 or stops == 2:
            return True
    return False


@nb.njit(nogil=True, cache=True)
def _judge(
    data: Bytes, start: int, end: int, classes: Classes, sentences: int, kept: bool, row: Row
) -> None:
    """Count how a line starts and ends; `kept`: whether C4 keeps it if its end is right.

    That is the end of a sentence or a quotation mark, and not three dots.
    """
    first = start
    code, size = decode(data, first)
    while classes[code] & SPACE:
        first += size
        code, size = decode(data, first)
    row[BULLET_LINES] += (classes[code] & BULLET) != 0
    before = _before_notes(data, start, end, classes)
    row[ELLIPSIS_LINES] += _ends_in_ellipsis(data, start, before, classes)
    right = _ends_sentence(data, start, end, classes)
    row[END_LINES] += right or (before < end and _ends_sentence(data, start, before, classes))
    last = data[end - 1]
    right |= last in (_QUOTE, _APOSTROPHE)
    if last == _DOT and end - start >= 3 and data[end - 2] == _DOT and data[end - 3] == _DOT:
        right = False
    row[UNTERMINATED_LINES] += not right
    if kept and right:
        row[KEPT_SENTENCES] += max(sentences, 1)
        for at in range(start, end):
            row[KEPT_BRACES] += data[at] == _BRACE


@nb.njit(nogil=True, cache=True)
def _hash_line(data: Bytes, start: int, end: int) -> np.uint64:
    """A hash of bytes, eight at a time."""
    hashed = np.uint64(end - start) * _MIX
    while start + 8 <= end:
        eight = np.uint64(0)
        for byte in range(8):  # of which the compiler makes one load
            eight |= np.uint64(data[np.uintp(start + byte)]) << np.uint64(8 * byte)
        hashed = (hashed ^ eight) * _MIX
        hashed ^= hashed >> _HALF
        start += 8
    for at in range(start, end):
        hashed = (hashed ^ np.uint64(data[at])) * _FNV_PRIME
    return (hashed ^ (hashed >> _HALF)) * _MIX


@nb.njit(nogil=True, cache=True)
def table_size(entries: int) -> int:
    """The power of two that keeps a hash table at most half full."""
    size = 2
    while size < 2 * entries:
        size *= 2
    return size


@nb.njit(nogil=True, cache=True)
def _add(row: Row, hashed: np.uint64, characters: int, keys: NDArray[np.uint64]) -> None:
    """Count a line or paragraph, and whether it is a repeat. Free slots of the table hold 0."""
    row[LINES] += 1
    row[CHARACTERS] += characters
    key = hashed | _ONE
    mask = keys.size - 1
    slot = np.int64(key >> _HALF) & mask
    while keys[slot] != key:
        if keys[slot] == 0:
            keys[slot] = key
            return
        slot = (slot + 1) & mask
    row[DUPLICATES] += 1
    row[DUPLICATE_CHARACTERS] += characters


@nb.njit(nogil=True, cache=True)
def _scan_text(
    data: Bytes,
    first: int,
    end: int,
    kinds: Classes,
    classes: Classes,
    units: Units,
    count: int,
    tables: Tables,
    rows: tuple[Row, Row, Row, Row],
) -> int:
    """Fill one text's rows about units, lines, paragraphs and signs; the units so far."""
    about_units, lines, paragraphs, signs = rows
    hashed, characters = _MIX, 0  # of the paragraph
    at = first
    while at < end:
        start, unit, sentences = at, count, signs[SENTENCES]
        at, count, extra, wide, lettered, longest = _scan_line(
            data, at, end, kinds, classes, units, count, signs
        )
        stop, spaces, wide_spaces = _trim(data, start, at, classes)
        length = at - start - extra - spaces
        at += 1
        if length == 0:
            if characters:
                _add(paragraphs, hashed, characters, tables[1])
            hashed, characters = _MIX, 0
            continue
        about_units[LETTER_UNITS] += lettered
        about_units[LONGEST_UNIT] = max(about_units[LONGEST_UNIT], longest)
        lines[SHORT_LINES] += length + wide - wide_spaces <= SHORT_COLUMNS
        few = count - unit < FEW_UNITS
        lines[FEW_UNIT_LINES] += few
        kept = not few and longest <= LONGEST_KEPT_UNIT
        _judge(data, start, stop, classes, signs[SENTENCES] - sentences, kept, lines)
        line_hash = _hash_line(data, start, stop)
        _add(lines, line_hash, length, tables[0])
        hashed = (hashed ^ line_hash) * _MIX
        hashed ^= hashed >> _HALF
        characters += length + (characters > 0)
    if characters:
        _add(paragraphs, hashed, characters, tables[1])
    return count


@nb.njit(nogil=True, cache=True)
def count_text(
    offsets: Offsets,
    data: Bytes,
    classes: Classes,
    tables: Tables,
    unit_offsets: Offsets,
    units: Units,
    counts: tuple[Matrix, Matrix, Matrix, Matrix],
) -> None:
    """Fill the counts about units [n, 6], lines [n, 12], paragraphs [n, 4] and signs [n, 6], all 0
    before but for what `kernels.count_signs` fills; of STOP_UNITS see `kernels.count_stop_words`.

    The units of text i are left in `units[unit_offsets[i]:unit_offsets[i + 1]]`. A table has room
    for `table_size(most line feeds + 1)` keys.

    A line is what stands between line feeds, without the white space at its end, if anything is
    left; paragraphs are lines between blank ones. A repeat is every occurrence after the first.
    SHORT_LINES are at most 30 columns wide, a wide character (Han, kana, Hangul, full-width) taking
    two. KEPT_SENTENCES are those in lines that C4 keeps, at least one in each.
    """
    about_units, lines, paragraphs, signs = counts
    kinds = _ascii_kinds(classes)
    unit_offsets[0] = units[2][0] = count = 0
    for doc in range(offsets.size - 1):
        size = table_size(signs[doc, NEWLINES] + 1)
        own = (tables[0][:size], tables[1][:size])
        own[0][:] = 0
        own[1][:] = 0
        rows = (about_units[doc], lines[doc], paragraphs[doc], signs[doc])
        first, end, before = offsets[doc], offsets[doc + 1], count
        count = _scan_text(data, first, end, kinds, classes, units, count, own, rows)
        unit_offsets[doc + 1] = count
        about_units[doc, UNITS] = about_units[doc, WORDS] = count - before
        about_units[doc, UNIT_CHARACTERS] = units[2][count] - units[2][before]
