"""Batches: every lane is what the scalar series gives, whatever happens in other lanes."""

import operator
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import any_descriptor, close
from tpsa import TPS, Descriptor, DescriptorMismatchError, TPSBatch, gmath
from tpsa.vectors import LANES

FUNCTIONS = (
    "inv", "sqrt", "rsqrt", "cbrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "cot", "sinc", "sinh", "cosh",
    "tanh", "asin", "acos", "atan", "asinh", "atanh", "erf", "erfc", "atanc",
)  # fmt: skip
OPERATORS = (operator.add, operator.sub, operator.mul, operator.truediv)


def random_batch(descriptor, n, seed, value=(0.2, 0.8)):
    rng = np.random.default_rng(seed)
    coefficients = rng.uniform(-0.3, 0.3, (descriptor.size, n))
    coefficients[0] = rng.uniform(*value, n)
    return TPSBatch(descriptor, coefficients)


def agree(batch, series, tolerance=1e-14):
    """Whether each lane is close to its series."""
    return len(batch) == len(series) and all(close(a, b, tolerance) for a, b in zip(batch, series, strict=True))


descriptors = any_descriptor | st.sampled_from([Descriptor(3, 6), Descriptor(2, 8)])
numbers_of_series = st.integers(1, 2 * LANES + 1)
seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=30)
@given(descriptors, numbers_of_series, seeds)
def test_operators_of_two_batches(d, n, seed):
    a, b = random_batch(d, n, seed), random_batch(d, n, seed + 1)
    for operation in OPERATORS:
        assert agree(operation(a, b), [operation(x, y) for x, y in zip(a, b, strict=True)])
    assert agree(a * a, [x * x for x in a])


@settings(deadline=None, max_examples=20)
@given(descriptors, numbers_of_series, seeds)
def test_operators_with_numbers_arrays_and_series(d, n, seed):
    a = random_batch(d, n, seed)
    array, series = random_batch(d, n, seed + 1).value, random_batch(d, 1, seed + 2)[0]
    for operation in OPERATORS:
        for other, each in ((1.7, [1.7] * n), (array, array), (series, [series] * n)):
            assert agree(operation(a, other), [operation(x, y) for x, y in zip(a, each, strict=True)])
            assert agree(operation(other, a), [operation(y, x) for x, y in zip(a, each, strict=True)])


