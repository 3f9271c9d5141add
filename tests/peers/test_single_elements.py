"""Every element but the magnets beside PTC, or MAD-X TRACK where PTC has no such element: equal to round-off."""

from __future__ import annotations

import numpy as np
import pytest

from tests.peers.single_elements import running
from tests.tracking.rows import REFERENCE, through
from tracking.coordinates import convert, convert_matrix
from tracking.elements import (
    ChangeReference,
    CrabCavity,
    Element,
    Kicker,
    Matrix,
    Misalignment,
    RFCavity,
    RFMultipole,
    Rotation,
    SectorBend,
    Solenoid,
    Translation,
)

pytest.importorskip("cpymad")
TOLERANCE = 2e-15  # m, 1; coordinates are 3e-3
CAVITY = {"volt": 20e6, "freq": 100e6, "lag": 0.2}
MULTIPOLES = {"knl": (0.0, 0.2, 0.3), "ksl": (0.0, 0.1, -0.4)}


@pytest.fixture(scope="module")
def peer():
    with running() as peer:
        yield peer


@pytest.fixture(scope="module")
def particles():
    z = np.random.default_rng(1).uniform(-3e-3, 3e-3, (6, 6)) * [1, 1, 1, 1, 10, 1]
    z[0] = 0.0
    return z


def ours(element: Element, particles: np.ndarray, **settings) -> np.ndarray:
    return through(element, particles.T, **settings).T


def assert_equal(ours: np.ndarray, theirs: np.ndarray, tolerance: float = TOLERANCE) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=tolerance)


SAME = {  # our element, MAD-X text
    "thin kicker": (Kicker(hkick=1e-3, vkick=-2e-3), "kicker, hkick=1e-3, vkick=-2e-3"),
    "tilted hkicker": (Kicker(hkick=1e-3, tilt=0.3), "hkicker, kick=1e-3, tilt=0.3"),
    "solenoid": (Solenoid(length=0.8, ks=0.7), "solenoid, l=0.8, ks=0.7"),
    "solenoid with multipoles": (
        Solenoid(length=0.8, ks=0.7, **MULTIPOLES),
        "solenoid, l=0.8, ks=0.7, knl={0, 0.2, 0.3}, ksl={0, 0.1, -0.4}",
    ),
    "thin solenoid": (
        Solenoid(ks=0.75, ksi=0.3, **MULTIPOLES),
        "solenoid, l=0, ks=0.75, ksi=0.3, lrad=0.4, knl={0, 0.2, 0.3}, ksl={0, 0.1, -0.4}",
    ),
    "thin cavity": (RFCavity(**CAVITY), "rfcavity, volt=20, freq=100, lag=0.2"),
    "cavity": (RFCavity(length=0.5, **CAVITY), "rfcavity, l=0.5, volt=20, freq=100, lag=0.2"),
    "thin crab cavity": (CrabCavity(**CAVITY), "crabcavity, volt=20, freq=100, lag=0.2"),
    # PTC multiplies the voltage of a thick crab cavity by its length
    "crab cavity": (CrabCavity(length=0.5, **CAVITY), "crabcavity, l=0.5, volt=40, freq=100, lag=0.2"),
    "translation": (Translation(dx=0.01, dy=-0.02, ds=0.3), "translation, dx=0.01, dy=-0.02, ds=0.3"),
    "x rotation": (Rotation(axis="x", angle=0.1), "xrotation, angle=0.1"),
    "y rotation": (Rotation(axis="y", angle=0.1), "yrotation, angle=0.1"),
    "s rotation": (Rotation(axis="s", angle=0.1), "srotation, angle=0.1"),
    "changeref": (
        ChangeReference(translation=(0.01, 0.02, 0.3), angles=(0.1, -0.2, 0.3)),
        "changeref, patch_trans={0.01, 0.02, 0.3}, patch_ang={0.1, -0.2, 0.3}",
    ),
}


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "expanded"])
@pytest.mark.parametrize("case", SAME)
def test_same_as_ptc(peer, particles, case, exact):
    element, text = SAME[case]
    model = "exact" if exact else "expanded"
    theirs = peer.ptc(text, particles, slices=40, exact=exact)
    assert_equal(ours(element, particles, model=model, slices=40), theirs)


@pytest.mark.parametrize("fringe", [False, True])
@pytest.mark.parametrize("end", ["entrance", "exit"])
def test_killed_fringe_leaves_the_wedge_as_in_ptc(peer, particles, end, fringe):
    text = f"sbend, l=0.4, angle=0.2, k1=0.5, e1=0.1, e2=0.05, kill_{end[:3]}_fringe=true"
    coarse, fine = (peer.ptc(text, particles, slices=n, fringe=fringe) for n in (40, 80))
    element = SectorBend(length=0.4, angle=0.2, k1=0.5, e1=0.1, e2=0.05, **{f"kill_{end}_fringe": True})
    settings = {"fringe": "all" if fringe else "dipole", "slices": 40}
    assert_equal(ours(element, particles, **settings), (4 * fine - coarse) / 3, 1e-13)


