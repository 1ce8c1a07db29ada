"""How much a short block has in common with the title of its page."""
# mypy: disable-error-code="untyped-decorator, call-overload, return-value"

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes
from taojin.core.utf8 import decode
from taojin.pipeline.ingest.markup.block_kernels import BEHIND, FIRST, UNITS
from taojin.pipeline.ingest.markup.tags import ID
from taojin.pipeline.ingest.markup.tree_kernels import END, FROM, INSIDE, TAG, TO, Table

Hashes = NDArray[np.uint64]

MOST_UNITS = 64
"""Units of a title, and of a block that may be one."""
_TITLE = ID["title"]


@nb.njit(nogil=True, cache=True)
def _units(data: Bytes, at: int, end: int, found: Hashes, count: int) -> int:
    """Add the hashes of words and Han characters, small and capital letters alike."""
    hashed = np.uint64(0)
    while at < end and count < MOST_UNITS:
        byte = data[at]
        code, size = (np.int64(byte), 1) if byte < 0x80 else decode(data, at)
        at += size
        if 65 <= code <= 90:
            code += 32
        is_word = 97 <= code <= 122 or 48 <= code <= 57 or 0xC0 <= code < 0x2000
        if is_word:
            hashed = (hashed ^ np.uint64(code) ^ np.uint64(0x9E3779B9)) * np.uint64(0x100000001B3)
        if hashed and (not is_word or at >= end):
            found[count] = hashed
            count += 1
            hashed = np.uint64(0)
        if code >= 0x3040 and code not in (0xA0, 0x3000) and count < MOST_UNITS:
            found[count] = np.uint64(code)
            count += 1
    return count


@nb.njit(nogil=True, cache=True)
def titled(data: Bytes, elements: Table, texts: Table, blocks: Table) -> NDArray[np.float32]:
    """float32[k]: the Jaccard similarity of the units of each short block and the page's title."""
    out = np.zeros(len(blocks), np.float32)
    wanted, own = np.empty(MOST_UNITS, np.uint64), np.empty(MOST_UNITS, np.uint64)
    size = 0
    for one in range(len(elements)):
        if elements[one, TAG] == _TITLE:
            size = _units(data, elements[one, INSIDE], elements[one, END], wanted, 0)
            break
    title = np.unique(wanted[:size])
    if not size:
        return out
    for at in range(len(blocks)):
        if blocks[at, UNITS] > 30:
            continue
        count = 0
        for text in range(blocks[at, FIRST], blocks[at, BEHIND]):
            count = _units(data, texts[text, FROM], texts[text, TO], own, count)
        block = np.unique(own[:count])
        both = 0
        place = 0
        for unit in block:
            while place < title.size and title[place] < unit:
                place += 1
            both += place < title.size and title[place] == unit
        out[at] = both / (block.size + title.size - both)
    return out
