"""Physics of solenoids, correctors, radio-frequency elements, patches and matrices."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracking.rows import REFERENCE, TINY, jacobian, rows_of, symplectic_error, through
from tracking.elements import (
    ChangeReference,
    CrabCavity,
    Drift,
    Kicker,
    Matrix,
    Multipole,
    RFCavity,
    RFMultipole,
    Rotation,
    Solenoid,
    Translation,
)
from tracking.errors import ElementError
from tracking.lower.geometry import Frame, product, rotation
from tracking.maps import solenoid
from tracking.ops import Op

Z = (1e-3, -2e-3, 3e-3, 1e-3, 2e-3, -3e-3)
ZERO = (0.0,) * 6
BETA0, P0C = REFERENCE.beta0, REFERENCE.p0c
small = st.floats(-1e-2, 1e-2)
points = st.tuples(*[small] * 6)


def angular_momentum(z):
    return z[0] * z[3] - z[2] * z[1]


# solenoids


@given(z=points, ks=st.floats(-3.0, 3.0))
@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("model", ["exact", "expanded"])
def test_solenoid_keeps_canonical_angular_momentum(z, ks, model):
    after = through(Solenoid(length=0.6, ks=ks), z, model=model)
    assert angular_momentum(after) == pytest.approx(angular_momentum(z), abs=1e-17)


def test_solenoid_keeps_kinetic_momentum():
    ks = 1.3
    x, px, y, py, _, _ = Z
    after = through(Solenoid(length=0.6, ks=ks), Z)
    inside = math.hypot(after[1] + ks / 2 * after[2], after[3] - ks / 2 * after[0])
    assert inside == pytest.approx(math.hypot(px + ks / 2 * y, py - ks / 2 * x), rel=1e-14)


def test_one_cyclotron_turn_returns_to_the_start():
    ks = 1.3
    x, px, y, py, zeta, pzeta = Z
    kinetic = (px + ks / 2 * y) ** 2 + (py - ks / 2 * x) ** 2
    pz = math.sqrt(1 + 2 * pzeta + (BETA0 * pzeta) ** 2 - kinetic)
    after = through(Solenoid(length=2 * math.pi * pz / ks, ks=ks), Z)
    np.testing.assert_allclose(after[:4], Z[:4], atol=1e-17)


@pytest.mark.parametrize("model", ["exact", "expanded"])
@pytest.mark.parametrize("ks", [0.0, 1e-12])
def test_weak_solenoid_is_a_drift(ks, model):
    function = solenoid.solenoid if model == "exact" else solenoid.solenoid_expanded
    np.testing.assert_allclose(function(Z, ks, 0.6, BETA0), through(Drift(length=0.6), Z, model=model), atol=1e-14)


def test_expanded_solenoid_meets_the_exact_one_at_small_amplitude():
    z = [1e-4 * v for v in Z]
    exact, expanded = (through(Solenoid(length=0.6, ks=1.3), z, model=m) for m in ("exact", "expanded"))
    np.testing.assert_allclose(exact, expanded, atol=1e-18)


def test_thin_solenoid_is_the_limit_of_short_ones():
    ksi, ks = 1e-3, 2.0
    thin = through(Solenoid(ks=ks, ksi=ksi), Z, model="expanded")
    thick = through(Drift(length=-ksi / ks), through(Solenoid(ks=ks, length=ksi / ks), Z, model="expanded"))
    assert np.abs(thin - Z).max() > 1e-7
    np.testing.assert_allclose(thin, thick, atol=2e-9)


def test_multipoles_in_a_weak_solenoid_are_those_of_a_quadrupole():
    inside = through(Solenoid(length=0.5, ks=1e-9, knl=(0.0, 0.4)), Z)
    straight = through(Solenoid(length=0.5, knl=(0.0, 0.4)), Z)
    np.testing.assert_allclose(inside, straight, atol=1e-11)


# correctors


def test_corrector_kick_does_not_depend_on_momentum():
    for pzeta in (-0.01, 0.02):
        after = through(Kicker(length=0.5, hkick=1e-3, vkick=-2e-3), (0, 0, 0, 0, 0, pzeta))
        np.testing.assert_allclose(after[[1, 3]], [1e-3, -2e-3], rtol=1e-14)


def test_thick_corrector_follows_a_circle():
    kick, length, pzeta = 0.02, 0.5, 0.01
    momentum = math.sqrt(1 + 2 * pzeta + (BETA0 * pzeta) ** 2)
    field = kick / length
    after = through(Kicker(length=length, hkick=kick), (0, 0, 0, 0, 0, pzeta))
    height = (momentum - math.sqrt(momentum**2 - kick**2)) / field
    path = math.asin(kick / momentum) * momentum / field
    late = path * (1 + BETA0**2 * pzeta) / momentum
    np.testing.assert_allclose(after[[0, 4]], [height, length - late], atol=1e-14)


def test_corrector_without_kick_is_one_drift():
    assert rows_of(Kicker(length=0.5)) == rows_of(Drift(length=0.5))


# radio frequency


def test_reference_particle_gains_the_voltage_less_the_transit_time():
    frequency, length, volt = 3e8, 0.4, 1e-3
    half = math.pi * frequency * length / (BETA0 * 299792458.0)
    gained = through(RFCavity(length=length, volt=volt, freq=frequency, lag=0.25), ZERO)[5]
    assert gained * BETA0 * P0C == pytest.approx(volt * math.sin(half) / half, rel=1e-8)


def test_energy_kick_is_the_voltage_at_any_energy():
    kicked = through(RFCavity(volt=1e5, freq=1e8, lag=0.25), Z)
    energy = math.hypot(P0C, REFERENCE.mass) + np.array([Z[5], kicked[5]]) * BETA0 * P0C
    phase = 2 * math.pi * 1e8 * -Z[4] / (BETA0 * 299792458.0)
    assert energy[1] - energy[0] == pytest.approx(1e5 * math.cos(phase), rel=1e-9)


@pytest.mark.parametrize("cavity", [RFCavity, CrabCavity, RFMultipole])
def test_cavity_that_is_off_is_a_drift(cavity):
    assert rows_of(cavity(length=0.5)) == rows_of(Drift(length=0.5))
    assert rows_of(cavity(length=0.5, volt=1e6, freq=1e8), rf=False) == rows_of(Drift(length=0.5))
    assert rows_of(cavity(volt=1e6), rf=False) == []


def test_cavity_without_frequency_is_refused():
    with pytest.raises(ElementError, match=r"freq \[Hz\] or harmon"):
        rows_of(RFCavity(volt=1e6))


@given(z=points)
@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("fringe", ["none", "all"])
@pytest.mark.parametrize("cavity", [RFCavity, CrabCavity])
def test_thick_cavities_are_symplectic(cavity, fringe, z):
    element = cavity(length=0.5, volt=5e7, freq=2e8, lag=0.1)
    assert symplectic_error(jacobian(element, z, fringe=fringe, slices=2)) < 1e-13


def test_crab_cavity_tilts_the_bunch():
    """A particle ahead (zeta > 0) is kicked to negative px; the slope is V k/(p0 c)."""
    crab = CrabCavity(volt=1e6, freq=4e8)
    k = 2 * math.pi * 4e8 / (BETA0 * 299792458.0)
    assert jacobian(crab, ZERO)[1, 4] == pytest.approx(-1e6 / P0C * k, rel=1e-13)
    turned = CrabCavity(volt=1e6, freq=4e8, tilt=math.pi / 2)
    assert jacobian(turned, ZERO)[3, 4] == pytest.approx(-1e6 / P0C * k, rel=1e-13)


def test_slowly_oscillating_multipole_is_a_multipole():
    knl, ksl = (0.0, 0.1, 2.0, -30.0), (0.0, -0.2, 1.0, 20.0)
    oscillating = RFMultipole(knl=knl, ksl=ksl, freq=1e-3)
    np.testing.assert_allclose(through(oscillating, Z), through(Multipole(knl=knl, ksl=ksl), Z), atol=1e-13)


@given(z=points)
@settings(max_examples=20, deadline=None)
def test_rf_multipole_is_symplectic(z):
    element = RFMultipole(
        volt=1e6, lag=0.1, freq=2e8, knl=(1e-2, 0.1, 2.0), ksl=(0.0, 0.3), pnl=(0.1, 0.2, 0.3), psl=(0.0, 0.7)
    )
    assert symplectic_error(jacobian(element, z)) < 1e-13


def test_voltage_can_be_differentiated():
    z = through(RFCavity(length=0.3, volt=1e6 + 1j * TINY, freq=1e8, lag=0.2), [complex(v) for v in Z])
    step = 1e3
    up, down = (through(RFCavity(length=0.3, volt=1e6 + s, freq=1e8, lag=0.2), Z) for s in (step, -step))
    np.testing.assert_allclose(z.imag / TINY, (up - down) / (2 * step), rtol=1e-5, atol=1e-18)


# patches and matrices


@given(z=points, angle=st.floats(-0.3, 0.3))
@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("axis", ["x", "y", "s"])
def test_rotation_and_back_is_the_identity(axis, z, angle):
    there = through(Rotation(axis=axis, angle=angle), z)
    np.testing.assert_allclose(through(Rotation(axis=axis, angle=-angle), there), z, atol=1e-15)
    assert symplectic_error(jacobian(Rotation(axis=axis, angle=angle), z)) < 1e-13


def test_rotated_axes_see_the_particle_turned_the_other_way():
    angle = 0.1
    straight = {axis: through(Rotation(axis=axis, angle=angle), ZERO) for axis in "xy"}
    assert straight["x"][3] == pytest.approx(math.sin(angle), rel=1e-15)
    assert straight["y"][1] == pytest.approx(-math.sin(angle), rel=1e-15)
    rolled = through(Rotation(axis="s", angle=angle), (1.0, 0, 0, 0, 0, 0))
    np.testing.assert_allclose(rolled[[0, 2]], [math.cos(angle), -math.sin(angle)], rtol=1e-15)


def test_translation_along_s_is_a_drift_whose_time_counts_in_full():
    moved, drifted = through(Translation(ds=0.4), Z), through(Drift(length=0.4), Z)
    np.testing.assert_allclose(moved, drifted - [0, 0, 0, 0, 0.4, 0], atol=1e-16)


def test_change_of_reference_turns_and_then_moves():
    angles, shift = (0.1, -0.2, 0.3), (0.01, 0.02, 0.3)
    z = Z
    for axis, angle in zip("xys", angles, strict=True):
        z = through(Rotation(axis=axis, angle=angle), z)
    z = through(Translation(dx=shift[0], dy=shift[1], ds=shift[2]), z)
    np.testing.assert_allclose(through(ChangeReference(translation=shift, angles=angles), Z), z, atol=1e-15)


def test_frames_compose_and_invert():
    a = Frame((0.1, 0.2, 0.3), product(rotation("x", 0.3), rotation("y", 0.2)))
    b = Frame((-0.2, 0.1, 0.0), rotation("s", 0.4))
    identity = (a @ b) @ (b.inverse() @ a.inverse())
    np.testing.assert_allclose(identity.axes, np.eye(3), atol=1e-15)
    np.testing.assert_allclose(identity.origin, np.zeros(3), atol=1e-15)


def test_frames_choose_cheap_rows():
    assert Frame().rows() == []
    assert [op for op, _ in Frame((0.1, 0.0, 0.0), rotation("s", 0.1)).rows()] == [Op.TRANSLATION, Op.ROLL]
    assert [op for op, _ in Frame((0.1, 0.0, 0.2)).rows()] == [Op.PATCH]


def test_unknown_axis_is_refused():
    with pytest.raises(ElementError, match="axis = 'z'"):
        rows_of(Rotation(axis="z", angle=0.1))


def test_matrix_of_a_drift():
    entries = np.eye(6)
    entries[0, 1] = entries[2, 3] = length = 1.7
    entries[4, 5] = length / REFERENCE.gamma0**2
    kick = (1e-4, 0.0, 2e-4, 0.0, 0.0, 3e-4)
    element = Matrix(kick=kick, matrix=tuple(entries.ravel()))
    np.testing.assert_allclose(jacobian(element, Z), jacobian(Drift(length=length), ZERO), atol=1e-15)
    np.testing.assert_allclose(through(element, ZERO), kick, atol=0)


def test_matrix_of_wrong_size_is_refused():
    with pytest.raises(ElementError, match="36 numbers"):
        rows_of(Matrix(matrix=(1.0, 0.0)))
