"""Functions of complex series and complex numbers in compiled code, by the names of `tpsa.gmath`, cmath and numpy."""

import cmath
from collections.abc import Callable

import numpy as np
from numba import types
from numba.extending import overload

from tpsa import complex_functions, derived, gmath
from tpsa.calculus import derivative, gradient, integral
from tpsa.compiled_type import is_number, tps_type
from tpsa.complex_constants import complex_erf, complex_erfc, complex_expm1, complex_inv, complex_log1p, faddeeva
from tpsa.complex_functions import composed, order_of
from tpsa.complex_kernels import compose, solve
from tpsa.complex_operators import as_complex, promoted
from tpsa.complex_type import complex_type
from tpsa.context import ORDER, words
from tpsa.derived import with_imag
from tpsa.stumpff import stumpff_number, stumpff_taylor

NUMBERS = {
    "inv": lambda x: complex_inv(x),
    "cbrt": lambda x: x ** (1.0 / 3.0),
    "expm1": lambda x: complex_expm1(x),
    "log1p": lambda x: complex_log1p(x),
    "sinc": derived.SERIES["sinc"],
    "cot": lambda x: complex_inv(cmath.tan(x)),
    "asinh": lambda x: cmath.asinh(x),
    "acosh": lambda x: cmath.acosh(x),
    "atanh": lambda x: cmath.atanh(x),
    "erf": lambda x: complex_erf(x),
    "erfc": lambda x: complex_erfc(x),
    "wofz": lambda x: faddeeva(complex(x)),
}
NUMPY = {name: name.replace("a", "arc", 1) for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")}


@overload(complex_functions.solution)
def _solution(a, exponent, v, c, value):
    if a is complex_type:
        return lambda a, exponent, v, c, value: solve(a, exponent, promoted(v, a), promoted(c, a), value)
    if v is complex_type:
        return lambda a, exponent, v, c, value: solve(promoted(a, v), exponent, v, promoted(c, v), value)


@overload(derived.integrated)
def _integrated(slope, x, value):
    if slope is complex_type and x is complex_type:
        return lambda slope, x, value: with_imag(
            derived.integrated(slope.real, x.real, value.real) - derived.integrated(slope.imag, x.imag, 0.0),
            derived.integrated(slope.real, x.imag, value.imag) + derived.integrated(slope.imag, x.real, 0.0),
        )


def _overload_series(name: str, text: Callable) -> None:
    """Let gmath.name, and the same of cmath and numpy where it exists, mean the text for complex series."""
    named = (getattr(gmath, name), getattr(cmath, name, None), getattr(np, NUMPY.get(name, name), None))
    for function in dict.fromkeys(f for f in named if f is not None):

        @overload(function)
        def of_series(x):
            return text if x is complex_type else None


def _overload_number(name: str, text: Callable) -> None:
    """Let gmath.name mean the text for complex numbers."""

    @overload(getattr(gmath, name))
    def of_number(x):
        return text if isinstance(x, types.Complex) or (name == "wofz" and is_number(x)) else None


for _name, _text in complex_functions.SERIES.items():
    _overload_series(_name, _text)
for _name, _text in NUMBERS.items():
    _overload_number(_name, _text)


@overload(composed)
def _composed(z, taylor):
    return (lambda z, taylor: compose(z, taylor)) if z is complex_type else None


@overload(order_of)
def _order_of(z):
    return (lambda z: words(z.real._context)[ORDER]) if z is complex_type else None


@overload(gmath.stumpff)
def _stumpff(n, u):
    if isinstance(n, types.Integer) and u is complex_type:
        return lambda n, u: composed(u, stumpff_taylor(n, gmath.value(u), order_of(u)))
    if isinstance(n, types.Integer) and isinstance(u, types.Complex):
        return lambda n, u: stumpff_number(n, u)


@overload(derivative)
def _derivative(f, i):
    if f is complex_type:
        return lambda f, i: with_imag(derivative(f.real, i), derivative(f.imag, i))


@overload(integral)
def _integral(f, i):
    if f is complex_type:
        return lambda f, i: with_imag(integral(f.real, i), integral(f.imag, i))


@overload(gradient)
def _gradient(f):
    if f is complex_type:
        return lambda f: gradient(f.real) + 1j * gradient(f.imag)


@overload(gmath.wofz)
def _wofz(x):
    return derived.SERIES["wofz"] if x is tps_type else None


@overload(gmath.sincos)
def _sincos(x):
    return (lambda x: (gmath.sin(x), gmath.cos(x))) if x is complex_type else None


@overload(gmath.pow)
def _pow(x, y):
    if complex_type in (x, y) or isinstance(x, types.Complex) or isinstance(y, types.Complex):
        return lambda x, y: as_complex(x) ** y
