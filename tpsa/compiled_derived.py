"""The functions of `tpsa.derived` in compiled code: for floats from math, for series from the text that Python runs."""

import math

import numpy as np
from numba import types
from numba.extending import overload

from tpsa import derived, gmath
from tpsa.compiled_functions import implement_function
from tpsa.compiled_gmath import REAL as REAL_TYPES
from tpsa.compiled_type import check, constant_like, handle, is_number, tps_type
from tpsa.context import NEXT, PERMUTATION, POWER, SINCOS, SLOTS, call_unary, integers, new_row, row, words
from tpsa.jit import njit
from tpsa.series import integral_into
from tpsa.sums import scale_into

REAL_FUNCTIONS = {
    "cbrt": lambda x: np.cbrt(x),
    "cot": lambda x: math.cos(x) / math.sin(x),
    "sinc": derived.SERIES["sinc"],
    "inv": lambda x: 1.0 / x,
    "expm1": lambda x: math.expm1(x),
    "log1p": lambda x: math.log1p(x),
    "asinh": lambda x: math.asinh(x),
    "acosh": lambda x: math.acosh(x),
    "atanh": lambda x: math.atanh(x),
    "erf": lambda x: math.erf(x),
    "erfc": lambda x: math.erfc(x),
    "atan2": lambda x, y: math.atan2(x, y),
    "hypot": lambda x, y: math.hypot(x, y),
    "pow": lambda x, y: math.pow(x, y),
}
BINARY = ("atan2", "hypot", "pow")


@njit
def integrate_handle(slope, x, value):
    """Handle of the series B with E B = slope E x and constant part `value`."""
    c = words(x._context)
    o = new_row(c)
    check(x._context)
    integral_into(x._context, c, o, slope._row, slope._scale, slope._shift, x._row, x._scale, value)
    return handle(o, x._context, 1.0, 0.0)


@njit
def replace_value(x, value):
    """Handle of a copy of a series with another constant part."""
    c = words(x._context)
    o = new_row(c)
    check(x._context)
    scale_into(c, o, x._row, x._scale, 0.0)
    row(c, o)[0] = value
    return handle(o, x._context, 1.0, 0.0)


@overload(derived.integrated)
def _integrated(slope, x, value):
    if slope is tps_type and x is tps_type and isinstance(value, types.Float):
        return lambda slope, x, value: integrate_handle(slope, x, value)


@overload(derived.with_value)
def _with_value(x, value):
    if x is tps_type and isinstance(value, types.Float):
        return lambda x, value: replace_value(x, value)


@njit
def sine_and_cosine_rows(context, number, scale, shift):
    """Rows of sine and cosine of scale * row + shift."""
    c = words(context)
    sine = call_unary(SINCOS, context, number, scale, shift, 0.0)
    check(context)
    return sine, integers(c[PERMUTATION], c[SLOTS])[c[NEXT] - 1]


@njit
def sine_and_cosine(x):
    """Handles of sine and cosine of a series."""
    sine, cosine = sine_and_cosine_rows(x._context, x._row, x._scale, x._shift)
    return handle(sine, x._context, 1.0, 0.0), handle(cosine, x._context, 1.0, 0.0)


@overload(gmath.sincos)
def _sincos(x):
    if x is tps_type:
        return lambda x: sine_and_cosine(x)
    if isinstance(x, (*REAL_TYPES, types.Complex)):
        return lambda x: (gmath.sin(x), gmath.cos(x))


def _overload_unary(name):
    """Let gmath.name, and math.name where it exists, mean the text of series and the real function."""
    real, series = REAL_FUNCTIONS[name], derived.SERIES.get(name)

    @overload(getattr(gmath, name))
    def generic(x):
        if isinstance(x, REAL_TYPES):
            return real
        return series if x is tps_type else None

    if series is not None and hasattr(math, name):

        @overload(getattr(math, name))
        def of_series(x):
            return series if x is tps_type else None


def _overload_binary(name):
    """Let gmath.name work on series, series with numbers, and numbers."""
    real, series = REAL_FUNCTIONS[name], njit(derived.SERIES[name], cache=False)

    @overload(getattr(gmath, name))
    def generic(x, y):
        if is_number(x) and is_number(y):
            return real
        if x is tps_type and y is tps_type:
            return lambda x, y: series(x, y)
        if x is tps_type and is_number(y):
            return lambda x, y: series(x, constant_like(x, float(y)))
        if is_number(x) and y is tps_type:
            return lambda x, y: series(constant_like(y, float(x)), y)


implement_function("inv", POWER, -1.0)
for _name in REAL_FUNCTIONS:
    (_overload_binary if _name in BINARY else _overload_unary)(_name)
