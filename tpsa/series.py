"""Compiled kernels: elementary functions of series by graded recursions.

With E the Euler operator (E f multiplies the part of degree g by g), B = f(A) obeys a relation that is linear in E,
which gives each part of B from lower ones: A E B = e B E A for B = A^e, E B = B E A for exp, and so on. With terms of
constant parts put aside all of them have the form B = (terms linear in A) + E^-1 (p A E B + q B E A), p and q numbers.
As soon as a part of B is known, its products with parts of A of no higher degree are added to where they belong, and
those of A with B alike (`products.advance_kernel`): one product in all, and no pass but the first one. Up to order 2
a function is a quadratic polynomial.
"""

import math

import numpy as np

from tpsa.context import (
    ERROR,
    MISMATCH,
    ORDER,
    SIZE,
    call_advance,
    call_product,
    combine_rows,
    degree_starts,
    degrees,
    new_row,
    row,
    row_address,
    scratch,
    words,
)
from tpsa.jit import njit
from tpsa.sums import add_into, clear, scale_into

SHORT = 2  # highest order at which functions are quadratic polynomials


@njit
def start(c, o, value, degree):
    """Row o = value, zero up to `degree`, which it is marked to reach."""
    out = row(c, o)
    clear(out, 0, degree_starts(c)[degree + 1])
    out[0] = value
    degrees(c)[o] = degree


@njit
def start_linear(c, o, value, a, factor, order):
    """Row o = value + factor * (row a without its constant part), zero from there up to `order`."""
    starts, out, degree = degree_starts(c), row(c, o), degrees(c)
    top = min(degree[a], order)
    combine_rows(row_address(c, o), row_address(c, a), factor, row_address(c, a), 0.0, starts[top + 1])
    clear(out, starts[top + 1], starts[order + 1])
    out[0] = value
    degree[o] = order


@njit
def reached(c, a):
    """Degree a function of row a reaches."""
    return c[ORDER] if degrees(c)[a] > 0 else 0


@njit
def quadratic_into(context, c, o, a, scale, shift, value, slope, bend):
    """Row o = value + slope * h + bend * h^2 with h = scale * row a + shift of no constant part, at order 2 at most."""
    order = reached(c, a)
    if order == SHORT:
        call_product(context, o, a, bend * scale, bend * shift + slope, a, scale, shift, order)
    else:
        scale_into(c, o, a, slope * scale * order, 0.0)
    row(c, o)[0] = value


@njit
def add_part(c, o, a, k, factor):
    """Row o += factor * (part of degree k of row a)."""
    out, x, starts = row(c, o), row(c, a), degree_starts(c)
    for i in range(np.uint64(starts[k]), np.uint64(starts[k + 1])):
        out[i] += factor * x[i]


@njit
def power_into(context, c, o, a, scale, shift, exponent, limit):
    """Row o = (scale * row a + shift)^exponent for a real exponent, to degree `limit` where the order is above 2."""
    x0, order = scale * row(c, a)[0] + shift, reached(c, a)
    if exponent == -1.0:
        value = 1.0 / x0
    elif exponent == -0.5:
        value = 1.0 / math.sqrt(x0)
    elif exponent == 0.5:
        value = math.sqrt(x0)
    else:
        value = x0**exponent
    if order <= SHORT:
        slope = exponent * value / x0
        quadratic_into(context, c, o, a, scale, shift - x0, value, slope, 0.5 * (exponent - 1.0) * slope / x0)
        return
    order, ratio = min(order, limit), scale / x0
    start_linear(c, o, value, a, exponent * value * ratio, order)
    for k in range(1, order):
        call_advance(context, o, o, a, k, order, -ratio, exponent * ratio)


@njit
def exponential_into(context, c, o, a, scale, shift):
    """Row o = exp(scale * row a + shift)."""
    x0, order = scale * row(c, a)[0] + shift, reached(c, a)
    value = math.exp(x0)
    if order <= SHORT:
        quadratic_into(context, c, o, a, scale, shift - x0, value, value, 0.5 * value)
        return
    start_linear(c, o, value, a, value * scale, order)
    for k in range(1, order):
        call_advance(context, o, o, a, k, order, 0.0, scale)


@njit
def logarithm_into(context, c, o, a, scale, shift):
    """Row o = log(scale * row a + shift)."""
    x0, order = scale * row(c, a)[0] + shift, reached(c, a)
    if order <= SHORT:
        quadratic_into(context, c, o, a, scale, shift - x0, math.log(x0), 1.0 / x0, -0.5 / x0**2)
        return
    integrate_quotient(context, c, o, a, scale, a, scale, x0, math.log(x0))


