"""Calculus, parts, other points and descriptors of series; files."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import any_descriptor, close, random_series
from tpsa import TPS, Descriptor, DescriptorMismatchError, TaylorMap

descriptors, seeds = any_descriptor, st.integers(0, 2**32 - 1)
NAMED = Descriptor(3, 4, 1, 2, names=("x", "px", "x2", "k1"), max_orders={"x2": 3})


@given(descriptors, seeds)
@settings(max_examples=40, deadline=None)
def test_integral_is_undone_by_the_derivative_below_the_top(d, seed):
    a = random_series(d, seed, 0, d.order - 1)
    for i in range(d.variables):
        back = a.integral(i).derivative(i)
        below = d.exponents[:, i] < d.limits.each[i]
        assert close(back.coefficients[below], a.coefficients[below]) and not back.coefficients[~below].any()
        assert not a.integral(i).coefficients[d.exponents[:, i] == 0].any()


@given(descriptors, seeds)
@settings(max_examples=30, deadline=None)
def test_hessian_is_the_gradient_of_the_gradient(d, seed):
    a = random_series(d, seed)
    n = d.variables + d.parameters
    expected = np.array([a.derivative(i).gradient() for i in range(n)])
    found = a.hessian()
    known = ~np.isnan(found)
    assert np.allclose(found[known], expected[known], atol=1e-14)
    assert known[: d.variables, : d.variables].all() == (d.order > 1 and min(d.limits.each[: d.variables]) > 1)


@given(descriptors, seeds)
@settings(max_examples=30, deadline=None)
def test_parts_add_up_and_norms(d, seed):
    a = random_series(d, seed)
    parts = [a.homogeneous(g) for g in range(d.order + 1)]
    total = parts[0]
    for g, part in enumerate(parts[1:], 1):
        total = total + part
        assert np.array_equal(a.at_order(g).coefficients, total.coefficients)
    assert a.norm() == pytest.approx(np.abs(a.coefficients).sum()) == pytest.approx(a.order_norms().sum())
    assert a.norm(math.inf) == np.abs(a.coefficients).max()
    assert sum(len(a.terms(g)) for g in range(d.order + 1)) == len(a.terms())


@given(descriptors, seeds)
@settings(max_examples=30, deadline=None)
def test_substitution_and_shift_are_evaluation(d, seed):
    a, rng = random_series(d, seed), np.random.default_rng(seed)
    n = d.variables + d.parameters
    point, step = rng.uniform(-0.5, 0.5, (2, n))
    assert a.shift(step).evaluate(point) == pytest.approx(a.evaluate(point + step), abs=1e-11) or d.parameters
    fixed = a.substitute({0: 0.3})
    assert fixed.evaluate(point) == pytest.approx(a.evaluate([0.3, *point[1:]]), abs=1e-12)
    assert not fixed.coefficients[d.exponents[:, 0] > 0].any()
    assert close(a.substitute({0: d.variable(0)}), a)
    assert close(a.shift(np.zeros(d.variables)), a)


def test_shift_there_and_back():
    a = random_series(Descriptor(2, 5), 4)
    assert close(a.shift([0.3, -0.2]).shift([-0.3, 0.2]), a, 1e-13)


def test_coefficients_by_names():
    x, px, other = NAMED.identity()
    k = NAMED.parameter(0)
    f = 3.0 * x * x * px + 5.0 * other + 7.0 * k * x + 2.0
    assert f["x^2 px"] == 3.0 and f["px x x"] == 3.0 and f["x2"] == 5.0 and f["k1 x"] == 7.0 and f[""] == f["1"] == 2.0
    assert (x**3)["x3"] == 1.0 and f.derivative("px")["x^2"] == 3.0
    for wrong in ("y", "x^a", "px.", "x-1"):
        with pytest.raises(ValueError, match="no power of"):
            f[wrong]
    with pytest.raises(ValueError, match="no variable"):
        f.derivative("y")
    with pytest.raises(KeyError):
        f["x5"]


def test_change_of_descriptor():
    x, px, other = NAMED.identity()
    f = 3.0 * x * x * px + NAMED.parameter(0) * x + px**4
    small = Descriptor(2, 3, 1, 1, names=("px", "x", "k1"))
    g = f.to(small)
    assert g["x^2 px"] == 3.0 and g["k1 x"] == 1.0 and len(g.terms()) == 2
    assert close(g.to(NAMED), f.at_order(3))
    with pytest.raises(DescriptorMismatchError, match="x2"):
        (f + other).to(small)


@given(descriptors, seeds, st.integers(0, 10), st.integers(0, 10))
@settings(max_examples=30, deadline=None)
def test_slices_are_parts_of_some_degrees(d, seed, low, end):
    a = random_series(d, seed)
    degrees = d.exponents.sum(axis=1, dtype=int)
    assert np.array_equal(a[low:end].coefficients, a.coefficients * ((degrees >= low) & (degrees < end)))
    assert close(a[:low] + a[low:], a, 0.0)
    for wrong in (slice(-1, 2), slice(0, 3, 2), slice(None, -1)):
        with pytest.raises(ValueError, match="degrees of a part"):
            a[wrong]


@given(descriptors, seeds)
@settings(max_examples=20, deadline=None)
def test_maps_change_points_and_descriptors_as_series_do(d, seed):
    m = TaylorMap([random_series(d, seed + k, sparse=True) for k in range(3)])
    point = np.random.default_rng(seed).uniform(-0.5, 0.5, d.variables)
    other = Descriptor(d.variables + 1, d.order + 1, d.parameters, d.parameter_order, ("extra", *d.names))
    values = {d.names[0]: 0.3, d.names[-1]: m[0]}
    for found, expected in (
        (m.shift(point), [z.shift(point) for z in m]),
        (m.to(other), [by_name(z, other) for z in m]),
        (m.to(other).to(d), list(m)),
        (m.at_order(1), [z.at_order(1) for z in m]),
        (m.substitute(values), [z.substitute(values) for z in m]),
    ):
        assert all(close(z, e, 1e-12) and z.descriptor == e.descriptor for z, e in zip(found, expected, strict=True))


def by_name(z, other):
    """A series over another descriptor, term by term."""
    total = other.constant(0.0)
    for exponents, coefficient in z.terms().items():
        total = total + coefficient * monomial(other, zip(z.descriptor.names, exponents, strict=True))
    return total


def monomial(d, powers):
    words = [f"{name}^{power}" for name, power in powers]
    return TPS(d, np.eye(1, d.size, d.index(d.parse(" ".join(words))))[0])


def test_linear_maps():
    d = Descriptor(2, 3, 1, 1)
    matrix = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    m = TaylorMap.linear(d, matrix)
    assert np.array_equal(m.jacobian(), matrix) and np.count_nonzero(m.coefficients) == 6
    assert TaylorMap.linear(d, 1j * matrix).coefficients.dtype == np.complex128
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        TaylorMap.linear(d, np.eye(3))


def test_bad_points_are_refused():
    with pytest.raises(ValueError, match="shift"):
        NAMED.variable(0).shift([1.0])
    with pytest.raises(DescriptorMismatchError, match="another descriptor"):
        NAMED.variable(0).substitute({"x": Descriptor(1, 2).variable(0)})


def test_text_of_a_series_names_orders_limits_and_what_is_unknown():
    d = Descriptor(2, 4, 1, 2, names=("x", "momentum", "k"), max_orders={"momentum": 1})
    x, momentum = d.identity()
    lines = repr(0.25 * x * x - d.parameter(0) * momentum + 3.0).splitlines()
    assert lines == [
        "TPS of order 4 in x, momentum; parameters k of order 2; at most momentum^1",
        "               coefficient degree    x momentum   k",
        "    3.0000000000000000e+00      0    0        0   0",
        "    2.5000000000000000e-01      2    2        0   0",
        "   -1.0000000000000000e+00      2    0        1   1",
        "  + O(5)",
    ]
    assert repr(0.0 * x).splitlines()[1:] == ["  0", "  + O(5)"]
    assert repr(random_series(Descriptor(6, 3), 1)).splitlines()[-2:] == ["  ... 44 more", "  + O(4)"]
