"""Elementary functions made of others: one text for series in Python and in compiled code.

`SERIES[name]` is the function of a series (of two for atan2, hypot and pow). Inverse and error functions integrate
their derivative, E B = f'(A) E A with the Euler operator E: one product more than f'(A) takes. Others change the
constant part, which is found by itself so that no digits cancel.
"""

import cmath
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tpsa import gmath

NUMBER = (float, int)
FAR = 8.0  # modulus beyond which sin(x)/x is nearer to round-off as a quotient than as an entire function of x^2


def integrated(slope: Any, x: Any, value: float) -> Any:
    """Series B with E B = slope E x, so dB = slope dx, and constant part `value`; one product."""
    return x.integrated(slope, value)


def with_value(x: Any, value: float) -> Any:
    """Series with another constant part."""
    return x.with_value(value)


def with_imag(x: Any, y: Any) -> Any:
    """Complex series of a real part and an imaginary part, one of which may be a number."""
    return x.with_imag(y) if hasattr(x, "taylor_function") else y.constant_like(x).with_imag(y)


def _cbrt(x):
    return -((-x) ** (1.0 / 3.0)) if gmath.value(x) < 0.0 else x ** (1.0 / 3.0)


def _sinc(x):
    if abs(gmath.value(x)) > FAR:
        return gmath.sin(x) * gmath.inv(x)
    return gmath.stumpff(1, x * x)


def _atan2(y, x):
    if abs(gmath.value(y)) < abs(gmath.value(x)):
        return with_value(gmath.atan(y * gmath.inv(x)), math.atan2(gmath.value(y), gmath.value(x)))
    return with_value(-gmath.atan(x * gmath.inv(y)), math.atan2(gmath.value(y), gmath.value(x)))


def _hypot(x, y):
    size = max(abs(gmath.value(x)), abs(gmath.value(y)))
    a, b = x * gmath.inv(size), y * gmath.inv(size)
    return size * gmath.sqrt(a * a + b * b)


SERIES: dict[str, Callable] = {
    "cbrt": _cbrt,
    "expm1": lambda x: with_value(gmath.exp(x), gmath.expm1(gmath.value(x))),
    "log1p": lambda x: with_value(gmath.log(1.0 + x), gmath.log1p(gmath.value(x))),
    "cot": lambda x: gmath.cos(x) * gmath.inv(gmath.sin(x)),
    "sinc": _sinc,
    "asinh": lambda x: integrated(gmath.rsqrt(1.0 + x * x), x, gmath.asinh(gmath.value(x))),
    "acosh": lambda x: integrated(gmath.rsqrt((x - 1.0) * (x + 1.0)), x, gmath.acosh(gmath.value(x))),
    "atanh": lambda x: integrated(gmath.inv((1.0 - x) * (1.0 + x)), x, gmath.atanh(gmath.value(x))),
    "erf": lambda x: integrated(2.0 / math.sqrt(math.pi) * gmath.exp(-x * x), x, gmath.erf(gmath.value(x))),
    "erfc": lambda x: integrated(-2.0 / math.sqrt(math.pi) * gmath.exp(-x * x), x, gmath.erfc(gmath.value(x))),
    "atan2": _atan2,
    "hypot": _hypot,
    "pow": lambda x, y: gmath.exp(y * gmath.log(x)),
    "wofz": lambda x: gmath.wofz(with_imag(x, 0.0)),
}


def _scipy_function(name: str) -> Callable[[Any, Any], Any]:
    """Function of scipy.special on arrays of numpy, or of jax.scipy.special on arrays of JAX."""

    def function(x: Any, namespace: Any) -> Any:
        if namespace.__name__ == "jax.numpy":
            import jax.scipy.special as special
        else:
            import scipy.special as special
        return getattr(special, name)(x)

    return function


def _unary(name: str, real: Callable, complex_: Callable, array: Callable[[Any, Any], Any], doc: str) -> Callable:
    """Generic function of one argument, dispatched on its type."""

    def function(x: Any) -> Any:
        if isinstance(x, NUMBER):
            return gmath.real_or_nan(real, x)
        if isinstance(x, complex):
            return gmath.complex_or_nan(complex_, x)
        if hasattr(x, "taylor_function"):
            return x.taylor_function(name)
        namespace = gmath.array_namespace(x)
        if namespace is None:
            raise gmath.unsupported(name, x)
        return array(x, namespace)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{doc} for a number, a truncated power series or an array."
    return function


def _generality(x: Any) -> int:
    """0 for numbers and arrays, 1 for a series, 2 for many series at once, which have functions of their own."""
    return hasattr(x, "taylor_function") + hasattr(x, "derived_functions")


def _binary(name: str, real: Callable, doc: str) -> Callable:
    """Generic function of two real arguments; a series, an array and a number may meet."""

    def function(a: Any, b: Any) -> Any:
        if isinstance(a, NUMBER) and isinstance(b, NUMBER):
            return gmath.real_or_nan(real, a, b)
        if is_complex(a) or is_complex(b):
            raise TypeError(f"{name} takes real arguments, got {a!r} and {b!r}")
        if hasattr(a, "taylor_function") or hasattr(b, "taylor_function"):
            series = max(a, b, key=_generality)
            pair = (x if type(x) is type(series) else series.constant_like(x) for x in (a, b))
            return getattr(series, "derived_functions", SERIES)[name](*pair)
        namespace = gmath.array_namespace(a) or gmath.array_namespace(b)
        if namespace is None:
            raise gmath.unsupported(name, b if isinstance(a, NUMBER) else a)
        return getattr(namespace, name)(a, b)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{doc} of numbers, truncated power series or arrays, real only; TypeError for complex ones."
    return function


