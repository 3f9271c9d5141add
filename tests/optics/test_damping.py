"""Damping and equilibrium of a ring whose radiation is known in closed form; Sands, SLAC-121 (1970)."""

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

from optics import closed_orbit
from optics.linear_pass import Places, linear_pass
from tests.optics.weak_focusing import weak_focusing_ring
from tracking import pack, track
from tracking.maps.radiation import excitation, multipole_source
from tracking.ops import Op

SETTINGS = {"model": "expanded", "slices": 2, "split": "matrix-kick"}


def equilibrium(line):
    """(6, 6) covariance at the start: S = M S M^T + the fluctuations of every row, taken to the end of the line."""
    packed = pack(line)
    rows = np.arange(packed.n_rows + 1)
    along = linear_pass(packed, closed_orbit(line).start, Places(rows, rows, rows.astype(float)))
    matrix, added = along.matrices[-1], np.zeros((6, 6))
    for row in np.flatnonzero(packed.ops == Op.RADIATION):
        z, p = tuple(along.orbit[row]), tuple(packed.par[packed.ptr[row] : packed.ptr[row + 1]])
        kick = np.array(excitation(z, multipole_source(z, p), p, packed.beta0))
        at_end = matrix @ np.linalg.solve(along.matrices[row], kick)
        added += np.outer(at_end, at_end)
    return solve_discrete_lyapunov(matrix, added, method="bilinear")


def test_damping_partition_numbers():
    loss = 1e-4
    ring, ideal = weak_focusing_ring(total_energy=20e9, loss=loss, index=0.6)
    matrix = closed_orbit(ring.with_settings(radiation="mean", **SETTINGS)).matrix
    found = np.sort(-np.log(np.abs(np.linalg.eigvals(matrix))) * 2.0 / loss)[::2]
    assert found == pytest.approx(np.sort([ideal.jx, 1.0, ideal.je]), rel=1e-5)


def test_loss_in_a_turn_is_made_good_by_the_cavity():
    """Synchronous phase on the closed orbit: the gain of the cavity is the analytic loss, to its second order."""
    loss = 1e-4
    ring, _ = weak_focusing_ring(total_energy=20e9, loss=loss, index=0.6)
    line = ring.with_settings(radiation="mean", **SETTINGS)
    orbit = closed_orbit(line).orbit
    assert (orbit[-1, 5] - orbit[-2, 5]) == pytest.approx(loss, rel=1e-4)
    assert track(line, orbit[0]).coordinates[0] == pytest.approx(orbit[0], rel=1e-14, abs=1e-12)


def test_equilibrium_of_fluctuations_and_damping():
    ring, ideal = weak_focusing_ring(total_energy=20e9, loss=1e-4, index=0.6)
    sigma = equilibrium(ring.with_settings(radiation="mean", **SETTINGS))
    assert sigma[5, 5] == pytest.approx(ideal.spread2, rel=1e-3)
    assert sigma[0, 0] == pytest.approx(ideal.emittance * ideal.betx + ideal.dispersion**2 * ideal.spread2, rel=1e-3)


def test_tracked_particles_come_to_the_equilibrium():
    ring, _ = weak_focusing_ring(total_energy=20e9, loss=6e-3, index=0.6)
    expected = equilibrium(ring.with_settings(radiation="mean", **SETTINGS))
    line = ring.with_settings(radiation="gaussian", **SETTINGS)
    root = np.linalg.cholesky(expected + 1e-20 * np.eye(6))
    particles = closed_orbit(line).start + np.random.default_rng(1).normal(size=(512, 6)) @ root.T
    measured = []
    result = track(
        line, particles, 2500, seed=1, callback_every=50,
        callback=lambda turn, result: measured.append(np.diag(np.cov(result.coordinates.T))),
    )  # fmt: skip
    assert result.alive.all()
    x, delta = np.mean(measured[10:], axis=0)[[0, 5]]
    assert delta == pytest.approx(expected[5, 5], rel=0.08)
    assert x == pytest.approx(expected[0, 0], rel=0.08)
