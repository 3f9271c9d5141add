"""Branch-free functions of compiled floats: right to about one unit in the last place, nan where there is no value."""

import math

import mpmath
import numpy as np
import pytest
from numba import njit

from tpsa import vector_functions
from tpsa.wide import AVX512, WIDTH, load, store

ANGLES = np.concatenate([np.linspace(-30, 30, 1501), np.pi / 2 * np.arange(-1e5, 1e5, 997), [1e-300, 5e5, -9.9e5]])
ARGUMENTS = {
    "sin": ANGLES,
    "cos": ANGLES,
    "tan": ANGLES,
    "rsqrt": np.concatenate([10 ** np.linspace(-36, 37, 800), np.linspace(0.9, 1.1, 300)]),
    "atanc": np.concatenate([np.linspace(-4, 4, 1501), 10 ** np.linspace(-12, 12, 200)]),
}
UNITS = {"sin": 1.5, "cos": 1.5, "tan": 3.0, "rsqrt": 1.0, "atanc": 2.5}
POSITIVE = np.concatenate([10 ** np.linspace(-307, 308, 800), np.linspace(0.5, 4.0, 900), [2e-308, 1.7e308]])
OF_WIDE = ARGUMENTS | {"wide_rsqrt": POSITIVE if AVX512 else ARGUMENTS["rsqrt"], "wide_sqrt": POSITIVE}
UNITS |= {"wide_rsqrt": 1.0, "wide_sqrt": 1.0}


def over(name, x):
    """A function over an array, compiled as the row functions are."""
    function = getattr(vector_functions, name)

    @njit(error_model="numpy", fastmath={"contract", "nsz"})
    def loop(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    out = np.empty_like(x)
    loop(x, out)
    return out


def over_wide(name, x):
    """The same on wide numbers."""
    function = getattr(vector_functions, name)

    @njit(error_model="numpy", fastmath={"contract", "nsz"})
    def loop(x, out):
        for i in range(0, x.size, WIDTH):
            store(out.ctypes.data, i, function(load(x.ctypes.data, i)))

    padded = np.resize(x, -(-x.size // WIDTH) * WIDTH)
    out = np.empty_like(padded)
    loop(padded, out)
    return out[: x.size]


def exact(name, x):
    name = name.removeprefix("wide_")
    if name == "rsqrt":
        return 1 / mpmath.sqrt(x)
    if name == "atanc":
        return mpmath.atan(x) / x if x else mpmath.mpf(1)
    return getattr(mpmath, name)(x)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_accuracy(name):
    check(name, ARGUMENTS[name], over)


@pytest.mark.parametrize("name", OF_WIDE)
def test_accuracy_of_wide_numbers(name):
    check(name, OF_WIDE[name], over_wide)


def check(name, x, over):
    with mpmath.workdps(40):
        for argument, found in zip(x.tolist(), over(name, x).tolist(), strict=True):
            expected = exact(name, mpmath.mpf(argument))
            assert abs(found - expected) <= UNITS[name] * math.ulp(float(expected)), argument


@pytest.mark.parametrize(("name", "over"), [*((n, over) for n in ARGUMENTS), *((n, over_wide) for n in OF_WIDE)])
def test_arguments_without_a_value(name, over):
    infinity = {"rsqrt": 0.0, "wide_rsqrt": 0.0, "atanc": 0.0}.get(name, math.nan)
    found = over(name, np.array([math.nan, math.inf]))
    assert np.array_equal(found[:1], [math.nan], equal_nan=True)
    assert np.array_equal(found[1:], [infinity], equal_nan=True) or (name, found[1]) == ("wide_sqrt", math.inf)


@pytest.mark.parametrize(("name", "over"), [("rsqrt", over), ("rsqrt", over_wide), ("wide_rsqrt", over_wide)])
def test_reciprocal_root_of_nothing_and_less(name, over):
    assert np.array_equal(over(name, np.array([0.0, -1e-30, -1.0])), [math.inf, math.nan, math.nan], equal_nan=True)


def test_wide_root_of_nothing_and_less():
    found = over_wide("wide_sqrt", np.array([0.0, -1e-30, -1.0, -1e300]))
    assert np.array_equal(found, [0.0, math.nan, math.nan, math.nan], equal_nan=True)


@pytest.mark.parametrize("over", [over, over_wide])
def test_reciprocal_root_beyond_32_bits_is_no_number(over):
    found = over("rsqrt", np.array([1e39, 1e300, 1e-46, 1e-300, -1e-300]))
    assert np.isnan(found).all()
    assert np.isfinite(over("rsqrt", np.array([1.5e-37, 3e38]))).all()
