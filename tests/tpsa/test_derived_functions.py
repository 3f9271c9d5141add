"""Elementary functions made of others, against Taylor coefficients of many digits."""

import math

import mpmath
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import any_descriptor, close, random_series
from tests.tpsa.test_functions import LINE, taylor
from tpsa import Descriptor, gmath

POINTS = {
    "inv": (-3.0, 1e-2, 7.0),
    "cbrt": (-5.0, 1e-2, 0.7, 40.0),
    "expm1": (-3.0, 1e-12, 0.0, 2.0),
    "log1p": (-0.99, -1e-12, 0.0, 9.0),
    "cot": (-1.0, 1e-2, 0.5 * math.pi, 3.0),
    "sinc": (-4.0, 0.0, 1e-6, 1.0, 3.0),
    "asinh": (-20.0, 0.0, 0.5, 3.0),
    "acosh": (1.01, 1.5, 30.0),
    "atanh": (-0.99, 0.0, 0.3),
    "erf": (-1.5, 0.0, 0.2, 3.0),
    "erfc": (-1.5, 0.0, 0.2, 6.0),
}
CASES = [(name, x) for name, points in POINTS.items() for x in points]
COMPILED = {
    "inv": numba.njit(lambda x: gmath.inv(x)),
    "cbrt": numba.njit(lambda x: gmath.cbrt(x)),
    "expm1": numba.njit(lambda x: gmath.expm1(x)),
    "log1p": numba.njit(lambda x: math.log1p(x)),
    "cot": numba.njit(lambda x: gmath.cot(x)),
    "sinc": numba.njit(lambda x: gmath.sinc(x)),
    "asinh": numba.njit(lambda x: gmath.asinh(x)),
    "acosh": numba.njit(lambda x: gmath.acosh(x)),
    "atanh": numba.njit(lambda x: math.atanh(x)),
    "erf": numba.njit(lambda x: gmath.erf(x)),
    "erfc": numba.njit(lambda x: math.erfc(x)),
}


def exact(name):
    """The function in many digits."""
    special = {
        "inv": lambda x: 1 / x,
        "cbrt": lambda x: mpmath.sign(mpmath.re(x)) * (x * mpmath.sign(mpmath.re(x))) ** (mpmath.mpf(1) / 3),
        "log1p": lambda x: mpmath.log(1 + x),
    }
    return special.get(name) or getattr(mpmath, name)


@pytest.mark.parametrize(("name", "x"), CASES)
def test_taylor_coefficients_in_one_variable(name, x):
    found = getattr(gmath, name)(LINE.variable(0, x)).coefficients
    expected = np.array(taylor(exact(name), x))
    assert found[0] == pytest.approx(expected[0], rel=1e-15, abs=1e-16)
    assert found == pytest.approx(expected, rel=1e-12, abs=2e-15 * np.abs(expected).max())


@pytest.mark.parametrize(("name", "x"), CASES)
def test_numbers_arrays_and_compiled_code_agree(name, x):
    function, compiled = getattr(gmath, name), COMPILED[name]
    assert function(np.array([x, x]))[1] == pytest.approx(function(x), rel=1e-14)
    assert function(complex(x)).real == pytest.approx(function(x), rel=1e-13, abs=1e-15) or name in ("cbrt",)
    assert compiled(x) == pytest.approx(function(x), rel=1e-14)
    assert close(compiled(LINE.variable(0, x)), function(LINE.variable(0, x)), 1e-14)


