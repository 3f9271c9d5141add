"""Truncated power series as a Python type; its arithmetic runs in the compiled kernels."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tpsa import gmath
from tpsa.base import NUMBER, REAL, Series
from tpsa.compiled_functions import FUNCTIONS
from tpsa.context import DIVIDE, INTEGER_POWER, MULTIPLY, POWER, STUMPFF
from tpsa.derived import SERIES
from tpsa.descriptor import Descriptor
from tpsa.operations import binary_operation, integral_operation, sincos_operation, unary_operation
from tpsa.workspace import thread_workspace


def _constant(x: Any) -> float:
    """Constant part of a series or a number, for comparisons."""
    return x.value if isinstance(x, TPS) else float(x)


class TPS(Series):
    """Truncated power series: a polynomial in the descriptor's variables and parameters; immutable.

    Parameters
    ----------
    descriptor : Descriptor
        Basis; series of different descriptors do not mix.
    coefficients : (size,) array_like
        Coefficient of each monomial of `descriptor.exponents`; complex ones make a `ComplexTPS`.

    Raises
    ------
    ValueError
        If `coefficients` has another shape.

    Notes
    -----
    Costs: products and quotients about 0.2 ns for each pair of monomials whose product is kept, functions as many
    products as `tpsa.gmath` states, everything else that states nothing a pass over the coefficients or less; called
    from Python 1 us on top.
    """

    __slots__ = ()
    dtype = np.float64

    def __new__(cls, descriptor: Descriptor, coefficients: ArrayLike) -> Any:
        if np.iscomplexobj(coefficients):
            from tpsa.complex_tps import ComplexTPS

            return ComplexTPS(descriptor, coefficients)
        return object.__new__(cls)

    @property
    def real(self) -> "TPS":
        """The series itself."""
        return self

    @property
    def imag(self) -> "TPS":
        """Imaginary part, zero."""
        return self.descriptor.constant(0.0)

    def conjugate(self) -> "TPS":
        """The series itself."""
        return self

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
        return self.descriptor.constant(number)

    def integrated(self, slope: "TPS", value: float) -> "TPS":
        """Series B with dB = slope times the differential of this one, and constant part `value`."""
        self._check(slope)
        address = thread_workspace(self.descriptor).address
        return self._new(integral_operation(address, slope.coefficients, self.coefficients, value))

    def sincos(self) -> tuple["TPS", "TPS"]:
        """Sine and cosine by one recursion: two products."""
        address = thread_workspace(self.descriptor).address
        sine, cosine = sincos_operation(address, self.coefficients)
        return self._new(sine), self._new(cosine)

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

    def with_imag(self, imag: "TPS | float") -> Any:
        """The `ComplexTPS` of this real part and an imaginary part."""
        from tpsa.complex_tps import complex_series

        return complex_series(self, imag)

    def _as_complex(self, operation: Callable, number: Any, reflected: bool = False) -> Any:
        """An operation with a complex number, for which this series becomes a complex one."""
        if not isinstance(number, NUMBER):
            return NotImplemented
        series = self.with_imag(0.0)
        return operation(number, series) if reflected else operation(series, number)

    def __add__(self, other: Any) -> "TPS":
        if isinstance(other, TPS):
            self._check(other)
            return self._new(self.coefficients + other.coefficients)
        if isinstance(other, REAL):
            return self._shifted(1.0, float(other))
        return self._as_complex(operator.add, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "TPS":
        if isinstance(other, TPS):
            self._check(other)
            return self._new(self.coefficients - other.coefficients)
        if isinstance(other, REAL):
            return self._shifted(1.0, -float(other))
        return self._as_complex(operator.sub, other)

    def __rsub__(self, other: Any) -> "TPS":
        if isinstance(other, REAL):
            return self._shifted(-1.0, float(other))
        return self._as_complex(operator.sub, other, reflected=True)

    def __mul__(self, other: Any) -> "TPS":
        if isinstance(other, TPS):
            self._check(other)
            return self._binary(MULTIPLY, other)
        if isinstance(other, REAL):
            return self._new(float(other) * self.coefficients)
        return self._as_complex(operator.mul, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "TPS":
        if isinstance(other, TPS):
            self._check(other)
            other._check_invertible()
            return self._binary(DIVIDE, other)
        if isinstance(other, REAL):
            return self._new((1.0 / float(other)) * self.coefficients)
        return self._as_complex(operator.truediv, other)

    def __rtruediv__(self, other: Any) -> "TPS":
        if isinstance(other, REAL):
            return self._reciprocal() if other == 1 else float(other) * self._reciprocal()
        return self._as_complex(operator.truediv, other, reflected=True)

    def _reciprocal(self) -> "TPS":
        self._check_invertible()
        return self._unary(POWER, -1.0)

    def __pow__(self, exponent: Any) -> "TPS":
        if isinstance(exponent, (int, np.integer)):
            if exponent < 0:
                self._check_invertible()
            return self._unary(INTEGER_POWER, float(exponent))
        if isinstance(exponent, TPS):
            self._check(exponent)
            return SERIES["pow"](self, exponent)
        if isinstance(exponent, REAL):
            return self._unary(POWER, float(exponent))
        return self._as_complex(operator.pow, exponent)

    def __rpow__(self, base: Any) -> "TPS":
        if isinstance(base, REAL):
            return gmath.exp(gmath.log(float(base)) * self)
        return self._as_complex(operator.pow, base, reflected=True)

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

    def __float__(self) -> float:
        if np.any(self.coefficients[1:]):
            raise TypeError("only a constant series converts to float; take its `.value` for the constant part")
        return self.value
