"""HTML to elements and texts in document order, in one pass over its bytes.

Errors are mended as browsers mend them where text depends on it (HTML standard, section 13.2.6):
tags that end others, end tags that nothing opened, what is never closed. What is inside is bounded
by the bytes: no input takes more than linear time and memory, and nothing recurses.
"""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes
from taojin.pipeline.ingest.markup.tags import (
    BLOCK,
    CELL,
    ENDS_P,
    HEAD,
    ID,
    RAW,
    TABLE_SIZE,
    UNREAD,
    VOID,
)

Table = NDArray[np.int64]

TAG, PARENT, START, INSIDE, END, LAST, BLOCK_ID = range(7)
"""Columns of elements: id of the name; parent; bytes of its start tag, of what is inside and of its
end; the element behind its last descendant; the nearest that is a block, itself included."""
FROM, TO, OWNER, RUN, LINK, GAP = range(6)
"""Columns of texts: bytes; the element that holds it; the run of text between borders of blocks
that it is in; the link that it is in, 0 for none; what is between it and the text before."""
SPACE, LINE = 1, 2
"""Values of GAP: white space, or a line break."""

COUNT, FOUND, DEPTH, RUNS, UNREAD_DEPTH, BROKEN, BEHIND_GAP = range(7)
"""What is known while a page is read: elements, texts, open elements, runs, how many of the open
ones are not read, whether a line break came last, the gap before the next text."""

DEEPEST = 512
"""Elements nested deeper are taken for siblings, as browsers do."""

_LT, _GT, _SLASH, _BANG, _QUESTION, _DASH = 60, 62, 47, 33, 63, 45
_QUOTE, _APOSTROPHE, _EQUALS = 34, 39, 61
_A, _BR, _P, _MATH, _SCRIPT = (ID[name] for name in ["a", "br", "p", "math", "script"])
_TEX = np.frombuffer(b"math/tex", np.uint8)
_BODY, _HTML, _HEAD = (ID[name] for name in ["body", "html", "head"])
_LI, _DD, _DT, _TR, _TD, _TH = (ID[name] for name in ["li", "dd", "dt", "tr", "td", "th"])
_UL, _OL, _MENU, _DL, _TABLE, _DIR = (
    ID[name] for name in ["ul", "ol", "menu", "dl", "table", "dir"]
)
_THEAD, _TBODY, _TFOOT, _OPTION = (ID[name] for name in ["thead", "tbody", "tfoot", "option"])
_H1, _H6 = ID["h1"], ID["h6"]


@nb.njit(nogil=True, cache=True)
def _is_letter(byte: int) -> bool:
    return 97 <= (byte | 32) <= 122


@nb.njit(nogil=True, cache=True)
def _name(
    data: Bytes, at: int, end: int, hashes: NDArray[np.uint64], ids: Table
) -> tuple[int, int]:
    """(id, where the name of a tag ends)."""
    hashed = np.uint64(0xCBF29CE484222325)
    while at < end:
        byte = data[at]
        if byte <= 32 or byte in (_GT, _SLASH):
            break
        if 65 <= byte <= 90:
            byte += np.uint8(32)
        hashed = (hashed ^ np.uint64(byte)) * np.uint64(0x100000001B3)
        at += 1
    place = np.int64(hashed % np.uint64(TABLE_SIZE))
    while ids[place]:
        if hashes[place] == hashed:
            return ids[place], at
        place = (place + 1) % TABLE_SIZE
    return 0, at


@nb.njit(nogil=True, cache=True)
def _tag_end(data: Bytes, at: int, end: int) -> int:
    """Where the `>` of a tag stands, quoted ones aside; `end` if it is never closed."""
    valued = False
    while at < end:
        byte = data[at]
        if byte == _GT:
            return at
        if valued and byte in (_QUOTE, _APOSTROPHE):
            at += 1
            while at < end and data[at] != byte:
                at += 1
        if byte > 32:
            valued = byte == _EQUALS
        at += 1
    return end


