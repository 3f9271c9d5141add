"""Elementary functions under one name for floats, complex numbers, truncated power series, numpy and JAX arrays.

The same names work in code compiled by numba for floats and series, so that one text of an element map serves all.
An argument outside of the domain of a function gives nan in every path, never an exception. A real argument has a real
result: for the logarithm of a negative number pass a complex one. Complex functions take principal values, as cmath.
"""

import cmath
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tpsa.atanc import atanc_array, atanc_float
from tpsa.derived import (
    acosh,
    arg,
    asinh,
    atan2,
    atanh,
    cbrt,
    conj,
    cot,
    erf,
    erfc,
    expm1,
    hypot,
    imag,
    inv,
    log1p,
    pow,
    real,
    sinc,
    sincos,
    wofz,
)  # fmt: skip
from tpsa.stumpff import stumpff_array, stumpff_number

__all__ = [
    "acos", "acosh", "arg", "asin", "asinh", "atan", "atan2", "atanc", "atanh", "cbrt", "conj", "cos", "cosh", "cot",
    "erf", "erfc", "exp", "expm1", "hypot", "imag", "inv", "log", "log1p", "pow", "real", "rsqrt", "sin", "sinc",
    "sincos", "sinh", "sqrt", "stumpff", "tan", "tanh", "value", "where", "wofz",
]  # fmt: skip


_POLES = {
    math.log: {0.0: -math.inf},
    math.log1p: {-1.0: -math.inf},
    math.atanh: {-1.0: -math.inf, 1.0: math.inf},
}


def real_or_nan(function: Callable[..., float], *x: float) -> float:
    """`function(*x)`, with nan or infinity where Python's math would raise."""
    try:
        return function(*x)
    except ValueError:
        return _POLES.get(function, {}).get(x[0], math.nan)
    except OverflowError:
        return -math.inf if function is math.sinh and x[0] < 0 else math.inf


def complex_or_nan(function: Callable[..., complex], *x: complex) -> complex:
    """`function(*x)`, with nan where Python's cmath would raise."""
    try:
        return function(*x)
    except (ValueError, OverflowError, ZeroDivisionError):
        return complex(math.nan, math.nan)


def array_namespace(x: Any) -> Any:
    """Array namespace of `x`: numpy, jax.numpy, ...; None when `x` is no array."""
    if hasattr(x, "__array_namespace__"):
        return x.__array_namespace__()
    return np if isinstance(x, np.generic) else None


