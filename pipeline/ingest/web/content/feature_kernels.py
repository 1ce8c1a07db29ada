"""What is known of a block: of itself, its neighbours, what it is in, and where it stands.

Nothing depends on a language: lengths are units, a word or a Han character, and punctuation is that
of both. The kinds of features follow Kohlschütter et al. 2010, "Boilerplate Detection using Shallow
Text Features", and Vogels et al. 2018, "Web2Text", on what a page's tree and its names add.
"""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.pipeline.ingest.markup.block_kernels import (
    CAPITALS,
    CHARS,
    COMMAS,
    DIGITS,
    ENDED,
    ENDS,
    FIRST,
    HAN,
    HOLDER,
    LINK_CHARS,
    LINKS,
    MARKS,
    UNITS,
)
from taojin.pipeline.ingest.markup.tags import ID
from taojin.pipeline.ingest.markup.tree_kernels import (
    BLOCK_ID,
    FROM,
    OWNER,
    PARENT,
    TAG,
    Table,
)
from taojin.pipeline.ingest.web.content.container_kernels import (
    FIRST_BLOCK,
    SUM_BLOCKS,
    SUM_CHARS,
    SUM_ENDED,
    SUM_LINK_CHARS,
    SUM_LONG,
    SUM_UNITS,
    best_container,
    outward,
    sums,
)
from taojin.pipeline.ingest.web.content.hint_kernels import UNSHOWN
from taojin.pipeline.ingest.web.content.hints import NAMES as HINTS

Features = NDArray[np.float32]
Row = NDArray[np.float32]

GROUPS = (
    "p", "li", "td th", "h1", "h2", "h3", "h4 h5 h6", "div", "blockquote q", "pre code", "dt dd",
    "figcaption caption", "article section main", "a", "strong b em i",
    "button label summary legend", "time address", "span font", "body html center",
)  # fmt: skip
"""What the element of a block, or the one around its first text, may be."""
AROUND = (
    "article", "main", "section", "nav", "aside", "footer", "header", "form", "table", "ul ol",
    "figure", "blockquote", "a", "details dialog", "p", "address", "dl", "h1 h2 h3 h4 h5 h6",
)  # fmt: skip
"""Elements of which the nearest around a block is looked for."""
LEVELS = 4
"""Containers around a block, each with more blocks than the one before."""
NEIGHBOURS = (-3, -2, -1, 1, 2, 3)

_OWN = (
    "log_units", "log_chars", "link_share", "log_links", "comma_share", "log_ends", "ended",
    "digit_share", "capital_share", "log_marks", "han_share", "mean_word", "mean_link", "depth",
)  # fmt: skip
_CONTAINER = (
    "log_chars", "link_share", "log_blocks", "log_mean_units", "long_share", "ended_share",
    "page_share", "place", "log_alike",
)  # fmt: skip
_PLACE = (
    "place", "chars_before", "bytes_before", "since_h1", "h1_count", "in_best", "before_best",
    "shared_with_best", "best_share", "titled", "log_blocks", "page_link_share",
)  # fmt: skip
_NEIGHBOUR = ("log_units", "link_share", "ended", "group", "same_parent")
NAMES = (
    *_OWN,
    *(f"is {one}" for one in GROUPS),
    *(f"text in {one}" for one in GROUPS),
    *(f"levels to {one}" for one in AROUND),
    *(f"levels to hint {one}" for one in HINTS),
    "levels to unshown",
    *(f"container {level} {one}" for level in range(LEVELS) for one in _CONTAINER),
    *_PLACE,
    *(f"block {shift:+d} {one}" for shift in NEIGHBOURS for one in _NEIGHBOUR),
)
SIZE = len(NAMES)
NONE = 30.0
"""Levels to what is not there."""

_N_GROUPS, _N_AROUND, _N_HINTS = len(GROUPS), len(AROUND), len(HINTS)
_AT_LEVELS = len(_OWN) + 2 * _N_GROUPS
_AT_CONTAINERS = _AT_LEVELS + _N_AROUND + _N_HINTS + 1
_AT_PLACE = _AT_CONTAINERS + LEVELS * len(_CONTAINER)
_AT_NEIGHBOURS = _AT_PLACE + len(_PLACE)
_N_CONTAINER, _N_NEIGHBOUR, _DEPTH = len(_CONTAINER), len(_NEIGHBOUR), len(_OWN) - 1
_H1, _BODY, _HTML = ID["h1"], ID["body"], ID["html"]


def _places(rows: tuple[str, ...]) -> Table:
    """For the id of each element the place of the row that names it, or -1."""
    found = np.full(len(ID) + 1, -1, np.int64)
    for at, row in enumerate(rows):
        for name in row.split():
            found[ID[name]] = at
    return found


_GROUP, _WHICH = _places(GROUPS), _places(AROUND)


@nb.njit(nogil=True, cache=True)
def _own(row: Table, out: Row) -> None:
    chars, units = max(row[CHARS], 1), max(row[UNITS], 1)
    out[0], out[1] = np.log1p(row[UNITS]), np.log1p(row[CHARS])
    out[2], out[3] = row[LINK_CHARS] / chars, np.log1p(row[LINKS])
    out[4], out[5], out[6] = row[COMMAS] / units, np.log1p(row[ENDS]), row[ENDED]
    out[7], out[8], out[9] = row[DIGITS] / chars, row[CAPITALS] / units, np.log1p(row[MARKS])
    out[10], out[11] = row[HAN] / units, row[CHARS] / units
    out[12] = row[LINK_CHARS] / max(row[LINKS], 1)


