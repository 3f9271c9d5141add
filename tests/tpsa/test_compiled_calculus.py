"""Derivatives, integrals and gradients in compiled code, beside the definition and the methods of the Python type."""

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import any_descriptor, close, random_series
from tpsa import TPS, Descriptor, derivative, gradient, integral

descriptors, seeds = any_descriptor, st.integers(0, 2**32 - 1)


@numba.njit
def of_handles(f, i):
    """Derivative, integral and gradient of a handle with scale and shift."""
    g = 3.0 - 0.5 * f
    return derivative(g, i), integral(g, i), gradient(g)


def by_definition(f, i):
    """Derivative and integral, monomial by monomial."""
    d = f.descriptor
    results = {1: np.zeros(d.size), -1: np.zeros(d.size)}
    for exponents, value in zip(d.exponents.tolist(), f.coefficients, strict=True):
        factors = {1: exponents[i], -1: 1.0 / (exponents[i] + 1)}
        for lowered, factor in factors.items():
            other = [e - lowered * (k == i) for k, e in enumerate(exponents)]
            if min(other) >= 0 and d.keeps(other):
                results[lowered][d.index(other)] = factor * value
    return TPS(d, results[1]), TPS(d, results[-1])


@given(descriptors, seeds, st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_derivative_integral_and_gradient(d, seed, high):
    f = random_series(d, seed, 0, min(high, d.order))
    g = 3.0 - 0.5 * f
    for i in range(d.variables + d.parameters):
        expected = by_definition(g, i)
        found = of_handles(f, i)
        for one, other in zip(found, (*expected, g.gradient()), strict=True):
            assert close(one, other, 1e-15)
        assert close(derivative(g, i), expected[0], 1e-15) and close(integral(g, i), expected[1], 1e-15)
        assert close(gradient(g), [g.derivative(k).value for k in range(d.variables + d.parameters)])


@numba.njit
def leibniz(a, b):
    """Zero below the highest order."""
    return derivative(a * b, 0) - derivative(a, 0) * b - a * derivative(b, 0)


@given(descriptors, seeds)
@settings(max_examples=30, deadline=None)
def test_leibniz(d, seed):
    a, b = random_series(d, seed), random_series(d, seed + 1)

    below = d.exponents.sum(axis=1, dtype=int) < d.order
    below &= d.exponents[:, 0] < d.limits.each[0]
    assert np.abs(leibniz(a, b).coefficients[below]).max() < 1e-12


@pytest.mark.parametrize("i", [-1, 3, 2**40])
def test_a_variable_that_is_not_there(i):
    f = Descriptor(2, 3, 1, 1).variable(0)
    with pytest.raises(IndexError, match="no variable or parameter of this number"):
        of_handles(f, i)
    with pytest.raises(ValueError, match="variable"):
        derivative(f, i)
    assert derivative(f, 0).value == 1.0