def _elementary(name: str) -> Callable[[Any], Any]:
    """Generic function `name`, dispatched on the type of its argument."""
    real, complex_ = getattr(math, name), getattr(cmath, name)

    def function(x: Any) -> Any:
        if isinstance(x, (float, int)):
            return real_or_nan(real, x)
        if isinstance(x, complex):
            return complex_or_nan(complex_, x)
        if hasattr(x, "taylor_function"):
            return x.taylor_function(name)
        namespace = array_namespace(x)
        if namespace is None:
            raise unsupported(name, x)
        return getattr(namespace, name)(x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(x) for a number, a truncated power series or an array."
    return function


def unsupported(name: str, x: Any) -> TypeError:
    """Error for an argument no path of `name` knows."""
    return TypeError(f"{name} takes a number, a truncated power series or an array, got {type(x).__name__}: {x!r}")


sqrt = _elementary("sqrt")
exp = _elementary("exp")
log = _elementary("log")
sin = _elementary("sin")
cos = _elementary("cos")
tan = _elementary("tan")
asin = _elementary("asin")
acos = _elementary("acos")
atan = _elementary("atan")
sinh = _elementary("sinh")
cosh = _elementary("cosh")
tanh = _elementary("tanh")


def rsqrt(x: Any) -> Any:
    """1/sqrt(x) for a number, a truncated power series or an array; infinite at 0, nan below.

    Compiled floats: from 1e-37 to 1e38, nan beyond.
    """
    if isinstance(x, (float, int)):
        return 1.0 / math.sqrt(x) if x > 0 else (math.inf if x == 0 else math.nan)
    if hasattr(x, "taylor_function"):
        return x.taylor_function("rsqrt")
    return inv(sqrt(x))


def atanc(x: Any) -> Any:
    """atan(x)/x, smooth at 0, for a number, a truncated power series or an array."""
    if isinstance(x, (float, int)):
        return atanc_float(float(x))
    if isinstance(x, complex):
        return complex_or_nan(cmath.atan, x) / x if x != 0 else 1.0 + 0.0j
    if hasattr(x, "taylor_function"):
        return x.taylor_function("atanc")
    namespace = array_namespace(x)
    if namespace is None:
        raise unsupported("atanc", x)
    if namespace is np:
        return atanc_array(np.asarray(x), np)[()]
    if namespace.__name__ == "jax.numpy":
        from tpsa.atanc_jax import atanc_jax

        return atanc_jax(0, x)
    return atanc_array(x, namespace)


def stumpff(n: int, u: Any) -> Any:
    """Stumpff function c_n(u) = sum_k (-u)^k / (2k + n)!, smooth in u of any sign.

    Parameters
    ----------
    n : int
        Index, at least 0; a literal in compiled code.
    u : number, truncated power series or array
        Argument, k ds^2 of a linear element of strength k and length ds [1].

    Returns
    -------
    like `u`
        c_0 = cos(sqrt u), c_1 = sin(sqrt u)/sqrt u, c_2 = (1 - cos(sqrt u))/u, ..., hyperbolic for u < 0.

    Raises
    ------
    ValueError
        If `n` is no integer of at least 0.

    Notes
    -----
    Source: Stiefel and Scheifele, Linear and Regular Celestial Mechanics, 1971, section 11.
    """
    if not isinstance(n, int) or n < 0:
        raise ValueError(f"stumpff: index n must be an integer of at least 0, got {n!r}")
    if isinstance(u, (float, int)):
        return stumpff_number(n, float(u))
    if isinstance(u, complex):
        return complex(stumpff_array(n, np.asarray(u), np))
    if hasattr(u, "taylor_function"):
        return u.taylor_function("stumpff", n)
    namespace = array_namespace(u)
    if namespace is None:
        raise unsupported("stumpff", u)
    if namespace is np:
        return stumpff_array(n, np.asarray(u), np)[()]
    if namespace.__name__ == "jax.numpy":
        from tpsa.stumpff_jax import stumpff_jax

        return stumpff_jax(n, u)
    return stumpff_array(n, u, namespace)


def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` where `condition` holds, else `b`; elementwise for arrays and batches.

    Both are evaluated beforehand; the choice costs nothing for series, a pass over arrays.
    """
    for x in (a, b):
        if hasattr(x, "select"):
            return x.select(condition, a, b)
    for x in (condition, a, b):
        namespace = array_namespace(x)
        if namespace is not None and not isinstance(x, np.generic):
            return namespace.where(condition, a, b)
    return a if condition else b


def value(x: Any) -> Any:
    """Constant part of a truncated power series, at no cost; a number or an array itself."""
    return x.value if hasattr(x, "taylor_function") else x


COSTS = {  # products of real series: of real series at 6 variables and orders 4 to 6, and of complex ones
    "inv": ("1 to 1.2", "4 to 6"), "sqrt": ("1 to 1.2", "4 to 6"), "rsqrt": ("1 to 1.2", "4 to 6"),
    "cbrt": ("1 to 1.3", "4 to 6"), "exp": ("1.1 to 1.2", "4 to 6"), "expm1": ("1.1 to 1.3", "4 to 6"),
    "log": ("1 to 1.2", "4 to 6"), "log1p": ("1.1 to 1.3", "4 to 6"), "pow": ("1 to 1.3", "4 to 6"),
    "sin": ("1.3 to 1.6", "6 to 8"), "cos": ("1.3 to 1.6", "6 to 8"), "sincos": ("1.8 to 2.4", "12 to 16"),
    "tan": ("1.3 to 1.6", "9 to 15"), "cot": ("4 to 5", "9 to 15"), "sinc": ("2 to 2.5", "2 + 4 for each order"),
    "sinh": ("1.3 to 1.6", "6 to 8"), "cosh": ("1.3 to 1.6", "6 to 8"), "tanh": ("1.3 to 1.6", "9 to 15"),
    "asin": ("1.5 to 1.8", "9 to 15"), "acos": ("1.5 to 1.8", "9 to 15"), "atan": ("1.2 to 1.4", "9 to 15"),
    "asinh": ("2.5 to 3.2", "9 to 15"), "acosh": ("2.5 to 3.2", "9 to 15"), "atanh": ("2.5 to 3.2", "9 to 15"),
    "erf": ("2.6 to 3.2", "8 to 12"), "erfc": ("2.6 to 3.2", "8 to 12"), "stumpff": ("1.4 to 1.8", "4 for each order"),
    "wofz": ("5 to 7", "8 to 12, or 4 for each order beyond |x| = 2"),
    "atanc": ("1.5 to 2.3", None), "atan2": ("3 to 4", None), "hypot": ("2.5 to 3", None), "arg": (None, "3 to 4"),
}  # fmt: skip
for _name, _costs in COSTS.items():
    _kinds = zip(_costs, ("a real", "a complex"), strict=True)
    _stated = ", ".join(f"{_cost} of {_kind} series" for _cost, _kind in _kinds if _cost)
    globals()[_name].__doc__ = f"{inspect.getdoc(globals()[_name])}\n\nCosts in products of real series: {_stated}."