@settings(deadline=None, max_examples=20)
@given(descriptors, st.sampled_from(FUNCTIONS), seeds)
def test_functions(d, name, seed):
    a, function = random_batch(d, LANES + 1, seed), getattr(gmath, name)
    assert agree(function(a), [function(x) for x in a], 2e-14)
    line = TPSBatch.constants(d, a.value) + d.variable(0)  # no degree above 1
    assert agree(function(line), [function(x) for x in line], 2e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_also_of_negative_numbers(name):
    d, function = Descriptor(2, 3), getattr(gmath, name)
    a = random_batch(d, 5, 1, (-0.8, -0.2))
    for lane, x in zip(function(a), map(function, a), strict=True):
        assert np.isnan(lane.coefficients).all() if np.isnan(x.value) else close(lane, x)


@settings(deadline=None, max_examples=20)
@given(descriptors, st.integers(0, 4), st.floats(-30, 30), seeds)
def test_stumpff(d, n, value, seed):
    a = random_batch(d, 3, seed).with_value(np.array([value, 0.0, 1.0]))
    assert agree(gmath.stumpff(n, a), [gmath.stumpff(n, x) for x in a])


@settings(deadline=None, max_examples=20)
@given(descriptors, seeds)
def test_functions_of_two_arguments(d, seed):
    a, b = random_batch(d, 5, seed), random_batch(d, 5, seed + 1, (-0.8, 0.8))
    for function in (gmath.atan2, gmath.hypot, gmath.pow):
        x, y = (b, a) if function is gmath.atan2 else (a, b)
        assert agree(function(x, y), [function(p, q) for p, q in zip(x, y, strict=True)], 1e-13)
        assert agree(function(a[0], b), [function(a[0], q) for q in b], 1e-13)
    assert agree(gmath.hypot(a, 2.0), [gmath.hypot(p, 2.0) for p in a])
    assert agree(gmath.acosh(a + 1.5), [gmath.acosh(p + 1.5) for p in a])
    for both, function in zip(gmath.sincos(b), (gmath.sin, gmath.cos), strict=True):
        assert agree(both, [function(q) for q in b])


@pytest.mark.parametrize("exponent", [0, 1, 2, 5, -1, -3, 0.5, -0.5, 1.7, 2.0])
def test_powers(exponent):
    a = random_batch(Descriptor(2, 4), 9, 3)
    assert agree(a**exponent, [x**exponent for x in a])


def test_sinc_of_lanes_near_and_far():
    a = random_batch(Descriptor(2, 4), 4, 3).with_value(np.array([0.0, 7.9, 8.1, -40.0]))
    assert agree(gmath.sinc(a), [gmath.sinc(x) for x in a])


def test_powers_of_batches_and_to_batches():
    a, b = random_batch(Descriptor(2, 4), 9, 3), random_batch(Descriptor(2, 4), 9, 4)
    assert agree(a**b, [x**y for x, y in zip(a, b, strict=True)])
    assert agree(2.0**b, [2.0**y for y in b])
    assert agree(a**b.value, [x ** float(y) for x, y in zip(a, b.value, strict=True)])


def test_calculus():
    d = Descriptor(2, 4, 1, 2)
    a = random_batch(d, 11, 5)
    for i in range(3):
        assert agree(a.derivative(i), [x.derivative(i) for x in a], 0.0)
        assert agree(a.integral(i), [x.integral(i) for x in a], 0.0)
    assert agree(a.at_order(2), [x.at_order(2) for x in a], 0.0)
    points = np.random.default_rng(1).uniform(-1, 1, (4, 2))
    assert np.allclose(a.evaluate(points), np.stack([x.evaluate(points) for x in a], axis=-1), rtol=1e-14, atol=0)
    assert np.array_equal(abs(-a).coefficients, a.coefficients)


def test_lanes_outside_of_the_domain_become_nan_and_no_others():
    d = Descriptor(2, 3)
    x = TPSBatch.constants(d, [0.5, -1.0, 0.0, 2.0]) + d.variable(0)
    for function, bad in ((gmath.log, [1, 2]), (gmath.sqrt, [1, 2]), (gmath.inv, [2]), (gmath.asin, [1, 3])):
        result = function(x).coefficients
        assert np.isnan(result[:, bad]).all()
        good = [i for i in range(4) if i not in bad]
        assert agree(TPSBatch(d, result[:, good]), [function(x[i]) for i in good])
    assert np.array_equal(np.isnan((1.0 / x).value), np.isnan((x / x.value).value))


def test_comparisons_and_choice():
    d = Descriptor(2, 2)
    a, b = TPSBatch.identity(d, [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    assert (a < b).tolist() == [True, False, False] and (a >= 2.0).tolist() == [False, True, True]
    assert (a == b).tolist() == [False, True, False] and (a != b).tolist() == [True, False, True]
    assert (np.array([2.0, 2.0, 2.0]) < a).tolist() == [False, False, True]
    assert agree(gmath.where(a < b, a, 7.0), [a[0], d.constant(7.0), d.constant(7.0)], 0.0)
    assert agree(gmath.where(np.array([True, False, True]), 7.0, b), [d.constant(7.0), b[1], d.constant(7.0)], 0.0)


def test_numpy_functions():
    a = random_batch(Descriptor(2, 3), 3, 2)
    array = np.array([1.0, 2.0, 3.0])
    assert agree(np.sin(a), [gmath.sin(x) for x in a])
    assert agree(np.add(array, a), [x + y for x, y in zip(array, a, strict=True)])
    assert agree(np.float64(2.0) * a, [2.0 * x for x in a])
    assert agree(np.hypot(a, a), [gmath.hypot(x, x) for x in a])


def test_items_and_text():
    d = Descriptor(2, 3)
    series = [d.variable(0, value) ** 2 for value in (1.0, 2.0, 3.0)]
    batch = TPSBatch.stack(series)
    assert len(batch) == 3 and isinstance(batch[1], TPS)
    assert agree(batch, series, 0.0) and close(batch[-1], series[-1], 0.0)
    assert batch.value.tolist() == [1.0, 4.0, 9.0] and batch.degree == 2
    assert np.array_equal(pickle.loads(pickle.dumps(batch)).coefficients, batch.coefficients)
    assert "TPSBatch of 3 series" in repr(batch) and "TPS of order 3" in repr(batch)


def test_errors():
    d = Descriptor(2, 3)
    a = random_batch(d, 3, 1)
    with pytest.raises(ValueError, match=r"shape \(10, n\)"):
        TPSBatch(d, np.zeros(10))
    with pytest.raises(ValueError, match="at least one series"):
        TPSBatch.stack([])
    with pytest.raises(ValueError, match=r"shape \(n,\)"):
        TPSBatch.constants(d, 1.0)
    with pytest.raises(ValueError, match=r"shape \(2, n\)"):
        TPSBatch.identity(d, [[1.0]])
    with pytest.raises(ValueError, match="3 and 4 series meet"):
        a + random_batch(d, 4, 1)
    with pytest.raises(ValueError, match=r"expected \(3,\)"):
        a * np.ones(2)
    with pytest.raises(DescriptorMismatchError):
        a * Descriptor(2, 2).variable(0)
    with pytest.raises(IndexError, match="series 3"):
        a[3]
    with pytest.raises(TypeError):
        a + "1"
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(a)
