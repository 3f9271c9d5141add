"""Normal modes of matrices: against matrices made from known tunes, and against finite differences for series."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from optics import CouplingError, UnstableMotionError, normal_modes, tunes
from optics.normal_modes import coupled_pair, symplectic_form
from optics.off_momentum import matrix_of_series
from tracking.errors import InputError

tune = st.floats(0.05, 0.45)


def rotation(*angles):
    """Block rotation by the tunes given."""
    matrix = np.zeros((2 * len(angles), 2 * len(angles)))
    for k, q in enumerate(angles):
        c, s = np.cos(2 * np.pi * q), np.sin(2 * np.pi * q)
        matrix[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[c, s], [-s, c]]
    return matrix


def coupled(angles, seed, strength):
    """Symplectic matrix with the given tunes in random coordinates."""
    generator = np.random.default_rng(seed).normal(size=(2 * len(angles), 2 * len(angles)))
    w = expm(strength * symplectic_form(len(generator)) @ (generator + generator.T))
    return w @ rotation(*angles) @ np.linalg.inv(w)


@settings(max_examples=60, deadline=None)
@given(angles=st.lists(tune, min_size=2, max_size=3, unique=True), seed=st.integers(0, 999), strength=st.floats(0, 0.1))
def test_normalising_matrix_turns_motion_into_rotations(angles, seed, strength):
    separation = min(abs(a - b) for i, a in enumerate(angles) for b in angles[:i])
    if separation < 1e-3:
        return
    matrix = coupled(angles, seed, strength)
    modes = normal_modes(matrix)
    w, form = modes.normalising, symplectic_form(len(matrix))
    tolerance = 1e-11 / separation
    assert np.abs(w.T @ form @ w - form).max() < tolerance
    assert np.abs(np.linalg.solve(w, matrix @ w) - rotation(*modes.tunes)).max() < tolerance
    assert np.allclose(np.sort(modes.tunes), np.sort(angles), atol=tolerance)
    for k in range(len(angles)):
        assert w[2 * k, 2 * k] > 0 and abs(w[2 * k, 2 * k + 1]) < 1e-12


def test_modes_are_numbered_by_the_plane_they_live_in():
    assert np.allclose(tunes(coupled([0.31, 0.12], 3, 0.02)), [0.31, 0.12], atol=1e-12)
    assert np.allclose(tunes(coupled([0.31, 0.12, 0.99], 3, 0.02)), [0.31, 0.12, 0.99], atol=1e-12)


@pytest.mark.parametrize("angles", [(0.2, 0.2), (0.2, 0.2, 0.01), (0.7, 0.3)])
def test_equal_tunes_without_coupling_do_not_mix(angles):
    modes = normal_modes(rotation(*angles))
    assert np.allclose(modes.tunes, angles, atol=1e-14)
    assert np.allclose(modes.normalising, np.eye(2 * len(angles)), atol=1e-14)


@pytest.mark.parametrize(("unstable", "plane"), [(0, "x"), (1, "y"), (2, "zeta")])
def test_unstable_plane_is_named(unstable, plane):
    matrix = rotation(0.2, 0.3, 0.99)
    matrix[2 * unstable : 2 * unstable + 2, 2 * unstable : 2 * unstable + 2] = [[2.0, 1.0], [1.0, 1.0]]
    with pytest.raises(UnstableMotionError) as caught:
        tunes(matrix)
    assert caught.value.plane == plane
    assert caught.value.traces[unstable] == pytest.approx(3.0)
    assert np.abs(caught.value.eigenvalues).max() == pytest.approx((3 + 5**0.5) / 2)
    assert "stable: between -2 and 2" in str(caught.value)


def test_sum_resonance_is_unstable_in_both_planes():
    matrix = rotation(0.3, 0.7)
    skew = np.eye(4)
    skew[1, 2] = skew[3, 0] = 0.1
    with pytest.raises(UnstableMotionError) as caught:
        tunes(skew @ matrix)
    assert caught.value.plane == "x-y"


def test_damped_motion_has_no_tunes():
    with pytest.raises(UnstableMotionError, match="0.001"):
        tunes(0.999 * rotation(0.2, 0.3))


@pytest.mark.parametrize("wrong", [np.eye(5), np.full((4, 4), np.nan)])
def test_what_is_no_matrix_is_refused(wrong):
    with pytest.raises(InputError, match=r"expected finite numbers of shape"):
        tunes(wrong)


def test_equal_tunes_that_couple_have_no_series():
    series = np.zeros((4, 4, 2))
    series[..., 0] = rotation(0.2, 0.2)
    skew = np.zeros((4, 4))
    skew[1, 2] = skew[3, 0] = 0.1
    series[..., 1] = skew @ series[..., 0]
    with pytest.raises(CouplingError, match="separate the tunes"):
        coupled_pair(matrix_of_series(series))


def test_tunes_of_a_series_of_matrices_match_finite_differences():
    """exp(d K) M(d = 0) is symplectic for every d; its tunes as a series in d against differences of numbers."""
    start = coupled([0.31, 0.12], 5, 0.05)
    generator = np.random.default_rng(2).normal(size=(4, 4))
    change = 0.3 * symplectic_form(4) @ (generator + generator.T)
    powers = [np.eye(4), change, change @ change / 2, change @ change @ change / 6]
    series = np.stack([power @ start for power in powers], axis=-1)
    modes = coupled_pair(matrix_of_series(series))
    h = 1e-3
    samples = {k: tunes(expm(k * h * change) @ start) for k in (-2, -1, 0, 1, 2)}
    first = (8 * (samples[1] - samples[-1]) - (samples[2] - samples[-2])) / (12 * h)
    second = (16 * (samples[1] + samples[-1]) - (samples[2] + samples[-2]) - 30 * samples[0]) / (24 * h * h)
    for mode in range(2):
        assert modes.tunes[mode].coefficients[:3] == pytest.approx(
            [samples[0][mode], first[mode], second[mode]], rel=1e-7, abs=1e-8
        )
