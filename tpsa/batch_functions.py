"""Elementary functions of `TPSBatch` by the compiled kernels: numpy finds the constant parts, kernels all the rest."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tpsa import batch_kernels as kernels
from tpsa.batch_kernels import batch_tables
from tpsa.series import SHORT
from tpsa.vectors import empty

if TYPE_CHECKING:
    from tpsa.batch import TPSBatch


def _recursion(kernel: Callable, x: "TPSBatch", first: NDArray[np.float64], exponent: float = 0.0) -> "TPSBatch":
    out = empty(*x.lanes.shape[:2])
    d = x.descriptor
    kernel(batch_tables(d), out, x.lanes, empty(2, d.size), first, exponent, x.degree)
    return x.of_lanes(out, d.order if x.degree else 0)


def power(x: "TPSBatch", exponent: float) -> "TPSBatch":
    """x^exponent for a real exponent."""
    x0 = x.lanes[:, 0]
    power_of = {1.0: x0, 0.5: np.sqrt(x0)}.get(abs(exponent))
    if power_of is None:
        return _recursion(kernels.power, x, x0**exponent, exponent)
    return _recursion(kernels.power, x, 1.0 / power_of if exponent < 0.0 else power_of.copy(), exponent)


def _circular(which: str) -> Callable[["TPSBatch"], "TPSBatch"]:
    """sin, cos, sinh or cosh: by Horner's scheme at low orders, else by the recursion for it and its partner."""
    sine, cosine, sign = (np.sinh, np.cosh, 1.0) if which.endswith("h") else (np.sin, np.cos, -1.0)
    place = int(which.startswith("cos"))

    def derivatives(points: NDArray[np.float64], out: NDArray[np.float64]) -> None:
        both = sine(points), cosine(points)
        out[0], factorial = both[place], 1.0
        for k in range(1, len(out)):
            factorial *= k
            out[k] = both[(place + k) % 2] * (sign ** ((k + place) // 2) / factorial)

    def function(x: "TPSBatch") -> "TPSBatch":
        d, x0 = x.descriptor, x.lanes[:, 0]
        if d.order <= SHORT:
            return _composed(x, derivatives)
        out = empty(*x.lanes.shape[:2]), empty(*x.lanes.shape[:2])
        constants = sine(x0), cosine(x0)
        kernels.sine_and_cosine(batch_tables(d), *out, x.lanes, empty(2, d.size), *constants, sign, x.degree)
        return x.of_lanes(out[place], d.order if x.degree else 0)

    return function


def _composed(x: "TPSBatch", coefficients: Callable[[NDArray, NDArray], None]) -> "TPSBatch":
    """Function whose Taylor coefficients at the constant parts are at hand, by Horner's scheme."""
    d = x.descriptor
    taylor = np.empty((d.order + 1, *x.lanes[:, 0].shape))
    coefficients(np.ascontiguousarray(x.lanes[:, 0]), taylor)
    out = empty(*x.lanes.shape[:2])
    kernels.horner(batch_tables(d), out, x.lanes, empty(2, d.size), taylor, x.degree)
    return x.of_lanes(out, d.order if x.degree else 0)


def _stumpff(x: "TPSBatch", n: int) -> "TPSBatch":
    return _composed(x, lambda points, out: kernels.stumpff_coefficients(n, points, out))


KERNEL_FUNCTIONS: dict[str, Callable[..., "TPSBatch"]] = {
    "inv": lambda x: power(x, -1.0),
    "sqrt": lambda x: power(x, 0.5),
    "rsqrt": lambda x: power(x, -0.5),
    "exp": lambda x: _recursion(kernels.exponential, x, np.exp(x.lanes[:, 0])),
    "log": lambda x: _recursion(kernels.logarithm, x, np.log(x.lanes[:, 0])),
    **{name: _circular(name) for name in ("sin", "cos", "sinh", "cosh")},
    "stumpff": _stumpff,
    "atanc": lambda x: _composed(x, kernels.atanc_coefficients),
}
