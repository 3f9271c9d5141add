"""Series in compiled code: the same results as in Python, lifetime of temporaries, errors."""

import math
import operator
import threading

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tpsa
from tests.tpsa.reference import any_descriptor, close, random_series
from tpsa import Descriptor, DescriptorMismatchError, Workspace, WorkspaceFullError, gmath

D = Descriptor(2, 4, 1, 2)


def arithmetic(a, b, x):
    """All operators, with numbers of either side, and reused operands."""
    c = (2 * a - b) * (x + b) - (a - 3) * (1.5 - a) / (4.0 + b * b)
    d = -c * c + (+a) * a - (a + x) * (a - x) + a * 0.5 / x - 1 / (3.0 + a * a)
    return c, d, a**3 + b**0 + (2.5 + a * a) ** -2 + (2.5 + a * a) ** 0.75, abs(-7.0 - a * a)


def functions(a, b, x):
    """All functions of gmath."""
    p = 1.5 + a * a
    one = gmath.sqrt(p) + gmath.rsqrt(p) + gmath.exp(a) + gmath.log(p) + gmath.sin(b) + gmath.cos(b)
    two = gmath.tan(0.1 * b) + gmath.tanh(a + x) + gmath.asin(0.1 * a) + gmath.acos(0.1 * b) + gmath.atan(a)
    two = two + gmath.sinh(a) + gmath.cosh(b)
    three = gmath.stumpff(0, a) + gmath.stumpff(1, b) + gmath.stumpff(2, a - 9.0) + gmath.stumpff(3, 50.0 * p)
    four = gmath.where(gmath.value(a) < x, a * b, b) + gmath.where(x < 0.0, a, 2.0) + gmath.atanc(a)
    return one, two, three, four


compiled_arithmetic, compiled_functions = numba.njit(arithmetic), numba.njit(functions)


@given(any_descriptor, st.integers(0, 2**32 - 1), st.integers(0, 9), st.integers(0, 9), st.booleans())
@settings(max_examples=60, deadline=None)
def test_compiled_code_gives_what_python_gives(d, seed, high_a, high_b, sparse):
    a = random_series(d, seed, 0, min(high_a, d.order), sparse)
    b = random_series(d, seed + 1, 0, min(high_b, d.order), sparse)
    for compiled, plain in ((compiled_arithmetic, arithmetic), (compiled_functions, functions)):
        for found, expected in zip(compiled(a, b, 0.75), plain(a, b, 0.75), strict=True):
            assert close(found, expected, 1e-13)


both = numba.njit(lambda a: gmath.sincos(1.5 - 2.0 * a))


@given(any_descriptor, st.integers(0, 2**32 - 1), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_sine_and_cosine_together(d, seed, high):
    a = random_series(d, seed, 0, min(high, d.order))
    expected = gmath.sin(1.5 - 2.0 * a), gmath.cos(1.5 - 2.0 * a)
    for pair in (both(a), gmath.sincos(1.5 - 2.0 * a)):
        assert close(pair[0], expected[0], 1e-15) and close(pair[1], expected[1], 1e-15)


@pytest.mark.parametrize("x", [-0.4, 0.75])
def test_compiled_floats_give_what_python_gives(x):
    assert compiled_functions(0.3, -0.2, x) == pytest.approx(functions(0.3, -0.2, x), rel=1e-14)


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])
def test_comparisons_look_at_the_constant_part(compare):
    compiled = numba.njit(lambda a, b: (compare(a, b), compare(a, 0.25), compare(0.25, b)))
    for a, b in ((0.25, 0.5), (0.5, 0.25), (0.25, 0.25)):
        expected = (compare(a, b), compare(a, 0.25), compare(0.25, b))
        assert compiled(D.variable(0, a), D.variable(1, b)) == expected
        assert (compare(D.variable(0, a), D.variable(1, b)), *expected[1:]) == expected


def test_functions_of_math_and_numpy_work_on_series():
    a = random_series(D, 3) * 0.1 + 0.5
    found = numba.njit(lambda a: math.sin(a) + np.exp(a) + math.sqrt(a) + np.log(a))(a)
    assert close(found, gmath.sin(a) + gmath.exp(a) + gmath.sqrt(a) + gmath.log(a))


