"""Compiled kernels of complex series, pairs of real ones: products, functions with known derivatives, and the solution
of A E B = e B E A + B E V + E C with the Euler operator E.

Elementary functions of a series solve such an equation. Without constant parts of the operands it reads
B = (terms linear in A, V, C) + E^-1 (p Y E B + q B E Y); its steps are those of the real functions in `tpsa.series`,
four for the real and imaginary parts of Y and B.
"""

from tpsa import gmath
from tpsa.compiled_type import check, handle
from tpsa.complex_type import complex_handle
from tpsa.context import ERROR, MISMATCH, ORDER, call_advance, call_product, degrees, new_row, scratch, words
from tpsa.derived import with_value
from tpsa.jit import njit
from tpsa.series import start_linear
from tpsa.slots import mark, release
from tpsa.sums import add_into


@njit
def product_into(context, c, o, a, b):
    """Row o = product of two series, some numbers times rows plus some numbers."""
    call_product(context, o, a._row, a._scale, a._shift, b._row, b._scale, b._shift, c[ORDER])


@njit
def multiply(a, b):
    """Product of two complex series: four real ones."""
    context = a.real._context
    c = words(context)
    if not (a.imag._context == b.real._context == b.imag._context == context):
        c[ERROR] = MISMATCH
        check(context)
    o, p, first, second = new_row(c), new_row(c), scratch(c, 0), scratch(c, 1)
    check(context)
    product_into(context, c, first, a.real, b.real)
    product_into(context, c, second, a.imag, b.imag)
    add_into(c, o, first, 1.0, second, -1.0, 0.0)
    product_into(context, c, first, a.real, b.imag)
    product_into(context, c, second, a.imag, b.real)
    add_into(c, p, first, 1.0, second, 1.0, 0.0)
    return complex_handle(handle(o, context, 1.0, 0.0), handle(p, context, 1.0, 0.0))


@njit
def compose(z, taylor):
    """Function of a series by Horner's scheme from its (order + 1,) Taylor coefficients at the constant part."""
    part, zero = with_value(z, 0.0j), 0.0 * z
    total, since = zero + taylor[-1], mark(z)
    for k in range(len(taylor) - 2, -1, -1):
        total = total * part + taylor[k]
        release(z, since, (total,))
    return total


@njit
def highest(c, z):
    """Highest degree of the parts of a complex series."""
    return max(degrees(c)[z.real._row], degrees(c)[z.imag._row])


@njit
def advance_parts(context, o, p, y, k, order, of_b, of_y):
    """Add to o + i p = B what E^-1 (of_b Y E B + of_y B E Y) gains when its parts of degree k are known."""
    s, t = y.real._scale, y.imag._scale
    call_advance(context, o, o, y.real._row, k, order, of_b * s, of_y * s)
    call_advance(context, p, p, y.real._row, k, order, of_b * s, of_y * s)
    call_advance(context, o, p, y.imag._row, k, order, -of_b * t, -of_y * t)
    call_advance(context, p, o, y.imag._row, k, order, of_b * t, of_y * t)


@njit
def solve(a, exponent, v, q, value):
    """Complex series B with A E B = exponent B E A + B E V + E Q and constant part `value`."""
    context, factor = a.real._context, gmath.inv(gmath.value(a))
    c = words(context)
    o, p, since = new_row(c), new_row(c), mark(a)
    check(context)
    y, w = factor * a, factor * v
    linear = (exponent * value) * y + value * w + factor * q
    bends, turns = highest(c, y) > 0, highest(c, w) > 0
    order = c[ORDER] if bends or turns else highest(c, linear)
    start_linear(c, o, value.real, linear.real._row, linear.real._scale, order)
    start_linear(c, p, value.imag, linear.imag._row, linear.imag._scale, order)
    for k in range(1, order):
        if bends:
            advance_parts(context, o, p, y, k, order, -1.0, exponent)
        if turns:
            advance_parts(context, o, p, w, k, order, 0.0, 1.0)
    release(a, since, ())
    return complex_handle(handle(o, context, 1.0, 0.0), handle(p, context, 1.0, 0.0))
