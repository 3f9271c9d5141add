"""Compiled kernels: products of series. Operands are affine: scale * row + shift.

Only the two kernels made here look at the product table. Both visit each pair of monomials once, the factor of lower
degree outside and the other inside, so that few long inner loops remain and zero coefficients outside are skipped.
"""

from collections.abc import Callable

import numpy as np
from numba import carray

from tpsa.context import (
    BLOCK_DEGREES,
    BLOCK_STARTS,
    ERROR,
    MISMATCH,
    ORDER,
    ROW_STARTS,
    SEGMENT_STARTS,
    SEGMENTS,
    SIZE,
    TARGETS,
    combine_rows,
    degree_starts,
    degrees,
    integers,
    new_row,
    pointer,
    row,
    row_address,
    words,
)
from tpsa.jit import njit
from tpsa.scatter import scatter, scatter_pairs
from tpsa.sums import clear

UNBOUNDED = 2**40


@njit
def block_tables(c):
    """Block starts, block degrees, segment starts, segments (flat) and row starts of the product table."""
    return (
        integers(c[BLOCK_STARTS], 1),
        integers(c[BLOCK_DEGREES], 1),
        integers(c[SEGMENT_STARTS], 1),
        integers(c[SEGMENTS], 1),
        integers(c[ROW_STARTS], 1),
    )


@njit(forceinline=True)
def rows_of(first, b):
    """Monomials of block b; their unsigned numbers index without a look at the sign."""
    return range(np.uint64(first[b]), np.uint64(first[b + 1]))


@njit(forceinline=True)
def add_rows(c, targets, out, x, y, b, scale_x, scale_y, begin, end):
    """Add scale_x * x[j] * y[i] + scale_y * y[j] * x[i] for j in block b and i from begin to end - 1, but not below j.

    (i, j) and (j, i) come together, for they share the target; i = j counts once.
    """
    first, _, segment_start, segments, row_start = block_tables(c)
    for s in range(segment_start[b], segment_start[b + 1]):
        left, right, offset = max(segments[3 * s], begin), min(segments[3 * s + 1], end), segments[3 * s + 2]
        if right <= max(left, first[b]):
            continue
        for j in rows_of(first, b):
            xj, yj = scale_x * x[j], scale_y * y[j]
            if xj == 0.0 and yj == 0.0:
                continue
            number, shift = np.int64(j), row_start[j] + offset
            if left <= number < right:
                out[targets[np.uint64(shift + number)]] += xj * y[j]
            scatter_pairs(out, targets, y, x, xj, yj, shift, max(left, number + 1), right)


@njit(forceinline=True)
def add_square(c, targets, out, x, b, scale, begin, end):
    """As `add_rows` for x = y: add scale * x[j] * x[i]."""
    first, _, segment_start, segments, row_start = block_tables(c)
    for s in range(segment_start[b], segment_start[b + 1]):
        left, right, offset = max(segments[3 * s], begin), min(segments[3 * s + 1], end), segments[3 * s + 2]
        if right <= max(left, first[b]):
            continue
        for j in rows_of(first, b):
            xj = scale * x[j]
            if xj == 0.0:
                continue
            number, shift = np.int64(j), row_start[j] + offset
            if left <= number < right:
                out[targets[np.uint64(shift + number)]] += xj * x[j]
            scatter(out, targets, x, 2.0 * xj, shift, max(left, number + 1), right)


@njit(forceinline=True)
def add_outer(c, targets, out, outer, scale, b, inner, begin, end):
    """Add scale * outer[j] * inner[i] for j in block b and i from begin to end - 1."""
    first, _, segment_start, segments, row_start = block_tables(c)
    for s in range(segment_start[b], segment_start[b + 1]):
        left, right, offset = max(segments[3 * s], begin), min(segments[3 * s + 1], end), segments[3 * s + 2]
        if left >= right:
            continue
        for j in rows_of(first, b):
            factor = scale * outer[j]
            if factor != 0.0:
                scatter(out, targets, inner, factor, row_start[j] + offset, left, right)


@njit
def add_between(c, targets, out, outer, scale, least, most, inner, begin, end, top):
    """Add scale * (degrees least to most of outer) * (monomials begin to end - 1 of inner), up to degree `top`."""
    starts = degree_starts(c)
    first, block_degree = integers(c[BLOCK_STARTS], 1), integers(c[BLOCK_DEGREES], 1)
    b, size = 0, c[SIZE]
    while block_degree[b] < least:
        b += 1
    while first[b] < size and block_degree[b] <= most:
        add_outer(c, targets, out, outer, scale, b, inner, begin, min(starts[top - block_degree[b] + 1], end))
        b += 1


