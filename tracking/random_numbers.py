"""Random numbers that are a function of what they are for: no state, so no dependence on order, blocks or threads.

Threefry with two words of 64 bits and 20 rounds. Source: J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw,
Parallel random numbers: as easy as 1, 2, 3, SC11 (2011).
"""

from __future__ import annotations

import numpy as np

from tpsa.jit import njit

ROTATIONS = tuple(np.uint64(r) for r in (16, 42, 12, 31, 16, 32, 24, 21))
WORD = np.uint64(64)
PARITY = np.uint64(0x1BD11BDAA9FC1A22)
TO_UNIT = 2.0**-53


@njit(forceinline=True)
def _four_rounds(x0, x1, first):
    for i in range(first, first + 4):
        r = ROTATIONS[i]
        x0 = x0 + x1
        x1 = ((x1 << r) | (x1 >> (WORD - r))) ^ x0
    return x0, x1


@njit(forceinline=True)
def threefry(k0, k1, c0, c1):
    """Two 64-bit words from a key and a counter of two words each, all uint64."""
    k2 = PARITY ^ k0 ^ k1
    x0, x1 = _four_rounds(c0 + k0, c1 + k1, 0)
    x0, x1 = _four_rounds(x0 + k1, x1 + k2 + np.uint64(1), 4)
    x0, x1 = _four_rounds(x0 + k2, x1 + k0 + np.uint64(2), 0)
    x0, x1 = _four_rounds(x0 + k0, x1 + k1 + np.uint64(3), 4)
    x0, x1 = _four_rounds(x0 + k1, x1 + k2 + np.uint64(4), 0)
    return x0 + k2, x1 + k0 + np.uint64(5)


@njit(forceinline=True)
def uniform_pair(seed, turn, particle, draw):
    """Two numbers above 0 and up to 1 for four whole numbers from 0 to 2^53, given as floats."""
    a, b = threefry(
        np.uint64(np.int64(seed)), np.uint64(np.int64(turn)), np.uint64(np.int64(particle)), np.uint64(np.int64(draw))
    )
    return (
        (np.float64(np.int64(a >> np.uint64(11))) + 0.5) * TO_UNIT,
        (np.float64(np.int64(b >> np.uint64(11))) + 0.5) * TO_UNIT,
    )
