"""How much of each language and source a tokenizer is trained on."""

import numpy as np
from numpy.typing import NDArray

Sizes = NDArray[np.float64]


def quotas(sizes: Sizes, budget: float, temperature: float) -> Sizes:
    """The part of the budget that each group gets, in the unit of the sizes; 0 of an empty one.

    Shares are proportional to size ** (1 / temperature) (Conneau et al. 2020, section 3.1, with
    alpha = 1 / temperature): 1 is the corpus as it is, a large number gives every group the same.
    A group that is smaller than its share is taken whole; what it leaves goes to the others.
    """
    found = np.zeros(sizes.size)
    weights = np.power(sizes, 1 / temperature, where=sizes > 0, out=np.zeros(sizes.size))
    still = sizes > 0
    while still.any():
        left = budget - found[~still].sum()
        share = left * weights / weights[still].sum()
        whole = still & (sizes <= share)
        if not whole.any():
            return np.where(still, share, found)
        found[whole] = sizes[whole]
        still &= ~whole
    return found