def test_arguments_and_results_mix_series_numbers_arrays_and_tuples():
    @numba.njit
    def mixed(pair, weights, n):
        total = pair[0] * weights[0]
        for i in range(1, n):
            total = total + pair[1] * weights[i]
        return total, (pair[0], weights[1]), n

    a, b = random_series(D, 1), random_series(D, 2)
    total, (same, weight), n = mixed((a, b), np.array([1.0, 2.0, 3.0]), 3)
    assert close(total, a + 5.0 * b) and close(same, a) and (weight, n) == (2.0, 3)


def test_lists_and_loops_over_several_series():
    @numba.njit
    def sums(x, y, given):
        several = [x, y]
        several.append(x * y)
        total = x * 0.0
        for a in several:
            total = total + a * a
        for a in given:
            total = 0.5 * total + a
        return total

    a, b = random_series(D, 1), random_series(D, 2)
    expected = 0.25 * (a * a + b * b + a * b * a * b) + 0.5 * a + b
    assert close(sums(a, b, (a, b)), expected, 1e-14)
    for several in ([a, b], [a + 1j * b]):
        with pytest.raises(TypeError, match="in a tuple"):
            sums(a, b, several)
    assert numba.njit(lambda numbers: numbers[0] + 1)([2, 3]) == 3


def test_a_result_may_be_an_argument_or_a_constant_times_it():
    a = random_series(D, 1)
    same, shifted, swapped = numba.njit(lambda a, b: (a, 2.0 - a, b))(a, a + 1.0)
    assert close(same, a) and close(shifted, 2.0 - a) and close(swapped, a + 1.0)


@numba.njit
def geometric(a, n):
    total = a * 0.0 + 1.0
    for _ in range(n):
        total = total * a + 1.0
    return total


@numba.njit
def geometric_released(a, n):
    total = a * 0.0 + 1.0
    since = tpsa.mark(a)
    for _ in range(n):
        total *= a
        total += 1.0
        tpsa.release(a, since, (total,))
    return total


def test_long_loops_overflow_with_an_error_unless_temporaries_are_released():
    a = random_series(D, 4) * 0.2
    with pytest.raises(WorkspaceFullError, match="release"):
        geometric(a, 1000)
    assert close(geometric_released(a, 1000), 1.0 / (1.0 - a), 1e-12)
    assert close(geometric(a, 20), geometric_released(a, 20))


def test_error_can_be_caught_in_compiled_code_and_leaves_no_trace():
    @numba.njit
    def guarded(a):
        try:
            return geometric(a, 1000), False
        except Exception:
            return a, True

    a = D.variable(0, 0.1)
    assert guarded(a)[1]
    assert close(geometric(a, 3), 1.0 + a + a * a + a * a * a)


def test_series_of_different_descriptors_are_refused_in_compiled_code():
    multiply = numba.njit(lambda a, b: a * b)
    with pytest.raises(DescriptorMismatchError, match="different"):
        multiply(D.variable(0), Descriptor(2, 3).variable(0))
    with pytest.raises(DescriptorMismatchError, match="different"):
        numba.njit(lambda a, b: a - b)(D.variable(0), Descriptor(2, 3).variable(0))
    assert close(multiply(D.variable(0), D.variable(1)), D.variable(0) * D.variable(1))


def test_tall_descriptors_with_wide_index_tables():
    d = Descriptor(60, 3)
    assert d.tables.targets.dtype == np.uint16
    wide = Descriptor(75, 3)
    assert wide.size > 2**16 and wide.tables.targets.dtype == np.uint32
    x = wide.identity()
    f = (1.0 + x[0] + x[70]) * (2.0 + x[74]) * (x[1] - 1.0)
    expected = {(0,): -2.0, (74,): -1.0, (0, 70): 0.0, (0, 1): 2.0, (70, 74): -1.0, (0, 1, 74): 1.0}
    for variables, coefficient in expected.items():
        exponents = np.bincount(variables, minlength=75)
        assert f[exponents] == coefficient
    assert close(gmath.exp(gmath.log(2.0 + x[3] + x[74])), 2.0 + x[3] + x[74])


