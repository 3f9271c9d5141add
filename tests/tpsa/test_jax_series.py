"""The JAX twin: the numbers of `TPS`, under jit, vmap and derivatives of both modes."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import close, random_series
from tpsa import TPS, Descriptor, DescriptorMismatchError, gmath
from tpsa.jax import Series

jax.config.update("jax_enable_x64", True)

PLAIN, MIXED, LIMITED = Descriptor(2, 3), Descriptor(1, 3, 1, 1), Descriptor(2, 4, 2, 2, max_orders=(4, 3, 1, 2))
LANES = 3
UNARY = (
    "inv", "sqrt", "rsqrt", "cbrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "cot", "sinc", "sinh", "cosh",
    "tanh", "asin", "acos", "atan", "asinh", "atanh", "erf", "erfc", "atanc",
)  # fmt: skip


def operators(x, y):
    """Every operator, with series and numbers on both sides."""
    return [
        x + y, x - y, x * y, x / y, x + 2.0, 2.0 - x, 3.0 * x, x / 4.0, 2.0 / x, -x, abs(y - 0.5), x**3, x**0, x**-2,
        x**0.3, x**y, 2.0**y, x.derivative(0), x.derivative(1), x.integral(0),
    ]  # fmt: skip


def functions(x, y):
    """Every function of the twin that is no operator."""
    two = [gmath.atan2(y - 0.5, x), gmath.hypot(x, y), gmath.pow(x, y), gmath.acosh(x + 1.5)]
    stumpff = [gmath.stumpff(n, 4.0 * (y - 0.5)) for n in range(3)]
    return [getattr(gmath, name)(x) for name in UNARY] + two + stumpff + list(gmath.sincos(x))


def recursions(x, y):
    """A function of every recursion."""
    return [gmath.inv(x), x**0.3, gmath.exp(x), gmath.log(y), gmath.sin(x), gmath.cosh(y), gmath.atan(x)]


def lanes(descriptor, seed):
    """(size, LANES) coefficients of series with constant parts from 0.2 to 0.8."""
    rng = np.random.default_rng(seed)
    coefficients = rng.uniform(-0.3, 0.3, (descriptor.size, LANES))
    coefficients[0] = rng.uniform(0.2, 0.8, LANES)
    return coefficients


@pytest.mark.parametrize(("function", "descriptor"), [(operators, MIXED), (functions, MIXED), (recursions, LIMITED)])
def test_the_numbers_of_compiled_series(function, descriptor):
    a, b = lanes(descriptor, 1), lanes(descriptor, 2)
    found = jax.jit(function)(Series(descriptor, a), Series(descriptor, b))
    for lane in range(LANES):
        expected = function(TPS(descriptor, a[:, lane]), TPS(descriptor, b[:, lane]))
        for x, y in zip(found, expected, strict=True):
            assert close(np.asarray(x.coefficients)[:, lane], y.coefficients)


multiply = jax.jit(lambda x, y: x * y)


@settings(deadline=None, max_examples=20)
@given(st.sampled_from([PLAIN, MIXED, LIMITED, Descriptor(6, 2)]), st.integers(0, 2**32 - 1))
def test_products(descriptor, seed):
    a, b = (random_series(descriptor, seed + k, sparse=True) for k in range(2))
    product = multiply(*(Series(descriptor, s.coefficients) for s in (a, b)))
    assert close(np.asarray(product.coefficients), (a * b).coefficients)


def test_series_arrays_and_compiled_series_mix():
    a, t = lanes(PLAIN, 1), PLAIN.variable(1, 0.4)
    x, k = Series(PLAIN, a), np.array([1.0, 2.0, 3.0])
    cases = (
        (k * x, lambda s, n: n * s), (x - k, lambda s, n: s - n), (k / x, lambda s, n: n / s),
        (t * x, lambda s, n: t * s), (x / t, lambda s, n: s / t), (t - x, lambda s, n: t - s),
    )  # fmt: skip
    for found, lane in cases:
        for i in range(LANES):
            expected = lane(TPS(PLAIN, a[:, i]), float(k[i]))
            assert close(np.asarray(found.coefficients)[:, i], expected.coefficients)
    one = Series.variable(PLAIN, 0, 0.3)
    assert (one * jnp.asarray(k)).coefficients.shape == (PLAIN.size, LANES)
    assert (one * x).coefficients.shape == (PLAIN.size, LANES)
    assert (x == x.value).all() and not (x != x).any()
    assert gmath.where(x < 0.5, 1.0, x).value.tolist() == [1.0 if v < 0.5 else v for v in a[0]]
    point = [0.1, -0.2]
    assert np.allclose(x.evaluate(point), [TPS(PLAIN, c).evaluate(point) for c in a.T], rtol=1e-14)


def coefficients(k):
    """Coefficients of a program in which every rule of differentiation takes part, about 0.3 + k."""
    x, y = Series.variable(PLAIN, 0, 0.3 + k), Series.variable(PLAIN, 1, k * k)
    f = gmath.sin(k * x) * gmath.rsqrt(1.0 + y) + gmath.exp(-x) * gmath.log(2.0 + y) / (1.0 + x * y)
    return (f + gmath.stumpff(1, k * x) * gmath.atanc(x) + gmath.cosh(x)).coefficients


with_parameter = Descriptor(2, 4, 1, 1)


def test_derivatives_of_both_modes_are_those_of_a_parameter():
    k = with_parameter.parameter(0, 0.7)
    x, y = with_parameter.variable(0) + 0.3 + k, with_parameter.variable(1) + k * k
    f = gmath.sin(k * x) * gmath.rsqrt(1.0 + y) + gmath.exp(-x) * gmath.log(2.0 + y) / (1.0 + x * y)
    f = f + gmath.stumpff(1, k * x) * gmath.atanc(x) + gmath.cosh(x)
    expected = [f[(*exponents, 1)] for exponents in PLAIN.exponents.tolist()]
    for mode in (jax.jacfwd, jax.jacrev):
        assert close(np.asarray(jax.jit(mode(coefficients))(0.7)), np.array(expected))


def test_second_derivative():
    def one(k):
        x = Series.variable(PLAIN, 0, k)
        return (gmath.sqrt(x) * gmath.sin(x)).coefficients[3]

    first = jax.jit(jax.grad(one))
    difference = (first(0.7 + 1e-5) - first(0.7 - 1e-5)) / 2e-5
    assert abs(jax.jit(jax.grad(jax.grad(one)))(0.7) - difference) < 1e-8


def test_vmap_and_explicit_lanes_agree():
    def short(k):
        return (gmath.exp(k * Series.variable(PLAIN, 0, 0.3)) * Series.variable(PLAIN, 1, k)).coefficients

    values = jnp.array([0.1, 0.4, 0.7])
    assert close(np.asarray(jax.jit(short)(values)).T, np.asarray(jax.jit(jax.vmap(short))(values)))
    each = jax.jit(jax.vmap(jax.grad(lambda k: short(k).sum())))(values)
    assert np.allclose(each, jax.jit(jax.grad(lambda k: short(k).sum()))(values), rtol=1e-13)


def test_errors():
    x = Series.variable(PLAIN, 0)
    with pytest.raises(ValueError, match=r"shape \(10, \.\.\.\)"):
        Series(PLAIN, np.zeros(3))
    with pytest.raises(TypeError, match="takes real series"):
        Series(PLAIN, np.full(PLAIN.size, 1j))
    with pytest.raises(DescriptorMismatchError):
        x + Series.variable(MIXED, 0)
    with pytest.raises(ValueError, match="no variable"):
        Series.variable(PLAIN, "nothing")
    with pytest.raises(ValueError, match="point must be 2"):
        x.evaluate([1.0])
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(x)
    with pytest.raises(TypeError):
        x + "1"


def test_numbers_of_32_bits_are_refused():
    code = (
        "import numpy as np; from tpsa import Descriptor, PrecisionError; from tpsa.jax import Series\n"
        "try: Series(Descriptor(2, 2), np.zeros(6))\n"
        "except PrecisionError as error: print('jax_enable_x64' in str(error))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
