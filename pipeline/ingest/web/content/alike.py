"""Blocks in elements that have the class of those that hold the content: the posts of a thread.

The model takes a short answer for a comment, since it looks like one. But comments on an article
have a class of their own, and answers have that of the first post.
"""

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from taojin.pipeline.ingest.markup.block_kernels import CHARS, HOLDER, LINK_CHARS, UNITS
from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.tree_kernels import INSIDE, PARENT, START, TAG

LEAST_SURE = 0.2
"""The score of a block that its class can make content."""
LEAST_UNITS = 10
LEAST_SHARE = 0.3
"""Of the units of the content that must stand in elements of a class."""
MOST_LINKS = 0.3
_CLASS = re.compile(r"""(?<![\w-])class\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.I)
_NUMBER = re.compile(r"\d+")

Shell = tuple[int, tuple[int, str]]
"""The nearest element around a block that has a class, 0 for none; its name and its class."""


def alike(page: Parsed, surety: NDArray[np.float32], kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool[blocks]: blocks that are not kept but stand in elements like those that are."""
    own = page.blocks
    is_long = own[:, UNITS] >= LEAST_UNITS
    few_links = own[:, LINK_CHARS] < MOST_LINKS * own[:, CHARS]
    others = np.flatnonzero(~kept & is_long & few_links & (surety > LEAST_SURE)).tolist()
    given = np.flatnonzero(kept & is_long).tolist()
    found = np.zeros(len(kept), np.bool_)
    if others and given:
        shells = _shells(page, (*given, *others))
        units: Counter[tuple[int, str]] = Counter()
        for at in given:
            units[shells[at][1]] += int(own[at, UNITS])
        least = LEAST_SHARE * units.total()
        parents = page.elements[:, PARENT]
        known = {int(parents[shells[at][0]]) for at in given}
        for at in others:
            one, name = shells[at]
            # a post has a container of its own; what stands beside the content is something else
            found[at] = units[name] >= least and int(parents[one]) not in known
    return found


def _shells(page: Parsed, blocks: Iterable[int]) -> dict[int, Shell]:
    """The shell of each block; no element is looked at twice."""
    known: dict[int, Shell] = {0: (0, (0, ""))}
    shells: dict[int, Shell] = {}
    for at in blocks:
        one, path = int(page.blocks[at, HOLDER]), []
        while one not in known:
            if named := _CLASS.search(
                page.raw(page.elements[one, START], page.elements[one, INSIDE])
            ):
                name = _NUMBER.sub("", named[1].strip("\"'"))
                known[one] = (one, (int(page.elements[one, TAG]), name))
            else:
                path.append(one)
                one = int(page.elements[one, PARENT])
        shells[at] = known[one]
        known |= dict.fromkeys(path, known[one])
    return shells
