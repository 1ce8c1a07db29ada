"""Trees of messages: who speaks, where a path ends, and what nobody answers.

One pass forwards, since a message stands behind the one that it answers, and one backwards.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

SYSTEM, USER, ASSISTANT, TOOL, OTHER = range(5)

(
    KEPT, SILENT, NOTICE, LEADING, EMPTY, CALL, UNKNOWN, THIRD, RANK, UNANSWERED, HALF, LONG, GROWTH
) = range(13)  # fmt: skip
"""Why a message is left out. Up to LEADING a path goes on without it, from EMPTY on it ends."""


@nb.njit(nogil=True, cache=True)
def judge(
    parents: Numbers, given: Codes, speakers: Numbers, blank: Flags, threads: Flags
) -> tuple[Numbers, Codes, Codes]:
    """(up, role, reason) of each message; `up` is the nearest message above that is not left out.

    What stands below a message at which the path ends has its reason.
    """
    up = np.full(parents.size, -1, np.int64)
    roles = given.copy()
    reasons = np.zeros(parents.size, np.int8)
    openers = np.full(parents.size, -1, np.int64)
    asked = np.zeros(parents.size, np.bool_)
    for v in range(parents.size):
        above = parents[v]
        if above >= 0 and reasons[above] >= EMPTY:
            reasons[v] = reasons[above]
            continue
        if above >= 0 and reasons[above] != KEPT:
            above = up[above]
        up[v] = above
        if threads[v] and roles[v] == USER:
            roles[v], reasons[v] = _thread_role(v, above, roles, speakers, openers)
            openers[v] = speakers[v] if above < 0 else openers[above]
        asked[v] = roles[v] == USER or (above >= 0 and asked[above])
        reasons[v] = _reason(roles[v], reasons[v], blank[v], threads[v], asked[v])
    return up, roles, reasons


@nb.njit(nogil=True, cache=True)
def _thread_role(
    v: int, above: int, roles: Codes, speakers: Numbers, openers: Numbers
) -> tuple[int, int]:
    """(role, reason) of a message of a thread: who opened it asks, who answers them assists.

    An answer is answered by who opened, or goes on by the same speaker; a third ends the path.
    """
    if above < 0:
        return USER, KEPT
    known = speakers[v] >= 0
    if known and speakers[v] == openers[above]:
        return USER, KEPT
    if roles[above] == USER or (known and speakers[v] == speakers[above]):
        return ASSISTANT, KEPT
    return ASSISTANT, THIRD


@nb.njit(nogil=True, cache=True)
def _reason(role: int, reason: int, blank: bool, thread: bool, asked: bool) -> int:
    if role == SYSTEM and (thread or blank):
        return NOTICE if thread else SILENT
    if blank:
        return EMPTY
    if role == TOOL:
        return CALL
    if role == OTHER:
        return UNKNOWN
    return LEADING if role == ASSISTANT and not asked else reason


@nb.njit(nogil=True, cache=True)
def prune(up: Numbers, roles: Codes, reasons: Codes, order: Numbers, most: int) -> None:
    """Give RANK to all but the first `most` assistants below each message, and to what is below.

    `order` are the messages, those below the same one together and the best first.
    """
    before, count = np.int64(-1), 0
    for v in order:
        if reasons[v] != KEPT or roles[v] != ASSISTANT:
            continue
        count = count + 1 if up[v] == before else 1
        before = up[v]
        if count > most:
            reasons[v] = RANK
    for v in range(up.size):
        if reasons[v] == KEPT and up[v] >= 0 and reasons[up[v]] == RANK:
            reasons[v] = RANK


@nb.njit(nogil=True, cache=True)
def trim(up: Numbers, roles: Codes, reasons: Codes) -> tuple[Flags, Flags]:
    """(leaf, turn end) of each message, after what no assistant follows was given UNANSWERED.

    A leaf is an assistant's message below which nothing is left, a turn end one that no other of
    the assistant's goes on.
    """
    answered = np.zeros(up.size, np.bool_)
    inner = np.zeros(up.size, np.bool_)
    goes_on = np.zeros(up.size, np.bool_)
    for v in range(up.size - 1, -1, -1):
        if reasons[v] != KEPT:
            continue
        assists = roles[v] == ASSISTANT
        answered[v] |= assists
        if not answered[v]:
            reasons[v] = UNANSWERED
        elif up[v] >= 0:
            answered[up[v]] = True
            inner[up[v]] = True
            goes_on[up[v]] |= assists
    ends = (reasons == KEPT) & (roles == ASSISTANT)
    return ends & ~inner, ends & ~goes_on
