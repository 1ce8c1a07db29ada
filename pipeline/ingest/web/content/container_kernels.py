"""Containers: what the elements of a page hold, and which of them holds most of its paragraphs."""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np

from taojin.pipeline.ingest.markup.block_kernels import (
    CHARS,
    COMMAS,
    ENDED,
    HOLDER,
    LINK_CHARS,
    UNITS,
)
from taojin.pipeline.ingest.markup.tree_kernels import PARENT, Table

SUM_CHARS, SUM_LINK_CHARS, SUM_BLOCKS, SUM_LONG, SUM_ENDED, SUM_UNITS, FIRST_BLOCK = range(7)
"""Columns of sums: characters, those of links, blocks, characters of long blocks and of those that
end as sentences do, units, and the first block."""

LONG_UNITS = 15
PARAGRAPH_UNITS = 8


@nb.njit(nogil=True, cache=True)
def sums(elements: Table, blocks: Table) -> Table:
    """int64[m, 7]: what each element holds."""
    found = np.zeros((len(elements), 7), np.int64)
    for at in range(len(blocks)):
        block, one = blocks[at], blocks[at, HOLDER]
        while True:
            row = found[one]
            if row[SUM_BLOCKS] == 0:
                row[FIRST_BLOCK] = at
            row[SUM_CHARS] += block[CHARS]
            row[SUM_LINK_CHARS] += block[LINK_CHARS]
            row[SUM_BLOCKS] += 1
            row[SUM_UNITS] += block[UNITS]
            if block[UNITS] >= LONG_UNITS:
                row[SUM_LONG] += block[CHARS]
            if block[ENDED]:
                row[SUM_ENDED] += block[CHARS]
            if one == 0:
                break
            one = elements[one, PARENT]
    return found


@nb.njit(nogil=True, cache=True)
def outward(elements: Table, one: int, total: Table) -> int:
    """The nearest element around that holds more blocks; 0 at last."""
    own = total[one, SUM_BLOCKS]
    while one and total[one, SUM_BLOCKS] == own:
        one = elements[one, PARENT]
    return one


@nb.njit(nogil=True, cache=True)
def best_container(elements: Table, blocks: Table, total: Table) -> int:
    """The element that most paragraphs are in, scored as Readability does (arc90, 2010)."""
    scores = np.zeros(len(elements), np.float64)
    for at in range(len(blocks)):
        row = blocks[at]
        if row[UNITS] < PARAGRAPH_UNITS or row[LINK_CHARS] * 2 > row[CHARS]:
            continue
        points = 1 + row[COMMAS] + min(row[CHARS] / 100, 3.0)
        one = outward(elements, row[HOLDER], total)
        scores[one] += points
        if one:
            scores[outward(elements, one, total)] += points / 2
    best = 0
    for one in range(len(elements)):
        if scores[one] > 0:
            scores[one] *= 1 - total[one, SUM_LINK_CHARS] / max(total[one, SUM_CHARS], 1)
            if scores[one] > scores[best]:
                best = one
    return best
