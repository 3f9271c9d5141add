"""Compiled kernels: elementary functions of series by graded recursions.

With E the Euler operator (E f multiplies the part of degree g by g), B = f(A) obeys a linear relation in E, which
gives the part of degree k of B from lower ones: A E B = e B E A for B = A^e, E B = B E A for exp, and so on. In the
push form used here a finished part of B is scattered against all of the weighted operand at once, so that inner loops
are as long as those of a product (about 1.15 products in all). Functions of low orders, and those whose Taylor
coefficients at the constant part are at hand, are composed by Horner's scheme instead.
"""

import math

import numpy as np

from tpsa.atanc import atanc_derivative
from tpsa.context import ORDER, call_product, call_push, degree_starts, degrees, new_row, row, scratch, words
from tpsa.jit import njit
from tpsa.stumpff import stumpff_derivative
from tpsa.sums import add_into, scale_into

SHORT = 5  # highest order at which powers by Horner's scheme are faster than by recursion


@njit
def start(c, o, value, degree):
    """Row o = value, zero up to `degree`, which it is marked to reach."""
    out = row(c, o)
    for i in range(degree_starts(c)[degree + 1]):
        out[i] = 0.0
    out[0] = value
    degrees(c)[o] = degree


@njit
def reached(c, a):
    """Degree a function of row a reaches."""
    return c[ORDER] if degrees(c)[a] > 0 else 0


@njit
def divide_part(c, out, k, divisor):
    """Divide the part of degree k by a number."""
    starts = degree_starts(c)
    factor = 1.0 / divisor
    for i in range(starts[k], starts[k + 1]):
        out[i] *= factor


@njit
def weight(c, out, a, scale, slope, offset, reach):
    """out = scale * (slope g + offset) * a on the parts of degrees g = 1 to `reach`."""
    starts = degree_starts(c)
    for g in range(1, reach + 1):
        factor = scale * (slope * g + offset)
        for i in range(starts[g], starts[g + 1]):
            out[i] = factor * a[i]


@njit
def compose_into(context, c, o, taylor, a, scale, shift):
    """Row o = sum_k taylor[k] (scale * row a + shift)^k for an argument without constant part.

    Horner's scheme: what is to be multiplied m more times is kept to degree order - m only.
    """
    order = reached(c, a)
    if order < 2:
        scale_into(c, o, a, taylor[order] * scale * order, 0.0)
        row(c, o)[0] = taylor[0]
        return
    now, other = (o, scratch(c, 0)) if order % 2 == 0 else (scratch(c, 0), o)
    top = taylor[order]
    call_product(context, now, a, top * scale, top * shift + taylor[order - 1], a, scale, shift, 2)
    for k in range(order - 2, 0, -1):
        call_product(context, other, now, 1.0, taylor[k], a, scale, shift, order - k + 1)
        now, other = other, now
    row(c, now)[0] = taylor[0]


@njit
def power_into(context, c, o, a, scale, shift, exponent):
    """Row o = (scale * row a + shift)^exponent for a real exponent."""
    x, out, weighted = row(c, a), row(c, o), row(c, scratch(c, 0))
    x0 = scale * x[0] + shift
    if exponent == -1.0:
        first = 1.0 / x0
    elif exponent == -0.5:
        first = 1.0 / math.sqrt(x0)
    elif exponent == 0.5:
        first = math.sqrt(x0)
    else:
        first = x0**exponent
    top, order = degrees(c)[a], reached(c, a)
    if order <= SHORT:
        taylor = row(c, scratch(c, 1))
        taylor[0] = first
        for k in range(1, order + 1):
            taylor[k] = taylor[k - 1] * (exponent + 1.0 - k) / (k * x0)
        compose_into(context, c, o, taylor, a, scale, shift - x0)
        return
    start(c, o, first, order)
    for k in range(order + 1):
        if k > 0:
            divide_part(c, out, k, k * x0)
        reach = min(top, order - k)
        weight(c, weighted, x, scale, exponent, -float(k), reach)
        if reach > 0:
            call_push(context, o, o, scratch(c, 0), k, reach)


