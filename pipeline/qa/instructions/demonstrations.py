"""Other rows of the same table that come before one, drawn by hash."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.pipeline.shards.keys import uniform

Numbers = NDArray[np.int64]


def drawn(hashes: pl.Series, may_show: NDArray[np.bool_], most: int, seed: int) -> Numbers:
    """int64[n, most]: for every row the numbers of 0 to `most` others that may be shown, -1 behind.

    `hashes` are content hashes. The rows that may be shown stand on a circle in the order of one
    hash; a row takes those behind a place that another hash draws. So a new row changes the
    demonstrations of few others, and how many a row has, changes with nothing but itself.
    """
    ring = np.flatnonzero(may_show)
    ring = ring[np.argsort(uniform(hashes, "demonstration", seed).to_numpy()[ring], kind="stable")]
    rows, room = np.arange(len(hashes)), min(most + 1, ring.size)
    if room == 0:
        return np.full((rows.size, most), -1, np.int64)
    places = uniform(hashes, "demonstration", seed).to_numpy()[ring]
    first = np.searchsorted(places, uniform(hashes, "place", seed).to_numpy())
    shown = ring[(first[:, None] + np.arange(room)) % ring.size]
    wanted = (uniform(hashes, "demonstrations", seed).to_numpy() * (most + 1)).astype(np.int64)
    return _others(shown, rows, np.minimum(wanted, most), most)


def _others(shown: Numbers, rows: Numbers, wanted: Numbers, most: int) -> Numbers:
    """The first `wanted` of each line that are not the row itself."""
    other = shown != rows[:, None]
    rank = np.cumsum(other, axis=1) - 1
    taken = other & (rank < wanted[:, None])
    found = np.full((rows.size, most), -1, np.int64)
    at, column = np.nonzero(taken)
    found[at, rank[at, column]] = shown[at, column]
    return found


def within(chosen: Numbers, tokens: Numbers, most_tokens: int, beside: Numbers) -> Numbers:
    """`chosen` without those from which on a dialogue would have more than `most_tokens`.

    `tokens` are those of each row's own two turns, `beside` of what else its dialogue holds.
    """
    cost = np.where(chosen >= 0, tokens[chosen], 0)
    total = (tokens + beside)[:, None] + np.cumsum(cost, axis=1)
    return np.where(total <= most_tokens, chosen, -1)
