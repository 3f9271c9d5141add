"""Maximum orders of single variables: every operation gives what the plain algebra gives on the monomials kept."""

import operator

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import close, random_series, restricted
from tpsa import TPS, Descriptor, TaylorMap, gmath, lie_exponential, poisson_bracket

seeds = st.integers(0, 2**32 - 1)


def plain(d):
    """The descriptor without maximum orders."""
    return Descriptor(d.variables, d.order, d.parameters, d.parameter_order, d.names)


def embedded(a):
    """A series among all monomials of its orders."""
    return a.to(plain(a.descriptor))


def over(d, m):
    """Coefficients of a map over another descriptor."""
    return np.array([component.to(d).coefficients for component in m])


FUNCTIONS = {
    "inv": 1.3, "sqrt": 0.7, "rsqrt": 0.7, "exp": 0.2, "log": 0.9, "sin": 0.4, "cos": 0.4, "tan": 0.3, "asin": 0.1,
    "atan": 0.5, "sinh": 0.2, "tanh": 0.2, "asinh": 0.3, "erf": 0.3, "atanc": 0.3, "sinc": 0.3, "cbrt": 1.2,
}  # fmt: skip


@given(restricted(), seeds)
@settings(max_examples=60, deadline=None)
def test_arithmetic_and_calculus(d, seed):
    a, b = random_series(d, seed), random_series(d, seed + 1, 0, d.order // 2, sparse=True) + 2.5
    for operate in (operator.add, operator.sub, operator.mul, operator.truediv):
        assert close(operate(a, b), operate(embedded(a), embedded(b)).to(d), 1e-12)
    assert close(a * a, (embedded(a) * embedded(a)).to(d))
    assert close(a**5, (embedded(a) ** 5).to(d), 1e-13)
    point = np.random.default_rng(seed).uniform(-1, 1, len(d.names))
    assert a.evaluate(point) == pytest.approx(embedded(a).evaluate(point), abs=1e-12)
    for i in range(len(d.names)):
        assert close(a.derivative(i), embedded(a).derivative(i).to(d))
        assert close(a.integral(i), embedded(a).integral(i).to(d))
    for g in range(d.order + 1):
        assert close(a.at_order(g), embedded(a).at_order(g).to(d))
    assert close(a.shift(0.1 * point), embedded(a).shift(0.1 * point).to(d), 1e-12)


@given(restricted(), seeds, st.sampled_from(sorted(FUNCTIONS)))
@settings(max_examples=150, deadline=None)
def test_functions(d, seed, name):
    a = 0.2 * random_series(d, seed)
    a = a - a.value + FUNCTIONS[name]
    function = getattr(gmath, name)
    assert close(function(a), function(embedded(a)).to(d), 1e-12)


@given(restricted(), seeds)
@settings(max_examples=40, deadline=None)
def test_composition_and_inverse(d, seed):
    nearly_one = [z + 0.1 * random_series(d, seed + k, 1) for k, z in enumerate(d.identity())]
    m, full = TaylorMap(nearly_one), TaylorMap([embedded(z) for z in nearly_one])
    shifted = TaylorMap([z + 0.2 for z in nearly_one])
    for inner in (m, shifted):
        outer = TaylorMap([embedded(z) for z in inner])
        assert close(over(d, full @ outer), (m @ inner).coefficients, 1e-12)
    assert close(over(d, full.inverse()), m.inverse().coefficients, 1e-11)
    assert close((m @ m.inverse()).coefficients, TaylorMap.identity(d).coefficients, 1e-11)


@numba.njit
def _compiled(x, y):
    z = x
    for _ in range(3):
        z = gmath.sin(x * y) + z / (2.0 + y) - gmath.exp(z * 0.1)
    return z, z * z


@given(restricted(), seeds)
@settings(max_examples=20, deadline=None)
def test_compiled_code(d, seed):
    a, b = random_series(d, seed), random_series(d, seed + 1)
    b = b - b.value
    for found, expected in zip(_compiled(a, b), _compiled(embedded(a), embedded(b)), strict=True):
        assert close(found, expected.to(d), 1e-11)


@given(restricted((2, 4)), seeds)
@settings(max_examples=20, deadline=None)
def test_bracket_is_that_of_the_polynomials_kept(d, seed):
    f, g = random_series(d, seed), random_series(d, seed + 1)
    assert close(poisson_bracket(f, g), poisson_bracket(embedded(f), embedded(g)).to(d), 1e-13)


def test_symplectic_error_looks_where_derivatives_are_known():
    d = Descriptor(2, 5, max_orders=(5, 2))
    x, px = d.identity()
    px = px - 0.3 * gmath.sin(x)
    assert TaylorMap([x + 0.2 * gmath.sinh(px), px]).symplectic_error().series < 1e-14


def test_given_by_name_and_normalised():
    names = ("x", "px", "k")
    d = Descriptor(2, 4, 1, 2, names, max_orders={"px": 2, "k": 9})
    assert d.max_orders == (4, 2, 2)
    assert d == Descriptor(2, 4, 1, 2, names, max_orders=[4, 2]) != Descriptor(2, 4, 1, 2, names)
    assert Descriptor(2, 4, 1, 2, names, max_orders=(7, 4, 2)).max_orders is None
    assert (d.variable(1) ** 2)["px^2"] == 1.0 and not (d.variable(1) ** 3).coefficients.any()
    with pytest.raises(KeyError, match="each <="):
        d.variable(1)["px^3"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"y": 1}, "no 'y' among"), ({"x": 0}, "max_orders of x"), ((1, 2, 3, 4), "2 or 3 numbers"),
        ((1.5, 2), "max_orders of x"), ((1, 1), "from 1 to 4, the highest degree"),
    ],
)  # fmt: skip
def test_bad_maximum_orders_are_refused(given, named):
    with pytest.raises(ValueError, match=named):
        Descriptor(2, 5, 1, 2, names=("x", "px", "k"), max_orders=given)


def test_generators_are_refused():
    with pytest.raises(ValueError, match="needs all monomials"):
        lie_exponential(TPS(*[(d := Descriptor(2, 3, max_orders=(1, 3))), np.zeros(d.size)]))


def test_many_variables_of_low_degree_each():
    d = Descriptor(20, 4, max_orders=(1,) * 20)
    assert d.size == 1 + 20 + 190 + 1140 + 4845
    product = d.constant(1.0)
    for z in d.identity():
        product = product * (1.0 + z)
    assert np.all(product.coefficients == 1.0)
