"""What long runs, threads, other processes and bad numbers do."""

import gc
import math
import multiprocessing
import resource
import threading
import tracemalloc

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tpsa
from tests.tpsa.reference import close, random_series
from tpsa import TPS, Descriptor, DescriptorMismatchError, DescriptorSizeError, TaylorMap, TPSBatch, gmath

D = Descriptor(2, 3, 1, 2, names=("x", "px", "k"), max_orders={"px": 2})


@numba.njit
def logistic(a, n):
    x = 0.3 + a
    since = tpsa.mark(a)
    for _ in range(n):
        x = 3.2 * x * (1.0 - x)
        x -= 1e-3 * gmath.exp(-x)
        tpsa.release(a, since, (x,))
    return x


def test_a_million_compiled_operations_leave_no_memory_behind():
    a = 1e-3 * D.variable(0)
    logistic(a, 10)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(100):
        logistic(a, 2000)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 5000  # kilobytes; 100 bytes for each operation would be 100 times as much


def test_python_operations_leave_no_memory_behind():
    x, y = D.identity([0.5, 0.2])

    def work(n):
        for _ in range(n):
            z = gmath.sin(x * y) / (1.0 + x) - y**2
            z.derivative(0).evaluate([0.1, 0.2])

    work(100)
    gc.collect()
    tracemalloc.start()
    try:
        work(100)
        before = tracemalloc.get_traced_memory()[0]
        work(2000)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 50_000
    finally:
        tracemalloc.stop()


def sums(d):
    """Some of everything, Python and compiled, on one descriptor."""
    found = []
    for seed in range(30):
        a = 0.1 * random_series(d, seed)
        found += [logistic(a, 30), gmath.exp(a) / (1.5 + a), *(TaylorMap([a + z for z in d.identity()]).inverse())]
    return [series.coefficients for series in found]


def test_threads_on_two_descriptors_give_the_serial_bits():
    both = [Descriptor(2, 6), Descriptor(3, 4, max_orders=(4, 2, 1))]
    serial = [sums(d) for d in both]
    found = [None, None]
    barrier = threading.Barrier(2)

    def work(k):
        barrier.wait()
        found[k] = sums(both[k])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for expected, got in zip(serial, found, strict=True):
        assert all(np.array_equal(e, g) for e, g in zip(expected, got, strict=True))


def _elsewhere(descriptor, series, m, others):
    """What another process makes of what it was sent."""
    own = descriptor.variable(1) * series
    same = hash(descriptor) == hash(series.descriptor) and series.descriptor == descriptor
    return descriptor, own, m @ m, same, [other * series for other in others]


def test_descriptors_series_and_maps_travel_to_a_spawned_process_and_back():
    series = random_series(D, 1)
    m = TaylorMap([z * (1.0 + z) for z in D.identity()])
    others = [series + 1j * D.variable(0), TPSBatch.stack([series, D.variable(0), D.parameter(0)])]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        descriptor, product, square, same, products = pool.apply(_elsewhere, (D, series, m, others))
    assert same and descriptor == D and product.descriptor == D
    assert np.array_equal(product.coefficients, (D.variable(1) * series).coefficients)
    assert np.array_equal(square.coefficients, (m @ m).coefficients)
    for found, other in zip(products, others, strict=True):
        assert type(found) is type(other) and np.array_equal(found.coefficients, (other * series).coefficients)


OUTSIDE = {"log": -1.0, "sqrt": -1.0, "asin": 1.5, "acos": -2.0, "acosh": 0.5, "atanh": 2.0, "log1p": -3.0}


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_of_the_domain_the_constant_part_is_no_number(name):
    a, function = OUTSIDE[name] + D.variable(0), getattr(gmath, name)
    assert math.isnan(function(a).value) and math.isnan(numba.njit(lambda x: function(x))(a).value)


