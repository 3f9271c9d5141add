"""What a truncated power series can do besides arithmetic: calculus, parts, norms, other points and descriptors."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from tpsa.composition import substitute as substitute_all
from tpsa.descriptor import Descriptor
from tpsa.errors import DescriptorMismatchError
from tpsa.jit import njit

if TYPE_CHECKING:
    from tpsa.tps import TPS


def derivative(f: "TPS", i: int | str) -> "TPS":
    """Derivative of a series with respect to variable i, in compiled code a number: see `Calculus.derivative`.

    Costs a pass over the coefficients.

    Raises
    ------
    ValueError, IndexError
        If there is no such variable or parameter; in compiled code an IndexError.
    """
    return f.derivative(i)


def integral(f: "TPS", i: int | str) -> "TPS":
    """Integral of a series over variable i, in compiled code a number: see `Calculus.integral`.

    Costs a pass over the coefficients.

    Raises
    ------
    ValueError, IndexError
        If there is no such variable or parameter; in compiled code an IndexError.
    """
    return f.integral(i)


def gradient(f: "TPS") -> NDArray[np.float64]:
    """(variables + parameters,) first derivatives of a series at the expansion point; costs a copy of them."""
    return f.gradient()


def evaluate(f: "TPS", point: NDArray[np.float64]) -> float:
    """Value of a series at a point, in compiled code an array (variables,) or with parameters: see `Series.evaluate`.

    Costs a multiply-add for each coefficient.

    Raises
    ------
    ValueError
        If the point has another shape.
    """
    return f.evaluate(point)


def substitute(f: "TPS", i: int | str, value: "TPS | float") -> "TPS":
    """A series with another one, or a number, in the place of variable i, in compiled code a number.

    Costs a product for each monomial that has this variable; see `Calculus.substitute`.

    Raises
    ------
    ValueError, IndexError
        If there is no such variable or parameter; in compiled code an IndexError.
    DescriptorMismatchError
        If descriptors differ.
    """
    return f.substitute({i: value})


def compose(f: "TPS | tuple[TPS, ...]", arguments: Sequence["TPS | float"]) -> "TPS | tuple[TPS, ...]":
    """A series, or a tuple of some, with others put in for all variables: see `TaylorMap.compose`.

    Costs a composition, of up to eight series at the price of one. In compiled code series are real, and `arguments` is
    a tuple.

    Parameters
    ----------
    f : TPS or tuple of TPS
        Polynomials.
    arguments : sequence of TPS or float
        Of the same descriptor, one for each variable, or for each variable and parameter; parameters left out stay.

    Raises
    ------
    ValueError
        If there are fewer or more arguments.
    DescriptorMismatchError
        If descriptors differ.
    """
    outer = f if isinstance(f, tuple) else (f,)
    d = outer[0].descriptor
    if len(arguments) not in (d.variables, len(d.names)):
        raise ValueError(f"compose: give {d.variables} or {len(d.names)} arguments, got {len(arguments)}")
    for series in outer[1:]:
        outer[0]._check(series)
    rows = substituted(d, np.array([series.coefficients for series in outer]), dict(enumerate(arguments)))
    found = tuple(outer[0]._like(row) for row in rows)
    return found if isinstance(f, tuple) else found[0]


@njit
def _differentiated(coefficients, lower, upper, factors):
    result = np.zeros_like(coefficients)
    for i in range(len(lower)):
        result[lower[i]] = factors[i] * coefficients[upper[i]]
    return result


@njit
def _integrated(coefficients, lower, upper, factors):
    result = np.zeros_like(coefficients)
    for i in range(len(lower)):
        result[upper[i]] = coefficients[lower[i]] / factors[i]
    return result


class Calculus:
    """Methods of `TPS` that need its descriptor and coefficients only."""

    __slots__ = ()
    descriptor: Descriptor
    coefficients: NDArray[np.float64]

    def derivative(self, i: int | str) -> Self:
        """Derivative with respect to variable i, a number or a name; parameters follow the variables.

        Exact up to order - 1: of what is missing in the series nothing is known.

        Raises
        ------
        ValueError
            If there is no such variable or parameter.
        """
        return self._new(_differentiated(self.coefficients, *self._table(i)))

    def integral(self, i: int | str) -> Self:
        """Integral over variable i, a number or a name, from the expansion point; what exceeds the order is dropped.

        Raises
        ------
        ValueError
            If there is no such variable or parameter.
        """
        return self._new(_integrated(self.coefficients, *self._table(i)))

    def _table(self, i: int | str) -> tuple[NDArray, NDArray, NDArray]:
        return self.descriptor.derivative_table(self.descriptor.position(i))

    def gradient(self) -> NDArray[np.float64]:
        """(variables + parameters,) first derivatives at the expansion point."""
        first = np.zeros(self.descriptor.exponents.shape[1], self.coefficients.dtype)
        linear = self.coefficients[1 : self.descriptor.degree_starts[2]]
        first[: len(linear)] = linear
        return first

    def hessian(self) -> NDArray[np.float64]:
        """(n, n) second derivatives at the expansion point, n variables and parameters; nan where not kept."""
        d = self.descriptor
        n = d.exponents.shape[1]
        second = np.full((n, n), np.nan, self.coefficients.dtype)
        block = slice(d.degree_starts[2], d.degree_starts[3]) if d.order > 1 else slice(0)
        for exponents, coefficient in zip(d.exponents[block], self.coefficients[block], strict=True):
            i, j = np.repeat(np.arange(n), exponents)
            second[i, j] = second[j, i] = coefficient * (2.0 if i == j else 1.0)
        return second

    def homogeneous(self, degree: int) -> Self:
        """Part of one total degree."""
        return self._between(degree, degree)

    def at_order(self, order: int) -> Self:
        """Series without its terms of degree above `order`."""
        return self._between(0, order)

    def _between(self, low: int, high: int) -> Self:
        """Part of degrees `low` to `high`."""
        starts = self.descriptor.degree_starts
        result = np.zeros_like(self.coefficients)
        keep = slice(*(starts[min(degree, len(starts) - 1)] for degree in (low, high + 1)))
        result[keep] = self.coefficients[keep]
        return self._new(result)

    def norm(self, p: float = 1.0) -> float:
        """p-norm of the coefficients; p = inf gives the largest absolute one."""
        return float(np.linalg.norm(self.coefficients, p))

    def order_norms(self, p: float = 1.0) -> NDArray[np.float64]:
        """(order + 1,) p-norms of the homogeneous parts."""
        starts = self.descriptor.degree_starts
        return np.array([
            np.linalg.norm(self.coefficients[begin:end], p) for begin, end in zip(starts[:-1], starts[1:], strict=True)
        ])  # fmt: skip

    def substitute(self, values: Mapping[int | str, "float | TPS"]) -> Self:
        """Numbers or series put in for some variables or parameters; one composition.

        Parameters
        ----------
        values : mapping
            Number or name of a variable or parameter to its deviation from the expansion point, or to a series of
            the same descriptor. A number put in is exact.

        Raises
        ------
        DescriptorMismatchError
            If a series has another descriptor.
        """
        return self._like(substituted(self.descriptor, self.coefficients[None], values)[0])

    def shift(self, point: Sequence[float]) -> Self:
        """The same polynomial about another point: result(x) = self(x + point).

        Parameters
        ----------
        point : (variables,) or (variables + parameters,) sequence of float
            New expansion point relative to the old one. What the truncation left out stays left out.

        Raises
        ------
        ValueError
            If the point has another shape.

        Notes
        -----
        Costs less than one product for each variable and order.
        """
        return self._like(shifted(self.descriptor, self.coefficients[None], point)[0])

    def _like(self, coefficients: NDArray) -> Any:
        """Series of the same descriptor; complex coefficients make it complex."""
        from tpsa.tps import TPS

        return TPS(self.descriptor, coefficients)

    def to(self, descriptor: Descriptor) -> Self:
        """The series over another descriptor; variables are matched by name, terms it does not keep are dropped.

        Costs a copy; the first time for a pair of descriptors also the search of every monomial.

        Raises
        ------
        DescriptorMismatchError
            If a term has a variable that `descriptor` does not know.
        """
        return type(self)(descriptor, converted(self.descriptor, self.coefficients[None], descriptor)[0])

    def terms(self, degree: int | None = None) -> dict[tuple[int, ...], float | complex]:
        """Non-zero coefficients by exponents, of one degree or all."""
        part = self if degree is None else self.homogeneous(degree)
        shown = np.flatnonzero(part.coefficients)
        return {tuple(self.descriptor.exponents[i].tolist()): part.coefficients[i].item() for i in shown}


def substituted(d: Descriptor, coefficients: NDArray, values: Mapping[int | str, "float | TPS"]) -> NDArray:
    """(n, size) coefficients of n series given by theirs, as `Calculus.substitute`."""
    arguments = list(_unit_series(d))
    for which, value in values.items():
        place = d.position(which)
        if isinstance(value, Calculus):
            if value.descriptor != d:
                raise DescriptorMismatchError(f"substitute: the series for {which!r} has another descriptor")
            arguments[place] = value.coefficients
        else:
            arguments[place] = np.zeros(d.size, np.result_type(value, np.float64))
            arguments[place][0] = value
    return substitute_all(d, coefficients, d, np.array(arguments), d.order)


def shifted(d: Descriptor, coefficients: NDArray, point: Sequence[float]) -> NDArray:
    """(n, size) coefficients of n series given by theirs, as `Calculus.shift`."""
    point = np.asarray(point)
    if point.shape not in ((d.variables,), (len(d.names),)):
        raise ValueError(f"shift: point must be {d.variables} or {len(d.names)} numbers, got shape {point.shape}")
    arguments = _unit_series(d).astype(np.result_type(point, np.float64))
    arguments[: len(point), 0] = point
    return substitute_all(d, coefficients, d, arguments, d.order)


@lru_cache(maxsize=64)
def _places(own: Descriptor, other: Descriptor) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(size,) place of each monomial in another descriptor, -1 for none, and whether a variable of it is missing."""
    exponents = np.zeros((own.size, len(other.names)), np.uint8)
    missing = np.zeros(own.size, bool)
    for column, name in zip(own.exponents.T, own.names, strict=True):
        if name in other.names:
            exponents[:, other.names.index(name)] = column
        else:
            missing |= column > 0
    places = other.indices(exponents)
    places[missing] = -1
    return places, missing


def converted(own: Descriptor, coefficients: NDArray, other: Descriptor) -> NDArray:
    """(n, size) coefficients of n series over another descriptor, as `Calculus.to`."""
    places, missing = _places(own, other)
    lost = np.flatnonzero(missing & coefficients.any(axis=0))
    if lost.size:
        name = next(n for n, e in zip(own.names, own.exponents[lost[0]], strict=True) if e and n not in other.names)
        raise DescriptorMismatchError(f"to: the series depends on {name}, which {other} does not have")
    result = np.zeros((len(coefficients), other.size), coefficients.dtype)
    result[:, places[places >= 0]] = coefficients[:, places >= 0]
    return result


def _unit_series(descriptor: Descriptor) -> NDArray[np.float64]:
    """(variables + parameters, size) coefficients of the variables and parameters themselves."""
    count = descriptor.exponents.shape[1]
    series = np.zeros((count, descriptor.size))
    series[range(count), 1 + np.arange(count)] = 1.0
    return series
