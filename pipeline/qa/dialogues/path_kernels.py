"""Paths from root to leaf, cut to a number of tokens: each assistant turn is learnt once.

A dialogue is a stretch of a path: from behind the message `above` down to `bottom`, with the
system messages that open the path before it. An exchange is what stands between the ends of two
assistant turns: system or user messages, and the assistant's. Every exchange is new on one path
alone, and what a path repeats is no longer than the limit, so that the work is linear in the
messages and in what is written.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from taojin.core.arrow import Offsets
from taojin.pipeline.qa.dialogues.tree_kernels import (
    ASSISTANT,
    GROWTH,
    HALF,
    KEPT,
    LONG,
    SYSTEM,
    USER,
    Codes,
    Flags,
    Numbers,
)


class Tree(NamedTuple):
    """What stands above each message: all arrays have one value for each.

    `up`: the message above; `lead`: the last of the system messages that open its path, -1 for
    none; `above`: the last message before its exchange, -1 for none; `asks`: whether a user speaks
    in its exchange up to it; `depth` and `tokens`: the messages and tokens from the root to it.
    """

    up: Numbers
    roles: Codes
    lead: Numbers
    above: Numbers
    asks: Flags
    depth: Numbers
    tokens: Numbers


@nb.njit(nogil=True, cache=True)
def heights(
    up: Numbers, roles: Codes, reasons: Codes, opening: Numbers, following: Numbers
) -> tuple[Numbers, Numbers, Flags, Numbers, Numbers]:
    """(lead, above, asks, depth, tokens) of a Tree; -1 and 0 for messages that are left out."""
    lead = np.full(up.size, -1, np.int64)
    above = np.full(up.size, -1, np.int64)
    asks = np.zeros(up.size, np.bool_)
    depth = np.zeros(up.size, np.int64)
    tokens = np.zeros(up.size, np.int64)
    for v in range(up.size):
        if reasons[v] != KEPT:
            continue
        p = up[v]
        asks[v] = roles[v] == USER
        if p < 0:
            lead[v] = v if roles[v] == SYSTEM else -1
            depth[v], tokens[v] = 1, opening[v]
            continue
        leads = lead[p] == p
        lead[v] = v if leads and roles[v] == SYSTEM else lead[p]
        begins = leads or (roles[v] != ASSISTANT and roles[p] == ASSISTANT)
        above[v] = p if begins else above[p]
        asks[v] |= asks[p] and not begins
        depth[v] = depth[p] + 1
        tokens[v] = tokens[p] + (following[v] if roles[v] == roles[p] else opening[v])
    return lead, above, asks, depth, tokens


@nb.njit(nogil=True, cache=True)
def dialogues(
    offsets: Offsets,
    tree: Tree,
    reasons: Codes,
    targets: Flags,
    whole_paths: bool,
    limit: int,
    carried: int,
    growth: float,
) -> tuple[Numbers, Numbers, Numbers]:
    """(bottom, above) of each dialogue, and by message the dialogue that learns it, else -1.

    `targets` are the ends of paths: the leaves, of which all exchanges that are new are learnt
    (`whole_paths`), or the ends of all assistant turns, of which the last one is. Assistants'
    messages that are not learnt get a reason. A document's dialogues have at most `growth` times
    its tokens.
    """
    count = np.int64(0)
    bottoms = np.empty(tree.up.size, np.int64)
    tops = np.empty(tree.up.size, np.int64)
    home = np.full(tree.up.size, -1, np.int64)
    seen = np.zeros(tree.up.size, np.bool_)
    ends = np.empty(tree.up.size, np.int64)
    for document in range(offsets.size - 1):
        left = growth * _size(tree, reasons, offsets[document], offsets[document + 1])
        for v in range(offsets[document], offsets[document + 1]):
            new = _new_ends(v, tree, reasons, seen, ends, whole_paths) if targets[v] else 0
            while new > 0:
                top, last, size = _stretch(tree, ends, new, limit, carried)
                over = size > limit
                if over or size > left:
                    for i in range(last, new):
                        _reject(ends[i], tree, reasons, LONG if over else GROWTH)
                else:
                    left -= size
                    bottoms[count], tops[count] = ends[last], top
                    for i in range(last, new):
                        _learn(ends[i], tree, home, count)
                    count += 1
                new = last
    return bottoms[:count], tops[:count], home


@nb.njit(nogil=True, cache=True)
def _size(tree: Tree, reasons: Codes, start: int, end: int) -> np.int64:
    """Tokens of the messages of a document that are not left out."""
    size = np.int64(0)
    for v in range(start, end):
        if reasons[v] == KEPT:
            size += tree.tokens[v] - _tokens(tree, tree.up[v])
    return size


@nb.njit(nogil=True, cache=True)
def _tokens(tree: Tree, v: int) -> np.int64:
    return np.int64(tree.tokens[v] if v >= 0 else 0)


@nb.njit(nogil=True, cache=True)
def _new_ends(
    v: int, tree: Tree, reasons: Codes, seen: Flags, ends: Numbers, whole_paths: bool
) -> int:
    """How many exchanges end at `v` and above that no path had before; `ends`, the lowest first."""
    count = 0
    while v != tree.lead[v] and not seen[v]:
        if _is_claimed(v, tree, reasons, seen):
            ends[count] = v
            count += 1
        v = tree.above[v]
        if not whole_paths or v < 0:
            break
    return count


@nb.njit(nogil=True, cache=True)
def _is_claimed(end: int, tree: Tree, reasons: Codes, seen: Flags) -> bool:
    """Whether no message of the turn that ends here was of another; else its others are HALF."""
    v = end
    while v >= 0 and tree.roles[v] == ASSISTANT and not seen[v]:
        seen[v] = True
        v = tree.up[v]
    if v < 0 or tree.roles[v] != ASSISTANT:
        return True
    while end != v:
        reasons[end] = HALF
        end = tree.up[end]
    return False


@nb.njit(nogil=True, cache=True)
def _stretch(tree: Tree, ends: Numbers, new: int, limit: int, carried: int) -> tuple[int, int, int]:
    """(above, number of the last end, tokens) of the next dialogue over `ends[:new]`.

    The whole path if it fits, else the uppermost of the new exchanges, behind as many of the
    `carried` ones before it as fit, and as many behind it as fit.
    """
    lead = tree.lead[ends[0]]
    if tree.tokens[ends[0]] <= limit:
        return lead, 0, tree.tokens[ends[0]]
    first = ends[new - 1]
    system = _tokens(tree, lead)
    top = _asked(tree, first)
    for _ in range(carried):
        if top < 0 or top == lead:
            break
        before = _asked(tree, top)
        if system + tree.tokens[first] - _tokens(tree, before) > limit:
            break
        top = before
    room = limit - system + _tokens(tree, top)
    last = new - 1
    while last > 0 and tree.tokens[ends[last - 1]] <= room:
        last -= 1
    return top, last, system + tree.tokens[ends[last]] - _tokens(tree, top)


@nb.njit(nogil=True, cache=True)
def _asked(tree: Tree, end: int) -> int:
    """What stands above the exchange that ends there, and those before it up to a user's: a system
    message alone asks nothing, and a dialogue begins with a user.
    """
    while not tree.asks[end]:
        end = tree.above[end]
    return tree.above[end]


@nb.njit(nogil=True, cache=True)
def _learn(end: int, tree: Tree, home: Numbers, dialogue: int) -> None:
    while end >= 0 and tree.roles[end] == ASSISTANT:
        home[end] = dialogue
        end = tree.up[end]


@nb.njit(nogil=True, cache=True)
def _reject(end: int, tree: Tree, reasons: Codes, reason: int) -> None:
    """Give the reason to the messages of the exchange that have none.

    What asks may be shared: where it has one already, so has all that is above.
    """
    top = tree.above[end]
    while end != top and (reasons[end] == KEPT or tree.roles[end] == ASSISTANT):
        if reasons[end] == KEPT:
            reasons[end] = reason
        end = tree.up[end]


@nb.njit(nogil=True, cache=True)
def written(tree: Tree, bottoms: Numbers, tops: Numbers) -> tuple[Offsets, Numbers, Numbers]:
    """(offsets, messages, turns): dialogue i is `messages[offsets[i]:offsets[i + 1]]`.

    Neighbours of one role have the same turn.
    """
    offsets = np.zeros(bottoms.size + 1, np.int64)
    for i in range(bottoms.size):
        lead = tree.lead[bottoms[i]]
        skipped = tree.depth[tops[i]] if tops[i] >= 0 else 0
        led = tree.depth[lead] if lead >= 0 else 0
        offsets[i + 1] = offsets[i] + led + tree.depth[bottoms[i]] - skipped
    messages = np.empty(offsets[-1], np.int64)
    for i in range(bottoms.size):
        at, v = offsets[i + 1], bottoms[i]
        lead = tree.lead[v]
        while at > offsets[i]:
            v = lead if v == tops[i] else v
            at -= 1
            messages[at] = v
            v = tree.up[v]
    return offsets, messages, _turns(tree.roles, offsets, messages)


@nb.njit(nogil=True, cache=True)
def _turns(roles: Codes, offsets: Offsets, messages: Numbers) -> Numbers:
    turns = np.zeros(messages.size, np.int64)
    for i in range(offsets.size - 1):
        for at in range(offsets[i] + 1, offsets[i + 1]):
            changes = roles[messages[at]] != roles[messages[at - 1]]
            turns[at] = turns[at - 1] + changes
    return turns