def test_threads_have_workspaces_of_their_own():
    results = {}

    def work(k):
        a = D.variable(0, 0.01 * k)
        results[k] = [geometric_released(a, 50).coefficients for _ in range(20)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, found in results.items():
        expected = geometric_released(D.variable(0, 0.01 * k), 50).coefficients
        assert all(np.array_equal(f, expected) for f in found)


def test_results_repeat_bit_by_bit():
    a, b = random_series(Descriptor(6, 4), 1), random_series(Descriptor(6, 4), 2)
    first = compiled_functions(a, b, 0.75)
    for again in (compiled_functions(a, b, 0.75) for _ in range(5)):
        assert all(np.array_equal(f.coefficients, g.coefficients) for f, g in zip(first, again, strict=True))


@numba.njit
def settle_in_loop(context, n):
    for _ in range(n):
        x, y = tpsa.get(context, 0), tpsa.get(context, 1)
        k = tpsa.slot_row(context, 2, 1)[0]
        tpsa.settle(context, (y * 1.0 + k * x, x))


@numba.njit
def settle_odd(context, which):
    x, y = tpsa.get(context, 0), tpsa.get(context, 1)
    if which == 0:
        tpsa.settle(context, (y, x))
    elif which == 1:
        tpsa.settle(context, (x, x))
    elif which == 2:
        tpsa.settle(context, (-y, 1.0 + y))
    elif which == 3:
        tpsa.settle(context, (tpsa.get(context, 2), y))
    elif which == 4:
        tpsa.settle(context, (0.5, x * y))
    else:
        z = x * y
        tpsa.settle(context, (z, z))


ODD = [
    lambda x, y, k: (y, x),
    lambda x, y, k: (x, x),
    lambda x, y, k: (-y, 1.0 + y),
    lambda x, y, k: (k, y),
    lambda x, y, k: (0.5 + 0.0 * x, x * y),
    lambda x, y, k: (x * y, x * y),
]


@pytest.mark.parametrize("which", range(6))
def test_settle_renames_copies_and_keeps_persistent_slots(which):
    workspace = Workspace(D, 12)
    workspace.reserve(3)
    x, y, k = (random_series(D, i) for i in range(3))
    for slot, series in enumerate((x, y, k)):
        workspace.load(slot, series.coefficients)
    for _ in range(20):
        settle_odd(workspace.address, which)
        x, y = ODD[which](x, y, k)
        assert all(close(workspace.read(s), v, 1e-12) for s, v in enumerate((x, y, k)))
        if abs(y.value) > 1e3:
            break


def test_drivers_settle_for_ever_in_a_small_workspace():
    workspace = Workspace(D, 8)
    workspace.reserve(3)
    x, y, k = D.variable(0, 0.1), D.variable(1, 0.2), 0.1 * D.parameter(0, 0.5)
    for slot, series in enumerate((x, y, k)):
        workspace.load(slot, series.coefficients)
    settle_in_loop(workspace.address, 300)
    for _ in range(300):
        x, y = y + k * x, x
    assert close(workspace.read(0), x, 1e-12) and close(workspace.read(1), y, 1e-12)
    assert close(workspace.read(2), k)


def test_workspace_refuses_what_does_not_fit():
    workspace = Workspace(D, 4)
    workspace.reserve(2)
    with pytest.raises(ValueError, match="shape"):
        workspace.load(0, np.zeros(3))
    with pytest.raises(IndexError, match="reserve"):
        workspace.read(2)
    with pytest.raises(ValueError, match="slots"):
        workspace.reserve(5)
    with pytest.raises(ValueError, match="slots"):
        Workspace(D, 0)
    with pytest.raises(WorkspaceFullError):
        settle_overflow(workspace.address)


@numba.njit
def settle_overflow(context):
    x = tpsa.get(context, 0)
    for _ in range(10):
        x = x * x
    tpsa.settle(context, (x,))


def test_slot_functions_exist_in_compiled_code_only():
    with pytest.raises(TypeError, match="numba.njit"):
        tpsa.mark(D.variable(0))
