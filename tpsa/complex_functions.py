"""Elementary functions of complex series: one text for Python and compiled code.

A complex series is a pair of real ones. With the Euler operator E, which multiplies the part of degree g by g, nearly
all functions B of a series obey A E B = e B E A + B E V + E C for some A, V, C and a number e, which one graded
recursion solves (`solution`). Their constant parts are principal values found by themselves, so that branch and
round-off are right.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from tpsa import derived, gmath
from tpsa.complex_constants import faddeeva_taylor
from tpsa.derived import with_imag, with_value
from tpsa.stumpff import stumpff_taylor

CUBE_ROOT = 1.0 / 3.0
NEAR = 2.0  # modulus below which the differential equation of w gives its Taylor coefficients to round-off
TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)


def solution(a: Any, exponent: float, v: Any, c: Any, value: complex) -> Any:
    """Complex series B with A E B = exponent B E A + B E V + E C and constant part `value`; four real products.

    A real number in the place of A, V or C stands for a constant series.
    """
    series = next(x for x in (a, v, c) if hasattr(x, "taylor_function"))
    return series.solution(a, exponent, v, c, value)


def composed(z: Any, taylor: NDArray[np.complex128]) -> Any:
    """Function of a series from its (order + 1,) Taylor coefficients at the constant part; `order` complex products."""
    return z.composed(taylor)


def order_of(z: Any) -> int:
    """Order of the descriptor of a series."""
    return z.descriptor.order


def square(z: Any) -> Any:
    """z^2; two products of real series."""
    return z * z


@register_jitable
def turned(z: Any) -> Any:
    """i z."""
    return with_imag(-z.imag, z.real)


@register_jitable
def turned_back(z: Any) -> Any:
    """-i z."""
    return with_imag(z.imag, -z.real)


@register_jitable
def power(z: Any, exponent: Any, value: complex) -> Any:
    """Series to a real number, of constant part `value`, which chooses the branch."""
    return solution(z, exponent, 0.0, 0.0, value)


@register_jitable
def complex_power(z: Any, exponent: complex, value: complex) -> Any:
    """Series to a complex number, of constant part `value`."""
    return solution(z, exponent.real, exponent.imag * turned(z), 0.0, value)


@register_jitable
def integer_power(z: Any, n: int) -> Any:
    """Series to an integer from 1 on, by repeated squaring."""
    while n % 2 == 0:
        z = square(z)
        n //= 2
    result = z
    n //= 2
    while n > 0:
        z = square(z)
        if n % 2 == 1:
            result = result * z
        n //= 2
    return result


@register_jitable
def _root(z: Any, like: complex) -> Any:
    """The square root of a series whose constant part is nearer to `like` than to its negative."""
    value = gmath.sqrt(gmath.value(z))
    along = value.real * like.real + value.imag * like.imag
    return power(z, 0.5, value if along >= 0.0 else -value)


def stumpff(n: int, x: Any) -> Any:
    """Stumpff function of a series."""
    return composed(x, stumpff_taylor(n, gmath.value(x), order_of(x)))


def _sin(x):
    s, c = gmath.sincos(x.real)
    return with_imag(s * gmath.cosh(x.imag), c * gmath.sinh(x.imag))


def _cos(x):
    s, c = gmath.sincos(x.real)
    return with_imag(c * gmath.cosh(x.imag), -(s * gmath.sinh(x.imag)))


def _sinh(x):
    s, c = gmath.sincos(x.imag)
    return with_imag(gmath.sinh(x.real) * c, gmath.cosh(x.real) * s)


def _cosh(x):
    s, c = gmath.sincos(x.imag)
    return with_imag(gmath.cosh(x.real) * c, gmath.sinh(x.real) * s)


def _tanh(x):
    sign = -1.0 if gmath.value(x).real > 0.0 else 1.0
    denominator, half = 1.0 + gmath.exp((2.0 * sign) * x), sign * gmath.value(x)
    if half.real > -1.0:  # near a pole the sum cancels
        denominator = with_value(denominator, 2.0 * gmath.exp(half) * gmath.cosh(half))
    return with_value(sign - (2.0 * sign) * gmath.inv(denominator), gmath.tanh(gmath.value(x)))


def _tan(x):
    return turned_back(gmath.tanh(turned(x)))


def _cot(x):
    sign = 1.0 if gmath.value(x).imag > 0.0 else -1.0
    decaying = gmath.expm1((2.0 * sign) * turned(x))
    return with_value(turned(sign + (2.0 * sign) * gmath.inv(decaying)), gmath.cot(gmath.value(x)))


def _asin(x):
    value = gmath.asin(gmath.value(x))
    return solution(_root((1.0 - x) * (1.0 + x), gmath.cos(value)), 0.0, 0.0, x, value)


def _acosh(x):
    value = gmath.acosh(gmath.value(x))
    return solution(_root((x - 1.0) * (x + 1.0), gmath.sinh(value)), 0.0, 0.0, x, value)


def _wofz(x):
    value = gmath.value(x)
    if abs(value) < NEAR:
        return solution(1.0, 0.0, -square(x), TWO_OVER_ROOT_PI * turned(x), gmath.wofz(value))
    if value.imag < 0.0:
        return 2.0 * gmath.exp(-square(x)) - composed(-x, faddeeva_taylor(-value, order_of(x)))
    return composed(x, faddeeva_taylor(value, order_of(x)))


SERIES: dict[str, Callable] = {
    "inv": lambda x: power(x, -1.0, gmath.inv(gmath.value(x))),
    "sqrt": lambda x: power(x, 0.5, gmath.sqrt(gmath.value(x))),
    "rsqrt": lambda x: power(x, -0.5, gmath.rsqrt(gmath.value(x))),
    "cbrt": lambda x: power(x, CUBE_ROOT, gmath.cbrt(gmath.value(x))),
    "exp": lambda x: solution(1.0, 0.0, x, 0.0, gmath.exp(gmath.value(x))),
    "log": lambda x: solution(x, 0.0, 0.0, x, gmath.log(gmath.value(x))),
    "log1p": lambda x: solution(1.0 + x, 0.0, 0.0, x, gmath.log1p(gmath.value(x))),
    "sin": _sin,
    "cos": _cos,
    "sinh": _sinh,
    "cosh": _cosh,
    "tan": _tan,
    "tanh": _tanh,
    "cot": _cot,
    "asin": _asin,
    "acos": lambda x: with_value(-gmath.asin(x), gmath.acos(gmath.value(x))),
    "atan": lambda x: turned_back(gmath.atanh(turned(x))),
    "asinh": lambda x: turned_back(gmath.asin(turned(x))),
    "acosh": _acosh,
    "atanh": lambda x: solution((1.0 - x) * (1.0 + x), 0.0, 0.0, x, gmath.atanh(gmath.value(x))),
    "wofz": _wofz,
    **{name: derived.SERIES[name] for name in ("expm1", "sinc", "erf", "erfc")},
}
