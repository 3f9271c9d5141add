"""Maps at random descriptors: composition, inverses, parametric maps, brackets, flows, tracking."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from tests.tpsa.reference import close, random_series
from tests.tpsa.test_taylor_map import henon, random_map
from tpsa import Descriptor, DescriptorMismatchError, TaylorMap, lie_exponential, poisson_bracket

seeds = st.integers(0, 2**32 - 1)


@st.composite
def descriptors(draw, variables=(1, 2, 3, 4, 6), highest=5):
    """A descriptor of moderate size, with parameters or without."""
    n = draw(st.sampled_from(variables))
    order = draw(st.integers(1, max(2, highest - n // 2)))
    parameters = draw(st.integers(0, 2))
    return Descriptor(n, order, parameters, draw(st.integers(1, order)) if parameters else 0)


def fixed_map(d, seed, sparse=False):
    """Random map without constant parts in the variables, near the unit matrix, that depends on parameters."""
    return TaylorMap([z + 0.2 * random_series(d, seed + i, 1, sparse=sparse) for i, z in enumerate(d.identity())])


@given(descriptors(), seeds, st.booleans())
@settings(max_examples=40, deadline=None)
def test_composition_is_associative(d, seed, sparse):
    a, b, c = (fixed_map(d, seed + 10 * i, sparse) for i in range(3))
    assert close(((a @ b) @ c).coefficients, (a @ (b @ c)).coefficients, 1e-11)


@given(descriptors(), seeds)
@settings(max_examples=40, deadline=None)
def test_inverse_from_both_sides(d, seed):
    m = fixed_map(d, seed)
    if np.linalg.cond(m.jacobian()) > 10.0:
        return
    one, inverse = TaylorMap.identity(d).coefficients, m.inverse()
    assert close((m @ inverse).coefficients, one, 1e-10 * np.abs(inverse.coefficients).max())
    assert close((inverse @ m).coefficients, one, 1e-10 * np.abs(inverse.coefficients).max())


@pytest.mark.parametrize("n", [1, 5, 9, 17])
def test_any_number_of_components(n):
    d = Descriptor(3, 4)
    outer = TaylorMap([random_series(d, k) for k in range(n)])
    inner, point = random_map(d, 100), np.array([1e-3, -2e-3, 1e-3])
    whole, outer_at = outer @ inner, outer(inner(point))
    assert whole(point) == pytest.approx(outer_at, abs=1e-11)
    assert all(close((TaylorMap([part]) @ inner)[0], found) for part, found in zip(outer, whole, strict=True))


def test_more_variables_than_lanes():
    d = Descriptor(10, 2)
    m = fixed_map(d, 3)
    assert close((m @ m.inverse()).coefficients, TaylorMap.identity(d).coefficients, 1e-11)


@given(seeds, st.integers(1, 5), st.integers(1, 5))
@settings(max_examples=20, deadline=None)
def test_orders_of_the_two_maps_may_differ(seed, one, other):
    outer, inner = Descriptor(2, one), Descriptor(2, other)
    a, b = random_map(outer, seed), random_map(inner, seed + 1)
    high = Descriptor(2, max(one, other))
    full = (a.to(high) @ b.to(high)).to(inner)
    assert close((a @ b).coefficients, full.coefficients, 1e-12)


@pytest.mark.parametrize("linear", [np.diag([2.0, 0.5]), np.array([[0.6, 0.8], [-0.8, 0.6]]), np.zeros((2, 2))])
def test_composition_with_a_matrix(linear):
    d = Descriptor(2, 6)
    a = TaylorMap([random_series(d, k) for k in (1, 2)])
    matrix = TaylorMap.linear(d, linear)
    x = np.random.default_rng(1).uniform(-1.0, 1.0, (7, 2))
    assert (a @ matrix)(x) == pytest.approx(a(x @ linear.T), abs=1e-12)


def parametric(d, seed):
    """Map of second degree in variables and first degree in parameters, all of whose compositions `d` keeps."""
    degree = d.exponents.astype(int)
    kept = (degree[:, : d.variables].sum(axis=1) <= 2) & (degree[:, d.variables :].sum(axis=1) <= 1)
    return TaylorMap.from_coefficients(d, fixed_map(d, seed).coefficients * kept)


@given(seeds, st.floats(-1.0, 1.0))
@settings(max_examples=15, deadline=None)
def test_parametric_maps_are_families_of_maps(seed, value):
    with_k, plain = Descriptor(2, 8, 1, 4), Descriptor(2, 8)
    a, b = parametric(with_k, seed), parametric(with_k, seed + 5)

    def at(m):
        return m.substitute({2: value}).to(plain)

    assert close(at(a @ b).coefficients, (at(a) @ at(b)).coefficients, 1e-12)
    x = np.array([[0.1, -0.2], [0.3, 0.1]])
    points = np.hstack([x, np.full((2, 1), value)])
    assert a(points) == pytest.approx(at(a)(x), abs=1e-13)
    assert a.track(points, 2) == pytest.approx(at(a)(at(a)(x)), abs=1e-12)


def test_parameters_in_one_of_two_maps():
    with_k, plain = Descriptor(2, 4, 1, 2, names=("x", "px", "k")), Descriptor(2, 4, names=("x", "px"))
    a, b = fixed_map(with_k, 1), fixed_map(plain, 2)
    full = b.to(with_k)
    assert (a @ b).descriptor == with_k and close((a @ b).coefficients, (a @ full).coefficients)
    assert (b @ a).descriptor == with_k and close((b @ a).coefficients, (full @ a).coefficients)
    with pytest.raises(DescriptorMismatchError, match="cannot compose"):
        a @ TaylorMap(Descriptor(2, 4, 2, 1).identity())


@given(st.sampled_from([Descriptor(2, 7), Descriptor(6, 3), Descriptor(10, 2), Descriptor(2, 4, 2, 2)]), seeds)
@settings(max_examples=25, deadline=None)
def test_bracket_is_its_definition(d, seed):
    f, g = random_series(d, seed), random_series(d, seed + 1, sparse=True)
    expected = d.constant(0.0)
    for q in range(0, d.variables, 2):
        expected = expected + f.derivative(q) * g.derivative(q + 1) - f.derivative(q + 1) * g.derivative(q)
    assert close(poisson_bracket(f, g), expected, 1e-13)
    assert not poisson_bracket(f, d.constant(2.0)).coefficients.any()


def test_bracket_refuses_other_descriptors_and_odd_numbers_of_variables():
    with pytest.raises(DescriptorMismatchError, match="poisson_bracket"):
        poisson_bracket(Descriptor(2, 2).variable(0), Descriptor(2, 3).variable(0))
    with pytest.raises(ValueError, match="even number"):
        poisson_bracket(Descriptor(3, 2).variable(0), Descriptor(3, 2).variable(1))


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_symplectic_error_is_that_of_the_jacobian_along_the_map(seed):
    d = Descriptor(4, 3)
    m = TaylorMap(henon(fixed_map(d, seed), 0.4))
    slopes = np.array([[z.derivative(i) for i in range(4)] for z in m], object)
    form = np.kron(np.eye(2), [[0.0, 1.0], [-1.0, 0.0]])
    off = slopes @ form @ slopes.T - form
    known = d.exponents.sum(axis=1, dtype=int) < d.order
    largest = max(np.abs(z.coefficients[known]).max() for z in off.ravel())
    linear = max(abs(z.value) for z in off.ravel())
    assert m.symplectic_error() == pytest.approx((largest, linear), rel=1e-12)


def flow(f, x):
    """End of the motion of z' = [-H, z] with H = -f over unit time, integrated numerically."""
    q, p = f.derivative(0), f.derivative(1)
    found = solve_ivp(lambda _, z: [-p.evaluate(z), q.evaluate(z)], (0.0, 1.0), x, "DOP853", rtol=1e-13, atol=1e-15)
    return found.y[:, -1]


