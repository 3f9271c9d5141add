"""Complex series beside those of GTPSA, coefficient by coefficient."""

import numpy as np
import pytest

from tests.tpsa.reference import random_series
from tpsa import Descriptor, gmath

pytestmark = pytest.mark.peers

FUNCTIONS = (
    "sqrt", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh",
    "atanh", "erf", "erfc", "wofz",
)  # fmt: skip


class Gtpsa:
    """Complex series of the algebra of MAD-NG."""

    def __init__(self, d):
        peer = pytest.importorskip("madng_tpsa")
        self.kind, self.basis = peer.ComplexTpsa, peer.Descriptor(d.variables, d.order)
        self.exponents = d.exponents.tolist()

    def series(self, ours):
        series = self.kind(self.basis)
        for exponents, value in ours.terms().items():
            series.set(exponents, value)
        return series

    def coefficients(self, series):
        return np.array([series.get(e) for e in self.exponents])


def close(peer, ours, theirs, tolerance=1e-13):
    """Whether both agree relative to the largest coefficient."""
    expected = peer.coefficients(theirs)
    return np.abs(ours.coefficients - expected).max() <= tolerance * max(1.0, np.abs(expected).max())


def pair(peer, d, seed, value):
    """The same random series in both algebras."""
    rng = np.random.default_rng(seed)
    ours = 0.3 * (random_series(d, rng.integers(2**31)) + 1j * random_series(d, rng.integers(2**31)))
    ours = ours - ours.value + value
    return ours, peer.series(ours)


@pytest.mark.parametrize("d", [Descriptor(1, 8), Descriptor(2, 5), Descriptor(6, 3)], ids=repr)
def test_operators(d):
    peer = Gtpsa(d)
    (a, x), (b, y) = pair(peer, d, 1, 1.2 - 0.4j), pair(peer, d, 2, -0.3 + 0.9j)
    assert close(peer, a + b, x + y) and close(peer, a - b, x - y) and close(peer, a * b, x * y)
    assert close(peer, a / b, x / y) and close(peer, a**3, x**3) and close(peer, 2.0 / a, 2.0 / x)
    assert close(peer, a.conjugate(), x.conjugate())
    assert close(peer, a.derivative(0), x.derivative(1)) and close(peer, a.integral(0), x.integrate(1))


@pytest.mark.parametrize("d", [Descriptor(1, 8), Descriptor(2, 5), Descriptor(6, 3)], ids=repr)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(d, name):
    peer = Gtpsa(d)
    for value in (0.6 + 0.5j, 0.6 - 0.5j):
        ours, theirs = pair(peer, d, 3, value)
        assert close(peer, getattr(gmath, name)(ours), getattr(theirs, name)(), 1e-12)