@njit
def integrate_quotient(context, c, o, a, scale, divisor, scale_divisor, x0, value):
    """Row o = B with (scale_divisor * row divisor + ...) E B = E (scale * row a), a divisor of constant part x0.

    The constant part of B is `value`.
    """
    order, ratio = reached(c, a), scale_divisor / x0
    start_linear(c, o, value, a, scale / x0, order)
    for k in range(1, order):
        call_advance(context, o, o, divisor, k, order, -ratio, 0.0)


@njit
def sine_and_cosine_into(context, c, s, o, a, scale, shift, sign, order_s, order_o):
    """Rows s, o = sin, cos (sign -1) or sinh, cosh (sign +1) of scale * row a + shift to their orders.

    One to order n needs the other to order n - 1 only, which costs far less than a product.
    """
    x0 = scale * row(c, a)[0] + shift
    if sign < 0:
        sine, cosine = math.sin(x0), math.cos(x0)
    else:
        sine, cosine = math.sinh(x0), math.cosh(x0)
    start_linear(c, s, sine, a, cosine * scale, order_s)
    start_linear(c, o, cosine, a, sign * sine * scale, order_o)
    for k in range(1, max(order_s, order_o)):
        call_advance(context, s, o, a, k, order_s, 0.0, scale)
        call_advance(context, o, s, a, k, order_o, 0.0, sign * scale)


@njit
def tangent_into(context, c, o, square, a, scale, shift, sign):
    """Row o = T, tan (sign -1) or tanh (sign +1) of scale * row a + shift: E T = U E A with U = 1 - sign T^2.

    U, to one order less, is left in row square.
    """
    x0, order = scale * row(c, a)[0] + shift, reached(c, a)
    if sign < 0:
        value = math.tan(x0)
        slope = 1.0 + value * value
    else:
        value = math.tanh(x0)
        slope = 1.0 / math.cosh(x0) ** 2
    if order <= SHORT:
        quadratic_into(context, c, o, a, scale, shift - x0, value, slope, -sign * value * slope)
        return
    start_linear(c, o, value, a, slope * scale, order)
    start(c, square, slope, order - 1)
    for k in range(1, order):
        add_part(c, square, o, k, -2.0 * sign * value)
        call_advance(context, square, o, o, k, order - 1, -sign, -sign)
        call_advance(context, o, square, a, k, order, 0.0, scale)


@njit
def integral_into(context, c, o, slope, scale_slope, shift_slope, a, scale, value):
    """Row o = B with E B = (scale_slope * row slope + shift_slope) E (scale * row a) and constant part `value`."""
    order = reached(c, a)
    start_linear(c, o, value, a, (scale_slope * row(c, slope)[0] + shift_slope) * scale, order)
    for k in range(1, order):
        call_advance(context, o, slope, a, k, order, 0.0, scale_slope * scale)


def divide(context_a, a, scale_a, shift_a, context_b, b, scale_b, shift_b):
    """Kernel: new row of the quotient of two series."""
    c = words(context_a)
    if context_a != context_b:
        c[ERROR] = MISMATCH
        return np.int64(0)
    o = new_row(c)
    if o == 0:
        return o
    order, first = c[ORDER], 1.0 / (scale_b * row(c, b)[0] + shift_b)
    if degrees(c)[b] == 0:
        scale_into(c, o, a, scale_a * first, shift_a * first)
        return o
    value, ratio = (scale_a * row(c, a)[0] + shift_a) * first, -scale_b * first
    add_into(c, o, a, scale_a * first, b, ratio * value, 0.0)
    row(c, o)[0] = value
    clear(row(c, o), degree_starts(c)[degrees(c)[o] + 1], c[SIZE])
    degrees(c)[o] = order
    for k in range(1, order):
        call_advance(context_a, o, o, b, k, order, ratio, ratio)
    return o


def power(context, a, scale, shift, exponent):
    """Kernel: series to a real power; 1/x, sqrt and 1/sqrt are the exponents -1, 1/2 and -1/2."""
    c = words(context)
    o = new_row(c)
    if o != 0:
        power_into(context, c, o, a, scale, shift, exponent, c[ORDER])
    return o


