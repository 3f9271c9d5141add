"""Operators on series in compiled code."""

import operator
from collections.abc import Callable

from numba import types
from numba.extending import overload

from tpsa.compiled_type import TPSType, constant_part, implement, is_number, tps_type
from tpsa.context import ADD, DIVIDE, EXPONENTIAL, INTEGER_POWER, LOGARITHM, MULTIPLY, POWER, REAL


def _implement_binary(name: str, both: Callable, with_number: Callable, of_number: Callable) -> None:
    """Implement an operator and its in-place form for two series, a series with a number, a number with a series."""
    numbers = (types.Float, types.Integer)
    for function in (getattr(operator, name), getattr(operator, "i" + name)):
        implement(
            function,
            ((TPSType, TPSType), both),
            *(((TPSType, number), with_number) for number in numbers),
            *(((number, TPSType), of_number) for number in numbers),
        )


def _negative(e, a):
    return e.scaled(a, REAL(-1.0))


def _reciprocal(e, a):
    return e.unary(POWER, a, REAL(-1.0))


def _series_power(e, a, b):
    return e.unary(EXPONENTIAL, e.binary(MULTIPLY, b, e.unary(LOGARITHM, a, REAL(0.0))), REAL(0.0))


def _number_power(e, number, b):
    logarithm = e.builder.call(e.builder.module.declare_intrinsic("llvm.log", [REAL]), [number])
    return e.unary(EXPONENTIAL, e.scaled(b, logarithm), REAL(0.0))


_implement_binary(
    "add",
    lambda e, a, b: e.binary(ADD, a, b),
    lambda e, a, b: e.shifted(a, b),
    lambda e, a, b: e.shifted(b, a),
)
_implement_binary(
    "sub",
    lambda e, a, b: e.binary(ADD, a, _negative(e, b)),
    lambda e, a, b: e.shifted(a, e.builder.fneg(b)),
    lambda e, a, b: e.shifted(_negative(e, b), a),
)
_implement_binary(
    "mul",
    lambda e, a, b: e.binary(MULTIPLY, a, b),
    lambda e, a, b: e.scaled(a, b),
    lambda e, a, b: e.scaled(b, a),
)
_implement_binary(
    "truediv",
    lambda e, a, b: e.binary(DIVIDE, a, b),
    lambda e, a, b: e.scaled(a, e.builder.fdiv(REAL(1.0), b)),
    lambda e, a, b: e.scaled(_reciprocal(e, b), a),
)
implement(operator.neg, ((TPSType,), _negative))
implement(operator.pos, ((TPSType,), lambda e, a: a))
for _power in (operator.pow, operator.ipow):
    implement(
        _power,
        ((TPSType, types.Integer), lambda e, a, n: e.unary(INTEGER_POWER, a, n)),
        ((TPSType, types.Float), lambda e, a, x: e.unary(POWER, a, x)),
        ((TPSType, TPSType), _series_power),
        ((types.Float, TPSType), _number_power),
        ((types.Integer, TPSType), _number_power),
    )


@overload(abs)
def _absolute(a):
    if a is tps_type:
        return lambda a: -a if constant_part(a) < 0.0 else a


def _overload_comparison(compare: Callable) -> None:
    """Compare constant parts."""

    @overload(compare)
    def comparison(a, b):
        if a is tps_type and b is tps_type:
            return lambda a, b: compare(constant_part(a), constant_part(b))
        if a is tps_type and is_number(b):
            return lambda a, b: compare(constant_part(a), b)
        if is_number(a) and b is tps_type:
            return lambda a, b: compare(a, constant_part(b))


for _compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
    _overload_comparison(_compare)