def test_division_by_no_constant_part():
    x, y = D.identity()
    for quotient in (lambda: 1.0 / y, lambda: x / y, lambda: (1.0 + x) / y, lambda: y**-2):
        with pytest.raises(ZeroDivisionError, match="constant part is zero"):
            quotient()
    assert not math.isfinite(gmath.inv(y).value)
    assert not math.isfinite(numba.njit(lambda a, b: a / b)(1.0 + x, y).value)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_numbers_that_are_not_finite_stay_visible(bad):
    coefficients = random_series(D, 1).coefficients.copy()
    coefficients[D.index((1, 0))] = bad
    a, b = TPS(D, coefficients), random_series(D, 2)
    compiled = numba.njit(multiply)(a, b)
    for found in (a + b, a * b, b * a, 2.0 * a, a * a, gmath.exp(a), 1.0 / a, a.integral("k"), compiled):
        assert not np.all(np.isfinite(found.coefficients))
    assert np.isfinite((a * b).value) and np.isfinite(gmath.exp(a).value)
    assert not np.isfinite(a.evaluate([0.1, 0.2]))
    with pytest.raises(tpsa.SingularMapError, match="not finite"):
        TaylorMap([a, b]).inverse()


def multiply(a, b):
    return a * b


def test_descriptors_do_not_mix():
    other = Descriptor(2, 3, 1, 2, names=("x", "px", "k"))
    assert other.size != D.size
    for operate in (lambda a, b: a + b, lambda a, b: a - b, multiply, lambda a, b: a / b, gmath.atan2):
        with pytest.raises(DescriptorMismatchError, match="different descriptors"):
            operate(D.constant(1.0), other.constant(1.0))
    with pytest.raises(DescriptorMismatchError, match="different descriptors"):
        numba.njit(multiply)(D.constant(1.0), other.constant(1.0))


def test_orders_out_of_range():
    x, px = D.identity()
    assert not (x**4).coefficients.any() and not (px**3).coefficients.any() and (x**3)["x^3"] == 1.0
    assert not numba.njit(lambda a: a**4)(x).coefficients.any()
    with pytest.raises(ValueError, match="order must be an integer from 1 to 255"):
        Descriptor(2, 256)
    with pytest.raises(DescriptorSizeError):
        Descriptor(30, 12).size  # noqa: B018


def expression(x, y, k):
    return gmath.exp(k * x) / (1.2 + y * k) + gmath.sin(x + k * k) * y - gmath.sqrt(1.5 + k)


@given(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
@settings(max_examples=20, deadline=None)
def test_parameters_are_a_family_of_plain_series(first, second):
    """A series with parameters, these put in, is the plain series at their values; missing orders are tiny here."""
    d = Descriptor(2, 24, 2, 20, names=("x", "y", "k1", "k2"), max_orders=(4, 4, 20, 20))
    plain = Descriptor(2, 4, names=("x", "y"))
    x, y = d.identity([0.1, 0.2])
    whole = expression(x, y, d.parameter(0, 0.1) + d.parameter(1) * d.parameter(0))
    family = whole.substitute({"k1": first, "k2": second}).to(plain)
    one = expression(*plain.identity([0.1, 0.2]), 0.1 + first + first * second)
    assert close(family, one, 1e-9)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_coefficients_of_parameters_are_differences_of_plain_series(seed):
    """The part of first order in a parameter, beside central differences of series without it."""
    d, plain = Descriptor(2, 4, 1, 1, names=("x", "y", "k")), Descriptor(2, 3, names=("x", "y"))
    point, k0, h = *np.random.default_rng(seed).uniform(-0.4, 0.4, (1, 2)), 0.3, 1e-4
    slope = expression(*d.identity(point), d.parameter(0, k0)).derivative("k").substitute({"k": 0.0})
    above, below = (expression(*plain.identity(point), k0 + step) for step in (h, -h))
    assert close(slope.to(plain), (above - below) / (2.0 * h), 1e-6)
