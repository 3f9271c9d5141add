"""Taylor maps: values, composition, inverse, symplecticity."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tpsa.reference import close, random_series
from tpsa import TPS, Descriptor, DescriptorMismatchError, SingularMapError, TaylorMap, gmath

seeds = st.integers(0, 2**32 - 1)


def random_map(descriptor, seed, n=None):
    """Map with random coefficients and a linear part near the unit matrix."""
    identity = [*descriptor.identity(), descriptor.constant(0.0)][: n or descriptor.variables]
    return TaylorMap([z + 0.3 * random_series(descriptor, seed + 7 * i) for i, z in enumerate(identity)])


def henon(z, phase):
    """Sextupole kick and rotation of canonical pairs (x, px), (y, py): a symplectic polynomial map."""
    x, px, y, py = z
    px, py = px - x * x + y * y, py + 2.0 * x * y
    c, s = np.cos(phase), np.sin(phase)
    return c * x + s * px, c * px - s * x, c * y + s * py, c * py - s * y


def drift(z):
    """Exact drift in two planes at fixed momentum: symplectic, with all orders."""
    x, px, y, py = z
    r = gmath.rsqrt(1.0 - px * px - py * py)
    return x + px * r, px, y + py * r, py


@given(st.sampled_from([Descriptor(1, 5), Descriptor(2, 4), Descriptor(3, 3), Descriptor(2, 3, 2, 2)]), seeds, seeds)
@settings(max_examples=40, deadline=None)
def test_composition_is_substitution(d, seed, other):
    outer, inner = random_map(d, seed, 2), random_map(d, other)
    arguments = [*inner, *(d.parameter(k) for k in range(d.parameters))]
    for component, found in zip(outer, outer @ inner, strict=True):
        expected = d.constant(0.0)
        for exponents, coefficient in zip(d.exponents.tolist(), component.coefficients, strict=True):
            term = d.constant(float(coefficient))
            for argument, power in zip(arguments, exponents, strict=True):
                term = term * argument**power
            expected = expected + term
        assert close(found, expected, 1e-13)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_composition_evaluates_as_evaluations_one_after_the_other(seed):
    outer, inner = random_map(Descriptor(2, 2), seed), random_map(Descriptor(2, 6), seed + 1)
    low = Descriptor(2, 6).exponents.sum(axis=1, dtype=int) <= 3
    inner = TaylorMap.from_coefficients(inner.descriptor, inner.coefficients * low)
    points = np.random.default_rng(seed).uniform(-1, 1, (5, 2))
    assert (outer @ inner)(points) == pytest.approx(outer(inner(points)), abs=1e-11)


def test_composition_with_the_identity_changes_nothing():
    d = Descriptor(3, 4, 1, 2)
    m, one = random_map(d, 5), TaylorMap.identity(d)
    assert close((m @ one).coefficients, m.coefficients) and close((one @ m).coefficients, m.coefficients)


@given(st.sampled_from([Descriptor(1, 6), Descriptor(2, 5), Descriptor(4, 3), Descriptor(2, 4, 2, 2)]), seeds)
@settings(max_examples=40, deadline=None)
def test_inverse_from_both_sides(d, seed):
    m = random_map(d, seed)
    if np.linalg.cond(m.jacobian()) > 20:
        return
    deviation = TaylorMap([c - c.value for c in m])
    inverse, one = m.inverse(), TaylorMap.identity(d).coefficients
    scale = np.abs(inverse.coefficients).max() ** 2
    assert not inverse.value.any() or d.parameters
    assert close((deviation @ inverse).coefficients, one, 1e-12 * scale)
    assert close((inverse @ deviation).coefficients, one, 1e-12 * scale)


def test_inverse_of_a_map_with_parameters_holds_the_parameters():
    d = Descriptor(1, 3, 1, 3)
    x, k = d.variable(0), d.parameter(0)
    inverse = TaylorMap([5.0 + 2.0 * x + k]).inverse()
    assert close(inverse[0], 0.5 * (x - k))


@pytest.mark.parametrize(
    "components",
    [
        [Descriptor(2, 2).variable(0), Descriptor(2, 2).variable(0)],
        [Descriptor(2, 2).variable(0)],
        [TPS(Descriptor(1, 1), [0.0, np.nan])],
    ],
)
def test_maps_without_inverse_are_refused(components):
    with pytest.raises(SingularMapError, match="inverse"):
        TaylorMap(components).inverse()


def test_symplectic_maps_are_symplectic_to_all_orders_and_others_are_not():
    d = Descriptor(4, 5)
    z = d.identity([0.01, 0.2, -0.02, 0.1])
    for _ in range(3):
        z = henon(drift(z), 1.1)
    m = TaylorMap(z)
    error = m.symplectic_error()
    assert error.series < 1e-11 * np.abs(m.coefficients).max() and error.linear < 1e-13
    assert m.inverse().symplectic_error().series < 1e-9 * np.abs(m.inverse().coefficients).max()
    damped = TaylorMap([m[0], 0.9 * m[1], m[2], 0.9 * m[3]])
    assert damped.symplectic_error().linear == pytest.approx(0.1, rel=1e-10)
    bent = TaylorMap([m[0], m[1] + d.variable(1) ** 2, m[2], m[3]])
    assert bent.symplectic_error().series > 0.1 > bent.symplectic_error().linear


def test_symplectic_error_needs_pairs():
    with pytest.raises(ValueError, match="symplectic_error"):
        TaylorMap(Descriptor(3, 2).identity()).symplectic_error()


def test_parts_of_a_map():
    d = Descriptor(2, 3)
    m = TaylorMap([2.0 + 3.0 * d.variable(0), d.variable(1) ** 2])
    assert m.value.tolist() == [2.0, 0.0]
    assert m.jacobian().tolist() == [[3.0, 0.0], [0.0, 0.0]]
    assert len(m) == 2 and close(m[1], d.variable(1) ** 2)
    assert m([0.5, 2.0]).tolist() == [3.5, 4.0]
    assert np.array_equal(pickle.loads(pickle.dumps(m)).coefficients, m.coefficients)


def test_maps_that_do_not_fit_are_refused():
    a, b = Descriptor(2, 3), Descriptor(3, 3)
    with pytest.raises(DescriptorMismatchError):
        TaylorMap([a.variable(0), b.variable(0)])
    with pytest.raises(DescriptorMismatchError, match="cannot compose"):
        TaylorMap.identity(a) @ TaylorMap.identity(b)
    with pytest.raises(ValueError, match="at least one"):
        TaylorMap([])
