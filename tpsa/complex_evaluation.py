"""Operations on complex series given by coefficients, for the Python type."""

import numpy as np
from numba import types
from numba.extending import overload

from tpsa import complex_compiled as _complex_compiled  # noqa: F401
from tpsa import derived, gmath
from tpsa.compiled_type import handle
from tpsa.complex_functions import square
from tpsa.complex_kernels import compose, solve
from tpsa.complex_type import complex_handle
from tpsa.context import NEXT, words
from tpsa.jit import njit
from tpsa.operations import temporary
from tpsa.slots import read_row


@njit
def real_series(context, coefficients):
    """Compiled series of given coefficients; one coefficient is a constant."""
    if len(coefficients) == 1:
        return handle(0, context, 1.0, coefficients[0])
    return handle(temporary(context, coefficients), context, 1.0, 0.0)


def series(context, coefficients):
    """Compiled series, real or complex, of given coefficients; in compiled code only."""
    raise NotImplementedError


@overload(series)
def _series(context, coefficients):
    if isinstance(coefficients.dtype, types.Complex):
        return lambda context, coefficients: complex_handle(
            real_series(context, coefficients.real), real_series(context, coefficients.imag)
        )
    return lambda context, coefficients: real_series(context, coefficients)


@njit
def finished(context, before, z, size):
    """(size,) coefficients of a complex series; temporaries since `before` are dropped."""
    out, real, imag = np.empty(size, np.complex128), np.empty(size), np.empty(size)
    read_row(context, z.real._row, real)
    read_row(context, z.imag._row, imag)
    for i in range(size):
        out[i] = complex(z.real._scale * real[i], z.imag._scale * imag[i])
    out[0] = gmath.value(z)
    words(context)[NEXT] = before
    return out


@njit
def multiply(context, a, b, same):
    """Coefficients of the product of a complex series with another or a real one; `same` if they are one."""
    before = words(context)[NEXT]
    x = series(context, a)
    product = square(x) if same else x * series(context, b)
    return finished(context, before, product, len(a))


@njit
def solve_equation(context, a, exponent, v, c, value):
    """Coefficients of the series B with A E B = exponent B E A + B E V + E C and constant part `value`."""
    before = words(context)[NEXT]
    result = solve(series(context, a), exponent, series(context, v), series(context, c), value)
    return finished(context, before, result, max(len(a), len(v), len(c)))


@njit
def integrate(context, slope, a, value):
    """Coefficients of the series B with dB = slope dA and constant part `value`."""
    before = words(context)[NEXT]
    result = derived.integrated(series(context, slope), series(context, a), value)
    return finished(context, before, result, len(a))


@njit
def compose_series(context, a, taylor):
    """Coefficients of the function of a series whose Taylor coefficients at its constant part are given."""
    before = words(context)[NEXT]
    return finished(context, before, compose(series(context, a), taylor), len(a))
