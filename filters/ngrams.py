"""Probabilities of n-grams from their counts: absolute discounting, interpolated.

Ney, Essen and Kneser 1994: every count gives up a discount, and what a context has so saved is
shared out by the shorter n-grams. So the probabilities after a context, those of symbols never
seen there included, sum to 1, n-grams that are left out of the table not excepted.

Counting is sorting: the result depends on the texts alone, not on their order, and memory is
bounded by the number of symbols.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from taojin.filters import perplexity_kernels as kernels
from taojin.filters.perplexity_kernels import MISSING, ORDER, STEPS_PER_BIT, Keys, Symbols, Table

FULL = 0.75
"""The largest load of a table: beyond it a search takes more than a few steps."""
_SMALLEST = 1 << 10

Counts = NDArray[np.int64]
Chances = NDArray[np.float64]


@dataclass(frozen=True)
class Ngrams:
    """N-grams of all orders, of each its key, own probability and what it leaves as a context.

    `unseen` is what the context of no symbols leaves: the probability of all symbols not kept.
    """

    keys: Keys
    own: Chances
    rest: Chances
    unseen: float

    def table(self) -> Table:
        """As small a table as holds them, each probability in a byte."""
        size = _SMALLEST
        while size * FULL < self.keys.size:
            size *= 2
        return kernels.build_table(self.keys, quantised(self.own), quantised(self.rest), size)


def estimate(symbols: Symbols, starts: Counts, discount: float, most: int) -> Ngrams:
    """The n-grams of the texts symbols[starts[i]:starts[i + 1]], of each order up to ORDER.

    Kept are those seen at least once, once and twice, or as often more as leaves at most `most`;
    `discount` lies between 0 and 1.
    """
    keys, counts = zip(
        *(
            np.unique(kernels.ngram_keys(symbols, starts, order), return_counts=True)
            for order in range(1, ORDER + 1)
        ),
        strict=True,
    )
    kept = _kept(counts, most)
    parts = [_shares(*order, discount) for order in zip(keys, counts, kept, strict=True)]
    rests = [
        _rest(kernels.contexts_of(keys[order - 1], order), *parts[order][1:])
        for order in range(1, ORDER)
    ]
    rests.append(np.ones(keys[-1].size))
    join = partial(_join, kept)
    unseen = float(parts[0][2][0]) if symbols.size else 1.0
    return Ngrams(join(keys), join([part[0] for part in parts]), join(rests), unseen)


def quantised(chances: Chances) -> NDArray[np.uint8]:
    """uint8[n]: bits of each probability above 0, in steps of an eighth, at most 31.75."""
    steps = np.rint(-STEPS_PER_BIT * np.log2(chances))
    return np.clip(steps, 0, MISSING - 1).astype(np.uint8)


def _kept(counts: Sequence[Counts], most: int) -> list[NDArray[np.bool_]]:
    """Which n-grams stay: whatever a context stays for, the context stays as well."""
    level = 1
    while True:
        kept = [count >= level + (order == ORDER) for order, count in enumerate(counts, start=1)]
        if sum(map(np.count_nonzero, kept)) <= most:
            return kept
        level += 1


def _shares(
    keys: Keys, counts: Counts, kept: NDArray[np.bool_], discount: float
) -> tuple[Chances, Keys, Chances]:
    """(own probability of each n-gram, the different contexts, what each of these leaves)."""
    contexts, first, inverse = _contexts(keys)
    if not keys.size:
        return np.zeros(0), contexts, np.zeros(0)
    own = np.where(kept, counts - discount, 0.0)
    totals = np.add.reduceat(counts, first)
    return own / totals[inverse], contexts, 1 - np.add.reduceat(own, first) / totals


def _contexts(keys: Keys) -> tuple[Keys, Counts, Counts]:
    """(the different contexts of sorted keys, where each begins, which one each key has)."""
    contexts = keys >> np.uint64(32)
    starts = np.ones(keys.size, np.bool_)
    starts[1:] = contexts[1:] != contexts[:-1]
    return contexts[starts], np.flatnonzero(starts), np.cumsum(starts) - 1


def _rest(wanted: Keys, contexts: Keys, rests: Chances) -> Chances:
    """float64[n]: what each wanted context leaves; 1, all of it, of one that nothing follows."""
    if not contexts.size:
        return np.ones(wanted.size)
    at = np.searchsorted(contexts, wanted).clip(max=contexts.size - 1)
    return np.where(contexts[at] == wanted, rests[at], 1.0)


def _join(kept, arrays):  # type: ignore[no-untyped-def]
    return np.concatenate([array[mask] for array, mask in zip(arrays, kept, strict=True)])
