"""Misaligned elements: rigid motions, exact at both ends."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracking.rows import REFERENCE, TINY, jacobian, rows_of, symplectic_error, through
from tracking.elements import (
    Drift,
    Kicker,
    Misalignment,
    Multipole,
    Quadrupole,
    Rotation,
    SectorBend,
    Solenoid,
    Translation,
)
from tracking.errors import ElementError
from tracking.line import Line
from tracking.lower.geometry import rotation
from tracking.lower.misalignment import body_frame
from tracking.ops import Op

Z = (1e-3, -2e-3, 3e-3, 1e-3, 2e-3, -3e-3)
shifts = st.floats(-0.02, 0.02)
angles = st.floats(-0.1, 0.1)
misalignments = st.builds(Misalignment, dx=shifts, dy=shifts, ds=shifts, dtheta=angles, dphi=angles, dpsi=angles)
BODIES = {
    "drift": Drift(length=0.7),
    "no length": Quadrupole(),
    "arc without field": SectorBend(length=0.7, angle=0.4, k0=0.0),
    "tilted arc without field": SectorBend(length=0.7, angle=0.4, k0=0.0, tilt=0.6),
    "backward arc without field": SectorBend(length=0.7, angle=-0.4, k0=0.0),
}


@pytest.mark.parametrize("body", BODIES)
@given(misalignment=misalignments)
@settings(max_examples=20, deadline=None)
def test_misaligned_body_without_field_does_nothing(body, misalignment):
    element = BODIES[body]
    moved = type(element)(**{**vars(element), "misalignment": misalignment})
    np.testing.assert_allclose(through(moved, Z, fringe="none"), through(element, Z, fringe="none"), atol=1e-15)


@given(misalignment=misalignments)
@settings(max_examples=20, deadline=None)
def test_misaligned_element_is_symplectic(misalignment):
    assert symplectic_error(jacobian(Solenoid(length=0.5, ks=0.8, misalignment=misalignment), Z)) < 1e-13


def test_offset_of_a_thin_quadrupole_feeds_down():
    moved = through(Multipole(knl=(0.0, 0.5), misalignment=Misalignment(dx=1e-3, dy=2e-3)), Z)
    x, px, y, py, zeta, pzeta = Z
    expected = (x, px - 0.5 * (x - 1e-3), y, py + 0.5 * (y - 2e-3), zeta, pzeta)
    np.testing.assert_allclose(moved, expected, atol=1e-17)


@pytest.mark.parametrize("tilt", [0.0, 0.6])
def test_frame_at_the_exit_is_the_end_of_the_arc(tilt):
    angle, length = 0.4, 0.7
    radius = length / angle
    frame = body_frame(SectorBend(length=length, angle=angle, tilt=tilt))
    plane = np.array(rotation("s", tilt))
    end = [radius * (np.cos(angle) - 1), 0.0, radius * np.sin(angle)]
    np.testing.assert_allclose(frame.origin, plane @ end, atol=1e-16)
    np.testing.assert_allclose(frame.axes, plane @ rotation("y", -angle) @ plane.T, atol=1e-15)


def test_thin_bends_turn_the_frame_along_their_kicks():
    horizontal, vertical = 1e-6, 2e-6
    direction = np.array(body_frame(Multipole(knl=(horizontal,), ksl=(vertical,))).axes)[:, 2]
    np.testing.assert_allclose(direction, [-horizontal, vertical, 1.0], atol=1e-11)


def test_shift_along_the_orbit_moves_a_thin_element():
    kick, there, back = Multipole(knl=(0.0, 0.5)), Drift(length=0.02), Drift(length=-0.02)
    expected = through(back, through(kick, through(there, Z)))
    moved = Multipole(knl=(0.0, 0.5), misalignment=Misalignment(ds=0.02))
    np.testing.assert_allclose(through(moved, Z), expected, atol=1e-16)


def test_roll_of_a_straight_element_is_its_tilt():
    rolled = through(Quadrupole(length=0.3, k1=1.2, misalignment=Misalignment(dpsi=0.3)), Z)
    np.testing.assert_allclose(rolled, through(Quadrupole(length=0.3, k1=1.2, tilt=0.3), Z), atol=1e-17)


@pytest.mark.parametrize(("angle", "k1", "momentum"), [("dtheta", 0.1, 1), ("dphi", -0.1, 3)])
def test_positive_angles_move_the_far_end_to_positive_x_and_y(angle, k1, momentum):
    """A focusing quadrupole, displaced by half its length times the angle on average, pulls towards its axis."""
    pulled = through(Quadrupole(length=0.5, k1=k1, misalignment=Misalignment(**{angle: 1e-5})), (0.0,) * 6)
    assert pulled[momentum] == pytest.approx(0.1 * 0.5 * 0.25 * 1e-5, rel=0.02)


def test_offset_of_a_bend_acts_along_the_axes_at_its_entrance():
    """Moved along its own chord, a bend is passed later by the projection on each end's direction."""
    angle, shift = 0.4, 1e-3
    bend = SectorBend(length=0.7, angle=angle, misalignment=Misalignment(ds=shift))
    assert through(bend, (0.0,) * 6)[0] == pytest.approx(shift * np.sin(angle), rel=1e-2)


def test_plain_offsets_cost_translations_only():
    quadrupole = Quadrupole(length=0.3, k1=1.2, misalignment=Misalignment(dx=1e-3))
    rows = rows_of(quadrupole, slices=1)
    assert rows[0] == (Op.TRANSLATION, (1e-3, 0.0))
    assert rows[-1] == (Op.TRANSLATION, (-1e-3, 0.0))
    assert not any(op == Op.PATCH for op, _ in rows)


def test_misalignments_can_be_differentiated():
    moved = through(Multipole(knl=(0.0, 0.5), misalignment=Misalignment(dx=1e-3 + 1j * TINY)), Z)
    assert moved[1].imag / TINY == pytest.approx(0.5, rel=1e-14)


def test_turned_kicker_kicks_along_its_own_axes():
    kicked = through(Kicker(hkick=1e-3, misalignment=Misalignment(dpsi=0.3)), (0.0,) * 6)
    np.testing.assert_allclose(kicked[[1, 3]], [1e-3 * np.cos(0.3), 1e-3 * np.sin(0.3)], atol=1e-18)


@pytest.mark.parametrize("patch", [Translation, Rotation])
def test_patches_cannot_be_misaligned(patch):
    with pytest.raises(ElementError, match="no body to move"):
        rows_of(patch(misalignment=Misalignment(dx=1e-3)))


def test_misalignment_that_is_no_number_is_refused():
    quadrupole = Quadrupole(length=0.3, misalignment=Misalignment(dx=math.nan))
    with pytest.raises(ElementError, match="misalignment = .*dx=nan.*finite"):
        Line((quadrupole,), ("q",), REFERENCE)
