"""Compiled kernels: functions whose Taylor coefficients at the constant part are at hand, by Horner's scheme."""

import numpy as np

from tpsa.atanc import atanc_derivative
from tpsa.context import ORDER, call_product, new_row, row, scratch, words
from tpsa.jit import njit
from tpsa.series import reached
from tpsa.stumpff import stumpff_derivative
from tpsa.sums import scale_into


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
