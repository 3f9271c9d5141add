"""Compiled kernels: derivatives and integrals, read off the row of the product table that belongs to a variable."""

from collections.abc import Callable

import numpy as np
from numba import carray

from tpsa.context import (
    ERROR,
    EXPONENTS,
    NO_VARIABLE,
    ORDER,
    SIZE,
    TARGETS,
    WIDTH,
    degree_starts,
    degrees,
    new_row,
    pointer,
    row,
    words,
)
from tpsa.jit import njit
from tpsa.products import UNBOUNDED, block_tables
from tpsa.sums import clear


@njit
def new_result(c, variable):
    """New row for a derivative or integral; 0, and the error noted, where there is no such variable."""
    if not 0.0 <= variable < c[WIDTH]:
        c[ERROR] = NO_VARIABLE
        return np.int64(0)
    return new_row(c)


@njit
def exponents_of(c, variable):
    """Exponent of one variable or parameter in each monomial."""
    return carray(pointer(c[EXPONENTS] + variable * c[SIZE]), c[SIZE], np.uint8)


@njit
def unit_row(c, variable):
    """Segments of the product table's row of one variable: first, one past the last, start of the row."""
    first, _, segment_start, _, row_start = block_tables(c)
    b, unit = 1, 1 + variable
    while first[b + 1] <= unit:
        b += 1
    return segment_start[b], segment_start[b + 1], row_start[unit]


def derivative_kernel(index_type: type) -> Callable:
    """Kernel of derivatives for a table of targets of this integer type."""

    def derivative(context, a, scale, _shift, number):
        c = words(context)
        o, variable = new_result(c, number), np.int64(number)
        if o == 0:
            return o
        starts, top = degree_starts(c), degrees(c)[a]
        out, x, exponents = row(c, o), row(c, a), exponents_of(c, variable)
        clear(out, 0, starts[max(top, 1)])
        degrees(c)[o] = max(top - 1, 0)
        segments, targets = block_tables(c)[3], carray(pointer(c[TARGETS]), UNBOUNDED, index_type)
        begin, end, start = unit_row(c, variable)
        for s in range(begin, end):
            left, right = segments[3 * s], min(segments[3 * s + 1], starts[top])
            above = targets[start + segments[3 * s + 2] :]
            for i in range(np.uint64(left), np.uint64(max(left, right))):
                out[i] = scale * exponents[above[i]] * x[above[i]]
        return o

    return derivative


def integral_kernel(index_type: type) -> Callable:
    """Kernel of integrals from the expansion point for a table of targets of this integer type."""

    def integral(context, a, scale, shift, number):
        c = words(context)
        o, variable = new_result(c, number), np.int64(number)
        if o == 0:
            return o
        starts, top = degree_starts(c), min(degrees(c)[a] + 1, c[ORDER])
        out, x, exponents = row(c, o), row(c, a), exponents_of(c, variable)
        clear(out, 0, starts[top + 1])
        degrees(c)[o] = top
        segments, targets = block_tables(c)[3], carray(pointer(c[TARGETS]), UNBOUNDED, index_type)
        begin, end, start = unit_row(c, variable)
        for s in range(begin, end):
            left, right = segments[3 * s], min(segments[3 * s + 1], starts[top])
            above = targets[start + segments[3 * s + 2] :]
            for i in range(np.uint64(left), np.uint64(max(left, right))):
                out[above[i]] = scale * x[i] / exponents[above[i]]
        out[1 + variable] += shift
        return o

    return integral