def is_complex(x: Any) -> bool:
    """Whether a number, a series or an array is of complex type."""
    return np.iscomplexobj(getattr(x, "coefficients", x))


def pow(a: Any, b: Any) -> Any:
    """a^b of numbers, truncated power series or arrays; nan for negative real a unless b is a number or complex."""
    if not (is_complex(a) or is_complex(b)):
        return _real_pow(a, b)
    if isinstance(a, (*NUMBER, complex)) and isinstance(b, (*NUMBER, complex)):
        return gmath.complex_or_nan(operator.pow, a, b)
    return a**b


def real(x: Any) -> Any:
    """Real part of a number, a truncated power series or an array; one pass over a complex series."""
    return x.real


def imag(x: Any) -> Any:
    """Imaginary part of a number, a truncated power series or an array; one pass over a complex series."""
    return x.imag


def conj(x: Any) -> Any:
    """Complex conjugate of a number, a truncated power series or an array; one pass over a complex series."""
    return x.conjugate() if hasattr(x, "conjugate") else gmath.array_namespace(x).conj(x)


def arg(x: Any) -> Any:
    """Angle of a complex number, truncated power series or array, atan2(imag, real)."""
    return atan2(x.imag, x.real)


def inv(x: Any) -> Any:
    """1/x for a number, a truncated power series or an array; infinite at 0 instead of an exception, nan if complex."""
    if isinstance(x, NUMBER):
        return 1.0 / x if x != 0 else math.copysign(math.inf, x)
    if isinstance(x, complex):
        return 1.0 / x if x != 0 else complex(math.nan, math.nan)
    if hasattr(x, "taylor_function"):
        return x.taylor_function("inv")
    if gmath.array_namespace(x) is None:
        raise gmath.unsupported("inv", x)
    return 1.0 / x


def sincos(x: Any) -> tuple[Any, Any]:
    """(sin(x), cos(x)) for a number, a truncated power series or an array; of a real series by one recursion."""
    if hasattr(x, "sincos"):
        return x.sincos()
    return gmath.sin(x), gmath.cos(x)


def _cot(x: float) -> float:
    return math.cos(x) / math.sin(x) if x != 0.0 else math.copysign(math.inf, x)


def _named(name: str) -> Callable[[Any, Any], Any]:
    return lambda x, namespace: getattr(namespace, name)(x)


def _scipy_complex(name: str) -> Callable[[complex], complex]:
    return lambda x: complex(_scipy_function(name)(x, np))


def _log1p_of_array(x: Any, namespace: Any) -> Any:
    """numpy's loses digits of complex numbers near 0."""
    return _scipy_function("log1p")(x, namespace) if is_complex(x) else namespace.log1p(x)


def _sinc_of_array(x: Any, namespace: Any) -> Any:
    """Both branches everywhere, each at arguments for which it is finite."""
    far = abs(x) > FAR
    outside, inside = namespace.where(far, x, FAR), namespace.where(far, 0.0, x)
    return namespace.where(far, namespace.sin(outside) / outside, gmath.stumpff(1, inside * inside))


def _wofz_of_array(x: Any, namespace: Any) -> Any:
    """scipy's, which takes no JAX arrays."""
    if namespace.__name__ == "jax.numpy":
        raise gmath.unsupported("wofz", x)
    return _scipy_function("wofz")(x, namespace)


cbrt = _unary("cbrt", math.cbrt, lambda x: x ** (1.0 / 3.0), _named("cbrt"), "Cube root, negative for negative x,")
expm1 = _unary("expm1", math.expm1, lambda x: complex(np.expm1(x)), _named("expm1"), "exp(x) - 1, exact near 0,")
log1p = _unary("log1p", math.log1p, _scipy_complex("log1p"), _log1p_of_array, "log(1 + x), exact near 0,")
cot = _unary("cot", _cot, lambda x: 1.0 / cmath.tan(x), lambda x, xp: xp.cos(x) / xp.sin(x), "cos(x)/sin(x)")
sinc = _unary("sinc", _sinc, _sinc, _sinc_of_array, "sin(x)/x, smooth at 0,")
asinh = _unary("asinh", math.asinh, cmath.asinh, _named("asinh"), "Inverse hyperbolic sine")
acosh = _unary("acosh", math.acosh, cmath.acosh, _named("acosh"), "Inverse hyperbolic cosine, nan below 1,")
atanh = _unary("atanh", math.atanh, cmath.atanh, _named("atanh"), "Inverse hyperbolic tangent, nan beyond 1,")
erf = _unary("erf", math.erf, _scipy_complex("erf"), _scipy_function("erf"), "Error function")
erfc = _unary("erfc", math.erfc, _scipy_complex("erfc"), _scipy_function("erfc"), "1 - erf(x), exact for large x,")
wofz = _unary(
    "wofz", _scipy_complex("wofz"), _scipy_complex("wofz"), _wofz_of_array,
    "Faddeeva function w(x) = exp(-x^2) erfc(-i x), complex also for real x,",
)  # fmt: skip
atan2 = _binary("atan2", math.atan2, "Angle of the vector (second, first) argument")
hypot = _binary("hypot", math.hypot, "Length of the vector (x, y)")
_real_pow = _binary("pow", math.pow, "x^y")