@nb.njit(nogil=True, cache=True)
def _levels(elements: Table, bits: Table, one: int, out: Row) -> int:
    """Levels of blocks from an element out to each kind and each hint; how deep it is nested.

    The hints of the body are of the page as a whole and tell nothing of its parts.
    """
    out[:] = NONE
    level = depth = 0
    while one:
        which = _WHICH[elements[one, TAG]]
        if which >= 0 and out[which] == NONE:
            out[which] = level
        if bits[one] & UNSHOWN and out[_N_AROUND + _N_HINTS] == NONE:
            out[_N_AROUND + _N_HINTS] = level
        if bits[one] and elements[one, TAG] not in (_BODY, _HTML):
            for bit in range(_N_HINTS):
                if bits[one] >> bit & 1 and out[_N_AROUND + bit] == NONE:
                    out[_N_AROUND + bit] = level
        level += elements[one, BLOCK_ID] == one
        depth += 1
        one = elements[one, PARENT]
    return depth


@nb.njit(nogil=True, cache=True)
def _containers(
    elements: Table, total: Table, alike: Table, holder: int, at: int, out: Row
) -> None:
    one = holder
    for level in range(LEVELS):
        if level or total[holder, SUM_BLOCKS] == 1:
            one = outward(elements, one, total)
        row, base = total[one], level * _N_CONTAINER
        chars, blocks = max(row[SUM_CHARS], 1), max(row[SUM_BLOCKS], 1)
        out[base], out[base + 1] = np.log1p(row[SUM_CHARS]), row[SUM_LINK_CHARS] / chars
        out[base + 2], out[base + 3] = np.log1p(row[SUM_BLOCKS]), np.log1p(row[SUM_UNITS] / blocks)
        out[base + 4], out[base + 5] = row[SUM_LONG] / chars, row[SUM_ENDED] / chars
        out[base + 6] = row[SUM_CHARS] / max(total[0, SUM_CHARS], 1)
        out[base + 7] = (at - row[FIRST_BLOCK]) / blocks
        out[base + 8] = np.log1p(alike[one])


@nb.njit(nogil=True, cache=True)
def _of_best(elements: Table, total: Table, best: int, holder: int, at: int, out: Row) -> None:
    """Where a block is to the container of most paragraphs."""
    first = total[best, FIRST_BLOCK]
    behind = first + total[best, SUM_BLOCKS]
    out[0], out[1] = first <= at < behind, at < first
    shared = holder
    while shared and not (
        total[shared, FIRST_BLOCK] <= first
        and behind <= total[shared, FIRST_BLOCK] + total[shared, SUM_BLOCKS]
    ):
        shared = elements[shared, PARENT]
    all_chars = max(total[0, SUM_CHARS], 1)
    out[2] = total[shared, SUM_CHARS] / all_chars
    out[3] = total[best, SUM_CHARS] / all_chars


@nb.njit(nogil=True, cache=True)
def _neighbours(elements: Table, blocks: Table, at: int, out: Row) -> None:
    parent = elements[blocks[at, HOLDER], PARENT]
    for number in range(6):
        other = at + (number - 3 if number < 3 else number - 2)
        base = number * _N_NEIGHBOUR
        if not 0 <= other < len(blocks):
            out[base : base + _N_NEIGHBOUR] = -1
            continue
        row = blocks[other]
        out[base], out[base + 2] = np.log1p(row[UNITS]), row[ENDED]
        out[base + 1] = row[LINK_CHARS] / max(row[CHARS], 1)
        out[base + 3] = _GROUP[elements[row[HOLDER], TAG]]
        out[base + 4] = elements[row[HOLDER], PARENT] == parent


@nb.njit(nogil=True, cache=True)
def features(
    size_bytes: int,
    elements: Table,
    texts: Table,
    blocks: Table,
    bits: Table,
    alike: Table,
    titled: Row,
) -> Features:
    """float32[k, SIZE]: in the order of NAMES. `alike`: elements with the name and the hints of
    each; `titled`: how much each block has in common with the title.
    """
    count = len(blocks)
    found = np.zeros((count, SIZE), np.float32)
    total = sums(elements, blocks)
    best = best_container(elements, blocks, total)
    all_chars = max(total[0, SUM_CHARS], 1)
    headings, before, since = np.sum(elements[:, TAG] == _H1), 0, -1
    for at in range(count):
        out, row = found[at], blocks[at]
        holder, owner = row[HOLDER], texts[row[FIRST], OWNER]
        _own(row, out)
        group, inner = _GROUP[elements[holder, TAG]], _GROUP[elements[owner, TAG]]
        if group >= 0:
            out[_DEPTH + 1 + group] = 1
        if inner >= 0:
            out[_DEPTH + 1 + _N_GROUPS + inner] = 1
        out[_DEPTH] = _levels(elements, bits, owner, out[_AT_LEVELS:_AT_CONTAINERS])
        _containers(elements, total, alike, holder, at, out[_AT_CONTAINERS:_AT_PLACE])
        place = out[_AT_PLACE:_AT_NEIGHBOURS]
        place[0], place[1] = at / count, before / all_chars
        place[2] = texts[row[FIRST], FROM] / size_bytes
        if elements[holder, TAG] == _H1:
            since = 0
        elif since >= 0:
            since += 1
        place[3], place[4] = min(since, 200), min(headings, 5)
        _of_best(elements, total, best, holder, at, place[5:9])
        place[9], place[10] = titled[at], np.log1p(count)
        place[11] = total[0, SUM_LINK_CHARS] / all_chars
        _neighbours(elements, blocks, at, out[_AT_NEIGHBOURS:])
        before += row[CHARS]
    return found
