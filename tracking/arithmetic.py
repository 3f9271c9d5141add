"""Operators, functions and constants of the MAD-X language, for every number type of `tpsa.gmath`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from tpsa import gmath
from tracking.errors import InputError

# Predefined constants of MAD-X: CODATA 2018, rest energies in GeV, lengths in m
CONSTANTS = {
    "pi": math.pi,
    "twopi": 2.0 * math.pi,
    "degrad": 180.0 / math.pi,
    "raddeg": math.pi / 180.0,
    "e": math.e,
    "amu0": 4e-7 * math.pi,
    "emass": 0.51099895e-3,
    "mumass": 0.1056583755,
    "nmass": 0.93956542052,
    "umass": 0.93149410242,
    "pmass": 0.93827208816,
    "clight": 299792458.0,
    "qelect": 1.602176634e-19,
    "hbar": 6.582119569e-25,
    "erad": 2.8179403262e-15,
    "prad": 2.8179403262e-15 * (0.51099895e-3 / 0.93827208816),
}


class ExpressionError(InputError):
    """An expression that cannot be read or evaluated."""


def _divide(a: Any, b: Any) -> Any:
    if isinstance(b, float) and b == 0.0:
        raise ExpressionError("division by zero")
    return a / b


def _power(base: Any, exponent: Any) -> Any:
    """base^exponent; nan where the real power does not exist, infinite where it overflows."""
    if isinstance(exponent, float) and exponent.is_integer() and abs(exponent) < 2**31:
        exponent = int(exponent)
    if not isinstance(base, float):
        return base**exponent if isinstance(exponent, (int, float)) else gmath.exp(exponent * gmath.log(base))
    if isinstance(exponent, int):
        try:
            return base**exponent
        except ZeroDivisionError:
            raise ExpressionError("division by zero") from None
        except OverflowError:
            return math.inf
    return gmath.exp(exponent * gmath.log(base)) if not isinstance(exponent, float) else _real_power(base, exponent)


def _real_power(base: float, exponent: float) -> float:
    if base <= 0.0:
        return 0.0 if base == 0.0 and exponent > 0.0 else math.nan
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf


def _stepwise(function: Callable[[float], float]) -> Callable[[Any], float]:
    """A function of numbers only, since its derivatives are of no use; nan where the argument is not finite."""

    def of_number(x: Any) -> float:
        number = float(x)
        return float(function(number)) if math.isfinite(number) else math.nan

    return of_number


def _random(*_: Any) -> float:
    raise ExpressionError("random numbers (ranf, gauss, tgauss) are not drawn; write the numbers into the file")


# symbol: (number of operands, function); "neg" is the unary minus
OPERATIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "+": (2, operator.add),
    "-": (2, operator.sub),
    "*": (2, operator.mul),
    "/": (2, _divide),
    "^": (2, _power),
    "neg": (1, operator.neg),
    "<": (2, lambda a, b: float(a < b)),
    ">": (2, lambda a, b: float(a > b)),
    "<=": (2, lambda a, b: float(a <= b)),
    ">=": (2, lambda a, b: float(a >= b)),
    "==": (2, lambda a, b: float(a == b)),
    "<>": (2, lambda a, b: float(a != b)),
    "&&": (2, lambda a, b: float(bool(a) and bool(b))),
    "||": (2, lambda a, b: float(bool(a) or bool(b))),
    "sqrt": (1, gmath.sqrt),
    "exp": (1, gmath.exp),
    "log": (1, gmath.log),
    "log10": (1, lambda x: gmath.log(x) * (1.0 / math.log(10.0))),
    "sin": (1, gmath.sin),
    "cos": (1, gmath.cos),
    "tan": (1, gmath.tan),
    "asin": (1, gmath.asin),
    "acos": (1, gmath.acos),
    "atan": (1, gmath.atan),
    "sinh": (1, gmath.sinh),
    "cosh": (1, gmath.cosh),
    "tanh": (1, gmath.tanh),
    "asinh": (1, lambda x: gmath.log(x + gmath.sqrt(x * x + 1.0))),
    "acosh": (1, lambda x: gmath.log(x + gmath.sqrt(x * x - 1.0))),
    "atanh": (1, lambda x: 0.5 * gmath.log((1.0 + x) / (1.0 - x))),
    "sinc": (1, lambda x: gmath.stumpff(1, x * x)),
    "abs": (1, abs),
    "erf": (1, lambda x: math.erf(float(x))),
    "erfc": (1, lambda x: math.erfc(float(x))),
    "floor": (1, _stepwise(math.floor)),
    "ceil": (1, _stepwise(math.ceil)),
    "round": (1, _stepwise(round)),
    "frac": (1, _stepwise(lambda x: math.fmod(x, 1.0))),
    "ranf": (0, _random),
    "gauss": (0, _random),
    "tgauss": (1, _random),
}
# binding strength of operators that stand between their operands
COMPARISONS = dict.fromkeys(("<", ">", "<=", ">=", "==", "<>"), 3)
INFIX = {"||": 1, "&&": 2, **COMPARISONS, "+": 4, "-": 4, "*": 5, "/": 5, "^": 7}
MINUS = 6  # binding strength of the unary minus
