"""The series type of JAX: a pytree of one array, with the operators of `tpsa.TPS`."""

from typing import Any, Self

import jax
import numpy as np
from jax import numpy as jnp
from jax.typing import ArrayLike

from tpsa import gmath
from tpsa.base import REAL
from tpsa.descriptor import Descriptor
from tpsa.errors import DescriptorMismatchError, PrecisionError, require_real
from tpsa.jax.functions import FUNCTIONS, degrees, power, sine_and_cosine
from tpsa.jax.products import aligned, product, with_lane_axes
from tpsa.lanewise import LANEWISE, integer_power
from tpsa.tps import TPS

NUMBERS = (*REAL, np.ndarray, jax.Array)


@jax.tree_util.register_pytree_node_class
class Series:
    """Truncated power series of traced coefficients, one or many at once; immutable.

    A pytree whose only leaf is `coefficients`; the descriptor is static. Numbers, arrays and `tpsa.TPS` take part in
    every operation. What is outside of a function's domain gives nan or infinities in its lane.

    Parameters
    ----------
    descriptor : Descriptor
    coefficients : (size, ...) array
        Axes after the first are lanes: independent series, with which arrays of numbers broadcast.

    Raises
    ------
    PrecisionError
        If JAX is not set to 64-bit numbers.
    TypeError
        If the coefficients are complex.
    ValueError
        If the first axis has another length.

    Notes
    -----
    Lanes come last because neighbours in memory then take the same steps: on a CPU three times as fast as lanes that
    come first. `jax.vmap` of a function of series works as well; products inside put its axis last.
    """

    derived_functions = LANEWISE
    __array_ufunc__ = None
    __hash__ = None

    def __init__(self, descriptor: Descriptor, coefficients: ArrayLike) -> None:
        require_double()
        require_real("tpsa.jax.Series", coefficients)
        values = jnp.asarray(coefficients, dtype=jnp.float64)
        if values.ndim < 1 or values.shape[0] != descriptor.size:
            raise ValueError(f"coefficients must have shape ({descriptor.size}, ...), got {values.shape}")
        self.descriptor = descriptor
        self.coefficients = values

    @classmethod
    def variable(cls, descriptor: Descriptor, i: int, values: ArrayLike = 0.0) -> Self:
        """The series value + variable i; parameters follow the variables. Lanes are those of `values`."""
        place = 1 + descriptor.position(i)
        return cls.constant(descriptor, values)._with_coefficient(place, 1.0)

    @classmethod
    def constant(cls, descriptor: Descriptor, values: ArrayLike) -> Self:
        """Series of one number in each lane."""
        require_double()
        values = jnp.asarray(values, dtype=jnp.float64)
        return cls(descriptor, jnp.zeros((descriptor.size, *values.shape)).at[0].set(values))

    def tree_flatten(self) -> tuple[tuple[jax.Array], Descriptor]:
        """Leaves and static part, for JAX."""
        return (self.coefficients,), self.descriptor

    @classmethod
    def tree_unflatten(cls, descriptor: Descriptor, leaves: tuple[Any]) -> Self:
        """Series of leaves that JAX made, which need not be arrays."""
        series = object.__new__(cls)
        series.descriptor, (series.coefficients,) = descriptor, leaves
        return series

    def _new(self, coefficients: jax.Array) -> Self:
        return self.tree_unflatten(self.descriptor, (coefficients,))

    def _with_coefficient(self, i: int, values: Any) -> Self:
        """The series with another coefficient of monomial i; lanes broadcast."""
        coefficients, values = aligned(self.coefficients, jnp.asarray(values, dtype=jnp.float64)[None])
        return self._new(coefficients.at[i].set(values[0]))

    @property
    def value(self) -> jax.Array:
        """Constant part, an array of the lanes' shape."""
        return self.coefficients[0]

    def __repr__(self) -> str:
        return f"Series({self.descriptor}, {self.coefficients})"

    def _coefficients_of(self, other: Any) -> jax.Array | None:
        """Coefficients of a series of the same descriptor; None for anything else."""
        if not isinstance(other, (Series, TPS)):
            return None
        if other.descriptor is not self.descriptor and other.descriptor != self.descriptor:
            raise DescriptorMismatchError(
                f"series of different descriptors meet: {self.descriptor} and {other.descriptor}. "
                "Make all series of one computation from the same Descriptor."
            )
        return jnp.asarray(other.coefficients)

    def __add__(self, other: Any) -> Self:
        coefficients = self._coefficients_of(other)
        if coefficients is not None:
            return self._new(sum(aligned(self.coefficients, coefficients)))
        return self._with_coefficient(0, self.value + other) if isinstance(other, NUMBERS) else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> Self:
        return self + -other if isinstance(other, (Series, TPS, *NUMBERS)) else NotImplemented

    def __rsub__(self, other: Any) -> Self:
        return -self + other

    def __mul__(self, other: Any) -> Self:
        coefficients = self._coefficients_of(other)
        if coefficients is not None:
            return self._new(product(self.descriptor, self.coefficients, coefficients))
        if not isinstance(other, NUMBERS):
            return NotImplemented
        return self._new(with_lane_axes(self.coefficients, jnp.ndim(other)) * other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Self:
        if isinstance(other, (Series, TPS)):
            return self * gmath.inv(other)
        return self * (1.0 / jnp.asarray(other)) if isinstance(other, NUMBERS) else NotImplemented

    def __rtruediv__(self, other: Any) -> Self:
        return gmath.inv(self) * other

    def __pow__(self, exponent: Any) -> Self:
        if isinstance(exponent, (int, np.integer)):
            return integer_power(self, int(exponent))
        if isinstance(exponent, (float, np.floating)):
            return self._new(power(self.descriptor, float(exponent), self.coefficients))
        return gmath.exp(exponent * gmath.log(self))

    def __rpow__(self, base: Any) -> Self:
        return gmath.exp(gmath.log(base) * self)

    def __neg__(self) -> Self:
        return self._new(-self.coefficients)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Self:
        return jnp.where(self.value < 0.0, -1.0, 1.0) * self

    def __lt__(self, other: Any) -> jax.Array:
        return self.value < gmath.value(other)

    def __le__(self, other: Any) -> jax.Array:
        return self.value <= gmath.value(other)

    def __gt__(self, other: Any) -> jax.Array:
        return self.value > gmath.value(other)

    def __ge__(self, other: Any) -> jax.Array:
        return self.value >= gmath.value(other)

    def __eq__(self, other: Any) -> jax.Array:
        return self.value == gmath.value(other)

    def __ne__(self, other: Any) -> jax.Array:
        return self.value != gmath.value(other)

    def __bool__(self) -> bool:
        raise TypeError("a series is neither true nor false; compare its `.value`")

    def taylor_function(self, name: str, *index: int) -> Self:
        """Elementary function of `tpsa.gmath` by name; `index` is the n of stumpff."""
        if name in FUNCTIONS:
            return self._new(FUNCTIONS[name](self.descriptor, self.coefficients, *index))
        return LANEWISE[name](self)

    def sincos(self) -> tuple[Self, Self]:
        """Sine and cosine by one recursion."""
        sine, cosine = sine_and_cosine(self.descriptor, -1.0, self.coefficients)
        return self._new(sine), self._new(cosine)

    def constant_like(self, x: Any) -> Self:
        """A number, an array of numbers or a series as one of this type, descriptor and lanes."""
        return self._new(jnp.zeros_like(self.coefficients)) + x

    def with_value(self, values: Any) -> Self:
        """The series with another constant part."""
        return self._with_coefficient(0, values)

    def integrated(self, slope: "Series", values: Any) -> Self:
        """Series B with dB = slope times the differential of this one, and constant part `values`."""
        weights = degrees(self.descriptor)
        return (slope * self._weighted(weights))._weighted(1.0 / np.maximum(weights, 1.0)).with_value(values)

    def select(self, condition: Any, a: Any, b: Any) -> Self:
        """`a` where `condition` holds, else `b`: numbers, arrays or series."""
        x, y = aligned(*(self.constant_like(s).coefficients for s in (a, b)))
        return self._new(jnp.where(condition, x, y))

    def derivative(self, i: int | str) -> Self:
        """Derivative with respect to variable i, a number or a name; parameters follow the variables."""
        lower, upper, factors = self.descriptor.derivative_table(self.descriptor.position(i))
        weights = np.zeros(self.descriptor.size)
        weights[upper] = factors
        return self._new(jnp.zeros_like(self.coefficients).at[lower].set(self._weighted(weights).coefficients[upper]))

    def integral(self, i: int | str) -> Self:
        """Integral over variable i, a number or a name, from the expansion point; what exceeds the order is dropped."""
        lower, upper, factors = self.descriptor.derivative_table(self.descriptor.position(i))
        weights = np.zeros(self.descriptor.size)
        weights[lower] = 1.0 / factors
        return self._new(jnp.zeros_like(self.coefficients).at[upper].set(self._weighted(weights).coefficients[lower]))

    def evaluate(self, point: ArrayLike) -> jax.Array:
        """Values at one point: (variables,) or (variables + parameters,) deviations from the expansion point."""
        point = jnp.asarray(point, dtype=jnp.float64)
        exponents = self.descriptor.exponents[:, : point.shape[0]]
        if point.shape not in ((self.descriptor.variables,), (len(self.descriptor.names),)):
            raise ValueError(
                f"point must be {self.descriptor.variables} or {len(self.descriptor.names)} numbers, got {point.shape}"
            )
        kept = self.descriptor.exponents[:, point.shape[0] :].sum(axis=1) == 0
        monomials = jnp.prod(point ** exponents.astype(np.int32), axis=1) * kept
        return jnp.tensordot(monomials, self.coefficients, axes=1)

    def _weighted(self, weights: np.ndarray) -> Self:
        """The series with each coefficient times its own weight."""
        return self._new(with_lane_axes(jnp.asarray(weights), self.coefficients.ndim - 1) * self.coefficients)


def require_double() -> None:
    """Refuse JAX's 32-bit numbers."""
    if not jax.config.jax_enable_x64:
        raise PrecisionError(
            "series need 64-bit numbers, which JAX has switched off; "
            "call jax.config.update('jax_enable_x64', True) before the first array is made"
        )
