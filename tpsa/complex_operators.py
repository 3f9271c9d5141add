"""Operators on complex series in compiled code; a part may be a number or a real series."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload, overload_method

from tpsa import gmath
from tpsa.compiled_type import constant_like, is_number, tps_type
from tpsa.complex_functions import complex_power, integer_power, power, square
from tpsa.complex_kernels import multiply
from tpsa.complex_type import ComplexTPSType, complex_type, is_real, meets_complex
from tpsa.derived import with_imag
from tpsa.slots import mark, release


def real_part(x: Any) -> Any:
    """Real part, in compiled code only; of a number a float."""
    return x.real


def imag_part(x: Any) -> Any:
    """Imaginary part, in compiled code only; of a real series a float as well."""
    return x.imag


def as_complex(x: Any) -> Any:
    """A number or a series as a complex one, in compiled code only."""
    return x + 0.0j


def promoted(x: Any, like: Any) -> Any:
    """`x` as a complex series, in the workspace of the series `like`; in compiled code only."""
    return x + 0.0j * like


@overload(real_part)
def _real_part(x):
    if x is complex_type or isinstance(x, types.Complex):
        return lambda x: x.real
    return (lambda x: float(x)) if is_number(x) else (lambda x: x)


@overload(imag_part)
def _imag_part(x):
    if x is complex_type or isinstance(x, types.Complex):
        return lambda x: x.imag
    return lambda x: 0.0


@overload(as_complex)
def _as_complex(x):
    if x is complex_type:
        return lambda x: x
    return (lambda x: with_imag(x, 0.0)) if x is tps_type else (lambda x: complex(x))


@overload(promoted)
def _promoted(x, like):
    if x is complex_type:
        return lambda x, like: x
    if x is tps_type:
        return lambda x, like: with_imag(x, 0.0)
    return lambda x, like: with_imag(constant_like(real_part(like), real_part(x)), imag_part(x))


@overload(square)
def _square(z):
    if z is complex_type:
        return lambda z: with_imag((z.real - z.imag) * (z.real + z.imag), 2.0 * (z.real * z.imag))


@overload(operator.iadd)
@overload(operator.add)
def _add(a, b):
    if meets_complex(a, b):
        return lambda a, b: with_imag(real_part(a) + real_part(b), imag_part(a) + imag_part(b))


@overload(operator.isub)
@overload(operator.sub)
def _sub(a, b):
    if meets_complex(a, b):
        return lambda a, b: with_imag(real_part(a) - real_part(b), imag_part(a) - imag_part(b))


@overload(operator.imul)
@overload(operator.mul)
def _mul(a, b):
    if not meets_complex(a, b):
        return None
    if a is complex_type and b is complex_type:
        return lambda a, b: multiply(a, b)
    if is_real(b):
        return lambda a, b: with_imag(a.real * b, a.imag * b)
    if is_real(a):
        return lambda a, b: with_imag(a * b.real, a * b.imag)
    return lambda a, b: with_imag(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real)


@overload(operator.itruediv)
@overload(operator.truediv)
def _truediv(a, b):
    if meets_complex(a, b):
        return lambda a, b: a * gmath.inv(b)


@overload(operator.neg)
def _neg(a):
    if a is complex_type:
        return lambda a: with_imag(-a.real, -a.imag)


@overload(operator.pos)
def _pos(a):
    if a is complex_type:
        return lambda a: a


@overload(operator.ipow)
@overload(operator.pow)
def _pow(a, b):
    if not meets_complex(a, b):
        return None
    if isinstance(b, types.Integer):
        return _integer_power
    if b is tps_type or b is complex_type:
        return lambda a, b: gmath.exp(b * gmath.log(as_complex(a)))
    if isinstance(b, types.Complex):
        return lambda a, b: complex_power(as_complex(a), b, complex(gmath.value(a)) ** b)
    return lambda a, b: power(a, b, gmath.value(a) ** b)


def _integer_power(a, b):
    if b == 0:
        return with_imag(constant_like(a.real, 1.0), 0.0)
    return integer_power(a, b) if b > 0 else gmath.inv(integer_power(a, -b))


def _overload_comparison(compare: Callable) -> None:
    """Compare constant parts."""

    @overload(compare)
    def comparison(a, b):
        if meets_complex(a, b):
            return lambda a, b: compare(gmath.value(a), gmath.value(b))


_overload_comparison(operator.eq)
_overload_comparison(operator.ne)


@overload(abs)
def _abs(a):
    if a is complex_type:
        return lambda a: gmath.hypot(a.real, a.imag)


@overload(gmath.where)
def _where(condition, a, b):
    if isinstance(condition, types.Boolean) and meets_complex(a, b):
        return lambda condition, a, b: promoted(a, b) if condition else promoted(b, a)


@overload_method(ComplexTPSType, "conjugate")
def _conjugate(a):
    return lambda a: with_imag(a.real, -a.imag)


def _overload_part(names: tuple[Callable, ...], of_series: Callable, of_real: Callable, of_number: Callable) -> None:
    """Implement a part of a complex series, of a real series and of a number."""
    for function in names:

        @overload(function)
        def part(x):
            if x is complex_type:
                return of_series
            return of_real if x is tps_type else None

    @overload(names[0])
    def of_a_number(x):
        return of_number if is_number(x) or isinstance(x, types.Complex) else None


_overload_part((gmath.real, np.real), lambda x: x.real, lambda x: x, lambda x: x.real)
_overload_part((gmath.imag, np.imag), lambda x: x.imag, lambda x: constant_like(x, 0.0), lambda x: x.imag)
_overload_part((gmath.conj, np.conj), lambda x: x.conjugate(), lambda x: x, lambda x: x.conjugate())
_overload_part(
    (gmath.arg,),
    lambda x: gmath.atan2(x.imag, x.real),
    lambda x: gmath.atan2(0.0, x),
    lambda x: gmath.atan2(x.imag, x.real),
)


@overload(mark)
def _mark(x):
    if x is complex_type:
        return lambda x: mark(x.real)


def parts(values: tuple) -> tuple:
    """A tuple of series with complex ones replaced by their two parts, in compiled code only."""
    raise NotImplementedError


@overload(parts)
def _parts(values):
    if len(values) == 0:
        return lambda values: ()
    if values[0] is complex_type:
        return lambda values: (values[0].real, values[0].imag) + parts(values[1:])
    return lambda values: (values[0],) + parts(values[1:])


@overload(release)
def _release(x, since, keep):
    if isinstance(keep, types.BaseTuple) and (x is complex_type or (x is tps_type and complex_type in tuple(keep))):
        return lambda x, since, keep: release(real_part(x), since, parts(keep))
