"""Derivatives, integrals and gradients of series in compiled code."""

import numpy as np
from numba import types
from numba.extending import overload

from tpsa.calculus import derivative, gradient, integral
from tpsa.compiled_type import TPSType, implement, tps_type
from tpsa.context import DERIVATIVE, INTEGRAL, WIDTH, degrees, row, words

implement(derivative, ((TPSType, types.Integer), lambda e, f, i: e.unary(DERIVATIVE, f, i)))
implement(integral, ((TPSType, types.Integer), lambda e, f, i: e.unary(INTEGRAL, f, i)))


@overload(gradient)
def _gradient(f):
    if f is not tps_type:
        return None

    def impl(f):
        c = words(f._context)
        first, x = np.zeros(c[WIDTH]), row(c, f._row)
        if degrees(c)[f._row] > 0:
            for i in range(len(first)):
                first[i] = f._scale * x[1 + i]
        return first

    return impl
