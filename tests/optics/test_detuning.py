"""Amplitude detuning and chromaticity from tracking, against closed forms, symmetry and the exact Taylor series."""

import math

import numpy as np
import pytest

from optics import (
    amplitude_detuning,
    frequency_map,
    plot_amplitude_detuning,
    plot_chromaticity,
    tracked_chromaticity,
    twiss,
)
from optics.mode_signals import torus_actions
from tests.optics.lattices import RING
from tests.optics.test_apertures import ELECTRON, HENON, QX, QY, SEXTUPOLE, rotation
from tracking import Line, Matrix, Multipole, load_madx
from tracking.errors import InputError


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    path = tmp_path_factory.mktemp("detuning") / "ring.madx"
    path.write_text(RING)
    return load_madx(path).with_settings(slices=2, integrator=4)


def turn_with(*knl, betx=1.0, bety=1.0, qx=QX, qy=QY):
    """A rotation of beta functions, and a multipole."""
    scale = np.diag([betx**0.5, betx**-0.5, bety**0.5, bety**-0.5, 1.0, 1.0])
    matrix = scale @ np.reshape(rotation(qx, qy), (6, 6)) @ np.linalg.inv(scale)
    return Line([Matrix(matrix=tuple(matrix.ravel().tolist())), Multipole(knl=knl)], ["m", "k"], ELECTRON)


def test_octupole():
    """First order of the strength: H = k (x^4 - 6 x^2 y^2 + y^4)/24 averaged over both angles."""
    k, betx, bety = 0.5, 3.0, 1.7
    found = amplitude_detuning(turn_with(0.0, 0.0, 0.0, k, betx=betx, bety=bety))
    cross = -k * betx * bety / (8 * math.pi)
    expected = [[k * betx**2 / (16 * math.pi), cross], [cross, k * bety**2 / (16 * math.pi)]]
    assert found.converged and found.first == pytest.approx(np.array(expected), rel=1e-7)
    assert found.tunes == pytest.approx([QX, QY], abs=1e-12)
    assert np.all(found.first_change <= 1e-6 * np.abs(found.first).max())


def test_sextupole():
    """Second order of the strength, from perturbation theory of one kick per turn."""
    found = amplitude_detuning(HENON, largest=2e-3)
    x, y, s = math.pi * QX, math.pi * QY, SEXTUPOLE**2 / (64 * math.pi)
    cot = lambda angle: 1.0 / math.tan(angle)  # noqa: E731
    own = -s * (3 * cot(x) + cot(3 * x))
    cross = -s * (-4 * cot(x) + 2 * cot(x + 2 * y) - 2 * cot(x - 2 * y))
    vertical = -s * (4 * cot(x) + cot(x + 2 * y) + cot(x - 2 * y))
    assert found.converged and found.first == pytest.approx(np.array([[own, cross], [cross, vertical]]), rel=1e-8)


def test_tunes_derive_from_a_hamiltonian(ring):
    """dQ_k/dJ_l and all second derivatives are symmetric, for coupled motion too."""
    found = amplitude_detuning(ring.with_knobs(kskew=0.05, kick=1e-4, kqd=-0.69), largest=4e-5)
    assert found.converged
    assert found.first == pytest.approx(found.first.T, rel=1e-6)
    assert np.abs(found.first[0, 1]) > 1.0
    largest = np.abs(found.second).max()
    for axes in ((1, 0, 2), (2, 1, 0)):
        assert found.second == pytest.approx(found.second.transpose(axes), abs=2e-3 * largest)
    assert found.second_change.max() < 0.02 * largest


def test_polynomial_predicts_tracked_tunes(ring):
    found = amplitude_detuning(ring, largest=1e-5)
    frame = twiss(ring, method="4d")
    x, y = math.sqrt(2e-7 * frame.betx[0]), math.sqrt(1e-7 * frame.bety[0])
    shift = frequency_map(ring, x, y).tunes[0].ravel() - found.tunes
    assert np.abs(shift).min() > 1e-7
    gamma = [(1 + frame.alfx[0] ** 2), (1 + frame.alfy[0] ** 2)]  # 2 J = gamma x^2 for particles parallel to the orbit
    assert found(np.array([1e-7, 0.5e-7]) * gamma) - found.tunes == pytest.approx(shift, rel=0.02)


def test_linear_motion_has_no_detuning():
    found = amplitude_detuning(turn_with(0.0, 0.0))
    assert found.converged and np.abs(found.first).max() < 1e-4


