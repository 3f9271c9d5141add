"""Elementary functions of complex series against Taylor coefficients of many digits, in Python and in compiled code."""

import cmath
import math

import mpmath
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tpsa
from tests.tpsa.reference import DESCRIPTORS, close, random_series
from tpsa import ComplexTPS, Descriptor, DescriptorMismatchError, WorkspaceFullError, gmath

ORDER = 8
LINE = Descriptor(1, ORDER)
D = Descriptor(2, 4, 1, 2)
ANYWHERE = (0.3 - 0.2j, -1.7 + 0.4j, 2.5 + 3.1j, -0.8 - 2.2j)
CUTS = {  # points near branch points and on each side of the cuts
    "sqrt": (1e-3j, -2.0 + 1e-3j, -2.0 - 1e-3j),
    "rsqrt": (1e-3j, -2.0 + 1e-3j, -2.0 - 1e-3j),
    "cbrt": (1e-3j, -2.0 + 1e-3j, -2.0 - 1e-3j),
    "log": (1e-3j, -2.0 + 1e-3j, -2.0 - 1e-3j),
    "log1p": (1e-9 + 1e-9j, -1.0 + 1e-3j, -3.0 - 1e-3j),
    "asin": (1.0 + 1e-3j, 2.0 + 1e-3j, 2.0 - 1e-3j, -2.0 + 1e-3j, 0.0),
    "acos": (1.0 + 1e-3j, 2.0 + 1e-3j, 2.0 - 1e-3j, -2.0 - 1e-3j),
    "atan": (1e-3 + 1.0j, 1e-3 + 2.0j, -1e-3 + 2.0j, 1e-3 - 2.0j, 0.0),
    "asinh": (1e-3 + 1.0j, 1e-3 + 2.0j, -1e-3 + 2.0j, -1e-3 - 2.0j, 0.0),
    "acosh": (1.0 + 1e-3j, 0.5 + 1e-3j, 0.5 - 1e-3j, -2.0 + 1e-3j, -2.0 - 1e-3j),
    "atanh": (1.0 + 1e-3j, 2.0 + 1e-3j, 2.0 - 1e-3j, -2.0 + 1e-3j, 0.0),
}
NEAR_POLES_AND_ZEROS = {
    "inv": (1e-3 - 1e-3j,),
    "exp": (0.0, -30.0 + 5.0j),
    "expm1": (1e-9j, 0.0),
    "sin": (1e-9j, 20.0 - 1.0j),
    "cos": (0.5 * math.pi + 1e-3j,),
    "sinh": (1e-9j, 3.0 + 20.0j),
    "cosh": (0.5j * math.pi + 1e-3,),
    "tan": (0.5 * math.pi + 1e-2j, 1.0 + 20.0j, 1.0 - 20.0j, 1e-9),
    "cot": (1e-2j, 1.0 + 20.0j, 1.0 - 20.0j, 0.5 * math.pi),
    "tanh": (0.5j * math.pi + 1e-2, 20.0 + 1.0j, -20.0 + 1.0j, 1e-9j),
    "sinc": (0.0, 1e-6j),
    "erf": (1e-9j, 3.0 + 1.0j, 1.45 + 1.88j),
    "erfc": (6.0 + 1.0j, -3.0 + 1.0j),
    "wofz": (0.0, 5.0j, 1e-6, 8.0 + 1e-3j, 1.0 - 2.0j, 20.0 + 1.0j, -1.9),
}
POINTS = CUTS | NEAR_POLES_AND_ZEROS
CASES = [(name, complex(z)) for name, points in POINTS.items() for z in (*points, *ANYWHERE)]
EXACT = {
    "inv": lambda z: 1 / z,
    "rsqrt": lambda z: 1 / mpmath.sqrt(z),
    "cbrt": lambda z: mpmath.exp(mpmath.log(z) / 3),
    "log1p": lambda z: mpmath.log(1 + z),
    "wofz": lambda z: mpmath.exp(-z * z) * mpmath.erfc(-1j * z),
}


def taylor(function, z):
    """Taylor coefficients of an analytic function about z in 50 digits."""
    with mpmath.workdps(50):
        return np.array([complex(c) for c in mpmath.taylor(function, mpmath.mpc(z), ORDER)])


