"""Compiled kernels for the life of rows: results are renamed into logical slots, temporaries are dropped.

Handles to keep are passed through the context's handle area: one record (row, scale, shift) of 64 bit words each.
"""

import numpy as np
from numba import carray

from tpsa.context import (
    HANDLES,
    NEXT,
    PERMUTATION,
    PERSISTENT,
    POSITIONS,
    SLOTS,
    integers,
    new_row,
    pointer,
    words,
)
from tpsa.jit import njit
from tpsa.sums import scale_into


@njit
def _move(permutation, positions, row, k):
    """Make `row` logical slot k, trading places with the row that is there."""
    at, other = positions[row], permutation[k]
    permutation[k], permutation[at] = row, other
    positions[row], positions[other] = k, at


@njit
def _copy(c, row, scale, shift):
    """New row of scale * row + shift; 0 where none is left."""
    o = new_row(c)
    if o != 0:
        scale_into(c, o, row, scale, shift)
    return o


def settle(context, count, _scale, _shift, _parameter):
    """Kernel: the `count` handles become logical slots 0, 1, ...; everything else but persistent slots is dropped."""
    c = words(context)
    rows = integers(c[HANDLES], 3 * count)
    numbers = carray(pointer(c[HANDLES]), 3 * count, np.float64)
    permutation, positions = integers(c[PERMUTATION], c[SLOTS]), integers(c[POSITIONS], c[SLOTS] + 1)
    for i in range(count):
        row, scale, shift = rows[3 * i], numbers[3 * i + 1], numbers[3 * i + 2]
        if row == 0 or scale != 1.0 or shift != 0.0 or count <= positions[row] < c[PERSISTENT]:
            rows[3 * i] = _copy(c, row, scale, shift)
            if rows[3 * i] == 0:
                return np.int64(0)
    for i in range(count):
        row = rows[3 * i]
        if positions[row] < i:
            row = _copy(c, row, 1.0, 0.0)
            if row == 0:
                return np.int64(0)
        _move(permutation, positions, row, i)
    c[NEXT] = max(count, c[PERSISTENT])
    return np.int64(0)


def release(context, count, _scale, _shift, mark):
    """Kernel: drop all temporaries made since `mark` but those of the `count` handles."""
    c = words(context)
    rows = integers(c[HANDLES], 3 * count)
    permutation, positions = integers(c[PERMUTATION], c[SLOTS]), integers(c[POSITIONS], c[SLOTS] + 1)
    following = np.int64(mark)
    for i in range(count):
        row = rows[3 * i]
        if positions[row] >= following:
            _move(permutation, positions, row, following)
            following += 1
    c[NEXT] = following
    return np.int64(0)
