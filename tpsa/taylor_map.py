"""Taylor maps: tuples of series as functions of a phase space vector."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tpsa.composition import substitute
from tpsa.descriptor import Descriptor
from tpsa.errors import DescriptorMismatchError, SingularMapError
from tpsa.evaluation import evaluate_series
from tpsa.inversion import invert
from tpsa.map_calculus import MapCalculus
from tpsa.tps import TPS


class TaylorMap(MapCalculus):
    """Map of a vector, given by its truncated Taylor series; immutable.

    The argument of a map is the deviation from its expansion point; its value includes the constant parts. So the map
    of a line about an orbit takes deviations from the orbit at the entrance and gives coordinates at the exit.

    Parameters
    ----------
    components : sequence of TPS
        Series of one descriptor.

    Raises
    ------
    DescriptorMismatchError
        If descriptors differ.
    ValueError
        If there are no components.

    Notes
    -----
    Methods that state no cost take a pass over the coefficients or less.
    """

    __slots__ = ("coefficients", "descriptor")

    def __init__(self, components: Sequence[TPS]) -> None:
        if not components:
            raise ValueError("a TaylorMap needs at least one component, got none")
        if any(c.descriptor != components[0].descriptor for c in components):
            raise DescriptorMismatchError("all components of a TaylorMap must have the same Descriptor")
        self.descriptor = components[0].descriptor
        self.coefficients = np.array([c.coefficients for c in components])
        self.coefficients.flags.writeable = False

    @classmethod
    def from_coefficients(cls, descriptor: Descriptor, coefficients: ArrayLike) -> "TaylorMap":
        """Map of (n, size) coefficients, copied.

        Raises
        ------
        ValueError
            If the shape is another one.
        """
        values = np.array(coefficients, order="C", ndmin=2)
        values = values.astype(np.complex128 if np.iscomplexobj(values) else np.float64, copy=False)
        if values.ndim != 2 or len(values) < 1 or values.shape[1] != descriptor.size:
            raise ValueError(f"coefficients must have shape (n, {descriptor.size}), got {values.shape}")
        return cls._new(descriptor, values)

    @classmethod
    def _new(cls, descriptor: Descriptor, coefficients: NDArray[np.float64]) -> "TaylorMap":
        """Map that takes over a fresh (n, size) array."""
        coefficients.flags.writeable = False
        result = object.__new__(cls)
        result.descriptor, result.coefficients = descriptor, coefficients
        return result

    @classmethod
    def identity(cls, descriptor: Descriptor) -> "TaylorMap":
        """The map that gives its argument."""
        return cls(descriptor.identity())

    @classmethod
    def linear(cls, descriptor: Descriptor, matrix: ArrayLike) -> "TaylorMap":
        """The linear map of a real or complex matrix, such as the change to a resonance basis; parameters play no part.

        Maps composed with a linear one cost less than others: a change of basis, there and back, about as much as one
        composition.

        Parameters
        ----------
        matrix : (n, variables) array_like

        Raises
        ------
        ValueError
            If the shape is another one.
        """
        values = np.asarray(matrix)
        if values.ndim != 2 or values.shape[1] != descriptor.variables:
            raise ValueError(f"matrix must have shape (n, {descriptor.variables}), got {values.shape}")
        coefficients = np.zeros((len(values), descriptor.size), np.result_type(values, np.float64))
        coefficients[:, 1 : 1 + descriptor.variables] = values
        return cls.from_coefficients(descriptor, coefficients)

    @property
    def value(self) -> NDArray[np.float64]:
        """(n,) constant parts."""
        return self.coefficients[:, 0].copy()

    def jacobian(self) -> NDArray[np.float64]:
        """(n, variables) first derivatives at the expansion point."""
        return self.coefficients[:, 1 : 1 + self.descriptor.variables].copy()

    def __len__(self) -> int:
        return len(self.coefficients)

    def __getitem__(self, i: int) -> TPS:
        """Component i."""
        return TPS(self.descriptor, self.coefficients[i])

    def __iter__(self) -> Iterator[TPS]:
        return (self[i] for i in range(len(self)))

    def __reduce__(self):
        return TaylorMap.from_coefficients, (self.descriptor, self.coefficients)

    def evaluate(self, points: ArrayLike) -> NDArray[np.float64]:
        """Values of the polynomials; costs a multiply-add per coefficient and point, side by side for 128 points.

        Parameters
        ----------
        points : (..., variables) or (..., variables + parameters) array_like
            Deviations from the expansion point; parameters left out are zero.

        Returns
        -------
        (..., n) array
        """
        return evaluate_series(self.descriptor, self.coefficients, points)

    __call__ = evaluate

    def compose(self, inner: "TaylorMap") -> "TaylorMap":
        """This map after `inner`: the polynomials of this map with the series of `inner`, constants included, put in.

        To follow a line by two maps, this one expanded about the value of `inner`, subtract that value first, or use
        `inner` with zero constant parts: the argument of a map is a deviation.

        Costs, for eight components at once, a product to order - g + 1 for each monomial of degree g of this map: at
        6 variables 8, 14, 22 and 33 products in all at orders 2, 4, 6 and 8.

        Parameters
        ----------
        inner : TaylorMap
            As many components as this map has variables; parameters are the same ones in both, or in one map only.

        Returns
        -------
        TaylorMap
            Over the descriptor of `inner`, with the parameters of this map where `inner` has none. Orders may differ:
            the result is exact to the order of `inner` in the polynomials given.

        Raises
        ------
        DescriptorMismatchError
            If numbers of variables, components or parameters do not fit.
        """
        own, other = self.descriptor, inner.descriptor
        if own.variables != len(inner) or (own.parameters and other.parameters not in (0, own.parameters)):
            raise DescriptorMismatchError(
                f"cannot compose a map of {own.variables} variables and {own.parameters} parameters with one of "
                f"{len(inner)} components and {other.parameters} parameters; the numbers must agree"
            )
        if own.parameters > other.parameters:
            inner = _with_parameters(inner, own)
            other = inner.descriptor
        arguments = inner.coefficients
        if own.parameters:
            arguments = np.concatenate([arguments, _parameter_series(other)])
        return self._new(other, substitute(own, self.coefficients, other, arguments, other.order))

    __matmul__ = compose

    def inverse(self) -> "TaylorMap":
        """The inverse W: W(M(z) - M(0)) = z up to the order.

        Costs a composition to the order, one to half of it, and so on; with maximum orders of variables one to each
        degree.

        Returns
        -------
        TaylorMap
            About the value of this map and with zero constant parts: deviations in, deviations out.

        Raises
        ------
        SingularMapError
            If the linear part is singular or not square, or a coefficient is not finite.
        """
        n, variables = len(self.coefficients), self.descriptor.variables
        if n != variables:
            raise SingularMapError(f"inverse: the map has {n} components of {variables} variables; must be equal")
        return self._new(self.descriptor, invert(self.descriptor, self.coefficients))

    def __pow__(self, n: int) -> "TaylorMap":
        """The map n times one after the other, by repeated squaring; for n < 0 of its inverse.

        Costs at most 2 log2(n) compositions.

        Raises
        ------
        ValueError
            If n is no integer, or below 0 for a map with constant parts.
        """
        if not isinstance(n, (int, np.integer)):
            raise ValueError(f"power of a map: n must be an integer, got {n!r}")
        if n < 0 and self.value.any():
            raise ValueError("negative power of a map: its constant parts must be zero, see inverse")
        base, result = (self.inverse() if n < 0 else self), TaylorMap.identity(self.descriptor)
        n = abs(int(n))
        while n:
            if n % 2:
                result = base @ result
            n //= 2
            base = base @ base if n else base
        return result

    def partial_inverse(self, which: Sequence[int | str]) -> "TaylorMap":
        """The map solved for some variables: these and the same components of the value change places.

        Takes w_i for each i of `which` and z_j for the others, where w = M(z) - M(0); gives z_i and w_j. With every
        variable it is the inverse. Costs an inverse and a composition.

        Raises
        ------
        SingularMapError
            If the chosen components do not determine the chosen variables.
        """
        chosen = {self.descriptor.position(i) for i in which}
        identity = self.descriptor.identity()
        solved = TaylorMap([self[i] - self[i].value if i in chosen else z for i, z in enumerate(identity)]).inverse()
        others = TaylorMap([component - component.value for component in self]) @ solved
        return TaylorMap([solved[i] if i in chosen else others[i] for i in range(len(self))])

    def track(self, points: ArrayLike, turns: int = 1) -> NDArray[np.float64]:
        """Particles after some turns of the map, each a deviation from the expansion point.

        Blocks of 128 particles go side by side and stay in cache for all turns; the cost of a turn is that of
        `evaluate`, one multiply-add per coefficient and particle.

        Parameters
        ----------
        points : (..., variables) or (..., variables + parameters) array_like
            Parameters stay the same; those left out are zero.
        turns : int

        Returns
        -------
        (..., variables) array; not finite for particles that got out of range.

        Raises
        ------
        ValueError
            If the map does not have as many components as variables, or `turns` is negative.
        """
        variables = self.descriptor.variables
        if len(self) != variables or turns < 0:
            raise ValueError(f"track: needs a square map and turns >= 0, got {self!r} and {turns}")
        if turns == 0:
            return np.array(points, np.float64)[..., :variables]
        return evaluate_series(self.descriptor, self.coefficients, points, turns)

    def __repr__(self) -> str:
        d = self.descriptor
        return (
            f"TaylorMap of {len(self)} components, order {d.order}, {d.variables} variables, {d.parameters} parameters"
        )


def _with_parameters(m: TaylorMap, other: Descriptor) -> TaylorMap:
    """The map over a descriptor that has the parameters of another one besides."""
    d, each = m.descriptor, None
    if d.max_orders or other.max_orders:
        each = (*d.limits.each[: d.variables], *other.limits.each[other.variables :])
    names = (*d.names, *other.names[other.variables :])
    full = Descriptor(d.variables, d.order, other.parameters, min(other.parameter_order, d.order), names, each)
    return m.to(full)


def _parameter_series(descriptor: Descriptor) -> NDArray[np.float64]:
    """(parameters, size) coefficients of the parameters themselves."""
    series = np.zeros((descriptor.parameters, descriptor.size))
    series[range(descriptor.parameters), 1 + descriptor.variables + np.arange(descriptor.parameters)] = 1.0
    return series