def product_kernel(index_type: type) -> Callable:
    """Kernel of products for a table of targets of this integer type."""

    def product(context, o, a, scale_a, shift_a, b, scale_b, shift_b, limit):
        """Row o = (scale_a * row a + shift_a) * (scale_b * row b + shift_b) up to degree `limit`; o is new."""
        c = words(context)
        starts, degree = degree_starts(c), degrees(c)
        if degree[a] < degree[b]:
            a, b, scale_a, scale_b, shift_a, shift_b = b, a, scale_b, scale_a, shift_b, shift_a
        high, low = min(degree[a], limit), min(degree[b], limit)
        out, x, y = row(c, o), row(c, a), row(c, b)
        x0, y0 = scale_a * x[0] + shift_a, scale_b * y[0] + shift_b
        both, end = starts[low + 1], starts[high + 1]
        combine_rows(row_address(c, o), row_address(c, a), y0 * scale_a, row_address(c, b), x0 * scale_b, both)
        for i in range(np.uint64(both), np.uint64(max(both, end))):
            out[i] = y0 * scale_a * x[i]
        out[0] = x0 * y0
        top = min(limit, high + low)
        degree[o] = top
        if low == 0 or limit == 1:
            return np.int64(0)
        targets = carray(pointer(c[TARGETS]), UNBOUNDED, index_type)
        scale = scale_a * scale_b
        clear(out, end, starts[top + 1])
        first, block_degree = integers(c[BLOCK_STARTS], 1), integers(c[BLOCK_DEGREES], 1)
        k, size = 1, c[SIZE]
        while first[k] < size and block_degree[k] <= low and 2 * block_degree[k] <= top:
            bound = starts[min(top - block_degree[k], low) + 1]
            if a == b:
                add_square(c, targets, out, x, k, scale, first[k], bound)
            else:
                add_rows(c, targets, out, x, y, k, scale, scale, first[k], bound)
            k += 1
        if high > low:
            add_between(c, targets, out, y, scale, 1, min(low, top - low - 1), x, both, end, top)
        return np.int64(0)

    return product


def multiply_kernel(index_type: type) -> Callable:
    """Kernel of multiplication for a table of targets of this integer type."""
    product = njit(product_kernel(index_type), cache=False, forceinline=True)

    def multiply(context_a, a, scale_a, shift_a, context_b, b, scale_b, shift_b):
        """New row of the product of two series."""
        c = words(context_a)
        if context_a != context_b:
            c[ERROR] = MISMATCH
            return np.int64(0)
        o = new_row(c)
        if o != 0:
            product(context_a, o, a, scale_a, shift_a, b, scale_b, shift_b, c[ORDER])
        return o

    return multiply


def advance_kernel(index_type: type) -> Callable:
    """Kernel of graded recursions with a table of targets of this integer type."""

    def advance(context, o, row_x, row_y, k, limit, of_x, of_y):
        """Add to row o what E^-1 (of_x Y E X + of_y X E Y) gains up to degree `limit` when parts of degree k are known.

        X and Y are rows x and y without constant parts. What is gained are the products of one part of degree k and
        one of degree 1 to k.
        """
        c = words(context)
        starts, degree = degree_starts(c), degrees(c)
        out, x, y = row(c, o), row(c, row_x), row(c, row_y)
        targets = carray(pointer(c[TARGETS]), UNBOUNDED, index_type)
        first, block_degree = integers(c[BLOCK_STARTS], 1), integers(c[BLOCK_DEGREES], 1)
        begin, end, most = starts[k], starts[k + 1], min(k, limit - k)
        b, size = 1, c[SIZE]
        while first[b] < size and block_degree[b] <= most:
            g = block_degree[b]
            outer_x, outer_y = (of_x * g + of_y * k) / (g + k), (of_x * k + of_y * g) / (g + k)
            if k <= min(degree[row_x], degree[row_y]):
                add_rows(c, targets, out, x, y, b, outer_x, outer_y, begin, end)
            elif k <= degree[row_x] and g <= degree[row_y]:
                add_outer(c, targets, out, y, outer_y, b, x, begin, end)
            elif k <= degree[row_y] and g <= degree[row_x]:
                add_outer(c, targets, out, x, outer_x, b, y, begin, end)
            b += 1
        return np.int64(0)

    return advance
