"""Compiled kernels of batches: functions of eight series at once by the graded recursions of `tpsa.series`.

`plan` is the address of a plan and `targets` its product table; see `tpsa.batch_products`. A lane that meets a number
outside of a function's domain becomes nan throughout and leaves the others alone.
"""

from tpsa.atanc import atanc_derivative
from tpsa.batch_products import add_between, address, advance, clear
from tpsa.context import ORDER, SIZE, degree_starts, words
from tpsa.jit import njit
from tpsa.plans import slope_table
from tpsa.stumpff import stumpff_derivative
from tpsa.vectors import LANES, any_of, load, over, splat, store, times, times_plus


@njit
def reached(c, top):
    """Degree that a function of a series of degree `top` reaches."""
    return c[ORDER] if top > 0 else 0


@njit
def constants(numbers, b):
    """Constant parts of block b."""
    return load(numbers.ctypes.data, b)


@njit
def start_linear(c, out, value, x, factor, top):
    """One block out = value + factor * (x without its constant part), of degree `top`, and zero beyond."""
    end = degree_starts(c)[top + 1]
    store(out, 0, value)
    for i in range(1, end):
        store(out, i, times(factor, load(x, i)))
    clear(out, end, c[SIZE])


@njit
def spoil(c, out, *numbers):
    """Make every lane in which one of the given lanes is infinite or nan nan throughout."""
    bad, zero = splat(0.0), splat(0.0)
    for lanes in numbers:
        bad = times_plus(zero, lanes, bad)
    if any_of(bad):
        for i in range(c[SIZE]):
            store(out, i, times_plus(bad, bad, load(out, i)))


@njit
def power(plan, targets, out, x, top, values, exponent):
    """Blocks out = x^exponent, times numbers that make its constant parts `values`; x has degree `top`."""
    c = words(plan)
    order = reached(c, top)
    for b in range(len(out)):
        o, a, value = address(out, b), address(x, b), constants(values, b)
        ratio = over(splat(1.0), load(a, 0))
        start_linear(c, o, value, a, times(times(splat(exponent), value), ratio), top)
        for k in range(1, order):
            advance(c, targets, o, o, order, a, top, k, order, ratio, -1.0, exponent)
        spoil(c, o, value, ratio)


@njit
def exponential(plan, targets, out, x, top, values):
    """Blocks out = exp(x) of constant parts `values`; x has degree `top`."""
    c = words(plan)
    order = reached(c, top)
    for b in range(len(out)):
        o, a, value = address(out, b), address(x, b), constants(values, b)
        start_linear(c, o, value, a, value, top)
        for k in range(1, order):
            advance(c, targets, o, o, order, a, top, k, order, splat(1.0), 0.0, 1.0)
        spoil(c, o, value)


@njit
def integrated_quotient(plan, targets, out, x, top, divisor, top_divisor, values):
    """Blocks out = B with divisor E B = E x and constant parts `values`, for series of the given degrees."""
    c = words(plan)
    order = reached(c, top)
    for b in range(len(out)):
        o, a, d, value = address(out, b), address(x, b), address(divisor, b), constants(values, b)
        ratio = over(splat(1.0), load(d, 0))
        start_linear(c, o, value, a, ratio, top)
        for k in range(1, order):
            advance(c, targets, o, o, order, d, top_divisor, k, order, ratio, -1.0, 0.0)
        spoil(c, o, value, ratio)


@njit
def integral(plan, targets, out, x, top, slope, top_slope, values):
    """Blocks out = B with E B = slope E x and constant parts `values`, for series of the given degrees."""
    c = words(plan)
    order = reached(c, top)
    for b in range(len(out)):
        o, a, s, value = address(out, b), address(x, b), address(slope, b), constants(values, b)
        first = load(s, 0)
        start_linear(c, o, value, a, first, top)
        for k in range(1, order):
            advance(c, targets, o, s, top_slope, a, top, k, order, splat(1.0), 0.0, 1.0)
        spoil(c, o, value, first)


@njit
def quotient(plan, targets, out, x, top, divisor, top_divisor):
    """Blocks out = x / divisor, for series of the given degrees; one block of x or divisor serves all."""
    c = words(plan)
    starts = degree_starts(c)
    order = c[ORDER] if top_divisor > 0 else top
    for b in range(len(out)):
        o, a, d = address(out, b), address(x, b), address(divisor, b)
        first = over(splat(1.0), load(d, 0))
        value = times(load(a, 0), first)
        start_linear(c, o, value, a, first, top)
        slope = times(splat(-1.0), times(value, first))
        for i in range(1, starts[top_divisor + 1]):
            store(o, i, times_plus(slope, load(d, i), load(o, i)))
        for k in range(1, order):
            advance(c, targets, o, o, order, d, top_divisor, k, order, first, -1.0, -1.0)
        spoil(c, o, value, first)


