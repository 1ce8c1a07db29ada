"""What of a text is prose: the text without code, markup, addresses and identifiers.

A page about software holds much that is written alike in every language. One pass over the bytes
leaves it out, so that neither the script nor the words of a language are counted there.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets

FEWEST_LETTERS = 50
"""A text with fewer bytes of letters outside code is taken as it is, code and white space too."""
FENCE = 3
"""Backticks that open a block of code; fewer open code on one line."""
TAG_BYTES = 300
"""A tag is at most this long: a lone `<` must not make the pass look at all that follows."""

_SPACE, _NEWLINE, _BACKTICK, _LESS, _GREATER = (ord(one) for one in " \n`<>")

LOWER, UPPER, DIGIT, JOINER, BOTH, SIGIL, WHITE, MARK, OTHER = range(9)
"""Kinds of bytes. A joiner makes code of two words (`a=b`), a sigil of what follows (`-a`)."""
_KINDS = {
    LOWER: b"abcdefghijklmnopqrstuvwxyz",
    UPPER: b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    DIGIT: b"0123456789",
    JOINER: b"_=:&+~",
    BOTH: b"/\\.@#$%",
    SIGIL: b"-",
    WHITE: b" \t\n\v\f\r",
    MARK: b"`<",
}
KINDS = np.array(
    [next((kind for kind, of in _KINDS.items() if byte in of), OTHER) for byte in range(256)],
    np.uint8,
)
"""uint8[256]: the kind of each byte; all that is no ASCII is OTHER."""

START, MARKED, SMALL, WORD, JOINED, PLAIN, CODE = range(7)
"""What a token is up to its last byte: nothing yet, a sigil and hyphens, ending in a small letter,
ending in another letter or digit, ending in a joiner behind one of these, other marks, code.
"""
STEPS = np.array(
    [  # LOWER, UPPER, DIGIT, JOINER, BOTH, SIGIL
        (SMALL, WORD, WORD, PLAIN, MARKED, MARKED),
        (CODE, CODE, CODE, PLAIN, PLAIN, MARKED),
        (SMALL, CODE, WORD, JOINED, JOINED, PLAIN),
        (SMALL, WORD, WORD, JOINED, JOINED, PLAIN),
        (CODE, CODE, CODE, PLAIN, PLAIN, PLAIN),
        (SMALL, WORD, WORD, PLAIN, PLAIN, PLAIN),
        (CODE, CODE, CODE, CODE, CODE, CODE),
    ],
    np.uint8,
)
"""The state after each kind of byte."""


def prose(offsets: Offsets, data: Bytes) -> tuple[Offsets, Bytes]:
    """The buffers of the texts without code; runs of ASCII white space are one space.

    Left out are blocks between three backticks, code between one or two on a line, comments and
    tags of HTML, and ASCII tokens that are addresses, paths, keys, options, variables or names in
    camel case: `a/b`, `a_b`, `a.b`, `a=1`, `--a`, `$a`, `aB`. An opening mark without its
    closing one hides nothing.
    """
    starts, kept = _prose(offsets, data)
    starts.flags.writeable = kept.flags.writeable = False
    return starts, kept


@nb.njit(nogil=True, cache=True)
def _prose(offsets: Offsets, data: Bytes) -> tuple[Offsets, Bytes]:
    starts = np.zeros(offsets.size, np.int64)
    kept = np.empty(offsets[-1] - offsets[0], np.uint8)
    to = 0
    for doc in range(offsets.size - 1):
        to = _copy_prose(offsets[doc], offsets[doc + 1], data, kept, to)
        starts[doc + 1] = to
    return starts, kept[:to]


@nb.njit(nogil=True, cache=True)
def _copy_prose(at: int, end: int, data: Bytes, kept: NDArray[np.uint8], to: int) -> int:
    """Write the prose of one text from `to` on; where it ends."""
    first, begin, letters = at, to, 0
    comments = True
    while at < end:
        byte = data[at]
        if byte >= 0x80:
            kept[to] = byte
            to, at, letters = to + 1, at + 1, letters + 1
            continue
        kind = KINDS[byte]
        past = at + 1
        is_prose = kind == OTHER
        if kind < WHITE:
            glued = at > first and data[at - 1] >= 0x80
            past, own, is_prose = _token(at, end, data, glued)
            letters += own
        elif kind == MARK:
            past, comments = _past_mark(at, end, data, comments)
            is_prose = past == at
            past += is_prose
        if is_prose:
            for step in range(at, past):
                kept[to] = data[step]
                to += 1
        elif to > begin and kept[to - 1] != _SPACE:
            kept[to] = _SPACE
            to += 1
        at = past
    if letters >= FEWEST_LETTERS:
        return to
    kept[begin : begin + end - first] = data[first:end]
    return begin + end - first


@nb.njit(nogil=True, cache=True, inline="always")
def _token(at: int, end: int, data: Bytes, glued: bool) -> tuple[int, int, bool]:
    """(where the ASCII token ends, its letters if it is prose, whether it is).

    `glued` says that a letter stands before it that is no ASCII: `-bas` of `là-bas` is no option.
    """
    letters = 0
    state = PLAIN if glued else START
    while at < end:
        kind = KINDS[data[at]]
        if kind >= WHITE:
            break
        state = STEPS[state, kind]
        letters += kind < DIGIT
        at += 1
    is_prose = state != CODE
    return at, letters * is_prose, is_prose


@nb.njit(nogil=True, cache=True)
def _past_mark(at: int, end: int, data: Bytes, comments: bool) -> tuple[int, bool]:
    """(where what begins here and is no prose ends, whether comments may follow): `at` for prose.

    Where one comment is not closed no later one is: to look again and again would take for ever.
    """
    past = at
    if data[at] == _BACKTICK:
        past = _past_code(at, end, data)
        return past, comments
    if comments and _opens_comment(at, end, data):
        past = _past_comment(at, end, data)
        comments = past > at
    if past == at:
        past = _past_tag(at, end, data)
    return past, comments


@nb.njit(nogil=True, cache=True)
def _past_code(at: int, end: int, data: Bytes) -> int:
    """Where the code ends that these backticks open; behind them if they open none."""
    inside = at
    while inside < end and data[inside] == _BACKTICK:
        inside += 1
    ticks = min(inside - at, FENCE)
    run = 0
    for past in range(inside, end):
        byte = data[past]
        run = run + 1 if byte == _BACKTICK else 0
        if run == ticks:
            return past + 1
        if byte == _NEWLINE and ticks < FENCE:
            break
    return inside


@nb.njit(nogil=True, cache=True, inline="always")
def _opens_comment(at: int, end: int, data: Bytes) -> bool:
    return at + 4 <= end and data[at + 1] == 33 and data[at + 2] == 45 and data[at + 3] == 45


@nb.njit(nogil=True, cache=True)
def _past_comment(at: int, end: int, data: Bytes) -> int:
    """Where the comment ends that `<!--` opens; `at` itself if nothing closes it."""
    for past in range(at + 4, end - 2):
        if data[past] == 45 and data[past + 1] == 45 and data[past + 2] == _GREATER:
            return past + 3
    return at


@nb.njit(nogil=True, cache=True)
def _past_tag(at: int, end: int, data: Bytes) -> int:
    """Where the tag ends that `<` opens; `at` itself if it opens none."""
    if at + 1 == end or not (KINDS[data[at + 1]] < DIGIT or data[at + 1] in (33, 47)):
        return at
    for past in range(at + 1, min(end, at + TAG_BYTES)):
        if data[past] == _GREATER:
            return past + 1
        if data[past] == _NEWLINE:
            break
    return at
