"""atan(v)/v and its Taylor coefficients, right to round-off for any real v, 0 included."""

import math
from typing import Any

from tpsa.jit import njit

NEAR = 0.7  # below it the series about 0 converges fast; above it the upward recurrence loses little


@njit
def atanc_float(v: float) -> float:
    """atan(v)/v of a real number."""
    return math.atan(v) / v if v != 0.0 else 1.0


@njit
def atanc_derivative(k: int, v: float) -> float:
    """k-th Taylor coefficient of f(v) = atan(v)/v about v, f^(k)(v)/k!.

    Near 0 from f = sum_m (-1)^m v^(2m)/(2m + 1), else from v f' + f = 1/(1 + v^2).
    """
    if k == 0 or math.isnan(v):
        return atanc_float(v)
    if abs(v) < NEAR:
        m = (k + 1) // 2
        power = v ** (2 * m - k)  # times the binomial coefficient (2m over k), which is 1 or k + 1
        term = (-1.0) ** m * (power if 2 * m == k else (k + 1) * power)
        total = term / (2 * m + 1)
        while abs(term) > 1e-18 * abs(total):
            term *= -v * v * (2 * m + 1) * (2 * m + 2) / ((2 * m + 1 - k) * (2 * m + 2 - k))
            m += 1
            total += term / (2 * m + 1)
        return total
    f, lower, g = atanc_float(v), 0.0, 1.0 / (1.0 + v * v)
    for j in range(k):
        f = (g / (j + 1) - f) / v
        lower, g = g, -(2.0 * v * g + lower) / (1.0 + v * v)
    return f


def atanc_array(v: Any, xp: Any) -> Any:
    """atan(v)/v of an array `v` (real or complex) of the array namespace `xp`."""
    zero = v == 0
    return xp.where(zero, 0.0 * v + 1.0, xp.atan(v) / xp.where(zero, 0.0 * v + 1.0, v))