def test_actions_of_a_known_torus():
    """Circles moved by a symplectic kick keep their actions; harmonics that coincide are not counted twice."""
    actions = np.array([[0.3, 0.2], [0.1, 0.4], [0.2, 0.1]])
    tunes = np.array([[0.6180339887, 0.4142135623], [0.31415926, 0.1234567], [0.19999, 0.4142135623]])
    turns = np.arange(2048)
    angle = 2 * np.pi * tunes[:, :, None] * turns
    radius = np.sqrt(2 * actions)[:, :, None]
    q, p = radius * np.cos(angle), -radius * np.sin(angle)
    kicked = p - 0.2 * np.stack([q[:, 0] ** 2 - q[:, 1] ** 2, -2 * q[:, 0] * q[:, 1]], axis=1)
    linear = 0.5 * (q**2 + kicked**2).mean(axis=2)
    assert np.abs(linear - actions).max() > 4e-3
    for midplane in (False, True):
        found, sure = torus_actions(q - 1j * kicked, tunes, midplane)
        assert sure and found == pytest.approx(actions, abs=1e-9)


def test_a_close_resonance_leaves_the_second_order_open():
    """Near Q1 + 3 Q2 = 9, lines of second order coincide, unless those that the midplane forbids are left out."""
    optics = {"qx": 0.9011, "qy": 0.3662}
    flat = amplitude_detuning(turn_with(0.0, 0.0, 0.5, 1.0, **optics), largest=1e-3)
    assert flat.first == pytest.approx(flat.first.T, rel=1e-7) and np.isfinite(flat.second_change).all()
    largest = np.abs(flat.second).max()
    for axes in ((1, 0, 2), (2, 1, 0)):
        assert flat.second == pytest.approx(flat.second.transpose(axes), abs=1e-3 * largest)
    skew = Multipole(knl=(0.0, 0.0, 0.5, 1.0), ksl=(0.0, 0.0, 1e-3))
    line = turn_with(0.0, 0.0, **optics)
    open_ = amplitude_detuning(Line([line[0], skew], ["m", "k"], ELECTRON), largest=1e-3)
    assert np.isinf(open_.second_change).all() and open_.first == pytest.approx(flat.first, rel=1e-3)


def test_chromaticity_is_that_of_the_series(ring):
    line = ring.with_knobs(kskew=0.05, kick=1e-4, kqd=-0.69)
    expected = twiss(line, method="4d", order=3)
    found = tracked_chromaticity(line)
    assert found.converged and found.tunes == pytest.approx([expected.q1, expected.q2], abs=1e-9)
    error = np.abs(found.coefficients - expected.chromaticity) / np.abs(expected.chromaticity).max(axis=0)
    assert np.all(error.max(axis=0) < [3e-7, 1e-5, 3e-3])
    assert found(1e-3) == pytest.approx(found.tunes + found.coefficients @ [1e-3, 1e-6, 1e-9], abs=1e-14)
    assert found([[1e-3], [0.0]]).shape == (2, 1, 2)


def test_figures(ring, tmp_path):
    detuning, chromaticity = amplitude_detuning(HENON, largest=1e-3), tracked_chromaticity(HENON)
    figure = plot_amplitude_detuning(detuning, tmp_path / "detuning.png")
    points, curve = (figure.axes[1].lines[k].get_xydata() for k in (0, 1))
    assert len(points) == 6 and points[:, 0].max() == pytest.approx(curve[-1, 0])
    assert np.interp(points[:, 0], *curve.T) == pytest.approx(points[:, 1], abs=0.02 * np.ptp(curve[:, 1]))
    plot_chromaticity(chromaticity, tmp_path / "chromaticity.png")
    for name in ("detuning.png", "chromaticity.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("function", [amplitude_detuning, tracked_chromaticity])
@pytest.mark.parametrize("options", [{"turns": 31}, {"largest": 0.0}, {"largest": math.inf}, {"largest": [1e-6, 1e-6]}])
def test_bad_input(function, options):
    with pytest.raises(InputError, match=next(iter(options))):
        function(HENON, **options)


def test_ranges_with_losses_are_left_out():
    found, small = amplitude_detuning(HENON, largest=0.5), amplitude_detuning(HENON, largest=2e-3)
    assert np.isnan(found.measured[0]).any() and not np.isnan(found.measured[3:]).any()
    assert found.converged and found.first == pytest.approx(small.first, rel=1e-6)
    shown = plot_amplitude_detuning(found).axes[0].lines[0].get_xdata()
    assert 0.0 < 1e-6 * shown.max() < 0.2


def test_losses_are_said():
    with pytest.raises(InputError, match="amplitude detuning: particles are lost for largest = 10000.0"):
        amplitude_detuning(HENON, largest=1e4)
