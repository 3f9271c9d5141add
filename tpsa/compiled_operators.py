"""Operators on series in compiled code."""

import operator

from numba import types
from numba.extending import overload

from tpsa.compiled_type import (
    apply_binary,
    apply_unary,
    constant_part,
    is_number,
    scaled,
    shifted,
    tps_type,
)
from tpsa.context import ADD, INTEGER_POWER, MULTIPLY, POWER


def _overload_binary(function, both, with_number, of_number):
    """Implement an operator for two series, a series with a number, and a number with a series."""

    @overload(function)
    def operation(a, b):
        if a is tps_type and b is tps_type:
            return both
        if a is tps_type and is_number(b):
            return with_number
        if is_number(a) and b is tps_type:
            return of_number


_overload_binary(
    operator.add,
    lambda a, b: apply_binary(ADD, a, b),
    lambda a, b: shifted(a, float(b)),
    lambda a, b: shifted(b, float(a)),
)
_overload_binary(
    operator.sub,
    lambda a, b: apply_binary(ADD, a, scaled(b, -1.0)),
    lambda a, b: shifted(a, -float(b)),
    lambda a, b: shifted(scaled(b, -1.0), float(a)),
)
_overload_binary(
    operator.mul,
    lambda a, b: apply_binary(MULTIPLY, a, b),
    lambda a, b: scaled(a, float(b)),
    lambda a, b: scaled(b, float(a)),
)
_overload_binary(
    operator.truediv,
    lambda a, b: apply_binary(MULTIPLY, a, apply_unary(POWER, b, -1.0)),
    lambda a, b: scaled(a, 1.0 / b),
    lambda a, b: scaled(apply_unary(POWER, b, -1.0), float(a)),
)


@overload(operator.neg)
def _negative(a):
    if a is tps_type:
        return lambda a: scaled(a, -1.0)


@overload(operator.pos)
def _positive(a):
    if a is tps_type:
        return lambda a: a


@overload(abs)
def _absolute(a):
    if a is tps_type:
        return lambda a: scaled(a, -1.0) if constant_part(a) < 0.0 else a


@overload(operator.pow)
def _power(a, exponent):
    if a is not tps_type:
        return None
    if isinstance(exponent, types.Integer):

        def integer(a, exponent):
            if exponent >= 0:
                return apply_unary(INTEGER_POWER, a, float(exponent))
            return apply_unary(POWER, apply_unary(INTEGER_POWER, a, -float(exponent)), -1.0)

        return integer
    if isinstance(exponent, types.Float):
        return lambda a, exponent: apply_unary(POWER, a, exponent)


for _compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):

    def _bind(compare):
        _overload_binary(
            compare,
            lambda a, b: compare(constant_part(a), constant_part(b)),
            lambda a, b: compare(constant_part(a), b),
            lambda a, b: compare(a, constant_part(b)),
        )

    _bind(_compare)
