"""Compiled kernels of batches: products and graded recursions on eight series at once.

Series stand side by side in blocks (size, LANES): every coefficient is a row of lanes. The loops are those of
`tpsa.products` and `tpsa.series` with rows of lanes in place of numbers, so targets are looked up once for eight series
and no scatter hinders full vectors. `t` is the tuple of `batch_tables`; one block is given by its address. A lane that
meets a number outside of a function's domain becomes nan throughout and leaves the others alone.
"""

from functools import cache

import numpy as np

from tpsa.atanc import atanc_derivative
from tpsa.descriptor import Descriptor
from tpsa.jit import njit
from tpsa.stumpff import stumpff_derivative
from tpsa.vectors import LANES, any_of, load, over, splat, store, times, times_plus

(ORDER, STARTS, BLOCK_STARTS, BLOCK_DEGREES, SEGMENT_STARTS, SEGMENTS, ROW_STARTS, TARGETS) = range(8)


@cache
def batch_tables(descriptor: Descriptor) -> tuple:
    """Order and index tables of a descriptor, as the kernels take them."""
    t = descriptor.tables
    return (
        descriptor.order, t.degree_starts, t.block_starts, t.block_degrees, t.segment_starts, t.segments, t.row_starts,
        t.targets,
    )  # fmt: skip


@njit
def add_pairs(t, out, x, y, low, top):
    """Add x y of degrees 1 to `low` on both sides: (i, j) and (j, i) together, for they share the target."""
    starts, first, degree = t[STARTS], t[BLOCK_STARTS], t[BLOCK_DEGREES]
    b, size = 1, starts[-1]
    while first[b] < size and degree[b] <= low and 2 * degree[b] <= top:
        bound = starts[min(top - degree[b], low) + 1]
        for s in range(t[SEGMENT_STARTS][b], t[SEGMENT_STARTS][b + 1]):
            begin, end, offset = t[SEGMENTS][s, 0], min(t[SEGMENTS][s, 1], bound), t[SEGMENTS][s, 2]
            if end <= first[b]:
                continue
            for j in range(first[b], first[b + 1]):
                xj, yj = load(x, j), load(y, j)
                if not (any_of(xj) or any_of(yj)):
                    continue
                targets = t[TARGETS][t[ROW_STARTS][j] + offset :]
                if begin <= j < end:
                    target = np.int64(targets[j])
                    store(out, target, times_plus(xj, yj, load(out, target)))
                left, right = np.uint64(max(begin, j + 1)), np.uint64(max(begin, j + 1, end))
                if x == y:
                    twice = times(splat(2.0), xj)
                    for i in range(left, right):
                        target = np.int64(targets[i])
                        store(out, target, times_plus(twice, load(x, np.int64(i)), load(out, target)))
                    continue
                for i in range(left, right):
                    target, row = np.int64(targets[i]), np.int64(i)
                    both = times_plus(yj, load(x, row), load(out, target))
                    store(out, target, times_plus(xj, load(y, row), both))
        b += 1


@njit
def add_between(t, out, outer, least, most, inner, begin, end, top):
    """Add (degrees least to most of outer) * (monomials begin to end - 1 of inner), up to degree `top`."""
    starts, first, degree = t[STARTS], t[BLOCK_STARTS], t[BLOCK_DEGREES]
    b, size = 0, starts[-1]
    while degree[b] < least:
        b += 1
    while first[b] < size and degree[b] <= most:
        bound = min(starts[top - degree[b] + 1], end)
        for s in range(t[SEGMENT_STARTS][b], t[SEGMENT_STARTS][b + 1]):
            left, right = max(t[SEGMENTS][s, 0], begin), min(t[SEGMENTS][s, 1], bound)
            if left >= right:
                continue
            for j in range(first[b], first[b + 1]):
                factor = load(outer, j)
                if not any_of(factor):
                    continue
                targets = t[TARGETS][t[ROW_STARTS][j] + t[SEGMENTS][s, 2] :]
                for i in range(np.uint64(left), np.uint64(right)):
                    target = np.int64(targets[i])
                    store(out, target, times_plus(factor, load(inner, np.int64(i)), load(out, target)))
        b += 1


