"""Elementary functions against Taylor coefficients of many digits."""

import math

import mpmath
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import DESCRIPTORS, any_descriptor, close, random_series
from tpsa import Descriptor, gmath

ORDER = 10
LINE = Descriptor(1, ORDER)

POINTS = {
    "sqrt": (1e-3, 0.7, 40.0),
    "rsqrt": (1e-3, 0.7, 40.0),
    "exp": (-30.0, 0.0, 3.0),
    "log": (1e-3, 1.0, 50.0),
    "sin": (-2.0, 0.0, 31.0),
    "cos": (-2.0, 0.0, 31.0),
    "tan": (-1.2, 0.0, 2.0),
    "asin": (-0.8, 0.0, 0.5),
    "acos": (-0.8, 0.0, 0.5),
    "atan": (-5.0, 0.0, 1.0),
    "atanc": (-5.0, 0.0, 1e-5, 0.6, 3.0),
    "sinh": (-3.0, 0.0, 2.0),
    "cosh": (-3.0, 0.0, 2.0),
    "tanh": (-3.0, 0.0, 20.0),
}
CASES = [(name, x) for name, points in POINTS.items() for x in points]


def exact(name):
    """The function in many digits."""
    if name == "rsqrt":
        return lambda x: 1 / mpmath.sqrt(x)
    if name == "atanc":
        return lambda x: mpmath.atan(x) / x if x else mpmath.mpf(1)
    return getattr(mpmath, name)


def taylor(function, x, order=ORDER):
    """Taylor coefficients of a function about x, by integration on a circle in 60 digits."""
    with mpmath.workdps(60):
        return [float(mpmath.re(c)) for c in mpmath.taylor(function, mpmath.mpf(x), order)]


def stumpff_taylor(n, u, order=ORDER):
    """Taylor coefficients of c_n about u from its defining series, in 60 digits."""
    with mpmath.workdps(60):
        total = [mpmath.mpf(0)] * (order + 1)
        for j in range(120):
            for k in range(min(j, order) + 1):
                total[k] += (-1) ** j * mpmath.binomial(j, k) * mpmath.mpf(u) ** (j - k) / mpmath.factorial(2 * j + n)
        return [float(c) for c in total]


@pytest.mark.parametrize(("name", "x"), [c for c in CASES if c[0] != "atanc"])
def test_taylor_coefficients_in_one_variable(name, x):
    found = getattr(gmath, name)(LINE.variable(0, x)).coefficients
    expected = np.array(taylor(exact(name), x))
    assert found == pytest.approx(expected, rel=2e-13, abs=1e-15 * np.abs(expected).max() + 1e-300)


@pytest.mark.parametrize("x", POINTS["atanc"])
def test_atanc_times_its_argument_is_atan(x):
    v = LINE.variable(0, x)
    assert close(v * gmath.atanc(v), gmath.atan(v))
    assert gmath.atanc(v).value == gmath.atanc(x)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("u", [-60.0, -9.0, -1e-7, 0.0, 1e-7, 0.5, 9.9, 30.0, 70.0])
def test_taylor_coefficients_of_stumpff(n, u):
    expected = np.array(stumpff_taylor(n, u))
    found = gmath.stumpff(n, LINE.variable(0, u)).coefficients
    assert found == pytest.approx(expected, rel=1e-12, abs=3e-16 * max(1.0, abs(expected[0])))


@pytest.mark.parametrize("d", DESCRIPTORS, ids=repr)
@pytest.mark.parametrize("name", POINTS)
def test_function_of_a_series_is_its_taylor_polynomial(d, name):
    x0 = POINTS[name][-1]
    a = random_series(d, 3, 1) + x0
    expected = d.constant(0.0)
    coefficients = getattr(gmath, name)(Descriptor(1, d.order).variable(0, x0)).coefficients
    for c in coefficients[::-1]:
        expected = expected * (a - x0) + float(c)
    assert close(getattr(gmath, name)(a), expected, 1e-12)


