"""Derived functions of many series at once: what `tpsa.derived` decides by `if` is decided in every lane by `where`."""

from collections.abc import Callable
from typing import Any

from tpsa import gmath
from tpsa.derived import FAR, SERIES, integrated, with_value


def _cbrt(x):
    xp = gmath.array_namespace(x.value)
    sign = xp.where(x.value < 0.0, -1.0, 1.0)
    return sign * (sign * x) ** (1.0 / 3.0)


def _sinc(x):
    far = gmath.array_namespace(x.value).abs(x.value) > FAR
    outside, inside = gmath.where(far, x, FAR), gmath.where(far, 0.0, x)
    return gmath.where(far, gmath.sin(outside) * gmath.inv(outside), gmath.stumpff(1, inside * inside))


def _atan2(y, x):
    xp = gmath.array_namespace(x.value)
    flat = xp.abs(y.value) < xp.abs(x.value)
    ratio = gmath.where(flat, y, -x) * gmath.inv(gmath.where(flat, x, y))
    return with_value(gmath.atan(ratio), gmath.atan2(y.value, x.value))


def _hypot(x, y):
    xp = gmath.array_namespace(x.value)
    size = xp.maximum(xp.abs(x.value), xp.abs(y.value))
    a, b = x / size, y / size
    return size * gmath.sqrt(a * a + b * b)


def _tangent(x, value, sine, cosine, sign):
    """tan or tanh by the addition theorem about the constant part, where it is `value`."""
    shifted = with_value(x, 0.0 * x.value)
    s, c = sine(shifted), cosine(shifted)
    return (s + value * c) / (c + (sign * value) * s)


def integer_power(x: Any, exponent: int) -> Any:
    """x^exponent by repeated squaring."""
    if exponent < 0:
        return gmath.inv(integer_power(x, -exponent))
    result = None
    while exponent:
        if exponent % 2:
            result = x if result is None else result * x
        exponent //= 2
        x = x * x if exponent else x
    return x.constant_like(1.0) if result is None else result


LANEWISE: dict[str, Callable] = SERIES | {
    "tan": lambda x: _tangent(x, gmath.tan(x.value), gmath.sin, gmath.cos, -1.0),
    "tanh": lambda x: _tangent(x, gmath.tanh(x.value), gmath.sinh, gmath.cosh, 1.0),
    "asin": lambda x: integrated(gmath.rsqrt((1.0 - x) * (1.0 + x)), x, gmath.asin(x.value)),
    "acos": lambda x: integrated(-gmath.rsqrt((1.0 - x) * (1.0 + x)), x, gmath.acos(x.value)),
    "atan": lambda x: integrated(gmath.inv(1.0 + x * x), x, gmath.atan(x.value)),
    "cbrt": _cbrt,
    "sinc": _sinc,
    "atan2": _atan2,
    "hypot": _hypot,
}
