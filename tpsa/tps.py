"""Truncated power series as a Python type; its arithmetic runs in the compiled kernels."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa import gmath
from tpsa.calculus import Calculus
from tpsa.compiled_functions import FUNCTIONS
from tpsa.context import DIVIDE, INTEGER_POWER, MULTIPLY, POWER, STUMPFF
from tpsa.derived import SERIES
from tpsa.descriptor import Descriptor
from tpsa.display import format_series
from tpsa.errors import DescriptorMismatchError
from tpsa.evaluation import evaluate_series
from tpsa.operations import binary_operation, integral_operation, unary_operation
from tpsa.workspace import thread_workspace

NUMBER = (float, int, np.floating, np.integer)

FUNCTION_OF_UFUNC = {
    np.arcsin: "asin",
    np.arccos: "acos",
    np.arctan: "atan",
    np.arcsinh: "asinh",
    np.arccosh: "acosh",
    np.arctanh: "atanh",
    np.reciprocal: "inv",
    **{
        getattr(np, name): name
        for name in ("sqrt", "cbrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh")
    },
}
_OPERATOR_OF_UFUNC = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.power: operator.pow,
    np.negative: operator.neg,
    np.positive: operator.pos,
    np.absolute: operator.abs,
    np.arctan2: gmath.atan2,
    np.hypot: gmath.hypot,
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
}


def _constant(x: Any) -> float:
    """Constant part of a series or a number, for comparisons."""
    return x.value if isinstance(x, TPS) else float(x)


def _object_array(x: Any) -> NDArray:
    """Object array of an array, or of no dimension around anything else."""
    if isinstance(x, np.ndarray):
        return x.astype(object)
    cell = np.empty((), object)
    cell[()] = x
    return cell


class TPS(Calculus):
    """Truncated power series: a polynomial in the descriptor's variables and parameters; immutable.

    Parameters
    ----------
    descriptor : Descriptor
        Basis; series of different descriptors do not mix.
    coefficients : (size,) array_like
        Coefficient of each monomial of `descriptor.exponents`.

    Raises
    ------
    ValueError
        If `coefficients` has another shape.
    """

    __slots__ = ("coefficients", "descriptor")
    __hash__ = None

    def __init__(self, descriptor: Descriptor, coefficients: ArrayLike) -> None:
        values = np.array(coefficients, np.float64)
        if values.shape != (descriptor.size,):
            raise ValueError(f"coefficients must have shape ({descriptor.size},), got {values.shape}")
        values.flags.writeable = False
        self.descriptor = descriptor
        self.coefficients = values

    def _new(self, coefficients: NDArray[np.float64]) -> "TPS":
        """Series of the same descriptor that takes over a fresh array."""
        series = object.__new__(TPS)
        coefficients.setflags(write=False)
        series.descriptor = self.descriptor
        series.coefficients = coefficients
        return series

    def __reduce__(self):
        return TPS, (self.descriptor, self.coefficients)

    @property
    def value(self) -> float:
        """Constant part."""
        return float(self.coefficients[0])

    def __getitem__(self, monomial: Sequence[int] | str) -> float:
        """Coefficient of a monomial, given by its exponents or by names: `t[2, 1]`, `t["x2 px"]`, `t["x^2 px"]`."""
        exponents = self.descriptor.parse(monomial) if isinstance(monomial, str) else monomial
        return float(self.coefficients[self.descriptor.index(exponents)])

    def evaluate(self, points: ArrayLike) -> Any:
        """Value of the polynomial.

        Parameters
        ----------
        points : (..., variables) or (..., variables + parameters) array_like
            Deviations from the expansion point; parameters left out are zero.

        Returns
        -------
        (...) array or float
        """
        return evaluate_series(self.descriptor, self.coefficients[None], points)[..., 0][()]

    def taylor_function(self, name: str, *index: int) -> "TPS":
        """Elementary function of `tpsa.gmath` by name; `index` is the n of stumpff."""
        if name in SERIES:
            return SERIES[name](self)
        if name == "inv":
            return self._unary(POWER, -1.0)
        kernel, parameter = (STUMPFF, float(index[0])) if name == "stumpff" else FUNCTIONS[name]
        return self._unary(kernel, parameter)

    def constant_like(self, number: float) -> "TPS":
        """A number as a series of the same descriptor."""
        return self.descriptor.constant(float(number))

    def with_value(self, value: float) -> "TPS":
        """The series with another constant part."""
        result = self.coefficients.copy()
        result[0] = value
        return self._new(result)

    def integrated(self, slope: "TPS", value: float) -> "TPS":
        """Series B with dB = slope times the differential of this one, and constant part `value`."""
        self._check(slope)
        address = thread_workspace(self.descriptor).address
        return self._new(integral_operation(address, slope.coefficients, self.coefficients, value))

    def _unary(self, kernel: int, parameter: float) -> "TPS":
        address = thread_workspace(self.descriptor).address
        return self._new(unary_operation(address, kernel, self.coefficients, parameter))

    def _binary(self, kernel: int, other: "TPS") -> "TPS":
        address = thread_workspace(self.descriptor).address
        return self._new(binary_operation(address, kernel, self.coefficients, other.coefficients))

    def _shifted(self, scale: float, shift: float) -> "TPS":
        result = scale * self.coefficients
        result[0] += shift
        return self._new(result)

    def _check(self, other: "TPS") -> None:
        if self.descriptor is not other.descriptor and self.descriptor != other.descriptor:
            raise DescriptorMismatchError(
                f"series of different descriptors meet: {self.descriptor} and {other.descriptor}. "
                "Make all series of one computation from the same Descriptor."
            )

    def __add__(self, other: Any) -> "TPS":
        if isinstance(other, TPS):
            self._check(other)
            return self._new(self.coefficients + other.coefficients)
        return self._shifted(1.0, float(other)) if isinstance(other, NUMBER) else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> "TPS":
        if isinstance(other, TPS):
            self._check(other)
            return self._new(self.coefficients - other.coefficients)
        return self._shifted(1.0, -float(other)) if isinstance(other, NUMBER) else NotImplemented

    def __rsub__(self, other: Any) -> "TPS":
        return self._shifted(-1.0, float(other)) if isinstance(other, NUMBER) else NotImplemented

    def __mul__(self, other: Any) -> "TPS":
        if isinstance(other, TPS):
            self._check(other)
            return self._binary(MULTIPLY, other)
        return self._new(float(other) * self.coefficients) if isinstance(other, NUMBER) else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "TPS":
        if isinstance(other, TPS):
            self._check(other)
            other._check_invertible()
            return self._binary(DIVIDE, other)
        return self._new((1.0 / float(other)) * self.coefficients) if isinstance(other, NUMBER) else NotImplemented

    def __rtruediv__(self, other: Any) -> "TPS":
        if not isinstance(other, NUMBER):
            return NotImplemented
        return self._reciprocal() if other == 1 else float(other) * self._reciprocal()

    def _reciprocal(self) -> "TPS":
        self._check_invertible()
        return self._unary(POWER, -1.0)

    def _check_invertible(self) -> None:
        if self.coefficients[0] == 0.0:
            raise ZeroDivisionError("division by a series whose constant part is zero")

    def __pow__(self, exponent: Any) -> "TPS":
        if isinstance(exponent, (int, np.integer)):
            if exponent < 0:
                self._check_invertible()
            return self._unary(INTEGER_POWER, float(exponent))
        if isinstance(exponent, TPS):
            self._check(exponent)
            return SERIES["pow"](self, exponent)
        return self._unary(POWER, float(exponent)) if isinstance(exponent, NUMBER) else NotImplemented

    def __rpow__(self, base: Any) -> "TPS":
        return gmath.exp(gmath.log(float(base)) * self) if isinstance(base, NUMBER) else NotImplemented

    def __neg__(self) -> "TPS":
        return self._new(-self.coefficients)

    def __pos__(self) -> "TPS":
        return self

    def __abs__(self) -> "TPS":
        return -self if self.coefficients[0] < 0.0 else self

    def __lt__(self, other: Any) -> bool:
        return self.value < _constant(other)

    def __le__(self, other: Any) -> bool:
        return self.value <= _constant(other)

    def __gt__(self, other: Any) -> bool:
        return self.value > _constant(other)

    def __ge__(self, other: Any) -> bool:
        return self.value >= _constant(other)

    def __eq__(self, other: Any) -> bool:
        return self.value == _constant(other) if isinstance(other, (TPS, *NUMBER)) else NotImplemented

    def __bool__(self) -> bool:
        raise TypeError("a series is neither true nor false; compare its `.value`")

    def __float__(self) -> float:
        if np.any(self.coefficients[1:]):
            raise TypeError("only a constant series converts to float; take its `.value` for the constant part")
        return self.value

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            return NotImplemented
        if any(isinstance(x, np.ndarray) and x.ndim for x in inputs):
            return ufunc(*map(_object_array, inputs))
        if ufunc in FUNCTION_OF_UFUNC:
            return self.taylor_function(FUNCTION_OF_UFUNC[ufunc])
        if ufunc in _OPERATOR_OF_UFUNC:
            return _OPERATOR_OF_UFUNC[ufunc](*(x if isinstance(x, TPS) else np.asarray(x).item() for x in inputs))
        return NotImplemented

    def __repr__(self) -> str:
        return format_series(self.descriptor, self.coefficients)


def _method(name: str) -> Any:
    """Method for numpy, which calls `x.sin()` on the elements of object arrays."""
    return lambda series: series.taylor_function(name)


for _ufunc, _name in FUNCTION_OF_UFUNC.items():
    setattr(TPS, _ufunc.__name__, _method(_name))