@pytest.mark.parametrize("fringe", [False, True])
def test_thick_kicker_is_the_limit_of_ptc(peer, particles, fringe):
    """PTC converges as 1/nst^2 here, whatever its method."""
    text = "kicker, l=0.8, hkick=0.01, vkick=-0.02"
    coarse, fine = (peer.ptc(text, particles, slices=n, fringe=fringe) for n in (40, 80))
    element = Kicker(length=0.8, hkick=0.01, vkick=-0.02)
    assert_equal(ours(element, particles, fringe="all" if fringe else "dipole"), (4 * fine - coarse) / 3)


@pytest.mark.parametrize("case", ["cavity", "solenoid with multipoles"])
def test_fringes_are_those_of_ptc(peer, particles, case):
    element, text = SAME[case]
    theirs = peer.ptc(text, particles, slices=40, fringe=True)
    assert_equal(ours(element, particles, slices=40, fringe="all"), theirs)


def test_harmonic_number_times_revolution_frequency(peer, particles):
    theirs = peer.ptc("rfcavity, l=0, volt=20, freq=7, lag=0.2", particles)
    assert_equal(ours(RFCavity(volt=20e6, lag=0.2, harmon=7), particles), theirs)


def test_cavity_without_transit_time_is_that_of_madx(peer, particles):
    theirs = peer.madx_track(SAME["cavity"][1], particles)
    assert_equal(ours(RFCavity(length=0.5, transit_time=False, **CAVITY), particles), theirs)


def test_rf_multipole_is_that_of_madx(peer, particles):
    element = RFMultipole(
        knl=(1e-3, 0.02, 0.3, 5.0),
        ksl=(2e-3, -0.04, 0.7, -8.0),
        pnl=(0.1, 0.2, 0.3, 0.4),
        psl=(0.5, 0.6, 0.7, 0.8),
        **CAVITY,
    )
    theirs = peer.madx_track(
        "rfmultipole, volt=20, freq=100, lag=0.2, knl={1e-3, 0.02, 0.3, 5}, ksl={2e-3, -0.04, 0.7, -8}, "
        "pnl={0.1, 0.2, 0.3, 0.4}, psl={0.5, 0.6, 0.7, 0.8}",
        particles,
    )
    assert_equal(ours(element, particles), theirs)


def test_matrix_is_that_of_madx(peer, particles):
    rng = np.random.default_rng(2)
    kick, matrix = rng.normal(size=6) * 1e-3, rng.normal(size=(6, 6))
    text = ", ".join(
        [f"kick{i + 1}={k:.17g}" for i, k in enumerate(kick)]
        + [f"rm{i + 1}{j + 1}={matrix[i, j]:.17g}" for i in range(6) for j in range(6)]
    )
    beta0 = REFERENCE.beta0
    element = Matrix(
        kick=convert(tuple(kick), "madx", "taylorbeam", beta0),
        matrix=tuple(convert_matrix(matrix, "madx", "taylorbeam", beta0).ravel()),
    )
    assert_equal(ours(element, particles), peer.madx_track(f"matrix, {text}", particles))


BODIES = {
    "solenoid": SAME["solenoid"],
    "bend": (SectorBend(length=0.8, angle=0.3), "sbend, l=0.8, angle=0.3"),
    "tilted bend": (SectorBend(length=0.8, angle=0.3, tilt=0.4), "sbend, l=0.8, angle=0.3, tilt=0.4"),
}


@pytest.mark.parametrize("case", BODIES)
def test_misaligned_body_is_that_of_ptc(peer, particles, case):
    """PTC turns about x, then y, then s: other angles for the same attitude."""
    element, text = BODIES[case]
    theta, phi, psi = -0.05, 0.04, 0.06  # PTC's
    turned = _rotation_x(phi) @ _rotation_y(theta) @ _rotation_s(psi)
    misalignment = Misalignment(
        dx=1e-3,
        dy=-2e-3,
        ds=3e-3,
        dphi=np.arcsin(turned[1, 2]),
        dtheta=np.arctan2(turned[0, 2], turned[2, 2]),
        dpsi=np.arctan2(turned[1, 0], turned[1, 1]),
    )
    theirs = peer.ptc(
        text, particles, errors=f"dx=1e-3, dy=-2e-3, ds=3e-3, dtheta={theta}, dphi={phi}, dpsi={psi}"
    )
    assert_equal(ours(type(element)(**{**vars(element), "misalignment": misalignment}), particles), theirs, 1e-14)


def _rotation_x(phi: float) -> np.ndarray:
    return np.array([[1, 0, 0], [0, np.cos(phi), np.sin(phi)], [0, -np.sin(phi), np.cos(phi)]])


def _rotation_y(theta: float) -> np.ndarray:
    return np.array([[np.cos(theta), 0, np.sin(theta)], [0, 1, 0], [-np.sin(theta), 0, np.cos(theta)]])


def _rotation_s(psi: float) -> np.ndarray:
    return np.array([[np.cos(psi), -np.sin(psi), 0], [np.sin(psi), np.cos(psi), 0], [0, 0, 1]])
