"""Compiled kernels: sums and copies of series. Operands are affine: scale * row + shift."""

import numpy as np

from tpsa.context import (
    ERROR,
    MISMATCH,
    combine_rows,
    degree_starts,
    degrees,
    new_row,
    row,
    row_address,
    words,
)
from tpsa.jit import njit


@njit
def clear(out, begin, end):
    """Set a part of a row to zero; unsigned indices make it a fast loop."""
    for i in range(np.uint64(begin), np.uint64(max(begin, end))):
        out[i] = 0.0


@njit
def scale_into(c, o, a, scale, shift):
    """Row o = scale * row a + shift."""
    degree = degrees(c)[a]
    combine_rows(row_address(c, o), row_address(c, a), scale, row_address(c, a), 0.0, degree_starts(c)[degree + 1])
    row(c, o)[0] += shift
    degrees(c)[o] = degree


@njit
def add_into(c, o, a, scale_a, b, scale_b, shift):
    """Row o = scale_a * row a + scale_b * row b + shift."""
    starts, degree = degree_starts(c), degrees(c)
    if degree[a] < degree[b]:
        a, b, scale_a, scale_b = b, a, scale_b, scale_a
    both, end = starts[degree[b] + 1], starts[degree[a] + 1]
    combine_rows(row_address(c, o), row_address(c, a), scale_a, row_address(c, b), scale_b, both)
    out, x = row(c, o), row(c, a)
    for i in range(np.uint64(both), np.uint64(end)):
        out[i] = scale_a * x[i]
    out[0] += shift
    degree[o] = degree[a]


def add(context_a, a, scale_a, shift_a, context_b, b, scale_b, shift_b):
    """Kernel: new row of the sum of two series."""
    c = words(context_a)
    if context_a != context_b:
        c[ERROR] = MISMATCH
        return np.int64(0)
    o = new_row(c)
    if o != 0:
        add_into(c, o, a, scale_a, b, scale_b, shift_a + shift_b)
    return o
