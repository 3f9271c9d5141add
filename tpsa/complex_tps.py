"""Complex truncated power series as a Python type."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tpsa import gmath
from tpsa.base import NUMBER, Series
from tpsa.complex_evaluation import compose_series, integrate, multiply, solve_equation
from tpsa.complex_functions import SERIES, complex_power, integer_power, power, stumpff
from tpsa.tps import TPS
from tpsa.workspace import thread_workspace

ZERO = np.zeros(1, np.complex128)


class ComplexTPS(Series):
    """Truncated power series with complex coefficients; immutable.

    Mixes with real series and with numbers, real or complex. `==` compares constant parts; there is no order.
    `abs` is the modulus, a real series, as are `real` and `imag`. Elementary functions take principal values, as
    those of cmath; the sign of a zero imaginary part says on which side of a cut a constant part lies.

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

    Notes
    -----
    Costs in products of real series: product 4, square 2, 1/z, exp, log and powers to a number 4 to 6, sin, cos,
    sinh, cosh 6 to 8, tan, tanh, asin, acos, asinh, acosh 9 to 15; called from Python, 5 to 30 us on top.
    """

    __slots__ = ()
    dtype = np.complex128

    @property
    def real(self) -> TPS:
        """Real part of the series."""
        return TPS(self.descriptor, self.coefficients.real)

    @property
    def imag(self) -> TPS:
        """Imaginary part of the series."""
        return TPS(self.descriptor, self.coefficients.imag)

    def conjugate(self) -> "ComplexTPS":
        """Series with conjugate coefficients: the conjugate where variables and parameters are real."""
        return self._new(self.coefficients.conj())

    def taylor_function(self, name: str, *index: int) -> "ComplexTPS":
        """Elementary function of `tpsa.gmath` by name; `index` is the n of stumpff.

        Raises
        ------
        TypeError
            For a function of real series only.
        """
        if name == "stumpff":
            return stumpff(*index, self)
        if name not in SERIES:
            raise TypeError(f"{name} takes a real series; complex ones have {', '.join(sorted(SERIES))}, stumpff")
        return SERIES[name](self)

    def constant_like(self, number: complex) -> "ComplexTPS":
        """A number as a series of the same descriptor."""
        result = np.zeros_like(self.coefficients)
        result[0] = number
        return self._new(result)

    def solution(self, a: Any, exponent: float, v: Any, c: Any, value: complex) -> "ComplexTPS":
        """Series B with A E B = exponent B E A + B E V + E C, see `tpsa.complex_functions.solution`."""
        a, v, c = (x.coefficients if isinstance(x, ComplexTPS) else ZERO + x for x in (a, v, c))
        address = thread_workspace(self.descriptor).address
        return self._new(solve_equation(address, a, float(exponent), v, c, complex(value)))

    def composed(self, taylor: NDArray[np.complex128]) -> "ComplexTPS":
        """Function of the series, its Taylor coefficients at the constant part being (order + 1,) numbers."""
        return self._new(compose_series(thread_workspace(self.descriptor).address, self.coefficients, taylor))

    def integrated(self, slope: "ComplexTPS", value: complex) -> "ComplexTPS":
        """Series B with dB = slope times the differential of this one, and constant part `value`."""
        self._check(slope)
        address = thread_workspace(self.descriptor).address
        return self._new(integrate(address, slope.coefficients, self.coefficients, complex(value)))

    def _times(self, coefficients: NDArray) -> "ComplexTPS":
        """Product with the series of some coefficients, real or complex."""
        address = thread_workspace(self.descriptor).address
        same = coefficients is self.coefficients
        return self._new(multiply(address, self.coefficients, coefficients, same))

    def _shifted(self, scale: float, shift: complex) -> "ComplexTPS":
        result = scale * self.coefficients
        result[0] += shift
        return self._new(result)

    def __add__(self, other: Any) -> "ComplexTPS":
        if isinstance(other, Series):
            self._check(other)
            return self._new(self.coefficients + other.coefficients)
        return self._shifted(1.0, other) if isinstance(other, NUMBER) else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> "ComplexTPS":
        if isinstance(other, Series):
            self._check(other)
            return self._new(self.coefficients - other.coefficients)
        return self._shifted(1.0, -other) if isinstance(other, NUMBER) else NotImplemented

    def __rsub__(self, other: Any) -> "ComplexTPS":
        return -self + other

    def __mul__(self, other: Any) -> "ComplexTPS":
        if isinstance(other, Series):
            self._check(other)
            return self._times(other.coefficients)
        return self._new(other * self.coefficients) if isinstance(other, NUMBER) else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "ComplexTPS":
        if isinstance(other, Series):
            self._check(other)
            return self._times((other**-1).coefficients)
        return self._new(self.coefficients / other) if isinstance(other, NUMBER) else NotImplemented

    def __rtruediv__(self, other: Any) -> "ComplexTPS":
        return self**-1 * other

    def __pow__(self, exponent: Any) -> "ComplexTPS":
        if isinstance(exponent, (int, np.integer)):
            return self._integer_power(int(exponent))
        if isinstance(exponent, Series):
            self._check(exponent)
            return gmath.exp(exponent * gmath.log(self))
        if not isinstance(exponent, NUMBER):
            return NotImplemented
        exponent = exponent.item() if isinstance(exponent, np.generic) else exponent
        value = gmath.pow(self.value, exponent)
        return (complex_power if isinstance(exponent, complex) else power)(self, exponent, value)

    def _integer_power(self, n: int) -> "ComplexTPS":
        if n == 0:
            return self.constant_like(1.0)
        if n > 0:
            return integer_power(self, n)
        self._check_invertible()
        return gmath.inv(integer_power(self, -n))

    def __rpow__(self, base: Any) -> "ComplexTPS":
        if isinstance(base, TPS):
            return base.with_imag(0.0) ** self
        return gmath.exp(gmath.log(complex(base)) * self) if isinstance(base, NUMBER) else NotImplemented

    def __abs__(self) -> TPS:
        return gmath.hypot(self.real, self.imag)

    def _refuse_order(self, other: Any) -> bool:
        raise TypeError("complex series have no order; compare their moduli, real or imaginary parts")

    __lt__ = __le__ = __gt__ = __ge__ = _refuse_order

    def __complex__(self) -> complex:
        if np.any(self.coefficients[1:]):
            raise TypeError("only a constant series converts to complex; take its `.value` for the constant part")
        return self.value


def complex_series(real: TPS, imag: TPS | float = 0.0) -> ComplexTPS:
    """Complex series of its parts.

    Raises
    ------
    DescriptorMismatchError
        If the parts have different descriptors.
    """
    coefficients = real.coefficients.astype(np.complex128)
    if isinstance(imag, TPS):
        real._check(imag)
        coefficients.imag = imag.coefficients
    else:
        coefficients[0] = complex(coefficients[0].real, imag)
    return ComplexTPS(real.descriptor, coefficients)
