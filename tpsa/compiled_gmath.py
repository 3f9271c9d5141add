"""The functions of `tpsa.gmath` for floats in code compiled by numba."""

import cmath
import math
from collections.abc import Callable

from numba import types
from numba.extending import overload

from tpsa import gmath
from tpsa.atanc import atanc_float
from tpsa.stumpff import stumpff_float

REAL = (types.Float, types.Integer)


def _overload_number(generic: Callable, name: str) -> None:
    """Let `generic` mean math.name for real and cmath.name for complex numbers in compiled code."""
    real, complex_ = getattr(math, name), getattr(cmath, name)

    @overload(generic)
    def function(x):
        if isinstance(x, REAL):
            return lambda x: real(x)
        if isinstance(x, types.Complex):
            return lambda x: complex_(x)


for _name in ("exp", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "log", "sqrt"):
    _overload_number(getattr(gmath, _name), _name)


@overload(gmath.rsqrt)
def _rsqrt(x):
    if isinstance(x, REAL):
        return lambda x: 1.0 / math.sqrt(x)
    if isinstance(x, types.Complex):
        return lambda x: 1.0 / cmath.sqrt(x)


@overload(gmath.atanc)
def _atanc(x):
    if isinstance(x, REAL):
        return lambda x: atanc_float(float(x))


@overload(gmath.stumpff)
def _stumpff(n, u):
    if isinstance(n, types.Integer) and isinstance(u, REAL):
        return lambda n, u: stumpff_float(n, float(u))


@overload(gmath.where)
def _where(condition, a, b):
    if isinstance(condition, types.Boolean) and isinstance(a, REAL) and isinstance(b, REAL):
        return lambda condition, a, b: a if condition else b


@overload(gmath.value)
def _value(x):
    if isinstance(x, (*REAL, types.Complex)):
        return lambda x: x
