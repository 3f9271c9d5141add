"""Composition, substitution, evaluation and brackets in compiled code, beside the Python functions and a definition."""

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tpsa
from tests.tpsa.reference import any_descriptor, close, random_series
from tpsa import ComplexTPS, Descriptor, DescriptorMismatchError, TaylorMap, WorkspaceFullError

seeds = st.integers(0, 2**32 - 1)
LIMITED = Descriptor(2, 5, max_orders=(3, 5))
PAIRS = [Descriptor(2, 5), Descriptor(4, 3), Descriptor(6, 2), Descriptor(2, 4, 2, 1), LIMITED]
POINT = np.array([0.3, -0.2])
D = Descriptor(2, 4, 1, 2, names=("x", "px", "k"))


@numba.njit
def compiled_substitutions(f, g, i, number, point):
    """On handles with scale and shift, and on plain ones."""
    h = 2.0 - 0.5 * f
    return tpsa.substitute(h, i, 1.5 * g - 0.2), tpsa.substitute(f, i, number), tpsa.evaluate(h, point)


@given(any_descriptor, seeds, st.floats(-1.0, 1.0), st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_substitution_and_evaluation(d, seed, number, high):
    f, g = random_series(d, seed, 0, min(high, d.order)), random_series(d, seed + 1)
    point = np.random.default_rng(seed).uniform(-0.5, 0.5, len(d.names))
    for i in range(len(d.names)):
        series, fixed, value = compiled_substitutions(f, g, i, number, point)
        arguments = [d.variable(k) if k < d.variables else d.parameter(k - d.variables) for k in range(len(d.names))]
        arguments[i] = 1.5 * g - 0.2
        assert close(series, by_definition(2.0 - 0.5 * f, arguments), 1e-12)
        assert close(fixed, tpsa.substitute(f, i, number), 1e-13)
        assert value == pytest.approx(2.0 - 0.5 * tpsa.evaluate(f, point), rel=1e-13, abs=1e-14)


def by_definition(f, arguments):
    """The polynomial with series put in, monomial by monomial."""
    total = f.descriptor.constant(0.0)
    for exponents, coefficient in f.terms().items():
        term = f.descriptor.constant(coefficient)
        for argument, exponent in zip(arguments, exponents, strict=True):
            term = term * argument**exponent
        total = total + term
    return total


@numba.njit
def twice(m):
    """A map of two variables after itself, and one component after a shift."""
    return tpsa.compose(m, m), tpsa.compose(m[0], (m[1] + 0.1, 0.3))


@pytest.mark.parametrize("d", [D, Descriptor(2, 9), Descriptor(2, 5, max_orders=(5, 2))], ids=repr)
def test_composition_of_tuples(d):
    m = random_series(d, 1, 1), random_series(d, 2, 1)
    both, one = twice(m)
    assert close([z.coefficients for z in both], (TaylorMap(m) @ TaylorMap(m)).coefficients, 1e-13)
    expected = TaylorMap([m[0]]).substitute({0: m[1] + 0.1, 1: 0.3})[0]
    assert close(one, expected, 1e-13) and close(twice.py_func(m)[1], expected)
    assert all(close(found, z) for found, z in zip(twice.py_func(m)[0], both, strict=True))


@numba.njit
def brackets(f, g):
    return tpsa.poisson_bracket(f, g), tpsa.poisson_bracket(1.0 - 2.0 * f, g * f)


@given(st.sampled_from(PAIRS), seeds)
@settings(max_examples=20, deadline=None)
def test_poisson_brackets(d, seed):
    f, g = random_series(d, seed), random_series(d, seed + 1, sparse=True)
    for found, expected in zip(brackets(f, g), brackets.py_func(f, g), strict=True):
        assert close(found, expected, 1e-14)


def test_complex_series_in_brackets_and_at_points():
    x, px = Descriptor(2, 4).identity()
    f, g = (x - 1j * px) ** 2 + 0.3, x * px + 1j * x**3
    bracket = numba.njit(lambda f, g: tpsa.poisson_bracket(f, g))
    for pair in ((f, g), (x, g)):
        assert isinstance(bracket(*pair), ComplexTPS) and close(bracket(*pair), tpsa.poisson_bracket(*pair))
    value = numba.njit(lambda f, point: tpsa.evaluate(f, point))(f, POINT)
    assert value == pytest.approx(f.evaluate(POINT), rel=1e-15)


@numba.njit
def iterated(m, n):
    """A map n times, in a loop that frees what it made."""
    total = m
    since = tpsa.mark(m[0])
    for _ in range(n):
        total = tpsa.compose(m, total)
        tpsa.release(m[0], since, total)
    return total


def test_long_loops():
    x, px = Descriptor(2, 5).identity()
    m = 0.6 * x + 0.8 * (px - x * x), 0.6 * (px - x * x) - 0.8 * x
    power = TaylorMap(m) ** 301
    assert close([z.coefficients for z in iterated(m, 300)], power.coefficients, 1e-10 * abs(power.coefficients).max())
    with pytest.raises(WorkspaceFullError):
        hoarded(x, 1000)


@numba.njit
def hoarded(f, n):
    total = f
    for _ in range(n):
        total = tpsa.substitute(f, 0, 0.5 * total)
    return total


def test_errors_in_compiled_code():
    x, px = D.identity()
    other = Descriptor(2, 3).variable(0)
    for function in (
        numba.njit(lambda f, g: tpsa.substitute(f, 0, g)),
        numba.njit(lambda f, g: tpsa.compose(f, (f, g))),
        numba.njit(lambda f, g: tpsa.poisson_bracket(f, g)),
    ):
        with pytest.raises(DescriptorMismatchError):
            function(x, other)
        with pytest.raises(DescriptorMismatchError):
            function.py_func(x, other)
    for i in (-1, 3):
        with pytest.raises(IndexError, match="no variable or parameter"):
            numba.njit(lambda f, i: tpsa.substitute(f, i, 1.0))(x, i)
    for function in (
        numba.njit(lambda f, n: tpsa.compose(f, (f, f, f, f))),
        numba.njit(lambda f, n: tpsa.evaluate(f, np.zeros(n))),
    ):
        with pytest.raises(ValueError, match=r"compose|evaluate|points"):
            function(x, 4)
        with pytest.raises(ValueError, match=r"compose|evaluate|points"):
            function.py_func(x, 4)
    with pytest.raises(ValueError, match="even number"):
        numba.njit(lambda f: tpsa.poisson_bracket(f, f))(Descriptor(3, 2).variable(0))
    with pytest.raises(numba.TypingError):
        numba.njit(lambda f: tpsa.compose(f, 0.5))(x)


def test_product_tables_of_32_bit_numbers():
    d = Descriptor(75, 3)
    assert d.tables.targets.dtype == np.uint32
    x, y, z = (d.variable(i) for i in (0, 70, 74))
    found = numba.njit(lambda f, g: tpsa.substitute(f, 74, g))(x * z**2, 1.0 + y)
    assert close(found, x * (1.0 + y) ** 2)
