"""Hot loop of near-duplicates: candidates verified against the documents kept before them.

One pass in the order of the keep rule. The kept documents of each band key are a linked list, so a
document meets those that share a key with it and no others; a pair's similarity is counted only as
long as it can still reach what is needed.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Offsets

Hashes = NDArray[np.uint32]
Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]

_MIX = np.uint64(0x9E3779B97F4A7C15)


@nb.njit(nogil=True, cache=True)
def _numbered(keys: Keys) -> tuple[Ints, int]:
    """(int64[k], count): equal keys get the same number (open addressing, half full)."""
    size = 16
    while size < 2 * keys.size:
        size *= 2
    slots = np.full(size, -1, np.int64)
    numbers = np.empty(keys.size, np.int64)
    first = np.empty(keys.size, np.int64)
    count = 0
    mask = size - 1
    for entry in range(keys.size):
        at = np.int64((keys[entry] * _MIX) >> np.uint64(32)) & mask
        while slots[at] >= 0 and keys[first[slots[at]]] != keys[entry]:
            at = (at + 1) & mask
        if slots[at] < 0:
            slots[at] = count
            first[count] = entry
            count += 1
        numbers[entry] = slots[at]
    return numbers, count


@nb.njit(nogil=True, cache=True)
def _jaccard(left: Hashes, right: Hashes, least: float) -> float:
    """Shared over all of two sorted sets of different hashes; 0 for one that is below `least`.

    Two sets of a and b hashes reach it with `least / (1 + least) * (a + b)` shared ones.
    """
    needed = least * (left.size + right.size) / (1 + least) - 1e-6
    shared = i = j = 0
    while i < left.size and j < right.size:
        if shared + min(left.size - i, right.size - j) < needed:
            return 0.0
        for _ in range(32):
            if i == left.size or j == right.size:
                break
            one, other = left[i], right[j]
            shared += one == other
            i += one <= other
            j += other <= one
    total = left.size + right.size - shared
    return shared / total if total else 0.0


@nb.njit(nogil=True, cache=True)
def _equal_share(left: Hashes, right: Hashes) -> float:
    """The share of equal values of two signatures: an estimate of the Jaccard similarity."""
    equal = 0
    for at in range(left.size):
        equal += left[at] == right[at]
    return equal / left.size


@nb.njit(nogil=True, cache=True)
def _likeliest(met: Ints, shared: Ints, most: int) -> Ints:
    """The `most` of the kept documents met that share most keys; of equals the preferred ones."""
    counts = np.zeros(shared[met].max() + 1, np.int64)
    for kept in met:
        counts[shared[kept]] += 1
    least, more = counts.size - 1, 0  # `more` share more than `least` keys
    while more + counts[least] < most:
        more += counts[least]
        least -= 1
    found = np.empty(most, np.int64)
    at, equal = 0, most - more
    for kept in np.sort(met):
        if shared[kept] > least or (shared[kept] == least and equal > 0):
            equal -= shared[kept] == least
            found[at] = kept
            at += 1
    return found


@nb.njit(nogil=True, cache=True)
def _meet(own: Ints, head: Ints, following: Ints, holder: Ints, shared: Ints, met: Ints) -> int:
    """Count in `shared` how many keys each kept document has in common; how many were `met`."""
    size = 0
    for key in own:
        at = head[key]
        while at >= 0:
            other = holder[at]
            if shared[other] == 0:
                met[size] = other
                size += 1
            shared[other] += 1
            at = following[at]
    return size


@nb.njit(nogil=True, cache=True)
def _most_similar(
    row: int,
    candidates: Ints,
    order: Ints,
    offsets: Offsets,
    values: Hashes,
    threshold: float,
    estimate: bool,
) -> tuple[int, float]:
    """(place in the order, similarity) of the best of the candidates; of equals the preferred."""
    best, similarity = order.size, 0.0
    own = values[offsets[row] : offsets[row + 1]]
    for other in candidates:
        theirs = values[offsets[order[other]] : offsets[order[other] + 1]]
        if estimate:
            found = _equal_share(own, theirs)
        else:
            found = _jaccard(own, theirs, max(threshold, similarity))
        if found > similarity or (found == similarity and other < best):
            best, similarity = other, found
    return best, similarity


@nb.njit(nogil=True, cache=True)
def greedy(
    order: Ints,
    fixed: int,
    key_offsets: Offsets,
    keys: Keys,
    offsets: Offsets,
    values: Hashes,
    threshold: float,
    estimate: bool,
    most_candidates: int,
    most_holders: int,
) -> tuple[Ints, NDArray[np.float64], NDArray[np.bool_]]:
    """(kept int64[n], similarity float64[n], capped bool[n]) of documents, by their rows.

    `order` has the rows in the order of the keep rule, of which the first `fixed` stay whatever
    they resemble. `kept` is the row of the document that stands for a removed one, -1 for one that
    stays: the most similar of the kept ones that share a key, of equals the preferred one. A
    document is `capped` if it shares keys with more kept ones than `most_candidates`, or a key with
    `most_holders` of them, behind which no more are listed. `values` are the shingles, or the
    signatures where an estimate is enough.
    """
    numbers, count = _numbered(keys)
    head = np.full(count, -1, np.int64)  # of each key, the entry of the kept document added last
    following = np.empty(keys.size, np.int64)  # of an entry, the one added before
    holder = np.empty(keys.size, np.int64)  # of an entry, its document's place in the order
    held = np.zeros(count, np.int64)
    shared, met = np.zeros(order.size, np.int64), np.empty(order.size, np.int64)
    kept = np.full(order.size, -1, np.int64)
    similarity = np.zeros(order.size, np.float64)
    capped = np.zeros(order.size, np.bool_)
    for place in range(order.size):
        row = order[place]
        own = numbers[key_offsets[row] : key_offsets[row + 1]]
        if place >= fixed:
            size = _meet(own, head, following, holder, shared, met)
            capped[row] = size > most_candidates or (held[own] == most_holders).any()
            candidates = met[:size]
            if size > most_candidates:
                candidates = _likeliest(candidates, shared, most_candidates)
            best, found = _most_similar(
                row, candidates, order, offsets, values, threshold, estimate
            )
            shared[met[:size]] = 0
            if found >= threshold:
                kept[row], similarity[row] = order[best], found
                continue
        for at in range(own.size):
            if held[own[at]] < most_holders:
                entry = key_offsets[row] + at
                holder[entry], following[entry] = place, head[own[at]]
                head[own[at]] = entry
                held[own[at]] += 1
    return kept, similarity, capped