@nb.njit(nogil=True, cache=True)
def _comment_end(data: Bytes, at: int, end: int) -> int:
    """Where what begins with `<!` or `<?` ends: a comment, a declaration."""
    if at + 3 < end and data[at + 2] == _DASH and data[at + 3] == _DASH:
        at += 4
        if at < end and data[at] == _GT:
            return at + 1
        while at + 2 < end:
            if data[at] == _DASH and data[at + 1] == _DASH and data[at + 2] == _GT:
                return at + 3
            at += 1
        return end
    while at < end and data[at] != _GT:
        at += 1
    return min(at + 1, end)


@nb.njit(nogil=True, cache=True)
def _raw_end(
    data: Bytes, at: int, end: int, tag: int, hashes: NDArray[np.uint64], ids: Table
) -> int:
    """Where the end tag of an element begins whose content is no markup."""
    while at + 2 < end:
        if (
            data[at] == _LT
            and data[at + 1] == _SLASH
            and _name(data, at + 2, end, hashes, ids)[0] == tag
        ):
            return at
        at += 1
    return end


@nb.njit(nogil=True, cache=True)
def _walls(tag: int, other: int, flags: Table) -> bool:
    """Whether a tag that ends others of its kind does not look beyond an element."""
    if tag == _LI:
        return other in (_UL, _OL, _MENU, _DIR) or flags[other] & CELL != 0
    if tag in (_DD, _DT):
        return other == _DL or flags[other] & CELL != 0
    if tag in (_TD, _TH):
        return other in (_TR, _TABLE)
    return other == _TABLE


@nb.njit(nogil=True, cache=True)
def _ends(tag: int, other: int) -> bool:
    """Whether the start of one element ends another of its kind."""
    if tag in (_DD, _DT):
        return other in (_DD, _DT)
    if tag in (_TD, _TH):
        return other in (_TD, _TH)
    if tag in (_THEAD, _TBODY, _TFOOT):
        return other in (_THEAD, _TBODY, _TFOOT)
    return tag == other


@nb.njit(nogil=True, cache=True)
def _open_depth(
    elements: Table, stack: Table, depth: int, tag: int, walls: int, flags: Table
) -> int:
    """How many elements are open around the innermost of a name within the walls; all, if none."""
    for at in range(depth - 1, -1, -1):
        other = elements[stack[at], TAG]
        if other == tag:
            return at
        if flags[other] & walls:
            break
    return depth


@nb.njit(nogil=True, cache=True)
def _of_kind_depth(elements: Table, stack: Table, depth: int, tag: int, flags: Table) -> int:
    """How many elements are open around one that ends where another of its kind begins."""
    for at in range(depth - 1, -1, -1):
        other = elements[stack[at], TAG]
        if _ends(tag, other):
            return at
        if _walls(tag, other, flags):
            break
    return depth


@nb.njit(nogil=True, cache=True)
def _kept_depth(elements: Table, stack: Table, depth: int, tag: int, flags: Table) -> int:
    """How many open elements stay open where a start tag comes."""
    if tag == _BODY:
        is_first = _open_depth(elements, stack, depth, _BODY, 0, flags) == depth
        return min(depth, 1) if is_first else depth
    if depth and elements[stack[depth - 1], TAG] == _HEAD and not flags[tag] & HEAD:
        depth -= 1
    if flags[tag] & ENDS_P:
        depth = _open_depth(elements, stack, depth, _P, CELL, flags)
    if _H1 <= tag <= _H6 and depth and _H1 <= elements[stack[depth - 1], TAG] <= _H6:
        depth -= 1
    elif tag in (_LI, _DD, _DT, _TR, _TD, _TH, _THEAD, _TBODY, _TFOOT, _OPTION):
        depth = _of_kind_depth(elements, stack, depth, tag, flags)
    elif tag == _A:
        depth = _open_depth(elements, stack, depth, _A, BLOCK, flags)
    return depth


