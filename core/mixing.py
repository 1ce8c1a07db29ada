"""A bijection of 64-bit hashes whose every bit depends on all: for kernels, and for arrays."""

import numba as nb
import numpy as np
from numpy.typing import NDArray


@nb.njit(nogil=True, cache=True, inline="always")
def mix(value: np.uint64) -> np.uint64:
    """The finaliser of MurmurHash3 for 64 bits."""
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """`mix` of each."""
    return mix.py_func(values)
