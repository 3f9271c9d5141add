"""Every elementary function at random expansion points, also near branch points, poles and zeros, in many digits."""

import cmath
import math

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tpsa.test_complex_functions import EXACT as COMPLEX
from tests.tpsa.test_functions import stumpff_taylor
from tpsa import Descriptor, gmath

ORDER = 6
LINE = Descriptor(1, ORDER)
HALF_TURN = 0.5 * math.pi
REAL = {  # interval, points to come near to; sides that are not in the domain are left out
    "inv": (-50.0, 50.0, 0.0),
    "sqrt": (0.0, 50.0, 0.0),
    "rsqrt": (0.0, 50.0, 0.0),
    "cbrt": (-50.0, 50.0, 0.0),
    "exp": (-50.0, 50.0, 0.0),
    "expm1": (-50.0, 50.0, 0.0),
    "log": (0.0, 50.0, 0.0, 1.0),
    "log1p": (-1.0, 50.0, -1.0, 0.0),
    "sin": (-50.0, 50.0, 0.0, math.pi),
    "cos": (-50.0, 50.0, HALF_TURN, 0.0),
    "tan": (-8.0, 8.0, 0.0, HALF_TURN, -3.0 * HALF_TURN),
    "cot": (-8.0, 8.0, 0.0, math.pi, HALF_TURN),
    "sinc": (-30.0, 30.0, 0.0, math.pi),
    "sinh": (-20.0, 20.0, 0.0),
    "cosh": (-20.0, 20.0, 0.0),
    "tanh": (-20.0, 20.0, 0.0),
    "asin": (-1.0, 1.0, -1.0, 0.0, 1.0),
    "acos": (-1.0, 1.0, -1.0, 0.0, 1.0),
    "atan": (-50.0, 50.0, 0.0),
    "atanc": (-50.0, 50.0, 0.0),
    "asinh": (-50.0, 50.0, 0.0),
    "acosh": (1.0, 50.0, 1.0),
    "atanh": (-1.0, 1.0, -1.0, 0.0, 1.0),
    "erf": (-4.0, 4.0, 0.0),
    "erfc": (-4.0, 8.0, 0.0),
    "wofz": (-8.0, 8.0, 0.0),
}
BRANCHES = {  # branch points, poles and zeros in the complex plane
    "inv": (0,), "sqrt": (0,), "rsqrt": (0,), "cbrt": (0,), "exp": (0,), "expm1": (0, 2j * math.pi), "log": (0, 1),
    "log1p": (-1, 0), "sin": (0, math.pi), "cos": (HALF_TURN,), "tan": (0, HALF_TURN), "cot": (0, HALF_TURN),
    "sinc": (0, math.pi), "sinh": (0, 1j * math.pi), "cosh": (1j * HALF_TURN,), "tanh": (0, 1j * HALF_TURN),
    "asin": (-1, 0, 1), "acos": (-1, 0, 1), "atan": (-1j, 0, 1j), "asinh": (-1j, 0, 1j), "acosh": (-1, 0, 1),
    "atanh": (-1, 0, 1), "erf": (0,), "erfc": (0,), "wofz": (0, 1.99146684283 - 1.35481012808j),
}  # fmt: skip
REAL_EXACT = {
    **COMPLEX,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "atanc": lambda x: mpmath.atan(x) / x if x else mpmath.mpf(1),
    "sinc": lambda x: mpmath.sinc(x),
}
SLOW = ("erf", "erfc", "wofz")


def coefficients(function, x):
    """Taylor coefficients of a function about a number, in 40 digits."""
    with mpmath.workdps(40):
        return np.array([complex(c) for c in mpmath.taylor(function, mpmath.mpmathify(x), ORDER)])


def agree(found, expected, rate=None):
    """Whether each coefficient is right relative to itself or to the size that coefficients reach by this degree."""
    rate = np.abs(expected).max() ** (1.0 / ORDER) if rate is None else rate
    growth = rate ** np.arange(ORDER + 1.0)
    return np.all(np.abs(found - expected) <= 2e-12 * np.maximum(np.abs(expected), 1e-3 * growth))


distances = st.floats(-6.0, -0.3).map(lambda u: 10.0**u)


@st.composite
def real_points(draw, name):
    low, high, *special = REAL[name]
    if draw(st.booleans()):
        x = draw(st.floats(low, high))
    else:
        x = draw(st.sampled_from(special)) + draw(st.sampled_from([-1.0, 1.0])) * draw(distances)
    assume(low < x < high and min(abs(x - s) for s in special) > 1e-7)
    return x


@st.composite
def complex_points(draw, name):
    near = complex(draw(st.sampled_from(BRANCHES[name]))) + cmath.rect(draw(distances), draw(st.floats(-3.14, 3.14)))
    far = complex(draw(st.floats(-5.0, 5.0)), draw(st.floats(-5.0, 5.0)))
    z = near if draw(st.booleans()) else far
    assume(min(abs(z.real), abs(z.imag), *(abs(z - s) for s in BRANCHES[name])) > 1e-9)  # not on a cut
    return z


@pytest.mark.parametrize("name", REAL)
def test_functions_of_real_series(name):
    exact = REAL_EXACT.get(name) or getattr(mpmath, name)

    @given(real_points(name))
    @settings(max_examples=8 if name in SLOW else 20, deadline=None)
    def check(x):
        assert agree(getattr(gmath, name)(LINE.variable(0, x)).coefficients, coefficients(exact, x))

    check()


@pytest.mark.parametrize("name", BRANCHES)
def test_functions_of_complex_series(name):
    exact = COMPLEX.get(name) or getattr(mpmath, name)

    @given(complex_points(name))
    @settings(max_examples=8 if name in SLOW else 20, deadline=None)
    def check(z):
        assert agree(getattr(gmath, name)(LINE.variable(0) + z).coefficients, coefficients(exact, z))

    check()


@given(st.integers(0, 6), st.floats(-80.0, 80.0) | distances | st.sampled_from([math.pi**2, 4.0 * math.pi**2]))
@settings(max_examples=30, deadline=None)
def test_stumpff_functions(n, u):
    expected = np.array(stumpff_taylor(n, u, ORDER))
    found = gmath.stumpff(n, LINE.variable(0, u)).coefficients
    assert found == pytest.approx(expected, rel=1e-12, abs=3e-16 * max(1.0, abs(expected[0])))


@given(st.floats(-3.0, 3.0) | distances, st.floats(-3.0, 3.0) | distances, st.booleans())
@settings(max_examples=40, deadline=None)
def test_functions_of_two_series(first, second, turned):
    """Along a line through the plane, on which atan2 and hypot have a branch point at some distance."""
    x, y = (-first, second) if turned else (first, second)
    assume(min(abs(x), abs(y)) > 1e-9)
    t = LINE.variable(0)
    for name, exact in (("atan2", mpmath.atan2), ("hypot", mpmath.hypot)):
        found = getattr(gmath, name)(y + 1.3 * t, x - 0.7 * t).coefficients
        exactly = coefficients(lambda s, f=exact: f(y + mpmath.mpf(1.3) * s, x - mpmath.mpf(0.7) * s), 0.0)
        assert agree(found, exactly)
    base = max(abs(x), 1e-6)
    found = gmath.pow(base + t, y - 0.5 * t).coefficients
    expected = coefficients(lambda s: mpmath.power(base + s, y - mpmath.mpf(0.5) * s), 0.0)
    assert agree(found / expected[0], expected / expected[0], max(1.0 / base, 1.0))
