"""The functions of `tpsa.gmath` for floats in code compiled by numba."""

import cmath
import math
from collections.abc import Callable

from numba import types
from numba.extending import overload

from tpsa import gmath, vector_functions
from tpsa.stumpff import stumpff_four, stumpff_number
from tpsa.wide import FLOATS, TRUTHS, select

REAL = (types.Float, types.Integer)


def _overload_number(generic: Callable, name: str) -> None:
    """Let `generic` mean cmath.name for complex numbers, and for real ones a vectorised function or math.name."""
    real, complex_ = getattr(vector_functions, name, getattr(math, name)), getattr(cmath, name)
    wide = getattr(vector_functions, f"wide_{name}", getattr(vector_functions, name, None))

    @overload(generic)
    def function(x):
        if isinstance(x, REAL):
            return lambda x: real(float(x))
        if x == FLOATS and wide:
            return lambda x: wide(x)
        if isinstance(x, types.Complex):
            return lambda x: complex_(x)


for _name in ("exp", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "log", "sqrt"):
    _overload_number(getattr(gmath, _name), _name)


@overload(gmath.rsqrt)
def _rsqrt(x):
    if isinstance(x, REAL):
        return lambda x: vector_functions.rsqrt(float(x))
    if x == FLOATS:
        return lambda x: vector_functions.wide_rsqrt(x)
    if isinstance(x, types.Complex):
        return lambda x: gmath.inv(cmath.sqrt(x))


@overload(gmath.atanc)
def _atanc(x):
    if isinstance(x, REAL):
        return lambda x: vector_functions.atanc(float(x))
    if x == FLOATS:
        return lambda x: vector_functions.atanc(x)


@overload(gmath.stumpff, prefer_literal=True, jit_options={"forceinline": True})
def _stumpff(n, u):
    if u == FLOATS and isinstance(n, types.IntegerLiteral) and 0 <= n.literal_value <= 3:
        k = n.literal_value
        return lambda n, u: stumpff_four(u)[k]
    if not isinstance(n, types.Integer) or not isinstance(u, REAL):
        return None
    if isinstance(n, types.IntegerLiteral) and 0 <= n.literal_value <= 3:
        k = n.literal_value
        return lambda n, u: stumpff_four(float(u))[k]
    return lambda n, u: stumpff_number(n, float(u))


@overload(gmath.where)
def _where(condition, a, b):
    if isinstance(condition, types.Boolean) and isinstance(a, REAL) and isinstance(b, REAL):
        return lambda condition, a, b: a if condition else b
    if condition == TRUTHS:
        return lambda condition, a, b: select(condition, a, b)


@overload(gmath.value)
def _value(x):
    if isinstance(x, (*REAL, types.Complex)):
        return lambda x: x
