"""Brackets, exponentials and factorisations of maps; powers, partial inverses, truncation, tracking."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tpsa
from tests.tpsa.reference import close, random_series
from tests.tpsa.test_taylor_map import drift, henon, random_map
from tpsa import ConvergenceError, Descriptor, SingularMapError, TaylorMap, gmath, lie, poisson_bracket

PAIRS = [Descriptor(2, 6), Descriptor(4, 4), Descriptor(6, 3), Descriptor(2, 4, 1, 2)]
seeds = st.integers(0, 2**32 - 1)


def low(d, seed, least=0):
    """Random polynomial of degree at most half the order, so that brackets are exact."""
    return random_series(d, seed, least, max(least, (d.order + 2) // 3))


def ring(d):
    """Symplectic map of two planes about a fixed point, without constant parts."""
    z = d.identity()
    for _ in range(2):
        z = henon(drift(z), 0.7)
    return TaylorMap(z)


@given(st.sampled_from(PAIRS), seeds)
@settings(max_examples=40, deadline=None)
def test_bracket_is_antisymmetric_a_derivation_and_obeys_jacobi(d, seed):
    f, g, h = (low(d, seed + i) for i in range(3))
    bracket = poisson_bracket
    assert close(bracket(f, g), -bracket(g, f), 1e-12)
    known = d.exponents.sum(axis=1, dtype=int) < d.order - 1
    jacobi = bracket(f, bracket(g, h)) + bracket(g, bracket(h, f)) + bracket(h, bracket(f, g))
    assert np.abs(jacobi.coefficients[known]).max() < 1e-11
    rule = bracket(f, g * h) - bracket(f, g) * h - g * bracket(f, h)
    assert np.abs(rule.coefficients[known]).max() < 1e-11
    q, p = d.variable(0), d.variable(1)
    assert close(bracket(q, p), d.constant(1.0))


def test_exponential_of_a_quadratic_is_a_rotation():
    d = Descriptor(2, 4)
    q, p = d.identity()
    m = tpsa.lie_exponential(-0.35 * (q * q + p * p))
    c, s = np.cos(0.7), np.sin(0.7)
    assert m.descriptor == Descriptor(2, 3)
    assert m.jacobian() == pytest.approx(np.array([[c, s], [-s, c]]), abs=1e-15)
    assert not m.coefficients[:, 3:].any()


def test_exponential_is_the_flow():
    d = Descriptor(2, 8)
    q, p = d.identity()
    f = -(0.5 * p * p + 0.3 * q * q * q - 0.1 * q**4)
    m = tpsa.lie_exponential(f)
    x, steps = np.array([0.02, -0.03]), 400
    def field(z):
        return np.array([z[1], -0.9 * z[0] ** 2 + 0.4 * z[0] ** 3])
    z, h = x, 1.0 / steps
    for _ in range(steps):
        a = field(z)
        b = field(z + 0.5 * h * a)
        c = field(z + 0.5 * h * b)
        z = z + h / 6.0 * (a + 2.0 * b + 2.0 * c + field(z + h * c))
    assert m(x) == pytest.approx(z, abs=1e-12)
    assert m.symplectic_error().series < 1e-12


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_logarithm_and_exponential(seed):
    f = random_series(Descriptor(4, 4), seed, 3)
    m = tpsa.lie_exponential(f)
    assert close(tpsa.logarithm(m), f, 1e-11)
    assert close((tpsa.lie_exponential(-f) @ m).coefficients, TaylorMap.identity(m.descriptor).coefficients, 1e-11)


@given(st.sampled_from([Descriptor(2, 5), Descriptor(4, 3)]), seeds)
@settings(max_examples=15, deadline=None)
def test_logarithm_of_maps_with_a_linear_part(d, seed):
    rng = np.random.default_rng(seed)
    planes = range(0, d.variables, 2)
    tunes = rng.choice([0.13, 0.21, 0.29, 0.37, -0.18], len(planes), replace=False) + rng.uniform(-0.01, 0.01)
    f = 0.3 * random_series(d, seed, 3)
    for q, tune in zip(planes, tunes, strict=True):
        x, p = d.variable(q), d.variable(q + 1)
        f = f - np.pi * tune * (1.3 * x * x + p * p / 1.3 + 0.2 * x * p)
    m = tpsa.lie_exponential(f)
    assert close(tpsa.logarithm(m), f, 1e-9)


def test_logarithm_of_a_drift_and_of_a_hyperbolic_map():
    m = TaylorMap(drift(Descriptor(4, 5).identity()))
    assert close(tpsa.lie_exponential(tpsa.logarithm(m)).coefficients, m.coefficients)
    q, p = Descriptor(2, 3).identity()
    f = tpsa.logarithm(TaylorMap([2.0 * q, 0.5 * p]))
    assert f["x1 x2"] == pytest.approx(-np.log(2.0), rel=1e-14)


def test_maps_without_logarithm_are_refused():
    q, p = Descriptor(2, 3).identity()
    with pytest.raises(ValueError, match="no real logarithm"):
        tpsa.logarithm(TaylorMap([-q, -p]))
    with pytest.raises(ValueError, match="not symplectic"):
        tpsa.logarithm(TaylorMap([1.1 * q, p]))
    c, s = np.cos(2.0 * np.pi / 3.0), np.sin(2.0 * np.pi / 3.0)
    with pytest.raises(ValueError, match="resonance of degree 3"):
        tpsa.logarithm(TaylorMap([c * q + s * (p - q * q), c * (p - q * q) - s * q]))


def test_factorisation_gives_the_map_back():
    m = ring(Descriptor(4, 5))
    linear, factors = tpsa.dragt_finn(m)
    assert [f.descriptor.order for f in factors] == [6] * 4
    assert all(close(f, f.homogeneous(k)) for k, f in enumerate(factors, 3))
    assert close(tpsa.from_dragt_finn(linear, factors).coefficients, m.coefficients, 1e-11)


def test_symplectification_repairs_and_keeps():
    m = ring(Descriptor(4, 4))
    assert close(tpsa.symplectify(m).coefficients, m.coefficients, 1e-11)
    bent = TaylorMap.from_coefficients(m.descriptor, m.coefficients * 1.001)
    repaired = tpsa.symplectify(bent)
    scale = np.abs(m.coefficients).max()
    assert bent.symplectic_error().series > 1e-3 > 1e-11 * scale > repaired.symplectic_error().series
    assert np.abs(repaired.coefficients - m.coefficients).max() < 0.02 * scale
    with pytest.raises(ConvergenceError):
        lie.symplectic_matrix(np.diag([10.0, 10.0]))


@pytest.mark.parametrize("function", [tpsa.logarithm, tpsa.dragt_finn])
def test_maps_that_do_not_fit_are_refused(function):
    d = Descriptor(2, 3)
    with pytest.raises(ValueError, match="constant parts"):
        function(TaylorMap([1.0 + d.variable(0), d.variable(1)]))
    with pytest.raises(ValueError, match="even number"):
        function(TaylorMap.identity(Descriptor(3, 2)))


def test_exponentials_that_make_no_sense_are_refused():
    q, p = Descriptor(2, 3).identity()
    with pytest.raises(ValueError, match="first degree"):
        tpsa.lie_exponential(q)
    with pytest.raises(ConvergenceError):
        tpsa.lie_exponential(1e4 * q * p)


@given(st.sampled_from([Descriptor(2, 4), Descriptor(3, 3), Descriptor(2, 3, 1, 2)]), seeds)
@settings(max_examples=15, deadline=None)
def test_composition_is_associative_and_powers_compose(d, seed):
    a, b, c = (TaylorMap([0.7 * (z - z.value) for z in random_map(d, seed + i)]) for i in range(3))
    assert close((a @ (b @ c)).coefficients, ((a @ b) @ c).coefficients, 1e-11)
    assert close((a**3).coefficients, (a @ a @ a).coefficients, 1e-11)
    assert close((a**0).coefficients, TaylorMap.identity(d).coefficients)


def test_negative_powers():
    m = ring(Descriptor(4, 3))
    assert close((m**-2 @ m @ m).coefficients, TaylorMap.identity(m.descriptor).coefficients, 1e-10)
    with pytest.raises(ValueError, match="integer"):
        m**0.5
    with pytest.raises(ValueError, match="constant parts"):
        TaylorMap([m[0] + 1.0, *list(m)[1:]]) ** -1


def test_partial_inverse_is_the_mixed_form_of_a_map():
    m = ring(Descriptor(4, 4))
    mixed = m.partial_inverse([1, 3])
    z = np.array([1e-3, -2e-3, 1.5e-3, 1e-3])
    w = m(z)
    found = mixed([z[0], w[1], z[2], w[3]])
    assert found == pytest.approx([w[0], z[1], w[2], z[3]], abs=2e-10)
    assert close(m.partial_inverse(range(4)).coefficients, m.inverse().coefficients, 1e-11)
    d = Descriptor(2, 2)
    with pytest.raises(SingularMapError):
        TaylorMap([d.variable(1), d.variable(0)]).partial_inverse([0])


def test_partial_composition():
    m = ring(Descriptor(4, 4))
    z = [1e-3, 2e-3, 3e-3, -1e-3]
    assert m.substitute({1: 0.01})(z) == pytest.approx(m([1e-3, 0.01, 3e-3, -1e-3]), abs=1e-15)


def test_truncation_error_is_near_the_true_one_and_the_radius_fits():
    d = Descriptor(1, 8)
    m = TaylorMap([1.0 / (1.0 - 2.0 * d.variable(0))])
    estimate, true = m.truncation_error([0.1])[0], abs(1.0 / 0.8 - m([0.1])[0])
    assert estimate == pytest.approx(true, rel=1e-6)
    factor = m.radius(1e-9, [0.1])
    assert m.truncation_error([0.1 * factor])[0] == pytest.approx(1e-9, rel=1e-6)
    assert np.isinf(m.truncation_error([0.6])[0])
    entire = TaylorMap([gmath.exp(d.variable(0))])
    assert entire.truncation_error([0.5])[0] >= abs(np.exp(0.5) - entire([0.5])[0])
    assert TaylorMap.identity(d).radius(1e-12, [1.0]) == np.inf
    with pytest.raises(ValueError, match="accuracy"):
        m.radius(0.0, [1.0])
    with pytest.raises(ValueError, match="amplitudes"):
        m.truncation_error([1.0, 2.0])


def test_tracking_is_evaluation_turn_by_turn():
    m = ring(Descriptor(4, 3))
    particles = np.random.default_rng(1).normal(0.0, 1e-3, (100, 4))
    assert np.array_equal(m.track(particles, 3), m(m(m(particles))))
    assert np.array_equal(m.track(particles, 0), particles)
    with pytest.raises(ValueError, match="turns"):
        m.track(particles, -1)
