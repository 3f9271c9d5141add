"""Elementary functions of `TPSBatch` by the compiled kernels: numpy finds the constant parts, kernels all the rest."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tpsa import batch_kernels as kernels
from tpsa.plans import plan
from tpsa.vectors import empty

if TYPE_CHECKING:
    from tpsa.batch import TPSBatch


def _function(kernel: Callable, x: "TPSBatch", *arguments: "TPSBatch | NDArray[np.float64] | float") -> "TPSBatch":
    """Result of a kernel that takes series and their degrees, one after the other, then numbers."""
    out, p = empty(*x.lanes.shape[:2]), plan(x.descriptor)
    kernel(p.address, p.targets, out, x.lanes, x.degree, *arguments)
    return x.of_lanes(out, x.descriptor.order if x.degree else 0)


def power(x: "TPSBatch", exponent: float) -> "TPSBatch":
    """x^exponent for a real exponent."""
    x0 = x.lanes[:, 0]
    if abs(exponent) == 0.5:
        values = np.sqrt(x0) if exponent > 0.0 else 1.0 / np.sqrt(x0)
    else:
        values = x0**exponent
    return _function(kernels.power, x, values, exponent)


def inverse(x: "TPSBatch", numbers: NDArray[np.float64] | float = 1.0) -> "TPSBatch":
    """Numbers (blocks, LANES) over x."""
    return _function(kernels.power, x, numbers / x.lanes[:, 0], -1.0)


def integral(slope: "TPSBatch", x: "TPSBatch", values: NDArray[np.float64]) -> "TPSBatch":
    """Series B with dB = slope dx and constant parts `values`, (blocks, LANES)."""
    return _function(kernels.integral, x, slope.lanes, slope.degree, values)


def _sine_and_cosine(x: "TPSBatch", hyperbolic: bool, orders: tuple[int, int], wanted: tuple[bool, bool]) -> list[Any]:
    """sin and cos, or sinh and cosh, to their orders, those that are wanted; one block serves the other one."""
    p, x0, d = plan(x.descriptor), x.lanes[:, 0], x.descriptor
    out = [empty(len(x.lanes) if want else 1, d.size) for want in wanted]
    values, sign = ((np.sinh(x0), np.cosh(x0)), 1.0) if hyperbolic else ((np.sin(x0), np.cos(x0)), -1.0)
    kernels.sine_and_cosine(p.address, p.targets, *out, x.lanes, x.degree, *values, sign, *orders)
    return [x.of_lanes(lanes, d.order if x.degree else 0) for lanes, want in zip(out, wanted, strict=True) if want]


def sincos(x: "TPSBatch") -> tuple["TPSBatch", "TPSBatch"]:
    """Sine and cosine."""
    order = x.descriptor.order
    return tuple(_sine_and_cosine(x, False, (order, order), (True, True)))


def _tangent(x: "TPSBatch", hyperbolic: bool) -> "TPSBatch":
    p, x0, out = plan(x.descriptor), x.lanes[:, 0], empty(*x.lanes.shape[:2])
    values = np.tanh(x0) if hyperbolic else np.tan(x0)
    slopes, sign = (1.0 / np.cosh(x0) ** 2, 1.0) if hyperbolic else (1.0 + values**2, -1.0)
    square = empty(1, x.descriptor.size)
    kernels.tangent(p.address, p.targets, out, square, x.lanes, x.degree, values, slopes, sign)
    return x.of_lanes(out, x.descriptor.order if x.degree else 0)


def _composed(x: "TPSBatch", coefficients: Callable[[NDArray, NDArray], None]) -> "TPSBatch":
    """Function whose Taylor coefficients at the constant parts are at hand, by Horner's scheme."""
    d = x.descriptor
    taylor = np.empty((d.order + 1, *x.lanes[:, 0].shape))
    coefficients(np.ascontiguousarray(x.lanes[:, 0]), taylor)
    return _function(kernels.horner, x, empty(2, d.size), taylor)


def _stumpff(x: "TPSBatch", n: int) -> "TPSBatch":
    return _composed(x, lambda points, out: kernels.stumpff_coefficients(n, points, out))


def _sine(x: "TPSBatch", hyperbolic: bool) -> "TPSBatch":
    order = x.descriptor.order
    return _sine_and_cosine(x, hyperbolic, (order, order - 1), (True, False))[0]


def _cosine(x: "TPSBatch", hyperbolic: bool) -> "TPSBatch":
    order = x.descriptor.order
    return _sine_and_cosine(x, hyperbolic, (order - 1, order), (False, True))[0]


KERNEL_FUNCTIONS: dict[str, Callable[..., "TPSBatch"]] = {
    "inv": inverse,
    "sqrt": lambda x: power(x, 0.5),
    "rsqrt": lambda x: power(x, -0.5),
    "exp": lambda x: _function(kernels.exponential, x, np.exp(x.lanes[:, 0])),
    "log": lambda x: _function(kernels.integrated_quotient, x, x.lanes, x.degree, np.log(x.lanes[:, 0])),
    "sin": lambda x: _sine(x, False),
    "cos": lambda x: _cosine(x, False),
    "sinh": lambda x: _sine(x, True),
    "cosh": lambda x: _cosine(x, True),
    "tan": lambda x: _tangent(x, False),
    "tanh": lambda x: _tangent(x, True),
    "stumpff": _stumpff,
    "atanc": lambda x: _composed(x, kernels.atanc_coefficients),
}