@pytest.mark.parametrize(("name", "z"), CASES)
def test_taylor_coefficients_in_one_variable(name, z):
    found = getattr(gmath, name)(LINE.variable(0) + z).coefficients
    expected = taylor(EXACT.get(name) or getattr(mpmath, name), z)
    assert found[0] == pytest.approx(expected[0], rel=3e-15, abs=1e-15)
    assert np.abs(found - expected).max() <= 2e-13 * np.abs(expected).max()
    growth = np.abs(expected).max() ** (np.arange(ORDER + 1) / ORDER)  # of the size that coefficients reach by then
    assert np.all(np.abs(found - expected) <= 2e-12 * np.maximum(np.abs(expected), 1e-3 * growth))


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize("u", [0j, 1e-7j, 0.5 - 1j, 9.9j, -30 + 1j, 70 + 5j, 8.1 + 0j])
def test_stumpff(n, u):
    with mpmath.workdps(60):
        terms = [(-1) ** j / mpmath.factorial(2 * j + n) for j in range(220)]
        exact = [
            complex(sum(mpmath.binomial(j, k) * t * mpmath.mpc(u) ** (j - k) for j, t in enumerate(terms) if j >= k))
            for k in range(ORDER + 1)
        ]
    found = gmath.stumpff(n, LINE.variable(0) + u).coefficients
    assert found == pytest.approx(np.array(exact), rel=1e-12, abs=1e-15 * abs(exact[0]))
    assert gmath.stumpff(n, u) == pytest.approx(exact[0], rel=1e-13)


@pytest.mark.parametrize("name", CUTS)
def test_signed_zeros_choose_the_side_of_a_cut(name):
    points = {"log1p": -3.0, "atan": 2.0j, "asinh": 2.0j, "acosh": -2.0, "atanh": 2.0, "asin": 2.0, "acos": 2.0}
    z = complex(points.get(name, -2.0))
    sides = [complex(z.real, zero) if z.imag == 0.0 else complex(zero, z.imag) for zero in (0.0, -0.0)]
    found = [getattr(gmath, name)(ComplexTPS(LINE, np.eye(1, LINE.size)[0] * 0.0 + 0j).with_value(s)) for s in sides]
    reference = getattr(cmath, name, None)
    if reference is not None:
        assert [f.value for f in found] == pytest.approx([reference(s) for s in sides], rel=1e-15)
    assert abs(found[0].value - found[1].value) > 0.1


@pytest.mark.parametrize("name", [n for n in CUTS if n not in ("rsqrt", "cbrt")])
def test_inverse_functions_undo_their_functions_on_both_sides(name):
    undo = {"sqrt": lambda w: w * w, "log": gmath.exp, "log1p": gmath.expm1}.get(name) or getattr(gmath, name[1:])
    for z in (*CUTS[name], *ANYWHERE):
        series = LINE.variable(0) + complex(z)
        result = getattr(gmath, name)(series)
        assert np.abs((undo(result) - series).coefficients).max() < 1e-10 * np.abs(result.coefficients).max()


