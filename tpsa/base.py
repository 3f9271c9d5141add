"""What real and complex series share: construction, access, the border to numpy."""

import operator
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa import gmath
from tpsa.calculus import Calculus
from tpsa.descriptor import Descriptor
from tpsa.display import format_series
from tpsa.errors import DescriptorMismatchError
from tpsa.evaluation import evaluate_series

REAL = (float, int, np.floating, np.integer)
NUMBER = (*REAL, complex, np.complexfloating)

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
OPERATOR_OF_UFUNC = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.power: operator.pow,
    np.negative: operator.neg,
    np.positive: operator.pos,
    np.absolute: operator.abs,
    np.conjugate: gmath.conj,
    np.arctan2: gmath.atan2,
    np.hypot: gmath.hypot,
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
}


def _object_array(x: Any) -> NDArray:
    """Object array of an array, or of no dimension around anything else."""
    if isinstance(x, np.ndarray):
        return x.astype(object)
    cell = np.empty((), object)
    cell[()] = x
    return cell


class Series(Calculus):
    """Base of `TPS` and `ComplexTPS`: a descriptor and as many coefficients of type `dtype`; immutable."""

    __slots__ = ("coefficients", "descriptor")
    __hash__ = None
    dtype: type

    def __init__(self, descriptor: Descriptor, coefficients: ArrayLike) -> None:
        values = np.array(coefficients, self.dtype)
        if values.shape != (descriptor.size,):
            raise ValueError(f"coefficients must have shape ({descriptor.size},), got {values.shape}")
        values.flags.writeable = False
        self.descriptor = descriptor
        self.coefficients = values

    def _new(self, coefficients: NDArray) -> Self:
        """Series of the same descriptor and type that takes over a fresh array."""
        series = object.__new__(type(self))
        coefficients.setflags(write=False)
        series.descriptor = self.descriptor
        series.coefficients = coefficients
        return series

    def __reduce__(self):
        return type(self), (self.descriptor, self.coefficients)

    @property
    def value(self) -> Any:
        """Constant part, a float or a complex number."""
        return self.coefficients[0].item()

    def __getitem__(self, monomial: Sequence[int] | str | slice) -> Any:
        """Coefficient of a monomial by its exponents or by names, or the part of some degrees.

        `t[2, 1]`, `t["x2 px"]` and `t["x^2 px"]` are numbers, `t[1:3]` is the series of its parts of degree 1 and 2.

        Raises
        ------
        KeyError
            If the descriptor does not keep the monomial.
        ValueError
            If a word is no power of a variable, or degrees are negative or have a step.
        """
        if isinstance(monomial, slice):
            return self._part(monomial)
        exponents = self.descriptor.parse(monomial) if isinstance(monomial, str) else monomial
        return self.coefficients[self.descriptor.index(exponents)].item()

    def _part(self, degrees: slice) -> Self:
        """Part of the degrees of a slice."""
        low = 0 if degrees.start is None else degrees.start
        end = self.descriptor.order + 1 if degrees.stop is None else degrees.stop
        if degrees.step is not None or min(low, end) < 0:
            raise ValueError(f"degrees of a part must be low:end of integers >= 0 without a step, got {degrees}")
        return self._between(low, end - 1)

    def evaluate(self, points: ArrayLike) -> Any:
        """Value of the polynomial.

        Parameters
        ----------
        points : (..., variables) or (..., variables + parameters) array_like
            Deviations from the expansion point, real or complex; parameters left out are zero.

        Returns
        -------
        (...) array, or number for one point
        """
        return evaluate_series(self.descriptor, self.coefficients[None], points)[..., 0][()]

    def with_value(self, value: Any) -> Self:
        """The series with another constant part."""
        result = self.coefficients.copy()
        result[0] = value
        return self._new(result)

    def _check(self, other: "Series") -> None:
        if self.descriptor is not other.descriptor and self.descriptor != other.descriptor:
            raise DescriptorMismatchError(
                f"series of different descriptors meet: {self.descriptor} and {other.descriptor}. "
                "Make all series of one computation from the same Descriptor."
            )

    def _check_invertible(self) -> None:
        if self.coefficients[0] == 0.0:
            raise ZeroDivisionError("division by a series whose constant part is zero")

    def __neg__(self) -> Self:
        return self._new(-self.coefficients)

    def __pos__(self) -> Self:
        return self

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, Series):
            return self.value == other.value
        return self.value == other if isinstance(other, NUMBER) else NotImplemented

    def __bool__(self) -> bool:
        raise TypeError("a series is neither true nor false; compare its `.value`")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            return NotImplemented
        if any(isinstance(x, np.ndarray) and x.ndim for x in inputs):
            return ufunc(*map(_object_array, inputs))
        if ufunc in FUNCTION_OF_UFUNC:
            return self.taylor_function(FUNCTION_OF_UFUNC[ufunc])
        if ufunc in OPERATOR_OF_UFUNC:
            return OPERATOR_OF_UFUNC[ufunc](*(x if isinstance(x, Series) else np.asarray(x).item() for x in inputs))
        return NotImplemented

    def __repr__(self) -> str:
        return format_series(self.descriptor, self.coefficients)


def _method(name: str) -> Any:
    """Method for numpy, which calls `x.sin()` on the elements of object arrays."""
    return lambda series: series.taylor_function(name)


for _ufunc, _name in FUNCTION_OF_UFUNC.items():
    setattr(Series, _ufunc.__name__, _method(_name))
