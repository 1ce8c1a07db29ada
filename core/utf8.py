"""Code points of UTF-8 in kernels: inlined where they are called.

Numba's cache of a caller does not know this file: after a change here, delete the caches of all
kernels (`find . -name '*.nb[ci]' -delete`).
"""

import numba as nb
import numpy as np

from taojin.core.arrow import Bytes

Position = np.uint64
"""Unsigned: Numba tests a signed index for being negative, which takes two thirds of the time."""

_1, _2, _3, _4 = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)


@nb.njit(nogil=True, cache=True, inline="always")
def decode(data: Bytes, at: int) -> tuple[int, int]:
    """(code point, bytes it takes) at a byte position of valid UTF-8."""
    lead = data[np.uintp(at)]
    if lead < 0x80:
        return int(lead), 1
    code = (int(lead) << 6) | (data[np.uintp(at + 1)] & 0x3F)
    if lead < 0xE0:
        return code & 0x7FF, 2
    code = (code << 6) | (data[np.uintp(at + 2)] & 0x3F)
    if lead < 0xF0:
        return code & 0xFFFF, 3
    return ((code << 6) | (data[np.uintp(at + 3)] & 0x3F)) & 0x1FFFFF, 4


@nb.njit(nogil=True, cache=True, inline="always")
def decode_unsigned(data: Bytes, at: Position) -> tuple[np.uint64, Position]:
    """(code point, where the next one begins) at a byte position of valid UTF-8."""
    lead = np.uint64(data[at])
    if lead < np.uint64(0x80):
        return lead, at + _1
    second = np.uint64(data[at + _1] & 0x3F)
    if lead < np.uint64(0xE0):
        return (lead & np.uint64(0x1F)) << np.uint64(6) | second, at + _2
    third = np.uint64(data[at + _2] & 0x3F)
    if lead < np.uint64(0xF0):
        high = (lead & np.uint64(0x0F)) << np.uint64(12)
        return high | second << np.uint64(6) | third, at + _3
    high = (lead & np.uint64(0x07)) << np.uint64(18) | second << np.uint64(12)
    return high | third << np.uint64(6) | np.uint64(data[at + _3] & 0x3F), at + _4