@njit
def sine_and_cosine(plan, targets, sine, cosine, x, top, sines, cosines, sign, order_sine, order_cosine):
    """Blocks sine, cosine = sin, cos (sign -1) or sinh, cosh (sign 1) of x to their orders.

    One to order n needs the other to order n - 1 only; one block serves all of the one that is not wanted.
    """
    c = words(plan)
    order_sine, order_cosine = min(reached(c, top), order_sine), min(reached(c, top), order_cosine)
    for b in range(max(len(sine), len(cosine))):
        s, o, a = address(sine, b), address(cosine, b), address(x, b)
        s0, o0 = constants(sines, b), constants(cosines, b)
        start_linear(c, s, s0, a, o0, top)
        start_linear(c, o, o0, a, times(splat(sign), s0), top)
        for k in range(1, max(order_sine, order_cosine)):
            advance(c, targets, s, o, order_cosine, a, top, k, order_sine, splat(1.0), 0.0, 1.0)
            advance(c, targets, o, s, order_sine, a, top, k, order_cosine, splat(sign), 0.0, 1.0)
        spoil(c, s, s0, o0)
        spoil(c, o, s0, o0)


@njit
def tangent(plan, targets, out, square, x, top, values, slopes, sign):
    """Blocks out = T, tan (sign -1) or tanh (sign 1) of x: E T = U E x with U = 1 - sign T^2.

    `values` and `slopes` are the constant parts of T and U; one block `square` serves U.
    """
    c = words(plan)
    starts, order, u = degree_starts(c), reached(c, top), address(square, 0)
    for b in range(len(out)):
        o, a, value, slope = address(out, b), address(x, b), constants(values, b), constants(slopes, b)
        twice = times(splat(-2.0 * sign), value)
        start_linear(c, o, value, a, slope, top)
        start_linear(c, u, slope, a, slope, 0)
        for k in range(1, order):
            for i in range(starts[k], starts[k + 1]):
                store(u, i, times_plus(twice, load(o, i), load(u, i)))
            advance(c, targets, u, o, order, o, order, k, order - 1, splat(1.0), -sign, -sign)
            advance(c, targets, o, u, order - 1, a, top, k, order, splat(1.0), 0.0, 1.0)
        spoil(c, o, value, slope)


@njit
def horner(plan, targets, out, x, top, scratch, taylor):
    """Blocks out = sum_k taylor[k] (x - constant part)^k with numbers (order + 1, blocks, LANES).

    What is to be multiplied m more times is kept to degree order - m only. `scratch` are two blocks.
    """
    c = words(plan)
    order, starts = reached(c, top), degree_starts(c)
    argument, spare = address(scratch, 0), address(scratch, 1)
    for b in range(len(out)):
        o, value, last = address(out, b), constants(taylor[0], b), constants(taylor[order], b)
        start_linear(c, argument, splat(0.0), address(x, b), splat(1.0), top)
        now, other = (o, spare) if order % 2 == 0 else (spare, o)
        start_linear(c, now, last, argument, splat(0.0), 0)
        for k in range(order - 1, -1, -1):
            kept = order - k
            start_linear(c, other, constants(taylor[k], b), argument, splat(0.0), 0)
            add_between(c, targets, other, now, 0, kept - 1, argument, 1, starts[min(top, kept) + 1], kept)
            now, other = other, now
        spoil(c, o, value, last)


@njit
def derivative(plan, out, x, v):
    """Blocks out = derivative of x with respect to variable v."""
    c = words(plan)
    lower, upper, powers = slope_table(c, v)
    for b in range(len(out)):
        o, a = address(out, b), address(x, b)
        clear(o, 0, c[SIZE])
        for i in range(len(lower)):
            store(o, lower[i], times(splat(float(powers[i])), load(a, upper[i])))


@njit
def antiderivative(plan, out, x, v):
    """Blocks out = integral of x over variable v from the expansion point."""
    c = words(plan)
    lower, upper, powers = slope_table(c, v)
    for b in range(len(out)):
        o, a = address(out, b), address(x, b)
        clear(o, 0, c[SIZE])
        for i in range(len(lower)):
            store(o, upper[i], over(load(a, lower[i]), splat(float(powers[i]))))


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
