"""Elementary functions of series in compiled code, by the names of `tpsa.gmath`, `math` and numpy."""

import math

import numpy as np
from numba import types
from numba.extending import overload

from tpsa import gmath
from tpsa.compiled_type import TPSType, constant_like, constant_part, implement, is_number, tps_type
from tpsa.context import ATANC, CIRCULAR, EXPONENTIAL, INVERSE_CIRCULAR, LOGARITHM, POWER, REAL, STUMPFF, TANGENT

FUNCTIONS = {
    "sqrt": (POWER, 0.5),
    "rsqrt": (POWER, -0.5),
    "exp": (EXPONENTIAL, 0.0),
    "log": (LOGARITHM, 0.0),
    "sin": (CIRCULAR, 0.0),
    "cos": (CIRCULAR, 1.0),
    "sinh": (CIRCULAR, 2.0),
    "cosh": (CIRCULAR, 3.0),
    "tan": (TANGENT, -1.0),
    "tanh": (TANGENT, 1.0),
    "asin": (INVERSE_CIRCULAR, 0.0),
    "acos": (INVERSE_CIRCULAR, 1.0),
    "atan": (INVERSE_CIRCULAR, 2.0),
    "atanc": (ATANC, 0.0),
}


def implement_function(name: str, kernel: int, parameter: float) -> None:
    """Implement a function of one series by a kernel, under its names in gmath, math and numpy."""
    named = (getattr(module, name, None) for module in (gmath, math, np))
    for function in dict.fromkeys(f for f in named if f is not None):
        implement(function, ((TPSType,), lambda e, x: e.unary(kernel, x, REAL(parameter))))


for _name, _kernel in FUNCTIONS.items():
    implement_function(_name, *_kernel)
implement(gmath.stumpff, ((types.Integer, TPSType), lambda e, n, u: e.unary(STUMPFF, u, n)))


@overload(gmath.where)
def _where(condition, a, b):
    if not isinstance(condition, types.Boolean):
        return None
    if a is tps_type and b is tps_type:
        return lambda condition, a, b: a if condition else b
    if a is tps_type and is_number(b):
        return lambda condition, a, b: a if condition else constant_like(a, float(b))
    if is_number(a) and b is tps_type:
        return lambda condition, a, b: constant_like(b, float(a)) if condition else b


@overload(gmath.value)
def _value(x):
    if x is tps_type:
        return lambda x: constant_part(x)