@given(any_descriptor, st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_identities(d, seed):
    a, b = random_series(d, seed), random_series(d, seed + 1)
    positive, small = a * a + 0.5, 0.3 * b - 0.3 * b.value
    assert close(gmath.cbrt(positive) ** 3, positive, 1e-10)
    assert close(gmath.log1p(gmath.expm1(a)), a, 1e-10)
    assert close(gmath.sinh(gmath.asinh(a)), a, 1e-9)
    assert close(gmath.tanh(gmath.atanh(small)), small, 1e-10)
    assert close(gmath.cosh(gmath.acosh(2.0 + small)), 2.0 + small, 1e-8)
    assert close(gmath.erf(a) + gmath.erfc(a), d.constant(1.0), 1e-12)
    assert close(gmath.sinc(a) * a, gmath.sin(a), 1e-11)
    assert close(gmath.hypot(positive, b) ** 2, positive * positive + b * b, 1e-9)
    r, angle = gmath.hypot(positive, b), gmath.atan2(b, positive)
    assert close(r * gmath.cos(angle), positive, 1e-9) and close(r * gmath.sin(angle), b, 1e-9)
    assert close(positive**b, gmath.exp(b * gmath.log(positive)), 1e-12)
    assert close(2.0**b * 2.0**-b, d.constant(1.0), 1e-11)
    s, c = gmath.sincos(a)
    assert close(s, gmath.sin(a)) and close(c, gmath.cos(a))


@pytest.mark.parametrize(("y", "x"), [(1.0, 2.0), (1.0, -2.0), (-1.0, -0.1), (0.0, -1.0), (3.0, 0.0), (-3.0, 0.1)])
def test_angle_in_all_quadrants(y, x):
    d = Descriptor(2, 4)
    a, b = d.identity([y, x])
    angle = gmath.atan2(a, b)
    assert angle.value == math.atan2(y, x)
    r = gmath.hypot(a, b)
    assert close(r * gmath.sin(angle), a, 1e-12) and close(r * gmath.cos(angle), b, 1e-12)
    compiled = numba.njit(lambda a, b: (gmath.atan2(a, b), gmath.hypot(a, b), gmath.atan2(a, 2.0), gmath.hypot(1.0, b)))
    found = compiled(a, b)
    expected = angle, r, gmath.atan2(a, 2.0), gmath.hypot(1.0, b)
    assert all(close(f, e, 1e-14) for f, e in zip(found, expected, strict=True))


def test_powers_of_series_in_compiled_code():
    a, b = Descriptor(2, 4).identity([1.5, -0.4])
    found = numba.njit(lambda a, b: (a**b, 2.5**b, 2**b, gmath.pow(a, b), gmath.pow(a, 0.5)))(a, b)
    for f, e in zip(found, (a**b, 2.5**b, 2.0**b, a**b, gmath.sqrt(a)), strict=True):
        assert close(f, e, 1e-14)


@pytest.mark.parametrize(("name", "x"), [("acosh", 0.5), ("atanh", 2.0), ("log1p", -2.0)])
def test_outside_of_the_domain_is_nan(name, x):
    assert math.isnan(getattr(gmath, name)(x))
    assert math.isnan(getattr(gmath, name)(LINE.variable(0, x)).value)
    assert math.isnan(COMPILED[name](LINE.variable(0, x)).value)


def test_poles():
    assert gmath.inv(0.0) == math.inf and gmath.atanh(1.0) == math.inf and gmath.log1p(-1.0) == -math.inf
    assert math.isnan(((LINE.variable(0, -1.0)) ** LINE.variable(0, 0.5)).value)


@pytest.mark.parametrize("x", [7.9, 8.1, -500.0, 3e3])
def test_sinc_far_from_the_origin(x):
    expected = float(mpmath.sinc(x))
    for found in (gmath.sinc(x), COMPILED["sinc"](x), gmath.sinc(complex(x)).real, gmath.sinc(np.array([0.0, x]))[1]):
        assert found == pytest.approx(expected, rel=1e-13, abs=1e-16)
    assert close(COMPILED["sinc"](LINE.variable(0, x)), gmath.sinc(LINE.variable(0, x)), 1e-15)


def test_numpy_names():
    x = LINE.variable(0, 0.4)
    assert close(np.arcsinh(x), gmath.asinh(x)) and close(np.expm1(x), gmath.expm1(x))
    assert close(np.arctan2(x, 2.0), gmath.atan2(x, 2.0)) and close(np.hypot(3.0, x), gmath.hypot(3.0, x))
    assert close(np.cbrt(np.array([x]))[0], gmath.cbrt(x))


def test_jax_arrays():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        for name, points in POINTS.items():
            series = getattr(gmath, name)(LINE.variable(0, points[-1]))
            slope = jax.grad(getattr(gmath, name))(points[-1])
            assert float(slope) == pytest.approx(series.coefficients[1], rel=1e-10)


def test_other_arguments_are_refused():
    with pytest.raises(TypeError, match="erf takes a number"):
        gmath.erf("1")
    with pytest.raises(TypeError, match="atan2 takes a number"):
        gmath.atan2(1.0, "1")
