"""Ring axioms, products against the definition, powers, derivatives and values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import any_descriptor, close, product, random_series
from tpsa import TPS, Descriptor, DescriptorMismatchError

seeds = st.integers(0, 2**32 - 1)


@st.composite
def series(draw, count):
    """A few series of one descriptor, of any lowest and highest degree, dense or sparse."""
    d = draw(any_descriptor)
    found = []
    for _ in range(count):
        high = draw(st.integers(0, d.order))
        found.append(random_series(d, draw(seeds), draw(st.integers(0, high)), high, draw(st.booleans())))
    return found


@given(series(2))
@settings(max_examples=60, deadline=None)
def test_product_is_the_definition(pair):
    a, b = pair
    assert close(a * b, product(a, b))
    assert close(a * a, product(a, a))


@given(series(3))
@settings(max_examples=100, deadline=None)
def test_ring_axioms(triple):
    a, b, c = triple
    one, zero = a.descriptor.constant(1.0), a.descriptor.constant(0.0)
    assert close(a * b, b * a)
    assert close((a * b) * c, a * (b * c))
    assert close(a * (b + c), a * b + a * c)
    assert close(a + b - b, a) and close(a + (-a), zero)
    assert close(a * one, a) and close(a * zero, zero)
    assert close((a + b) * (a + b), a * a + 2.0 * (a * b) + b * b)


@given(series(1), st.floats(0.5, 3.0))
@settings(max_examples=60, deadline=None)
def test_reciprocal_and_quotient(one, shift):
    a = one[0] - one[0].value + shift
    scale = np.abs((1.0 / a).coefficients).max()
    assert close(a * (1.0 / a), a.descriptor.constant(1.0), 1e-13 * scale)
    assert close(one[0] / a * a, one[0], 1e-13 * scale)


@given(series(1), st.integers(0, 7))
@settings(max_examples=40, deadline=None)
def test_integer_power_is_repeated_product(one, n):
    a, expected = one[0], one[0].descriptor.constant(1.0)
    for _ in range(n):
        expected = expected * a
    assert close(a**n, expected, 1e-12)


def test_negative_integer_power_of_a_negative_series():
    x = Descriptor(1, 5).variable(0, -2.0)
    assert close(x**-3, 1.0 / (x * x * x))


def test_numbers_mix_from_both_sides():
    x = Descriptor(1, 2).variable(0, 3.0)
    assert (2 + x - 1.5).coefficients.tolist() == [3.5, 1.0, 0.0]
    assert (1 - 2 * x).coefficients.tolist() == [-5.0, -2.0, 0.0]
    assert (np.float64(2) * x / np.int64(4)).coefficients.tolist() == [1.5, 0.5, 0.0]
    assert (np.float64(6) / x).coefficients.tolist() == pytest.approx([2.0, -2 / 3, 2 / 9])
    assert abs(-x) == x and -x < 0 <= x and x > np.float64(2)


def test_numpy_functions_and_object_arrays():
    x, y = Descriptor(2, 3).identity([0.1, 0.2])
    vector = np.array([1.0, 2.0]) * x
    assert vector.dtype == object and close(vector[1], 2.0 * x)
    assert close((np.array([[1.0, 2.0], [3.0, 4.0]]) @ np.array([x, y]))[1], 3.0 * x + 4.0 * y)
    assert close(np.sin(np.array([x, y]))[1], np.sin(y))


def test_float_of_a_constant_only():
    d = Descriptor(1, 2)
    assert float(d.constant(2.5)) == 2.5
    with pytest.raises(TypeError, match="only a constant series"):
        float(d.variable(0))
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(d.variable(0))


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__mul__", "__truediv__"])
def test_series_of_different_descriptors_are_refused(operation):
    a, b = Descriptor(2, 3).variable(0, 1.0), Descriptor(2, 4).variable(0, 1.0)
    with pytest.raises(DescriptorMismatchError, match="different descriptors"):
        getattr(a, operation)(b)


def test_division_by_a_series_without_constant_part_is_refused():
    x = Descriptor(1, 2).variable(0)
    with pytest.raises(ZeroDivisionError):
        1.0 / x
    with pytest.raises(ZeroDivisionError):
        x / x


def test_other_operands_are_refused():
    with pytest.raises(TypeError):
        Descriptor(1, 2).variable(0) + "1"
    with pytest.raises(TypeError):
        assert Descriptor(1, 2).variable(0) < 1j


@given(series(2))
@settings(max_examples=40, deadline=None)
def test_derivative_obeys_the_product_rule_below_the_top_order(pair):
    a, b = pair
    d = a.descriptor
    below = d.exponents.sum(axis=1, dtype=int) < d.order
    if d.parameters:
        below &= d.exponents[:, d.variables :].sum(axis=1, dtype=int) < d.parameter_order
    below &= np.all(d.exponents < d.limits.each, axis=1)
    for i in range(d.variables + d.parameters):
        left = (a * b).derivative(i)
        right = a.derivative(i) * b + a * b.derivative(i)
        assert close(left.coefficients[below], right.coefficients[below], 1e-13)


def test_gradient_is_the_linear_part():
    d = Descriptor(2, 3, 1, 1)
    x, y = d.identity([2.0, 3.0])
    k = d.parameter(0, 5.0)
    assert (x * y * k).gradient().tolist() == [15.0, 10.0, 6.0]


@given(series(2), seeds)
@settings(max_examples=40, deadline=None)
def test_value_of_a_sum_is_the_sum_of_values_and_of_low_products_the_product(pair, seed):
    a, b = pair
    d = a.descriptor
    points = np.random.default_rng(seed).uniform(-1, 1, (3, 2, d.variables + d.parameters))
    assert (a + 2.0 * b).evaluate(points) == pytest.approx(a.evaluate(points) + 2.0 * b.evaluate(points), abs=1e-12)
    low = d.order // 2
    if low and not d.parameters and d.max_orders is None:
        a, b = random_series(d, seed, 0, low), random_series(d, seed + 1, 0, low)
        assert (a * b).evaluate(points) == pytest.approx(a.evaluate(points) * b.evaluate(points), abs=1e-12)


def test_value_at_many_points_leaves_parameters_at_zero_when_not_given():
    d = Descriptor(1, 2, 1, 1)
    f = d.variable(0, 1.0) * d.parameter(0, 2.0)
    assert f.evaluate(np.full((130, 1), 0.5)) == pytest.approx(3.0)
    assert f.evaluate([0.5, 0.25]) == pytest.approx(1.5 * 2.25)
    with pytest.raises(ValueError, match="points"):
        f.evaluate([1.0, 2.0, 3.0])


def test_wrong_shape_of_coefficients_is_refused():
    with pytest.raises(ValueError, match="shape"):
        TPS(Descriptor(2, 2), np.zeros(5))


def test_series_are_immutable():
    x = Descriptor(1, 2).variable(0)
    with pytest.raises(ValueError):
        x.coefficients[0] = 1.0