def test_exponential_approaches_the_flow_as_the_order_grows():
    x, errors = np.array([0.11, -0.07]), []
    for order in range(2, 11):
        q, p = Descriptor(2, order + 1).identity()
        f = -1.1 * (0.5 * p * p + 0.6 * q * q) + 0.4 * q**3 - 0.3 * q * p * p
        errors.append(np.abs(lie_exponential(f)(x) - flow(f, x)).max())
    steps = np.diff(np.log(errors))
    assert steps.mean() == pytest.approx(np.log(0.1), abs=1.0) and errors[-1] < 1e-9
    assert all(late < early for early, late in zip(errors[::2], errors[2::2], strict=False))


def test_exponentials_of_fast_motion_keep_their_digits():
    q, p = Descriptor(2, 9).identity()
    angle = 20.0
    m = lie_exponential(-0.5 * angle * (q * q + p * p))
    assert m.jacobian() == pytest.approx(
        np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]), abs=1e-12
    )
    assert not m.coefficients[:, 3:].any()


def test_tracking_of_many_particles_and_turns():
    q, p = Descriptor(2, 3).identity()
    c, s = np.cos(0.8), np.sin(0.8)
    m = TaylorMap([c * q + s * p, c * p - s * q]) @ TaylorMap([q, p - 0.9 * q * q])
    particles = np.random.default_rng(3).uniform(-0.1, 0.1, (3, 301, 2))
    expected = particles
    for _ in range(50):
        expected = m(expected)
    assert np.array_equal(m.track(particles, 50), expected)
    assert m.track(particles[0, 0], 50).shape == (2,) and m.track(np.empty((0, 2)), 3).shape == (0, 2)
