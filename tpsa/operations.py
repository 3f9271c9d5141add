"""One operation on series of the Python type: coefficients go in and out of a thread's workspace by one compiled call.

The calls are made through the entry points of the compiled functions, for numba's dispatch on the types of arguments,
always the same ones here, would take longer than a small product.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from numba import types
from numpy.typing import NDArray

from tpsa.compiled_derived import sine_and_cosine_rows
from tpsa.compiled_type import check
from tpsa.context import NEXT, call_binary, call_unary, new_row, words
from tpsa.jit import njit
from tpsa.series import integral_into
from tpsa.slots import load_row, read_row

GIVEN, FILLED = types.Array(types.float64, 1, "C", readonly=True), types.Array(types.float64, 1, "C")


@njit
def temporary(context, coefficients):
    """Row of a new temporary of given coefficients."""
    c = words(context)
    o = new_row(c)
    check(context)
    load_row(c, o, coefficients)
    return o


@njit
def _binary(context, kernel, a, b, out):
    c = words(context)
    before = c[NEXT]
    x = temporary(context, a)
    y = x if a.ctypes.data == b.ctypes.data else temporary(context, b)
    result = call_binary(kernel, context, x, 1.0, 0.0, context, y, 1.0, 0.0)
    check(context)
    read_row(context, result, out)
    c[NEXT] = before


@njit
def _unary(context, kernel, a, parameter, out):
    c = words(context)
    before = c[NEXT]
    result = call_unary(kernel, context, temporary(context, a), 1.0, 0.0, parameter)
    check(context)
    read_row(context, result, out)
    c[NEXT] = before


@njit
def _integral(context, slope, a, value, out):
    c = words(context)
    before = c[NEXT]
    x, y, result = temporary(context, a), temporary(context, slope), new_row(c)
    check(context)
    integral_into(context, c, result, y, 1.0, 0.0, x, 1.0, value)
    read_row(context, result, out)
    c[NEXT] = before


@njit
def _sincos(context, a, sine, cosine):
    c = words(context)
    before = c[NEXT]
    s, o = sine_and_cosine_rows(context, temporary(context, a), 1.0, 0.0)
    read_row(context, s, sine)
    read_row(context, o, cosine)
    c[NEXT] = before


@cache
def _entry_points() -> tuple[Callable, ...]:
    """Entry points of the four functions above; they do not check the types of their arguments."""
    word, real = types.int64, types.float64
    return (
        _binary.compile((word, word, GIVEN, GIVEN, FILLED)),
        _unary.compile((word, word, GIVEN, real, FILLED)),
        _integral.compile((word, GIVEN, GIVEN, real, FILLED)),
        _sincos.compile((word, GIVEN, FILLED, FILLED)),
    )


def binary_operation(address: int, kernel: int, a: NDArray, b: NDArray) -> NDArray[np.float64]:
    """Coefficients of a kernel's result on two series of given coefficients, the read-only arrays of `TPS`."""
    out = np.empty(len(a))
    _entry_points()[0](address, kernel, a, b, out)
    return out


def unary_operation(address: int, kernel: int, a: NDArray, parameter: float) -> NDArray[np.float64]:
    """As `binary_operation` for one series and a number."""
    out = np.empty(len(a))
    _entry_points()[1](address, kernel, a, parameter, out)
    return out


def integral_operation(address: int, slope: NDArray, a: NDArray, value: float) -> NDArray[np.float64]:
    """As `binary_operation`: the series B with dB = slope dA and constant part `value`."""
    out = np.empty(len(a))
    _entry_points()[2](address, slope, a, value, out)
    return out


def sincos_operation(address: int, a: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `unary_operation`: sine and cosine."""
    sine, cosine = np.empty(len(a)), np.empty(len(a))
    _entry_points()[3](address, a, sine, cosine)
    return sine, cosine
