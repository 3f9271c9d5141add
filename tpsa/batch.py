"""Many truncated power series at once, computed lane by lane: error seeds of a lattice, settings of a knob."""

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa import batch_kernels as kernels
from tpsa import gmath
from tpsa.base import FUNCTION_OF_UFUNC, OPERATOR_OF_UFUNC, REAL
from tpsa.batch_functions import KERNEL_FUNCTIONS, integral, inverse, power, sincos
from tpsa.batch_products import product
from tpsa.descriptor import Descriptor
from tpsa.errors import DescriptorMismatchError, require_real
from tpsa.evaluation import evaluate_series
from tpsa.lanewise import LANEWISE, integer_power
from tpsa.plans import plan
from tpsa.tps import TPS
from tpsa.vectors import LANES, empty, padded

# Comparisons with their sides exchanged
_REFLECTED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}


class TPSBatch:
    """n series of one descriptor; every operator and every function of `tpsa.gmath` acts on each; immutable.

    Numbers and `TPS` act on all series alike, (n,) arrays give each series its own number. A series that meets a number
    outside of a function's domain, such as log(-1) or 1/0, becomes nan throughout and leaves the others as they are.
    Comparisons look at the constant parts and give (n,) arrays of bool.

    Parameters
    ----------
    descriptor : Descriptor
    coefficients : (size, n) array_like
        Coefficients of the n series in columns, n at least 1.

    Raises
    ------
    ValueError
        If `coefficients` has another shape.

    Notes
    -----
    Memory is in blocks of 8 series, (blocks, size, 8) numbers of 8 bytes, so that a block's product stays in cache.
    Batches whose temporaries together fit into the processor's second cache run fastest: about 2^15 coefficients, 150
    series of 210. Costs are those of `TPS` in products, a half to a third of the time for each series, and 2 to 5 us
    for a call; sums and what else is one pass take as long as memory does.
    """

    __slots__ = ("degree", "descriptor", "lanes", "n")
    derived_functions = LANEWISE
    __hash__ = None

    def __init__(self, descriptor: Descriptor, coefficients: ArrayLike) -> None:
        require_real("TPSBatch", coefficients)
        given = np.asarray(coefficients, np.float64)
        if given.ndim != 2 or given.shape[0] != descriptor.size or given.shape[1] < 1:
            raise ValueError(f"coefficients must have shape ({descriptor.size}, n) with n >= 1, got {given.shape}")
        self.descriptor, self.n = descriptor, given.shape[1]
        self.lanes = empty(-(-self.n // LANES), descriptor.size)
        self.lanes[:] = padded(given).swapaxes(0, 1)
        used = np.flatnonzero(np.any(given != 0.0, axis=1))
        last = used[-1] if used.size else 0
        self.degree = int(np.searchsorted(descriptor.degree_starts, last, side="right")) - 1

    @classmethod
    def stack(cls, series: Sequence[TPS]) -> Self:
        """Batch of series of one descriptor.

        Raises
        ------
        ValueError
            If there are none.
        DescriptorMismatchError
            If descriptors differ.
        """
        if not series:
            raise ValueError("stack: expected at least one series, got none")
        for one in series[1:]:
            _check(series[0].descriptor, one.descriptor)
        return cls(series[0].descriptor, np.stack([one.coefficients for one in series], axis=1))

    @classmethod
    def constants(cls, descriptor: Descriptor, values: ArrayLike) -> Self:
        """Batch of the (n,) numbers `values`; add a variable or parameter for a batch about different points.

        Raises
        ------
        ValueError
            If `values` has another shape.
        """
        values = np.asarray(values, np.float64)
        if values.ndim != 1 or values.size < 1:
            raise ValueError(f"constants: values must have shape (n,) with n >= 1, got {values.shape}")
        coefficients = np.zeros((descriptor.size, values.size))
        coefficients[0] = values
        return cls(descriptor, coefficients)

    @classmethod
    def identity(cls, descriptor: Descriptor, values: ArrayLike) -> tuple[Self, ...]:
        """Batches value_i + variable i of all variables, about (variables, n) `values`.

        Raises
        ------
        ValueError
            If `values` has another shape.
        """
        values = np.asarray(values, np.float64)
        if values.ndim != 2 or len(values) != descriptor.variables:
            raise ValueError(f"identity: values must have shape ({descriptor.variables}, n), got {values.shape}")
        return tuple(cls.constants(descriptor, row) + descriptor.variable(i) for i, row in enumerate(values))

    def of_lanes(self, lanes: NDArray[np.float64], degree: int) -> Self:
        """Batch of the same descriptor and number of series that takes over fresh lanes."""
        batch = object.__new__(type(self))
        batch.descriptor, batch.n, batch.lanes, batch.degree = self.descriptor, self.n, lanes, degree
        return batch

    def __reduce__(self):
        return TPSBatch, (self.descriptor, self.coefficients)

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """(size, n) coefficients, a copy."""
        return self.lanes.swapaxes(0, 1).reshape(self.descriptor.size, -1)[:, : self.n].copy()

    @property
    def value(self) -> NDArray[np.float64]:
        """(n,) constant parts."""
        return self.lanes[:, 0].reshape(-1)[: self.n].copy()

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i: int) -> TPS:
        """Series i as `TPS`; negative from the end."""
        i = operator.index(i)
        if not -self.n <= i < self.n:
            raise IndexError(f"series {i} of a batch of {self.n}")
        block, lane = divmod(i % self.n, LANES)
        return TPS(self.descriptor, self.lanes[block, :, lane])

    def __iter__(self) -> Iterator[TPS]:
        return (self[i] for i in range(self.n))

    def __repr__(self) -> str:
        with np.printoptions(threshold=8, precision=6):
            return f"TPSBatch of {self.n} series, constant parts {self.value}, the first a {self[0]!r}"

    def _operand(self, other: Any) -> tuple[NDArray[np.float64], int] | None:
        """Lanes (blocks or 1, size, LANES) and degree of a series or a batch; None for anything else."""
        if isinstance(other, TPSBatch):
            _check(self.descriptor, other.descriptor)
            if other.n != self.n:
                raise ValueError(f"batches of {self.n} and {other.n} series meet; expected as many")
            return other.lanes, other.degree
        if isinstance(other, TPS):
            _check(self.descriptor, other.descriptor)
            one = TPSBatch(self.descriptor, other.coefficients[:, None])
            return one.lanes, one.degree
        return None

    def _numbers(self, other: Any) -> Any:
        """A number, or an (n,) array as (blocks, LANES) lanes; None for anything else."""
        if isinstance(other, REAL):
            return float(other)
        if not isinstance(other, np.ndarray) or other.dtype.kind not in "biuf":
            return None
        if other.ndim == 0:
            return float(other)
        if other.shape != (self.n,):
            raise ValueError(f"array of shape {other.shape} meets a batch of {self.n} series; expected ({self.n},)")
        return padded(other.astype(np.float64))

    def _combined(self, ufunc: np.ufunc, other: Any, sign: float) -> Self:
        """self + other or self - other; `sign` is that of the other's constant."""
        operand = self._operand(other)
        out = self._like()
        if operand is not None:
            ufunc(self.lanes, operand[0], out=out)
            return self.of_lanes(out, max(self.degree, operand[1]))
        numbers = self._numbers(other)
        if numbers is None:
            return NotImplemented
        out[:] = self.lanes
        out[:, 0] += sign * numbers
        return self.of_lanes(out, self.degree)

    def __add__(self, other: Any) -> Self:
        return self._combined(np.add, other, 1.0)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Self:
        return self._combined(np.subtract, other, -1.0)

    def __rsub__(self, other: Any) -> Self:
        result = self._combined(np.subtract, other, -1.0)
        return result if result is NotImplemented else -result

    def __mul__(self, other: Any) -> Self:
        operand = self._operand(other)
        out = self._like()
        if operand is not None:
            p = plan(self.descriptor)
            product(p.address, p.targets, out, self.lanes, operand[0], self.degree, operand[1])
            return self.of_lanes(out, min(self.descriptor.order, self.degree + operand[1]))
        numbers = self._numbers(other)
        if numbers is None:
            return NotImplemented
        np.multiply(self.lanes, numbers[:, None] if isinstance(numbers, np.ndarray) else numbers, out=out)
        return self.of_lanes(out, self.degree)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Self:
        operand = self._operand(other)
        if operand is not None:
            return self._quotient(self.lanes, self.degree, *operand)
        if self._numbers(other) is None:
            return NotImplemented
        return self * (1.0 / np.where(np.asarray(other) == 0.0, np.nan, other))

    def __rtruediv__(self, other: Any) -> Self:
        operand = self._operand(other)
        if operand is not None:
            return self._quotient(*operand, self.lanes, self.degree)
        numbers = self._numbers(other)
        if numbers is None:
            return NotImplemented
        with np.errstate(all="ignore"):
            return inverse(self, numbers)

    def _quotient(self, x: NDArray, degree: int, divisor: NDArray, degree_of_divisor: int) -> Self:
        """Quotient of lanes, as `_operand` gives them."""
        p, out = plan(self.descriptor), self._like()
        kernels.quotient(p.address, p.targets, out, x, degree, divisor, degree_of_divisor)
        return self.of_lanes(out, self.descriptor.order if degree_of_divisor else degree)

    def __pow__(self, exponent: Any) -> Self:
        if isinstance(exponent, (int, np.integer)):
            return integer_power(self, int(exponent))
        if isinstance(exponent, REAL):
            with np.errstate(all="ignore"):
                return power(self, float(exponent))
        return gmath.exp(exponent * gmath.log(self))

    def __rpow__(self, base: Any) -> Self:
        return gmath.exp(gmath.log(base) * self)

    def __neg__(self) -> Self:
        return -1.0 * self

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Self:
        return np.where(self.value < 0.0, -1.0, 1.0) * self

    def __bool__(self) -> bool:
        raise TypeError("a batch of series is neither true nor false; compare its `.value`")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            return NotImplemented
        if ufunc in FUNCTION_OF_UFUNC:
            return self.taylor_function(FUNCTION_OF_UFUNC[ufunc])
        operation = OPERATOR_OF_UFUNC.get(ufunc)
        if operation in (gmath.atan2, gmath.hypot):
            return operation(*inputs)
        if operation in (None, gmath.conj):
            return NotImplemented
        name = operation.__name__
        if isinstance(inputs[0], TPSBatch):
            return operation(*inputs)
        return getattr(inputs[1], f"__{_REFLECTED.get(name, 'r' + name)}__")(inputs[0])

    def taylor_function(self, name: str, *index: int) -> Self:
        """Elementary function of `tpsa.gmath` by name; `index` is the n of stumpff."""
        with np.errstate(all="ignore"):
            if name in KERNEL_FUNCTIONS:
                return KERNEL_FUNCTIONS[name](self, *index)
            return LANEWISE[name](self)

    def constant_like(self, x: Any) -> Self:
        """A number, (n,) numbers or a series as a batch of the same descriptor."""
        return x + type(self).constants(self.descriptor, np.zeros(self.n))

    def with_value(self, values: Any) -> Self:
        """The series with other constant parts, a number or (n,) numbers."""
        out = self._like()
        out[:] = self.lanes
        out[:, 0] = self._numbers(values)
        return self.of_lanes(out, self.degree)

    def integrated(self, slope: "TPSBatch", values: Any) -> Self:
        """Series B with dB = slope times the differential of this one, and constant parts `values`; one product."""
        first = self._numbers(values)
        return integral(slope, self, np.broadcast_to(first, self.lanes[:, 0].shape).copy())

    def sincos(self) -> tuple[Self, Self]:
        """Sine and cosine by one recursion."""
        with np.errstate(all="ignore"):
            return sincos(self)

    def select(self, condition: Any, a: Any, b: Any) -> Self:
        """`a` where `condition`, a bool or (n,) bools, holds, else `b`: numbers, (n,) arrays, series or batches."""
        chosen = padded(np.broadcast_to(np.asarray(condition, bool), self.n))[:, None]
        (x, degree_x), (y, degree_y) = (self._operand(s) or self._operand(self.constant_like(s)) for s in (a, b))
        out = self._like()
        out[:] = np.where(chosen, x, y)
        return self.of_lanes(out, max(degree_x, degree_y))

    def derivative(self, i: int | str) -> Self:
        """Derivative with respect to variable i, a number or a name; parameters follow the variables."""
        out = self._like()
        kernels.derivative(plan(self.descriptor).address, out, self.lanes, self.descriptor.position(i))
        return self.of_lanes(out, max(self.degree - 1, 0))

    def integral(self, i: int | str) -> Self:
        """Integral over variable i, a number or a name, from the expansion point; what exceeds the order is dropped."""
        out = self._like()
        kernels.antiderivative(plan(self.descriptor).address, out, self.lanes, self.descriptor.position(i))
        return self.of_lanes(out, min(self.degree + 1, self.descriptor.order))

    def at_order(self, order: int) -> Self:
        """Series without their terms of degree above `order`."""
        out = self._like()
        out[:] = self.lanes
        out[:, self.descriptor.degree_starts[min(order, self.descriptor.order) + 1] :] = 0.0
        return self.of_lanes(out, min(self.degree, order))

    def evaluate(self, points: ArrayLike) -> NDArray[np.float64]:
        """Values (..., n) of the n polynomials at points (..., variables) or (..., variables + parameters)."""
        return evaluate_series(self.descriptor, self.coefficients.T, points)

    def _like(self) -> NDArray[np.float64]:
        """Uninitialised lanes for a result."""
        return empty(*self.lanes.shape[:2])


def _check(a: Descriptor, b: Descriptor) -> None:
    if a is not b and a != b:
        raise DescriptorMismatchError(
            f"series of different descriptors meet: {a} and {b}. Make all series of one computation from the same one."
        )


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[TPSBatch, Any], NDArray[np.bool_]]:
    """Method that compares constant parts."""
    return lambda batch, other: compare(batch.value, gmath.value(other))


for _name in _REFLECTED:
    setattr(TPSBatch, f"__{_name}__", _comparison(getattr(operator, _name)))