@nb.njit(nogil=True, cache=True)
def _closed_depth(elements: Table, stack: Table, depth: int, tag: int, flags: Table) -> int:
    """How many open elements stay open where an end tag comes; all, if nothing opened it. The body
    is not closed: text behind it is shown.
    """
    if tag in (_BODY, _HTML):
        return depth
    block = flags[tag] & BLOCK != 0
    in_table = flags[tag] & CELL != 0 or tag in (_TR, _THEAD, _TBODY, _TFOOT)
    for at in range(depth - 1, -1, -1):
        other = elements[stack[at], TAG]
        if other == tag or (_H1 <= tag <= _H6 and _H1 <= other <= _H6):
            return at
        if (not block and flags[other] & BLOCK) or (not in_table and flags[other] & CELL):
            break
    return depth


@nb.njit(nogil=True, cache=True)
def _is_blank(data: Bytes, at: int, end: int) -> bool:
    while at < end:
        if (
            data[at] == 38 and end - at >= 6 and data[at + 1] == 110 and data[at + 2] == 98
        ):  # &nbsp;
            at += 6
        elif data[at] == 0xC2 and at + 1 < end and data[at + 1] == 0xA0:
            at += 2
        elif data[at] > 32:
            return False
        else:
            at += 1
    return True


@nb.njit(nogil=True, cache=True)
def _close(elements: Table, stack: Table, state: Table, left: int, at: int, flags: Table) -> None:
    """End the open elements but for so many."""
    while state[DEPTH] > left:
        state[DEPTH] -= 1
        one = stack[state[DEPTH]]
        own = flags[elements[one, TAG]]
        elements[one, END], elements[one, LAST] = at, state[COUNT]
        state[RUNS] += own & BLOCK != 0
        state[UNREAD_DEPTH] -= own & UNREAD != 0


@nb.njit(nogil=True, cache=True)
def _link(elements: Table, stack: Table, depth: int) -> int:
    """The link that the innermost open elements are in, 0 for none."""
    for place in range(depth - 1, max(depth - 9, -1), -1):
        if elements[stack[place], TAG] == _A:
            return stack[place]
    return 0


@nb.njit(nogil=True, cache=True)
def _add_text(texts: Table, state: Table, at: int, end: int, owner: int, link: int) -> None:
    row = texts[state[FOUND]]
    row[FROM], row[TO], row[OWNER] = at, end, owner
    row[RUN], row[LINK], row[GAP] = state[RUNS], link, state[BEHIND_GAP]
    state[FOUND] += 1
    state[BROKEN] = state[BEHIND_GAP] = 0


@nb.njit(nogil=True, cache=True)
def _text(
    data: Bytes, at: int, end: int, elements: Table, texts: Table, stack: Table, state: Table
) -> int:
    """Take in the characters up to the next markup; where it begins."""
    start = at
    while at < end:
        if data[at] == _LT and at + 1 < end:
            following = data[at + 1]
            if _is_letter(following) or following in (_SLASH, _BANG, _QUESTION):
                break
        at += 1
    if start == at or state[UNREAD_DEPTH]:
        return at
    if _is_blank(data, start, at):
        state[BEHIND_GAP] = max(state[BEHIND_GAP], SPACE)
    else:
        depth = state[DEPTH]
        owner = stack[depth - 1] if depth else 0
        _add_text(texts, state, start, at, owner, _link(elements, stack, depth))
    return at