@given(any_descriptor, st.integers(0, 2**32 - 1), st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_identities(d, seed, high):
    a = random_series(d, seed, 0, min(high, d.order))
    positive = a * a + 0.5
    one = d.constant(1.0)
    assert close(gmath.sin(a) ** 2 + gmath.cos(a) ** 2, one, 1e-12)
    assert close(gmath.cosh(a) ** 2 - gmath.sinh(a) ** 2, one, 1e-11)
    assert close(gmath.log(gmath.exp(a)), a, 1e-12)
    assert close(gmath.sqrt(positive) * gmath.rsqrt(positive), one, 1e-10)
    assert close(gmath.atan(gmath.tan(0.3 * a)), 0.3 * a, 1e-10)
    assert close(positive**1.5, positive * gmath.sqrt(positive), 1e-9)
    assert close(a * gmath.stumpff(2, a) + gmath.stumpff(0, a), one, 1e-12)


@pytest.mark.parametrize("name", POINTS)
def test_float_and_complex_and_array_paths_agree(name):
    function = getattr(gmath, name)
    for x in POINTS[name]:
        assert function(np.array([x]))[0] == pytest.approx(function(x), rel=1e-15)
        assert function(complex(x)).real == pytest.approx(function(x), rel=1e-14)
        assert function(LINE.variable(0, x)).value == pytest.approx(function(x), rel=1e-15)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7])
def test_stumpff_of_numbers_and_arrays(n):
    u = np.concatenate([np.linspace(-80, 80, 161), [1e-9, -1e-9]])
    expected = np.array([stumpff_taylor(n, x, 0)[0] for x in u])
    scale = np.maximum(np.abs(expected), 1.0 / math.factorial(n) / (1.0 + np.abs(u)))
    assert np.all(np.abs(gmath.stumpff(n, u) - expected) < 2e-15 * scale * (1 + np.sqrt(np.abs(u))))
    assert np.all(np.abs([gmath.stumpff(n, float(x)) for x in u] - expected) < 2e-15 * scale * (1 + np.sqrt(np.abs(u))))
    assert gmath.stumpff(n, 2.0 + 0j) == pytest.approx(gmath.stumpff(n, 2.0))


four = numba.njit(
    lambda u: (gmath.stumpff(0, u), gmath.stumpff(1, u), gmath.stumpff(2, u), gmath.stumpff(3, u)), error_model="numpy"
)


@pytest.mark.parametrize("u", [-4e5, -3e3, -60.0, -9.0, -0.3, -1e-9, 0.0, 1e-9, 0.3, 9.0, 60.0, 3e3, 9e5])
def test_compiled_stumpff_without_branches(u):
    expected = np.array([gmath.stumpff(n, u) for n in range(4)])
    size = np.maximum(np.abs(expected), (1.0 + abs(u)) ** (-0.5 * np.arange(4)))
    assert np.all(np.abs(np.array(four(u)) - expected) < 2e-15 * (1.0 + np.sqrt(abs(u))) * size)


def test_compiled_stumpff_is_nan_beyond_its_range():
    assert np.isnan(four(2e6)).all()


@pytest.mark.parametrize(
    ("name", "x"), [("sqrt", -1.0), ("log", -1.0), ("rsqrt", -1.0), ("asin", 2.0), ("sqrt", math.nan)]
)
def test_invalid_arguments_give_nan_without_an_exception(name, x):
    function = getattr(gmath, name)
    assert math.isnan(function(x))
    assert math.isnan(function(LINE.variable(0, x)).value)


def test_where_and_value():
    x = LINE.variable(0, 2.0)
    assert gmath.where(x > 1.0, x, 0.0) is x
    assert gmath.where(np.array([True, False]), 1.0, 2.0).tolist() == [1.0, 2.0]
    assert gmath.value(x) == 2.0 and gmath.value(3.0) == 3.0


def test_other_arguments_are_refused():
    with pytest.raises(TypeError, match="sin takes a number"):
        gmath.sin("0.1")
    with pytest.raises(ValueError, match="index n"):
        gmath.stumpff(-1, 0.1)


def test_jax_values_and_gradients_of_stumpff_and_atanc():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        for u in (-20.0, -1e-3, 0.0, 1e-3, 20.0):
            for n in (0, 1, 2, 3):
                expected = stumpff_taylor(n, u, 2)
                f = lambda x, n=n: gmath.stumpff(n, x)  # noqa: E731
                assert float(f(jax.numpy.asarray(u))) == pytest.approx(expected[0], rel=1e-13, abs=1e-16)
                assert float(jax.grad(f)(u)) == pytest.approx(expected[1], rel=1e-12, abs=1e-16)
                assert float(jax.grad(jax.grad(f))(u)) == pytest.approx(2 * expected[2], rel=1e-12, abs=1e-16)
            slope = gmath.atanc(LINE.variable(0, u)).coefficients[1]
            assert float(jax.grad(gmath.atanc)(u)) == pytest.approx(slope, rel=1e-12, abs=1e-15)
