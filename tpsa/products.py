"""Compiled kernels: sums, products and copies of series. Operands are affine: scale * row + shift."""

import numpy as np
from numba import carray

from tpsa.context import (
    BLOCK_DEGREES,
    BLOCK_STARTS,
    FULL,
    MISMATCH,
    ORDER,
    ROW_STARTS,
    ROWS,
    SEGMENT_STARTS,
    SEGMENTS,
    SIZE,
    STRIDE,
    TARGETS,
    UNBOUNDED,
    WIDE,
    combine_rows,
    degree_starts,
    degrees,
    integers,
    new_row,
    pointer,
    row,
    words,
)
from tpsa.jit import njit


@njit
def row_address(c, slot):
    """Address of a row's first coefficient."""
    return c[ROWS] + 8 * slot * c[STRIDE]


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
    for i in range(both, end):
        out[i] = scale_a * x[i]
    out[0] += shift
    degree[o] = degree[a]


@njit
def multiply_into(c, o, a, scale_a, shift_a, b, scale_b, shift_b, limit):
    """Row o = (scale_a * row a + shift_a) * (scale_b * row b + shift_b) up to degree `limit`; o is neither a nor b."""
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
        return
    for i in range(end, starts[top + 1]):
        out[i] = 0.0
    scale = scale_a * scale_b
    if c[WIDE]:
        _add_products(c, carray(pointer(c[TARGETS]), UNBOUNDED, np.uint32), out, x, y, scale, high, low, top, a == b)
    else:
        _add_products(c, carray(pointer(c[TARGETS]), UNBOUNDED, np.uint16), out, x, y, scale, high, low, top, a == b)


@njit
def _add_products(c, targets, out, x, y, scale, high, low, top, square):
    """Add scale * x * y without the constant parts' products: pairs of low degrees, then what only x reaches."""
    if square:
        _add_square(c, targets, out, x, scale, low, top)
    else:
        _add_pairs(c, targets, out, x, y, scale, low, top)
        if high > low:
            _add_one_sided(c, targets, out, x, y, scale, high, low, top)


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
    """out[targets[j]] += factor * x[j] for j from begin to end - 1; unsigned indices make it a fast loop."""
    for j in range(np.uint64(begin), np.uint64(max(begin, end))):
        out[targets[j]] += factor * x[j]


@njit
def scatter_pairs(out, targets, x, y, xi, yi, begin, end):
    """out[targets[j]] += xi * y[j] + yi * x[j] for j from begin to end - 1."""
    for j in range(np.uint64(begin), np.uint64(max(begin, end))):
        out[targets[j]] += xi * y[j] + yi * x[j]


@njit
def _add_pairs(c, targets, out, x, y, scale, low, top):
    """Products of degrees 1 to `low` on both sides; pairs (i, j) and (j, i) together since they share the target."""
    starts = degree_starts(c)
    first, block_degree, segment_start, segments, row_start = block_tables(c)
    b, size = 1, c[SIZE]
    while first[b] < size and block_degree[b] <= low:
        if block_degree[b] == top:
            break
        bound = starts[min(top - block_degree[b], low) + 1]
        for s in range(segment_start[b], segment_start[b + 1]):
            begin, end = max(segments[3 * s], 1), min(segments[3 * s + 1], bound)
            for i in range(first[b], first[b + 1]):
                xi, yi = scale * x[i], scale * y[i]
                if xi == 0.0 and yi == 0.0:
                    continue
                at = row_start[i] + segments[3 * s + 2]
                scatter_pairs(out, targets[at:], x, y, xi, yi, begin, min(end, i))
                if begin <= i < end:
                    out[targets[at + i]] += xi * y[i]
        b += 1


@njit
def _add_square(c, targets, out, x, scale, low, top):
    """As `_add_pairs` for x * x."""
    starts = degree_starts(c)
    first, block_degree, segment_start, segments, row_start = block_tables(c)
    b, size = 1, c[SIZE]
    while first[b] < size and block_degree[b] <= low:
        if block_degree[b] == top:
            break
        bound = starts[min(top - block_degree[b], low) + 1]
        for s in range(segment_start[b], segment_start[b + 1]):
            begin, end = max(segments[3 * s], 1), min(segments[3 * s + 1], bound)
            for i in range(first[b], first[b + 1]):
                xi = scale * x[i]
                if xi == 0.0:
                    continue
                at, twice = row_start[i] + segments[3 * s + 2], 2.0 * xi
                scatter(out, targets[at:], x, twice, begin, min(end, i))
                if begin <= i < end:
                    out[targets[at + i]] += xi * x[i]
        b += 1


@njit
def _add_one_sided(c, targets, out, x, y, scale, high, low, top):
    """Products of degrees low + 1 to high of x with degrees 1 to low of y."""
    starts = degree_starts(c)
    first, block_degree, segment_start, segments, row_start = block_tables(c)
    b = 1
    while block_degree[b] <= low and first[b] < c[SIZE]:
        bound = starts[min(top - block_degree[b], high) + 1]
        for s in range(segment_start[b], segment_start[b + 1]):
            begin, end = max(segments[3 * s], starts[low + 1]), min(segments[3 * s + 1], bound)
            for i in range(first[b], first[b + 1]):
                yi = scale * y[i]
                if yi == 0.0:
                    continue
                scatter(out, targets[row_start[i] + segments[3 * s + 2] :], x, yi, begin, end)
        b += 1


def multiply(context_a, a, scale_a, shift_a, context_b, b, scale_b, shift_b):
    """Kernel: new row of the product of two series."""
    if context_a != context_b:
        return np.int64(MISMATCH)
    c = words(context_a)
    o = new_row(c)
    if o != FULL:
        multiply_into(c, o, a, scale_a, shift_a, b, scale_b, shift_b, c[ORDER])
    return o


def add(context_a, a, scale_a, shift_a, context_b, b, scale_b, shift_b):
    """Kernel: new row of the sum of two series."""
    if context_a != context_b:
        return np.int64(MISMATCH)
    c = words(context_a)
    o = new_row(c)
    if o != FULL:
        add_into(c, o, a, scale_a, b, scale_b, shift_a + shift_b)
    return o


def materialise(context, a, scale, shift, _):
    """Kernel: new row of a series with its scale and shift applied."""
    c = words(context)
    o = new_row(c)
    if o != FULL:
        scale_into(c, o, a, scale, shift)
    return o
