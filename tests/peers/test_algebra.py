"""Random expressions of all operators and functions beside DACE and GTPSA, coefficient by coefficient."""

import numpy as np
import pytest

from tests.tpsa.reference import random_series
from tpsa import Descriptor, gmath

DIGITS = 1e-13
UNARY = {  # name in every code, constant part at which it is taken
    "sqrt": 1.4, "exp": 0.3, "log": 1.2, "sin": 0.6, "cos": 0.6, "tan": 0.4, "asin": 0.3, "acos": -0.2, "atan": 0.7,
    "sinh": 0.4, "cosh": 0.4, "tanh": 0.3, "asinh": 0.5, "acosh": 1.8, "atanh": 0.2, "erf": 0.4, "erfc": 0.4,
}  # fmt: skip
KINDS = (
    "+", "-", "*", "/", "numbers", "integer", "real", "function", "function", "calculus", "angle", "length",
)  # fmt: skip
PLAIN = [Descriptor(1, 12), Descriptor(2, 8), Descriptor(3, 5), Descriptor(6, 3), Descriptor(6, 4)]
OTHERS = [
    Descriptor(2, 5, 2, 2),
    Descriptor(4, 3, 3, 1),
    Descriptor(3, 6, max_orders=(6, 2, 3)),
    Descriptor(2, 5, 2, 3, max_orders=(3, 5, 2, 3)),
]


class Dace:
    """Series of DACE."""

    own = {"cbrt": 1.2}

    def __init__(self, d):
        self.kind = pytest.importorskip("daceypy").DA
        self.kind.init(d.order, d.variables)
        self.kind.setEps(0.0)
        self.exponents = d.exponents.tolist()

    def series(self, ours):
        series = self.kind()
        for exponents, value in ours.terms().items():
            series.setCoefficient(list(exponents), value)
        return series

    def coefficients(self, series):
        return np.array([series.getCoefficient(e) for e in self.exponents])

    def derivative(self, series, i):
        return series.deriv(i + 1)

    def power(self, series, exponent):
        """Negative integer powers below -1 of daceypy 1.4 are no reciprocals of the positive ones."""
        return 1.0 / series**-exponent if exponent < 0 else series**exponent

    def integral(self, series, i):
        return series.integ(i + 1)


class Gtpsa:
    """Series of GTPSA, the algebra of MAD-NG."""

    own = {"sinc": 0.4}

    def __init__(self, d):
        basis = pytest.importorskip("madng_tpsa").Descriptor
        parameters = {"num_params": d.parameters, "param_order": d.parameter_order} if d.parameters else {}
        self.basis = basis(d.variables, d.order, **parameters, max_orders=d.limits.each if d.max_orders else None)
        self.exponents = d.exponents.tolist()

    def series(self, ours):
        series = self.basis.zero()
        for exponents, value in ours.terms().items():
            series.set(exponents, value)
        return series

    def coefficients(self, series):
        return np.array([series.get(e) for e in self.exponents])

    def derivative(self, series, i):
        return series.derivative(i + 1)

    def power(self, series, exponent):
        return series**exponent

    def integral(self, series, i):
        return series.integrate(i + 1)


def at(ours, theirs, value):
    """Both series scaled to coefficients below 0.5, with another constant part."""
    scale = 0.5 / max(1.0, np.abs(ours.coefficients).max())
    shift = value - scale * ours.value
    return ours * scale + shift, theirs * scale + shift


def step(rng, d, peer, stack):
    """One more pair of series (ours, theirs) made of those on the stack."""
    a, b = (stack[i] for i in rng.integers(len(stack), size=2))
    kind = rng.choice(KINDS)
    if kind == "+":
        return a[0] + b[0], a[1] + b[1]
    if kind == "-":
        return a[0] - b[0], a[1] - b[1]
    if kind == "*":
        return a[0] * b[0], a[1] * b[1]
    if kind == "numbers":
        return 0.5 - 1.5 * a[0] / 2.0, 0.5 - 1.5 * a[1] / 2.0
    if kind == "calculus":
        i = int(rng.integers(d.variables))
        if rng.random() < 0.5:
            return a[0].derivative(i), peer.derivative(a[1], i)
        return a[0].integral(i), peer.integral(a[1], i)
    if kind == "function":
        known = UNARY | peer.own
        name = rng.choice(sorted(known))
        ours, theirs = at(*a, known[name])
        return getattr(gmath, name)(ours), getattr(theirs, name)()
    ours, theirs = at(*a, 1.3)
    if kind in ("angle", "length"):
        other, of_them = at(*b, -0.9)
        if kind == "angle":
            return gmath.atan2(other, ours), of_them.atan2(theirs)
        return gmath.hypot(other, ours), of_them.hypot(theirs)
    if kind == "/":
        return b[0] / ours, b[1] / theirs
    power = int(rng.integers(-3, 5)) if kind == "integer" else 1.7
    return ours**power, peer.power(theirs, power)


@pytest.mark.parametrize(("code", "d"), [*((Dace, d) for d in PLAIN), *((Gtpsa, d) for d in PLAIN + OTHERS)])
def test_random_expressions_agree(code, d):
    peer, rng = code(d), np.random.default_rng(d.size)
    for seed in range(6):
        stack = []
        for k in range(2):
            ours = random_series(d, 10 * seed + k, sparse=k > 0)
            stack.append((ours, peer.series(ours)))
        for _ in range(12):
            ours, theirs = at(*step(rng, d, peer, stack), 0.7)
            stack.append((ours, theirs))
            found, expected = ours.coefficients, peer.coefficients(theirs)
            sizes = np.repeat(ours.order_norms(np.inf), np.diff(d.degree_starts))
            assert np.all(np.abs(found - expected) <= DIGITS * np.maximum(1.0, sizes))
