"""Runs that follow each other in a text and in an item: one stretch."""

import numba as nb
import numpy as np

from taojin.dedup.evaluation.unit_kernels import Integers

MOST_BETWEEN = 50
"""Units between two runs of one stretch."""
STRETCH_COLUMNS = ("document", "item", "start", "end", "covered")
"""Columns of `stretches`: code points, and units of the item in all of its runs."""


@nb.njit(nogil=True, cache=True)
def stretches(runs: Integers, lengths: Integers) -> Integers:
    """int64[n, 5], STRETCH_COLUMNS: runs of one item that follow each other in text and item alike.

    `runs` are sorted by document, item, place and falling length; `lengths` has the units of each
    item. The next run begins behind the last one, in the text at most an item's length and
    MOST_BETWEEN units behind; what lies inside a stretch is no other one.
    """
    found = np.empty((runs.shape[0], 5), np.int64)
    used = -1
    text_end, item_end = 0, 0
    for run in runs:
        doc, item, at, item_at, units, start, stop = run
        known = used >= 0 and found[used, 0] == doc and found[used, 1] == item
        if known and at + units <= text_end:
            continue
        gain = min(at + units - max(at, text_end), item_at + units - max(item_at, item_end))
        follows = known and item_at + units > item_end and gain > 0
        if follows and at - text_end <= min(lengths[item], MOST_BETWEEN):
            found[used, 3] = stop
            found[used, 4] = max(found[used, 4] + gain, units)
        else:
            used += 1
            row = found[used]
            row[0], row[1], row[2], row[3], row[4] = doc, item, start, stop, units
        text_end, item_end = at + units, item_at + units
    return found[: used + 1].copy()
