"""What each block is in: code, an item of a list, a cell of a table, a term or what it means."""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np

from taojin.pipeline.ingest.markup.block_kernels import HOLDER
from taojin.pipeline.ingest.markup.tags import ID
from taojin.pipeline.ingest.markup.tree_kernels import PARENT, TAG, Table

PRE, ITEM, DEPTH, ROW, CELL, TABLE, TERM, OUTER, LIST = range(9)
"""Columns of places: the nearest element of each kind, 0 for none, but the outermost PRE; DEPTH is
how many lists the item is in, LIST the outermost of them, and OUTER the table that holds the table;
nothing else around the table is told but PRE."""

_PRE, _LI, _TR, _TD, _TH, _TABLE, _DT, _DD = (
    ID[name] for name in ["pre", "li", "tr", "td", "th", "table", "dt", "dd"]
)
_UL, _OL, _MENU, _DIR = (ID[name] for name in ["ul", "ol", "menu", "dir"])


@nb.njit(nogil=True, cache=True)
def places(elements: Table, blocks: Table) -> Table:
    """int64[k, 9]: the place of each block."""
    found = np.zeros((len(blocks), 9), np.int64)
    for at in range(len(blocks)):
        own, one = found[at], blocks[at, HOLDER]
        while one:
            tag = elements[one, TAG]
            if tag == _PRE:
                own[PRE] = one
            elif own[TABLE]:
                if tag == _TABLE and not own[OUTER]:
                    own[OUTER] = one
            elif tag == _TABLE:
                own[TABLE] = one
            elif tag == _LI and not own[ITEM]:
                own[ITEM] = one
            elif tag in (_UL, _OL, _MENU, _DIR):
                own[DEPTH] += own[ITEM] > 0
                own[LIST] = one
            elif tag == _TR and not own[ROW]:
                own[ROW] = one
            elif tag in (_TD, _TH) and not own[CELL]:
                own[CELL] = one
            elif tag in (_DT, _DD) and not own[TERM]:
                own[TERM] = one
            one = elements[one, PARENT]
    return found
