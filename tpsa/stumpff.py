"""Stumpff functions c_n(u) = sum_k (-u)^k / (2k + n)! of numbers and arrays, right to round-off for any u.

c_0 = cos(sqrt u), c_1 = sin(sqrt u)/sqrt u, and hyperbolic for u < 0; c_{n+2} = (1/n! - c_n)/u;
dc_n/du = (n c_{n+2} - c_{n+1})/2 (Stiefel and Scheifele, Linear and Regular Celestial Mechanics, 1971, section 11).
The upward recursion loses digits for small |u|, where the series is summed instead.
"""

import cmath
import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload
from numpy.typing import NDArray

from tpsa.jit import njit
from tpsa.wide import select

FAR = 4.0**10  # phase advance of 1024 rad in one element; on the other side cosh overflows before


@njit
def series_limit(n: int) -> float:
    """Largest |u| for which the series of c_n is summed: below it the terms of the series do not grow much."""
    return max(8.0, 1.0 * n * (n - 1))


@njit
def derivative_series(n: int, k: int, u: float) -> float:
    """k-th Taylor coefficient of c_n about u, c_n^(k)(u)/k!, by its series in u."""
    term = 1.0 + 0.0 * u
    for i in range(1, 2 * k + n + 1):
        term /= i
    if k % 2:
        term = -term
    total = term
    j = k
    while abs(term) > 1e-18 * abs(total):
        j += 1
        term *= -u * j / ((j - k) * (2.0 * j + n - 1) * (2.0 * j + n))
        total += term
    return total


def first_of(odd: bool, u: float) -> float:
    """c_1 or c_0 of a number far from 0; in compiled code only."""
    raise NotImplementedError


@overload(first_of)
def _first_of(odd, u):
    return _first_of_complex if isinstance(u, types.Complex) else _first_of_real


def _first_of_real(odd, u):
    s = math.sqrt(abs(u))
    if odd:
        return math.sin(s) / s if u > 0 else math.sinh(s) / s
    return math.cos(s) if u > 0 else math.cosh(s)


def _first_of_complex(odd, u):
    s = cmath.sqrt(u)
    return cmath.sin(s) / s if odd else cmath.cos(s)


@njit
def stumpff_number(n: int, u: float) -> float:
    """c_n(u) of a real or complex number."""
    if u != u:
        return u
    if abs(u) <= series_limit(n):
        return derivative_series(n, 0, u)
    c, factorial = first_of(n % 2 == 1, u), 1.0
    for m in range(n % 2, n, 2):
        c = (1.0 / factorial - c) / u
        factorial *= (m + 1) * (m + 2)
    return c


@njit
def stumpff_derivative(n: int, k: int, u: float) -> float:
    """k-th Taylor coefficient of c_n about u, c_n^(k)(u)/k!."""
    if k == 0:
        return stumpff_number(n, u)
    if u != u:
        return u
    if abs(u) <= series_limit(n + 2 * k):
        return derivative_series(n, k, u)
    return (n * stumpff_derivative(n + 2, k - 1, u) - stumpff_derivative(n + 1, k - 1, u)) / (2.0 * k)


@njit
def stumpff_taylor(n: int, u: complex, order: int) -> NDArray[np.complex128]:
    """(order + 1,) Taylor coefficients of c_n about a complex number."""
    result = np.empty(order + 1, np.complex128)
    for k in range(order + 1):
        result[k] = stumpff_derivative(n, k, u)
    return result


@njit(forceinline=True)
def _horner(v, n):
    """c_n(v) for |v| <= 1, n = 2 or 3, times n!; no loop, for only innermost loops are vectorised."""
    a = 1.0 - v * (1.0 / ((n + 15) * (n + 16)))
    a = 1.0 - v * a * (1.0 / ((n + 13) * (n + 14)))
    a = 1.0 - v * a * (1.0 / ((n + 11) * (n + 12)))
    a = 1.0 - v * a * (1.0 / ((n + 9) * (n + 10)))
    a = 1.0 - v * a * (1.0 / ((n + 7) * (n + 8)))
    a = 1.0 - v * a * (1.0 / ((n + 5) * (n + 6)))
    a = 1.0 - v * a * (1.0 / ((n + 3) * (n + 4)))
    return 1.0 - v * a * (1.0 / ((n + 1) * (n + 2)))


@njit(forceinline=True)
def _quadruple(v, c2, c3):
    """c_2 and c_3 of 4 v from those of v: c_1(4v) = c_0 c_1, c_2(4v) = c_1^2/2, c_3(4v) = (c_2 + c_0 c_3)/4."""
    c0, c1 = 1.0 - v * c2, 1.0 - v * c3
    return 4.0 * v, 0.5 * c1 * c1, 0.25 * (c2 + c0 * c3)


@njit(forceinline=True)
def _quadruple_five_times(v, c2, c3):
    v, c2, c3 = _quadruple(v, c2, c3)
    v, c2, c3 = _quadruple(v, c2, c3)
    v, c2, c3 = _quadruple(v, c2, c3)
    v, c2, c3 = _quadruple(v, c2, c3)
    return _quadruple(v, c2, c3)


@njit(forceinline=True)
def stumpff_four(u: float) -> tuple[float, float, float, float]:
    """c_0 to c_3 of a real number without a branch, so that loops over particles are vectorised; nan above FAR."""
    v = select(u <= FAR, u / FAR, math.nan)
    v, c2, c3 = _quadruple_five_times(v, 0.5 * _horner(v, 2), _horner(v, 3) * (1.0 / 6.0))
    v, c2, c3 = _quadruple_five_times(v, c2, c3)
    return 1.0 - v * c2, 1.0 - v * c3, c2, c3


def stumpff_array(n: int, u: Any, xp: Any) -> Any:
    """c_n of an array `u` (real or complex) of the array namespace `xp`, elementwise and without a Python branch."""
    limit = max(8.0, float(n * (n - 1)))
    near = xp.abs(u) <= limit
    small = xp.where(near, u, 0.0 * u)
    series = 0.0 * u + 1.0
    for k in range(14 + n, 0, -1):
        series = 1.0 - small * series / ((2 * k + n - 1) * (2 * k + n))
    series = series / float(math.factorial(n))
    large = xp.where(near, 0.0 * u + limit, u)
    return xp.where(near, series, _closed_form(n, large, xp))


def _closed_form(n: int, u: Any, xp: Any) -> Any:
    """c_n(u) from trigonometric functions and the upward recursion."""
    if xp.isdtype(u.dtype, "complex floating"):
        s = xp.sqrt(u)
        c = xp.cos(s) if n % 2 == 0 else xp.sin(s) / s
    else:
        s = xp.sqrt(xp.abs(u))
        hyperbolic = xp.where(u < 0, s, 0.0 * s + 1.0)
        if n % 2 == 0:
            c = xp.where(u > 0, xp.cos(s), xp.cosh(hyperbolic))
        else:
            c = xp.where(u > 0, xp.sin(s) / s, xp.sinh(hyperbolic) / hyperbolic)
    for m in range(n % 2, n, 2):
        c = (1.0 / math.factorial(m) - c) / u
    return c