@njit
def exponential_into(context, c, o, a, scale, shift):
    """Row o = exp(scale * row a + shift)."""
    x, out, weighted = row(c, a), row(c, o), row(c, scratch(c, 0))
    top, order = degrees(c)[a], reached(c, a)
    first = math.exp(scale * x[0] + shift)
    if order <= SHORT:
        taylor = row(c, scratch(c, 1))
        taylor[0] = first
        for k in range(1, order + 1):
            taylor[k] = taylor[k - 1] / k
        compose_into(context, c, o, taylor, a, scale, -scale * x[0])
        return
    start(c, o, first, order)
    weight(c, weighted, x, scale, 1.0, 0.0, top)
    for k in range(order + 1):
        if k > 0:
            divide_part(c, out, k, float(k))
        if k < order:
            call_push(context, o, o, scratch(c, 0), k, top)


@njit
def logarithm_into(context, c, o, a, scale, shift):
    """Row o = log(scale * row a + shift)."""
    x, out, negative, part = row(c, a), row(c, o), row(c, scratch(c, 0)), row(c, scratch(c, 1))
    x0 = scale * x[0] + shift
    top, order = degrees(c)[a], reached(c, a)
    if order <= SHORT:
        taylor, power = row(c, scratch(c, 1)), -1.0
        taylor[0] = math.log(x0)
        for k in range(1, order + 1):
            power *= -1.0 / x0
            taylor[k] = power / k
        compose_into(context, c, o, taylor, a, scale, shift - x0)
        return
    start(c, o, math.log(x0), order)
    weight(c, out, x, scale, 1.0, 0.0, top)
    weight(c, negative, x, scale, 0.0, -1.0, top)
    starts = degree_starts(c)
    for k in range(1, order + 1):
        divide_part(c, out, k, x0)
        for i in range(starts[k], starts[k + 1]):
            part[i] = out[i]
        if k < order:
            call_push(context, o, scratch(c, 1), scratch(c, 0), k, top)
        divide_part(c, out, k, float(k))


@njit
def sine_and_cosine_into(context, c, s, o, a, scale, shift, sign):
    """Rows s, o = sin, cos (sign -1) or sinh, cosh (sign +1) of scale * row a + shift."""
    x, weighted = row(c, a), row(c, scratch(c, 0))
    sine, cosine, signed = row(c, s), row(c, o), row(c, scratch(c, 1))
    x0 = scale * x[0] + shift
    top, order = degrees(c)[a], reached(c, a)
    if sign < 0:
        start(c, s, math.sin(x0), order)
        start(c, o, math.cos(x0), order)
    else:
        start(c, s, math.sinh(x0), order)
        start(c, o, math.cosh(x0), order)
    weight(c, weighted, x, scale, 1.0, 0.0, top)
    weight(c, signed, x, sign * scale, 1.0, 0.0, top)
    for k in range(order + 1):
        if k > 0:
            divide_part(c, sine, k, float(k))
            divide_part(c, cosine, k, float(k))
        if k < order:
            call_push(context, s, o, scratch(c, 0), k, top)
            call_push(context, o, s, scratch(c, 1), k, top)


@njit
def integral_into(context, c, o, slope, scale_slope, shift_slope, a, scale, value):
    """Row o = B with E B = (scale_slope * row slope + shift_slope) E (scale * row a) and constant part `value`."""
    x, weighted = row(c, a), scratch(c, 0)
    top = degrees(c)[a]
    weight(c, row(c, weighted), x, scale, 1.0, 0.0, top)
    row(c, weighted)[0] = 0.0
    degrees(c)[weighted] = top
    call_product(context, o, weighted, 1.0, 0.0, slope, scale_slope, shift_slope, c[ORDER])
    out = row(c, o)
    for k in range(1, degrees(c)[o] + 1):
        divide_part(c, out, k, float(k))
    out[0] = value


def power(context, a, scale, shift, exponent):
    """Kernel: series to a real power; 1/x, sqrt and 1/sqrt are the exponents -1, 1/2 and -1/2."""
    c = words(context)
    o = new_row(c)
    if o != 0:
        power_into(context, c, o, a, scale, shift, exponent)
    return o


