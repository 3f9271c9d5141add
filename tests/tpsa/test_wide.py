"""Wide numbers: every lane holds what the same text gives for single numbers."""

import os
import platform
import subprocess
import sys

import numpy as np
import pytest
from numba import njit

from tpsa import gmath
from tpsa.wide import WIDTH, load, store

OPERATIONS = {
    "sums": lambda a, b: (2.0 - (-a + 3)) - (b + 1) + (a - b),
    "products": lambda a, b: 2 * (a * b) * 0.5 - a * a,
    "quotients": lambda a, b: a / b + 1 / b + a / 7.0,
    "magnitude": lambda a, b: abs(a) - abs(b),
    "above": lambda a, b: gmath.where(a > b, a, b) + gmath.where(a >= 0.5, 1.0, b),
    "below": lambda a, b: gmath.where(a < b, a, 2.0) + gmath.where(a <= 0, a, b),
    "equal": lambda a, b: gmath.where(a == b, 1.0, a),
    "stumpff": lambda a, b: gmath.stumpff(0, a) + gmath.stumpff(1, b) * gmath.stumpff(2, -a) - gmath.stumpff(3, b),
    "functions": lambda a, b: gmath.sin(a) * gmath.cos(b) + gmath.tan(a) + gmath.atanc(b),
    "roots": lambda a, b: gmath.sqrt(a * a) + gmath.rsqrt(b * b),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_lane_is_a_number(name):
    function = njit(error_model="numpy")(OPERATIONS[name])

    @njit(error_model="numpy")
    def loop(a, b, single, wide):
        for i in range(a.size):
            single[i] = function(a[i], b[i])
        for i in range(0, a.size, WIDTH):
            store(wide.ctypes.data, i, function(load(a.ctypes.data, i), load(b.ctypes.data, i)))

    a, b = np.random.default_rng(1).normal(size=(2, 8 * WIDTH))
    b[::5] = a[::5]
    single, wide = np.zeros_like(a), np.zeros_like(a)
    loop(a, b, single, wide)
    assert np.isfinite(single).all() and np.unique(single).size > WIDTH
    assert np.allclose(wide, single, rtol=3e-15, atol=3e-15)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names a processor of x86-64")
def test_processors_without_the_widest_vectors():
    """The tests of vector functions, wide numbers and element maps, compiled for a processor with AVX2."""
    features = "+avx2,+fma,+sse4.2,+bmi,+bmi2,+f16c"
    files = ["tests/tpsa/test_vector_functions.py", "tests/tpsa/test_wide.py", "tests/tracking/test_every_map.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-k", "wide or lane or root or repeat", "-m", "not slow", *files],
        env=os.environ | {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": features},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:]