@njit
def push(t, out, source, weighted, k, reach):
    """Add (part of degree k of source) * (degrees 1 to `reach` of weighted)."""
    starts, order = t[STARTS], t[ORDER]
    most = min(reach, order - k)
    if most < 1:
        return
    begin, end, bound = starts[k], starts[k + 1], starts[most + 1]
    if end - begin <= bound - 1:
        add_between(t, out, source, k, k, weighted, 1, bound, order)
    else:
        add_between(t, out, weighted, 1, most, source, begin, end, order)


@njit
def address(blocks, b):
    """Address of block b; of the only block where there is just one."""
    return blocks.ctypes.data + (8 * LANES * blocks.shape[1] * b if len(blocks) > 1 else 0)


@njit
def clear(out, begin, end):
    """Zero rows begin to end - 1."""
    for i in range(begin, end):
        store(out, i, splat(0.0))


@njit
def product(t, out, x, y, degree_x, degree_y):
    """Blocks out = x y of series of the given degrees; one block of x or y serves all."""
    starts = t[STARTS]
    if degree_x < degree_y:
        x, y, degree_x, degree_y = y, x, degree_y, degree_x
    both, end, top = starts[degree_y + 1], starts[degree_x + 1], min(t[ORDER], degree_x + degree_y)
    for b in range(len(out)):
        o, p, q = address(out, b), address(x, b), address(y, b)
        p0, q0 = load(p, 0), load(q, 0)
        store(o, 0, times(p0, q0))
        for i in range(1, both):
            store(o, i, times_plus(q0, load(p, i), times(p0, load(q, i))))
        for i in range(both, end):
            store(o, i, times(q0, load(p, i)))
        clear(o, end, starts[-1])
        if degree_y > 0:
            add_pairs(t, o, p, q, degree_y, top)
            if degree_x > degree_y:
                add_between(t, o, q, 1, min(degree_y, top - degree_y - 1), p, both, end, top)


@njit
def start(t, out, constants, b):
    """Block of constants, the lanes of row b."""
    store(out, 0, load(constants.ctypes.data, b))
    clear(out, 1, t[STARTS][-1])


@njit
def reached(t, top):
    """Degree that a function of a series of degree `top` reaches."""
    return t[ORDER] if top > 0 else 0


@njit
def scale_part(t, out, k, factor):
    """Multiply the part of degree k by lanes."""
    for i in range(t[STARTS][k], t[STARTS][k + 1]):
        store(out, i, times(factor, load(out, i)))


@njit
def weight(t, out, x, slope, offset, reach):
    """out = (slope g + offset) x on the parts of degrees g = 1 to `reach`."""
    for g in range(1, reach + 1):
        factor = splat(slope * g + offset)
        for i in range(t[STARTS][g], t[STARTS][g + 1]):
            store(out, i, times(factor, load(x, i)))


@njit
def spoil(t, out):
    """Make every lane that holds an infinity or nan nan throughout."""
    bad, zero = splat(0.0), splat(0.0)
    for i in range(t[STARTS][-1]):
        bad = times_plus(zero, load(out, i), bad)
    if any_of(bad):
        for i in range(t[STARTS][-1]):
            store(out, i, times_plus(bad, bad, load(out, i)))


@njit
def power(t, out, x, scratch, first, exponent, top):
    """Blocks out = x^exponent with constant parts `first`; x has degree `top`."""
    weighted = scratch[0].ctypes.data
    for b in range(len(out)):
        o, a = address(out, b), address(x, b)
        inverse = over(splat(1.0), load(a, 0))
        start(t, o, first, b)
        for k in range(reached(t, top) + 1):
            if k > 0:
                scale_part(t, o, k, times(splat(1.0 / k), inverse))
            reach = min(top, t[ORDER] - k)
            weight(t, weighted, a, exponent, -float(k), reach)
            push(t, o, o, weighted, k, reach)
        spoil(t, o)