@given(st.sampled_from(DESCRIPTORS), st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_identities(d, seed):
    a = random_series(d, seed) + 1j * random_series(d, seed + 1)
    far = a - a.value + cmath.rect(2.0, seed)
    one = d.constant(1.0) + 0j
    assert close(gmath.sin(a) ** 2 + gmath.cos(a) ** 2, one, 1e-10)
    assert close(gmath.cosh(a) + gmath.sinh(a), gmath.exp(a), 1e-12)
    assert close(gmath.tan(a) * gmath.cos(a), gmath.sin(a), 1e-8)
    assert close(gmath.exp(gmath.log(far)), far, 1e-11)
    assert close(gmath.sqrt(far) * gmath.rsqrt(far), one, 1e-10) and close(gmath.cbrt(far) ** 3, far, 1e-10)
    assert close(far ** (0.3 + 0.7j) * far ** (0.7 - 0.7j), far, 1e-9)
    assert close(far**a, gmath.exp(a * gmath.log(far)), 1e-9) and close((1 + 2j) ** a * (1 + 2j) ** -a, one, 1e-9)
    assert close(gmath.erf(a) + gmath.erfc(a), one, 1e-10)
    assert close(gmath.wofz(a), gmath.exp(-a * a) * gmath.erfc(-1j * a), 1e-9)
    assert close(gmath.sinc(a) * a, gmath.sin(a), 1e-10)


def test_real_series_stay_real_but_for_wofz():
    x = random_series(D, 3) * 0.3 + 0.5
    for name in (n for n in POINTS if n not in ("acosh", "wofz")):
        real, of_complex = getattr(gmath, name)(x), getattr(gmath, name)(x + 0j)
        assert isinstance(real, tpsa.TPS) and close(of_complex, real, 1e-10)
    assert isinstance(gmath.wofz(x), ComplexTPS) and close(gmath.wofz(x).real, gmath.exp(-x * x), 1e-12)
    assert math.isnan(gmath.log(-x).value) and gmath.log(-x + 0j).value.imag == pytest.approx(math.pi)


def operators(z, x, c, r):
    """All operators, with series and numbers of either side."""
    a, b = z + x, z - c
    a += 1j
    b *= z
    sums = a + r - x * c + c * x - (1j - x) + (r - z) - (z - r) + (+z) - (-z) + (x - z) + (c + z) + (x + c)
    quotients = r / (2.0 + z) + (2.0 + z) / r + c / (3.0 + x) + (x + 1.0) / c + x / (2.0 + z) + z / (3.0 + x) + z / c
    p = 2.0 + x * 0.1 + 0.1 * z
    powers = p**3 + p**-2 + p**0 + p**0.5 + p**c + p**x + x**p + 2.0**z + (2.0 + x) ** c + c**z + r**z + c**x
    return a, b, sums, quotients, powers


def parts(z, x, c, r):
    """Parts, comparisons, choices and calculus."""
    flags = z == c, z != x, x == z, z == z
    series = abs(3.0 + z), gmath.arg(3.0 + z), z.real, z.imag, gmath.real(x), gmath.imag(x), gmath.arg(3.0 + x)
    turned = z.conjugate(), gmath.conj(z), np.conj(z), gmath.conj(x), gmath.where(r, z, c), gmath.where(r, c, x)
    slopes = tpsa.derivative(z, 0), tpsa.integral(z, 0), gmath.pow(2.0 + z, c), gmath.stumpff(2, z), gmath.sincos(z)[1]
    return flags, series, turned, slopes, gmath.value(z), tpsa.gradient(z)


compiled_operators, compiled_parts = numba.njit(operators), numba.njit(parts)


@pytest.mark.parametrize("d", [D, Descriptor(1, 7), Descriptor(6, 2)], ids=repr)
def test_compiled_code_gives_what_python_gives(d):
    x, z, c = random_series(d, 1), random_series(d, 2) + 1j * random_series(d, 3), 0.7 - 0.4j
    for found, expected in zip(compiled_operators(z, x, c, 1.5), operators(z, x, c, 1.5), strict=True):
        assert isinstance(found, ComplexTPS) and close(found, expected, 1e-12)
    found, expected = compiled_parts(z, x, c, True), parts(z, x, c, True)
    assert found[0] == expected[0] == (False, True, False, True)
    for group in (1, 2, 3):
        for f, e in zip(found[group], expected[group], strict=True):
            assert close(f, e + 0.0 * f, 1e-13) and type(f) is type(e + 0.0 * f)
    assert found[4] == expected[4] and found[5] == pytest.approx(expected[5])


def _compiled(name):
    function = getattr(gmath, name)
    return numba.njit(lambda z: function(z))


@pytest.mark.parametrize("name", POINTS)
def test_compiled_functions_give_what_python_gives(name):
    compiled, function = _compiled(name), getattr(gmath, name)
    for z in (*POINTS[name], *ANYWHERE):
        series = D.variable(0) * (1.0 - 2.0j) + D.parameter(0) * D.variable(1) + complex(z)
        assert compiled(complex(z)) == pytest.approx(function(complex(z)), rel=1e-13, abs=1e-16)
        assert close(compiled(series), function(series), 1e-12)


def test_functions_of_cmath_and_numpy_in_compiled_code():
    z = random_series(D, 5) + 1j * random_series(D, 6)
    found = numba.njit(lambda z: cmath.exp(z) + np.sin(z) + cmath.atanh(z) + np.arctan(z))(z)
    assert close(found, gmath.exp(z) + gmath.sin(z) + gmath.atanh(z) + gmath.atan(z), 1e-12)
    assert close(numba.njit(lambda x: gmath.wofz(x))(z.real), gmath.wofz(z.real), 1e-13)


@numba.njit
def geometric(a, n, free):
    total = a * 0.0 + 1.0
    since = tpsa.mark(a)
    for _ in range(n):
        total = total * a + 1.0
        if free:
            tpsa.release(a, since, (total, a.real))
    return total


def test_long_loops_release_temporaries():
    a = (D.variable(0) + 1j) * 0.2
    assert close(geometric(a, 400, True), 1.0 / (1.0 - a), 1e-13)
    with pytest.raises(WorkspaceFullError):
        geometric(a, 400, False)
    assert close(geometric(a, 3, False), 1.0 + a + a * a + a**3, 1e-14)


def test_different_descriptors_are_refused_in_compiled_code():
    multiply, other = numba.njit(lambda a, b: a * b), Descriptor(2, 3).variable(0)
    for b in (other, other + 1j):
        with pytest.raises(DescriptorMismatchError):
            multiply(D.variable(0) + 1j, b)


def test_division_by_zero_in_compiled_code_is_nan():
    z = D.variable(0) * (1.0 + 1.0j)
    for function in (lambda z: 1.0 / z, lambda z: z**-1, lambda z: gmath.log(z), lambda z: gmath.inv(z)):
        assert not np.isfinite(numba.njit(function)(z).coefficients).all()
    assert cmath.isnan(numba.njit(lambda z: gmath.inv(z))(0j)) and cmath.isnan(gmath.inv(0j))


@pytest.mark.parametrize(("name", "z"), [("log", 0j), ("atanh", 1 + 0j), ("exp", 1e4 + 1j), ("cot", 0j), ("inv", 0j)])
def test_complex_numbers_out_of_range_give_nan(name, z):
    assert cmath.isnan(getattr(gmath, name)(z))
