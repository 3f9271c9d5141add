"""Functions of complex numbers in compiled code that numba lacks: w, erf, erfc, expm1, log1p, 1/z that never raises."""

import cmath
import math

import numpy as np
from numpy.typing import NDArray

from tpsa.jit import njit

NODES = 12
STEP = math.sqrt(math.pi / NODES)
TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)


@njit
def complex_inv(z: complex) -> complex:
    """1/z; nan at 0."""
    size = max(abs(z.real), abs(z.imag))
    x, y = z.real / size, z.imag / size
    square = size * (x * x + y * y)
    return complex(x / square, -y / square)


@njit
def faddeeva(z: complex) -> complex:
    """w(z) = exp(-z^2) erfc(-iz) to about 1e-15, where exp(-z^2) itself is known to that.

    Trapezoidal or midpoint sums of its integral over the real axis, whichever has its nodes farther from Re z, with
    the residue at the pole z: M. Al Azah and S. N. Chandler-Wilde, SIAM J. Numer. Anal. 59, 2346 (2021).
    """
    if z.imag < 0.0:
        return 2.0 * cmath.exp(-z * z) - upper_faddeeva(-z)
    return upper_faddeeva(z)


@njit
def upper_faddeeva(z: complex) -> complex:
    """w(z) for Im z >= 0."""
    position = abs(z.real) / STEP
    position -= math.floor(position)
    square, above = z * z, z.imag >= math.pi / STEP
    midpoint = above or not 0.25 <= position <= 0.75
    result = 0.0j if midpoint else 0.5 / square
    for k in range(NODES if midpoint else NODES - 1):
        node = STEP * (k + 0.5 if midpoint else k + 1.0)
        result += math.exp(-node * node) / (square - node * node)
    result *= 2.0j * STEP * z / math.pi
    if not above:
        right = z if z.real >= 0.0 else -z.conjugate()
        turn = cmath.exp(-2.0j * math.pi * right / STEP)
        residue = 2.0 * cmath.exp(-right * right) / (1.0 + turn if midpoint else 1.0 - turn)
        result += residue if z.real >= 0.0 else residue.conjugate()
    return result


@njit
def faddeeva_taylor(z: complex, order: int) -> NDArray[np.complex128]:
    """(order + 1,) Taylor coefficients of w about a point with Im z >= 0 that is not near 0.

    Cauchy's integral over a circle of radius 0.6 |z|, within which w is no larger than near 0. Coefficient k is right
    to about 1e-16/0.6^k, while w' = -2 z w + 2 i/sqrt(pi) magnifies round-off by (2 |z|^2)^k/k!.
    """
    points = 128 + 2 * order
    result, radius = np.zeros(order + 1, np.complex128), 0.6 * abs(z)
    for m in range(points):
        turn = cmath.rect(1.0, 2.0 * math.pi * m / points)
        term = faddeeva(z + radius * turn) / points
        step = turn.conjugate() / radius
        for k in range(order + 1):
            result[k] += term
            term *= step
    return result


@njit
def complex_erfc(z: complex) -> complex:
    """1 - erf(z), right for large Re z."""
    if z.real < 0.0:
        return 2.0 - cmath.exp(-z * z) * upper_faddeeva(complex(z.imag, -z.real))
    return cmath.exp(-z * z) * upper_faddeeva(complex(-z.imag, z.real))


@njit
def complex_erf(z: complex) -> complex:
    """erf(z); near 0 from exp(-z^2) sum_k 2^k z^(2k+1)/(2k+1)!!."""
    if abs(z) >= 1.0:
        return 1.0 - complex_erfc(z) if z.real >= 0.0 else complex_erfc(-z) - 1.0
    term = z
    total = z
    k = 0
    while abs(term) > 1e-18 * abs(total):
        k += 1
        term *= 2.0 * z * z / (2 * k + 1)
        total += term
    return TWO_OVER_ROOT_PI * cmath.exp(-z * z) * total


@njit
def complex_expm1(z: complex) -> complex:
    """exp(z) - 1, exact near 0."""
    half = math.sin(0.5 * z.imag)
    real = math.expm1(z.real) * math.cos(z.imag) - 2.0 * half * half
    return complex(real, math.exp(z.real) * math.sin(z.imag))


@njit
def complex_log1p(z: complex) -> complex:
    """log(1 + z), exact near 0."""
    if abs(z) > 0.5:
        return cmath.log(1.0 + z)
    return complex(0.5 * math.log1p(z.real * (2.0 + z.real) + z.imag * z.imag), math.atan2(z.imag, 1.0 + z.real))