@njit
def exponential(t, out, x, scratch, first, _, top):
    """Blocks out = exp(x) with constant parts `first`."""
    weighted = scratch[0].ctypes.data
    for b in range(len(out)):
        o = address(out, b)
        start(t, o, first, b)
        weight(t, weighted, address(x, b), 1.0, 0.0, top)
        for k in range(reached(t, top) + 1):
            if k > 1:
                scale_part(t, o, k, splat(1.0 / k))
            push(t, o, o, weighted, k, top)
        spoil(t, o)


@njit
def logarithm(t, out, x, scratch, first, _, top):
    """Blocks out = log(x) with constant parts `first`."""
    negative, part = scratch[0].ctypes.data, scratch[1].ctypes.data
    starts = t[STARTS]
    for b in range(len(out)):
        o, a = address(out, b), address(x, b)
        inverse = over(splat(1.0), load(a, 0))
        start(t, o, first, b)
        weight(t, o, a, 1.0, 0.0, top)
        weight(t, negative, a, 0.0, -1.0, top)
        for k in range(1, reached(t, top) + 1):
            for i in range(starts[k], starts[k + 1]):
                store(part, i, times(inverse, load(o, i)))
            push(t, o, part, negative, k, top)
            scale_part(t, o, k, times(splat(1.0 / k), inverse))
        spoil(t, o)


@njit
def sine_and_cosine(t, sine, cosine, x, scratch, first_sine, first_cosine, sign, top):
    """Blocks sine, cosine = sin, cos (sign -1) or sinh, cosh (sign 1) of x."""
    weighted, signed = scratch[0].ctypes.data, scratch[1].ctypes.data
    for b in range(len(sine)):
        s, c, a = address(sine, b), address(cosine, b), address(x, b)
        start(t, s, first_sine, b)
        start(t, c, first_cosine, b)
        weight(t, weighted, a, 1.0, 0.0, top)
        weight(t, signed, weighted, 0.0, sign, top)
        for k in range(reached(t, top) + 1):
            if k > 1:
                scale_part(t, s, k, splat(1.0 / k))
                scale_part(t, c, k, splat(1.0 / k))
            push(t, s, c, weighted, k, top)
            push(t, c, s, signed, k, top)
        spoil(t, s)
        spoil(t, c)


@njit
def horner(t, out, x, scratch, taylor, top):
    """Blocks out = sum_k taylor[k] (x - constant part)^k with numbers (order + 1, blocks, LANES).

    What is to be multiplied m more times is kept to degree order - m only.
    """
    order, starts = reached(t, top), t[STARTS]
    argument, spare = scratch[0].ctypes.data, scratch[1].ctypes.data
    for b in range(len(out)):
        o = address(out, b)
        weight(t, argument, address(x, b), 0.0, 1.0, top)
        now, other = (o, spare) if order % 2 == 0 else (spare, o)
        start(t, now, taylor[order], b)
        for k in range(order - 1, -1, -1):
            kept = order - k
            start(t, other, taylor[k], b)
            add_between(t, other, now, 0, kept - 1, argument, 1, starts[min(top, kept) + 1], kept)
            now, other = other, now
        spoil(t, o)


@njit
def stumpff_coefficients(n, points, out):
    """out[k] = k-th Taylor coefficient of the Stumpff function c_n about every point."""
    for k in range(len(out)):
        for b in range(points.shape[0]):
            for lane in range(LANES):
                out[k, b, lane] = stumpff_derivative(n, k, points[b, lane])


@njit
def atanc_coefficients(points, out):
    """out[k] = k-th Taylor coefficient of atan(v)/v about every point."""
    for k in range(len(out)):
        for b in range(points.shape[0]):
            for lane in range(LANES):
                out[k, b, lane] = atanc_derivative(k, points[b, lane])