@nb.njit(nogil=True, cache=True)
def _begin(elements: Table, stack: Table, state: Table, tag: int, start: int, flags: Table) -> int:
    """Begin an element at a byte, ending those that it ends; its number."""
    left = _kept_depth(elements, stack, state[DEPTH], tag, flags)
    _close(elements, stack, state, left, start, flags)
    is_block = flags[tag] & BLOCK != 0
    state[RUNS] += is_block
    if tag == _BR:
        state[RUNS] += state[BROKEN]  # the second of two
        state[BROKEN], state[BEHIND_GAP] = not state[BROKEN], LINE
    own = state[COUNT]
    parent = stack[state[DEPTH] - 1] if state[DEPTH] else 0
    row = elements[own]
    row[TAG], row[PARENT], row[START], row[LAST] = tag, parent, start, own + 1
    row[BLOCK_ID] = own if is_block else elements[parent, BLOCK_ID]
    state[COUNT] += 1
    return own


@nb.njit(nogil=True, cache=True)
def _is_tex(data: Bytes, at: int, end: int) -> bool:
    """Whether a script's start tag says that it is a formula, as MathJax reads them."""
    while at + _TEX.size <= end:
        size = 0
        while size < _TEX.size and data[at + size] == _TEX[size]:
            size += 1
        if size == _TEX.size:
            return True
        at += 1
    return False


@nb.njit(nogil=True, cache=True)
def _start_tag(
    data: Bytes,
    at: int,
    end: int,
    elements: Table,
    texts: Table,
    stack: Table,
    state: Table,
    flags: Table,
    hashes: NDArray[np.uint64],
    ids: Table,
) -> int:
    """Take in a start tag, and what is inside where that is no markup; where it ends."""
    tag, name_end = _name(data, at + 1, end, hashes, ids)
    stop = _tag_end(data, name_end, end)
    is_closed = data[stop - 1] == _SLASH and tag == 0
    own = _begin(elements, stack, state, tag, at, flags)
    at = min(stop + 1, end)
    elements[own, INSIDE] = elements[own, END] = at
    if flags[tag] & RAW:
        stop = _raw_end(data, at, end, tag, hashes, ids)
        elements[own, END] = stop
        is_formula = tag == _MATH or (tag == _SCRIPT and _is_tex(data, name_end, at))
        if is_formula and not state[UNREAD_DEPTH]:
            _add_text(texts, state, at, stop, own, 0)
        at = min(_tag_end(data, stop, end) + 1, end)
        state[RUNS] += flags[tag] & BLOCK != 0
    elif not (flags[tag] & VOID or is_closed) and state[DEPTH] < DEEPEST:
        stack[state[DEPTH]] = own
        state[DEPTH] += 1
        state[UNREAD_DEPTH] += flags[tag] & UNREAD != 0
    return at


@nb.njit(nogil=True, cache=True)
def parse(data: Bytes, flags: Table, hashes: NDArray[np.uint64], ids: Table) -> tuple[Table, Table]:
    """(int64[m, 7] elements, int64[n, 6] texts) of a page in UTF-8; see their columns above.

    The first element is none: it holds all others. Blank texts are left out, and so is all that is
    inside of elements that are not read.
    """
    end, most = data.size, 2
    for at in range(end):
        most += data[at] == _LT
    elements, texts = np.zeros((most, 7), np.int64), np.empty((most, 6), np.int64)
    stack, state = np.zeros(DEEPEST, np.int64), np.zeros(7, np.int64)
    elements[0, END], state[COUNT] = end, 1
    at = 0
    while at < end:
        at = _text(data, at, end, elements, texts, stack, state)
        if at >= end:
            break
        following = data[at + 1]
        if _is_letter(following):
            at = _start_tag(data, at, end, elements, texts, stack, state, flags, hashes, ids)
        elif following == _SLASH and at + 2 < end and _is_letter(data[at + 2]):
            tag, name_end = _name(data, at + 2, end, hashes, ids)
            left = _closed_depth(elements, stack, state[DEPTH], tag, flags)
            _close(elements, stack, state, left, at, flags)
            at = min(_tag_end(data, name_end, end) + 1, end)
        else:
            at = _comment_end(data, at, end)
    _close(elements, stack, state, 0, end, flags)
    elements[0, LAST] = state[COUNT]
    return elements[: state[COUNT]], texts[: state[FOUND]]