def integer_power(context, a, scale, shift, exponent):
    """Kernel: series to an integer power by repeated squaring."""
    c = words(context)
    o = new_row(c)
    if o == 0:
        return o
    n = abs(np.int64(exponent))
    base, spare, result = scratch(c, 1), scratch(c, 2), scratch(c, 3)
    scale_into(c, base, a, scale, shift)
    start(c, o, 1.0, 0)
    now, other = o, result
    while n > 0:
        if n % 2:
            call_product(context, other, now, 1.0, 0.0, base, 1.0, 0.0, c[ORDER])
            now, other = other, now
        n //= 2
        if n > 0:
            call_product(context, spare, base, 1.0, 0.0, base, 1.0, 0.0, c[ORDER])
            base, spare = spare, base
    if exponent < 0.0:
        power_into(context, c, other, now, 1.0, 0.0, -1.0)
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
    if o != 0:
        other, sign = scratch(c, 2), -1.0 if which < 2.0 else 1.0
        order = reached(c, a)
        if order <= SHORT:
            x0 = scale * row(c, a)[0] + shift
            taylor = row(c, scratch(c, 1))
            circular_derivatives(taylor, x0, which, order)
            compose_into(context, c, o, taylor, a, scale, shift - x0)
        elif which % 2.0 == 0.0:
            sine_and_cosine_into(context, c, o, other, a, scale, shift, sign)
        else:
            sine_and_cosine_into(context, c, other, o, a, scale, shift, sign)
    return o


@njit
def circular_derivatives(taylor, x0, which, order):
    """Taylor coefficients to `order` of sin, cos, sinh, cosh for `which` = 0, 1, 2, 3 about x0."""
    if which == 0.0:
        taylor[0], taylor[1] = math.sin(x0), math.cos(x0)
    elif which == 1.0:
        taylor[0], taylor[1] = math.cos(x0), -math.sin(x0)
    elif which == 2.0:
        taylor[0], taylor[1] = math.sinh(x0), math.cosh(x0)
    else:
        taylor[0], taylor[1] = math.cosh(x0), math.sinh(x0)
    sign = -1.0 if which < 2.0 else 1.0
    for k in range(2, order + 1):
        taylor[k] = sign * taylor[k - 2] / (k * (k - 1))


def tangent(context, a, scale, shift, sign):
    """Kernel: tan (sign -1) or tanh (sign +1), by the addition theorem about the constant part x0."""
    c = words(context)
    o = new_row(c)
    if o != 0:
        x0 = scale * row(c, a)[0] + shift
        t = math.tan(x0) if sign < 0 else math.tanh(x0)
        sine, cosine, over, under = scratch(c, 2), scratch(c, 3), scratch(c, 4), scratch(c, 5)
        sine_and_cosine_into(context, c, sine, cosine, a, scale, shift - x0, sign)
        add_into(c, over, cosine, t, sine, 1.0, 0.0)
        add_into(c, under, cosine, 1.0, sine, sign * t, 0.0)
        power_into(context, c, sine, under, 1.0, 0.0, -1.0)
        call_product(context, o, over, 1.0, 0.0, sine, 1.0, 0.0, c[ORDER])
    return o


def inverse_circular(context, a, scale, shift, which):
    """Kernel: asin, acos, atan for `which` = 0, 1, 2, by integration of the derivative."""
    c = words(context)
    o = new_row(c)
    if o == 0:
        return o
    x0 = scale * row(c, a)[0] + shift
    square, slope = scratch(c, 3), scratch(c, 2)
    call_product(context, square, a, scale, shift, a, scale, shift, c[ORDER])
    if which == 2.0:
        power_into(context, c, slope, square, 1.0, 1.0, -1.0)
        integral_into(context, c, o, slope, 1.0, 0.0, a, scale, math.atan(x0))
    else:
        power_into(context, c, slope, square, -1.0, 1.0, -0.5)
        value = math.asin(x0) if which == 0.0 else math.acos(x0)
        integral_into(context, c, o, slope, 1.0, 0.0, a, scale if which == 0.0 else -scale, value)
    return o


def stumpff(context, a, scale, shift, n):
    """Kernel: Stumpff function c_n of integer index n, composed with its Taylor coefficients at the constant part."""
    c = words(context)
    o = new_row(c)
    if o != 0:
        x0 = scale * row(c, a)[0] + shift
        taylor = row(c, scratch(c, 1))
        for k in range(c[ORDER] + 1):
            taylor[k] = stumpff_derivative(np.int64(n), k, x0)
        compose_into(context, c, o, taylor, a, scale, shift - x0)
    return o


def atanc(context, a, scale, shift, _):
    """Kernel: atan(x)/x, composed with its Taylor coefficients at the constant part."""
    c = words(context)
    o = new_row(c)
    if o != 0:
        x0 = scale * row(c, a)[0] + shift
        taylor = row(c, scratch(c, 1))
        for k in range(c[ORDER] + 1):
            taylor[k] = atanc_derivative(k, x0)
        compose_into(context, c, o, taylor, a, scale, shift - x0)
    return o
