"""What the elements of HTML mean to a reader of text: which begin a block, which are never read.

After the HTML standard (WHATWG), section 13.1.2 for void and raw elements, 13.2.6 for tags that end
others, 15.3 for what is shown as a block.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VOID, BLOCK, RAW, UNREAD, HEAD, ENDS_P, CELL = (1 << bit for bit in range(7))
"""No content; a block of its own; content is no markup; content is not read; belongs in the head;
ends a paragraph; a wall that end tags of other elements do not reach through."""

_NAMES: dict[int, str] = {
    VOID: "area base br col embed hr img input link meta param source track wbr",
    BLOCK: "address article aside blockquote body caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html "
    "legend li listing main menu nav ol optgroup option p pre section summary table tbody td tfoot "
    "th thead tr ul xmp plaintext",
    RAW: "iframe noembed noframes noscript script style textarea title xmp math",
    UNREAD: "applet audio canvas datalist embed frame frameset head iframe input map math menuitem "
    "meter noembed noframes noscript object option optgroup progress rp rt script select style svg "
    "template textarea title video",
    HEAD: "base basefont bgsound link meta noscript script style template title head html",
    ENDS_P: "address article aside blockquote center details dialog dir div dl fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr listing main menu nav ol p pre section "
    "summary table ul xmp plaintext li dd dt",
    CELL: "td th table caption body html",
}  # fmt: skip
_OTHERS = (
    "a abbr b big br button cite code data del dfn em font i ins kbd label mark output picture q "
    "ruby s samp small span strike strong sub sup time tt u var"
)
NAMES = ("", *sorted({name for row in (*_NAMES.values(), _OTHERS) for name in row.split()}))
"""Every name that is told apart; its place is its id. Other elements have the id 0."""
ID = {name: at for at, name in enumerate(NAMES)}

TABLE_SIZE = 1024


class Tags(NamedTuple):
    """The flags of each id, and ids by hash of the name: open addressing, 0 in free places."""

    flags: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    ids: NDArray[np.int64]


def fnv(name: bytes) -> int:
    """FNV-1a of 64 bits."""
    hashed = 0xCBF29CE484222325
    for byte in name:
        hashed = (hashed ^ byte) * 0x100000001B3 % (1 << 64)
    return hashed


@cache
def tables() -> Tags:
    flags = np.zeros(len(NAMES), np.int64)
    for flag, row in _NAMES.items():
        for name in row.split():
            flags[ID[name]] |= flag
    hashes, ids = np.zeros(TABLE_SIZE, np.uint64), np.zeros(TABLE_SIZE, np.int64)
    for name in NAMES[1:]:
        hashed = fnv(name.encode())
        place = hashed % TABLE_SIZE
        while ids[place]:
            place = (place + 1) % TABLE_SIZE
        hashes[place], ids[place] = hashed, ID[name]
    for one in (flags, hashes, ids):
        one.flags.writeable = False
    return Tags(flags, hashes, ids)