def integer_power(context, a, scale, shift, exponent):
    """Kernel: series to an integer power by repeated squaring."""
    c = words(context)
    o = new_row(c)
    if o == 0:
        return o
    n = abs(np.int64(exponent))
    base, spare, now, other = scratch(c, 1), scratch(c, 2), o, scratch(c, 3)
    scale_into(c, base, a, scale, shift)
    start(c, now, 1.0, 0)
    while n > 0:
        if n % 2:
            if degrees(c)[now] == 0:
                scale_into(c, other, base, row(c, now)[0], 0.0)
            else:
                call_product(context, other, now, 1.0, 0.0, base, 1.0, 0.0, c[ORDER])
            now, other = other, now
        n //= 2
        if n > 0:
            call_product(context, spare, base, 1.0, 0.0, base, 1.0, 0.0, c[ORDER])
            base, spare = spare, base
    if exponent < 0.0:
        power_into(context, c, other, now, 1.0, 0.0, -1.0, c[ORDER])
        now, other = other, now
    if now != o:
        scale_into(c, o, now, 1.0, 0.0)
    return o


def exponential(context, a, scale, shift, _):
    """Kernel: exp."""
    c = words(context)
    o = new_row(c)
    if o != 0:
        exponential_into(context, c, o, a, scale, shift)
    return o


def logarithm(context, a, scale, shift, _):
    """Kernel: natural logarithm."""
    c = words(context)
    o = new_row(c)
    if o != 0:
        logarithm_into(context, c, o, a, scale, shift)
    return o


def circular(context, a, scale, shift, which):
    """Kernel: sin, cos, sinh, cosh for `which` = 0, 1, 2, 3."""
    c = words(context)
    o = new_row(c)
    if o == 0:
        return o
    order, sign = reached(c, a), -1.0 if which < 2.0 else 1.0
    if order <= SHORT:
        x0 = scale * row(c, a)[0] + shift
        value, slope = circular_values(which, x0)
        quadratic_into(context, c, o, a, scale, shift - x0, value, slope, 0.5 * sign * value)
    elif which % 2.0 == 0.0:
        sine_and_cosine_into(context, c, o, scratch(c, 0), a, scale, shift, sign, order, order - 1)
    else:
        sine_and_cosine_into(context, c, scratch(c, 0), o, a, scale, shift, sign, order - 1, order)
    return o


@njit
def circular_values(which, x0):
    """Value and slope of sin, cos, sinh, cosh for `which` = 0, 1, 2, 3 at x0."""
    if which == 0.0:
        return math.sin(x0), math.cos(x0)
    if which == 1.0:
        return math.cos(x0), -math.sin(x0)
    if which == 2.0:
        return math.sinh(x0), math.cosh(x0)
    return math.cosh(x0), math.sinh(x0)


def sine_and_cosine(context, a, scale, shift, _):
    """Kernel: sin, and cos in the row that is made next."""
    c = words(context)
    s, o = new_row(c), new_row(c)
    if s == 0 or o == 0:
        return np.int64(0)
    order = reached(c, a)
    if order <= SHORT:
        x0 = scale * row(c, a)[0] + shift
        sine, cosine = circular_values(0.0, x0)
        quadratic_into(context, c, s, a, scale, shift - x0, sine, cosine, -0.5 * sine)
        quadratic_into(context, c, o, a, scale, shift - x0, cosine, -sine, -0.5 * cosine)
    else:
        sine_and_cosine_into(context, c, s, o, a, scale, shift, -1.0, order, order)
    return s


def tangent(context, a, scale, shift, sign):
    """Kernel: tan (sign -1) or tanh (sign +1)."""
    c = words(context)
    o = new_row(c)
    if o != 0:
        tangent_into(context, c, o, scratch(c, 0), a, scale, shift, sign)
    return o


def inverse_circular(context, a, scale, shift, which):
    """Kernel: asin, acos, atan for `which` = 0, 1, 2: E B = E A divided by 1 + A^2 or the root of 1 - A^2."""
    c = words(context)
    o = new_row(c)
    if o == 0:
        return o
    x0, order = scale * row(c, a)[0] + shift, reached(c, a)
    slope = scratch(c, 0)
    if which == 2.0:
        call_product(context, slope, a, scale, shift, a, scale, shift, max(order - 1, 0))
        row(c, slope)[0] += 1.0
        value = math.atan(x0)
    else:
        square = scratch(c, 1)
        call_product(context, square, a, -scale, 1.0 - shift, a, scale, 1.0 + shift, max(order - 1, 0))
        power_into(context, c, slope, square, 1.0, 0.0, 0.5, order - 1)
        value = math.asin(x0) if which == 0.0 else math.acos(x0)
    first = row(c, slope)[0]
    integrate_quotient(context, c, o, a, -scale if which == 1.0 else scale, slope, 1.0, first, value)
    return o
