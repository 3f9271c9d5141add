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
    pointer,
    row,
    row_address,
    words,
)
from tpsa.jit import njit

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


@njit
def scatter(out, targets, x, factor, begin, end):
    """out[targets[i]] += factor * x[i] for i from begin to end - 1; unsigned indices make it a fast loop."""
    for i in range(np.uint64(begin), np.uint64(max(begin, end))):
        out[targets[i]] += factor * x[i]


@njit
def scatter_pairs(out, targets, x, y, xj, yj, begin, end):
    """out[targets[i]] += xj * y[i] + yj * x[i] for i from begin to end - 1."""
    for i in range(np.uint64(begin), np.uint64(max(begin, end))):
        out[targets[i]] += xj * y[i] + yj * x[i]


@njit
def add_pairs(c, targets, out, x, y, scale, low, top):
    """Add scale * x * y of degrees 1 to `low` on both sides: (i, j) and (j, i) together, for they share the target."""
    starts = degree_starts(c)
    first, block_degree, segment_start, segments, row_start = block_tables(c)
    b, size = 1, c[SIZE]
    while first[b] < size and block_degree[b] <= low and 2 * block_degree[b] <= top:
        bound = starts[min(top - block_degree[b], low) + 1]
        for s in range(segment_start[b], segment_start[b + 1]):
            begin, end, offset = segments[3 * s], min(segments[3 * s + 1], bound), segments[3 * s + 2]
            if end <= first[b]:
                continue
            for j in range(first[b], first[b + 1]):
                xj, yj = scale * x[j], scale * y[j]
                if xj == 0.0 and yj == 0.0:
                    continue
                row_targets = targets[row_start[j] + offset :]
                if begin <= j < end:
                    out[row_targets[j]] += xj * y[j]
                scatter_pairs(out, row_targets, x, y, xj, yj, max(begin, j + 1), end)
        b += 1


@njit
def add_square(c, targets, out, x, scale, low, top):
    """As `add_pairs` for x * x."""
    starts = degree_starts(c)
    first, block_degree, segment_start, segments, row_start = block_tables(c)
    b, size = 1, c[SIZE]
    while first[b] < size and block_degree[b] <= low and 2 * block_degree[b] <= top:
        bound = starts[min(top - block_degree[b], low) + 1]
        for s in range(segment_start[b], segment_start[b + 1]):
            begin, end, offset = segments[3 * s], min(segments[3 * s + 1], bound), segments[3 * s + 2]
            if end <= first[b]:
                continue
            for j in range(first[b], first[b + 1]):
                xj = scale * x[j]
                if xj == 0.0:
                    continue
                row_targets = targets[row_start[j] + offset :]
                if begin <= j < end:
                    out[row_targets[j]] += xj * x[j]
                scatter(out, row_targets, x, 2.0 * xj, max(begin, j + 1), end)
        b += 1


@njit
def add_between(c, targets, out, outer, scale, least, most, inner, begin, end, top):
    """Add scale * (degrees least to most of outer) * (monomials begin to end - 1 of inner), up to degree `top`."""
    starts = degree_starts(c)
    first, block_degree, segment_start, segments, row_start = block_tables(c)
    b, size = 0, c[SIZE]
    while block_degree[b] < least:
        b += 1
    while first[b] < size and block_degree[b] <= most:
        bound = min(starts[top - block_degree[b] + 1], end)
        for s in range(segment_start[b], segment_start[b + 1]):
            left, right, offset = max(segments[3 * s], begin), min(segments[3 * s + 1], bound), segments[3 * s + 2]
            if left >= right:
                continue
            for j in range(first[b], first[b + 1]):
                factor = scale * outer[j]
                if factor != 0.0:
                    scatter(out, targets[row_start[j] + offset :], inner, factor, left, right)
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
        for i in range(both, end):
            out[i] = y0 * scale_a * x[i]
        out[0] = x0 * y0
        top = min(limit, high + low)
        degree[o] = top
        if low == 0 or limit == 1:
            return np.int64(0)
        for i in range(end, starts[top + 1]):
            out[i] = 0.0
        targets = carray(pointer(c[TARGETS]), UNBOUNDED, index_type)
        scale = scale_a * scale_b
        if a == b:
            add_square(c, targets, out, x, scale, low, top)
            return np.int64(0)
        add_pairs(c, targets, out, x, y, scale, low, top)
        if high > low:
            add_between(c, targets, out, y, scale, 1, min(low, top - low - 1), x, both, end, top)
        return np.int64(0)

    return product


def push_kernel(index_type: type) -> Callable:
    """Kernel of the graded recursions' products for a table of targets of this integer type."""

    def push(context, o, source, weighted, k, reach):
        """Row o += (part of degree k of row source) * (degrees 1 to `reach` of row weighted)."""
        c = words(context)
        starts, order = degree_starts(c), c[ORDER]
        most = min(reach, order - k)
        out, x, y = row(c, o), row(c, source), row(c, weighted)
        if k == 0:
            factor = x[0]
            for i in range(1, starts[most + 1]):
                out[i] += factor * y[i]
            return np.int64(0)
        targets = carray(pointer(c[TARGETS]), UNBOUNDED, index_type)
        begin, end, bound = starts[k], starts[k + 1], starts[most + 1]
        if end - begin <= bound - 1:
            add_between(c, targets, out, x, 1.0, k, k, y, 1, bound, order)
        else:
            add_between(c, targets, out, y, 1.0, 1, most, x, begin, end, order)
        return np.int64(0)

    return push
