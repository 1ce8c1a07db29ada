"""The model that tells content from what is around it: boosted trees over the features of a block.

Trained by `benchmarks/train_content.py`, which says on what and how well it does.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.pipeline.ingest.web.content.feature_kernels import Features

# mypy: disable-error-code="untyped-decorator"


STAGES = (60, 150)
SURE = 1.6
"""After so many trees those rows are asked no further whose log odds have come so far, 0.83 to
0.17: of ten thousand decisions on real pages two to four would have turned.
"""


class Forest(NamedTuple):
    """Trees as rows of nodes: a feature, its bound, and the nodes for `<=` and for `>`.

    A node below 0 is a leaf: the place of its value from the end, -1 the first.
    """

    roots: NDArray[np.int32]
    features: NDArray[np.int32]
    bounds: NDArray[np.float32]
    children: NDArray[np.int32]
    leaves: NDArray[np.float32]


@cache
def forest() -> Forest:
    with files(__package__).joinpath("model", "forest.npz").open("rb") as file:
        arrays = np.load(file)
        return Forest(*(arrays[name] for name in Forest._fields))


@nb.njit(nogil=True, cache=True)
def _add(
    rows: Features,
    asked: NDArray[np.int64],
    sums: NDArray[np.float32],
    roots: NDArray[np.int32],
    features: NDArray[np.int32],
    bounds: NDArray[np.float32],
    children: NDArray[np.int32],
    leaves: NDArray[np.float32],
) -> None:
    """Add what trees say of the rows that are asked for."""
    for root in roots:
        for row in asked:
            node = root
            while node >= 0:
                node = children[node, np.int64(rows[row, features[node]] > bounds[node])]
            sums[row] += leaves[-node - 1]


@nb.njit(nogil=True, cache=True)
def scores(
    rows: Features,
    roots: NDArray[np.int32],
    features: NDArray[np.int32],
    bounds: NDArray[np.float32],
    children: NDArray[np.int32],
    leaves: NDArray[np.float32],
) -> NDArray[np.float32]:
    """float32[k]: how sure it is that each row is content, from 0 to 1.

    Most of a page is navigation, which few trees tell: a quarter of the walks is left.
    """
    sums, asked = np.zeros(len(rows), np.float32), np.arange(len(rows))
    done = 0
    for stage in STAGES:
        _add(rows, asked, sums, roots[done:stage], features, bounds, children, leaves)
        asked = asked[np.abs(sums[asked]) <= SURE]
        done = stage
    _add(rows, asked, sums, roots[done:], features, bounds, children, leaves)
    return (1 / (1 + np.exp(-sums))).astype(np.float32)
