"""Symplecticity in practice: what 100 000 turns do to the invariants of motion in a small nonlinear ring."""

import numpy as np
import pytest

from optics import closed_orbit, one_turn_map
from tracking import Drift, Line, Matrix, Quadrupole, ReferenceParticle, RFCavity, SectorBend, Sextupole
from tracking.engine_float import track
from tracking.monitor import ParticleMonitor

PROTON = ReferenceParticle.of("proton", kinetic_energy=200e6)
PARTICLES = 40
WINDOW, BETWEEN, WINDOWS = 8192, 16000, 5
CELL = {
    "qf": Quadrupole(length=0.3, k1=0.6),
    "d1": Drift(length=0.6),
    "b": SectorBend(length=1.2, angle=np.pi / 3, e1=np.pi / 12, e2=np.pi / 12),
    "s": Sextupole(length=0.1, k2=15.0),
    "d2": Drift(length=0.6),
    "qd": Quadrupole(length=0.3, k1=-1.0),
}


def ring(model, extra=()):
    parts = [*CELL.items()] * 6 + [*extra]
    return Line([e for _, e in parts], [n for n, _ in parts], PROTON).with_settings(
        model=model, slices=1, integrator=4
    )


CAVITY = ("rf", RFCavity(length=0.0, volt=2.6e6, lag=0.5, harmon=1))


def eigenvectors(matrix):
    """(modes, n) of the stable matrix, of unit area, so that |v* S z|^2/2 is the action of a mode."""
    form = np.kron(np.eye(len(matrix) // 2), [[0.0, 1.0], [-1.0, 0.0]])
    vectors = np.linalg.eig(matrix)[1].T
    area = np.einsum("mi,ij,mj->m", vectors.conj(), form, vectors).imag
    return (vectors[area > 0] / np.sqrt(area[area > 0])[:, None]).conj() @ form


def mean_actions(line, dim):
    """(windows, modes, particles) actions of the linear motion, averaged over windows, and their times (windows,).

    The third power of a Hann window leaves nothing of what oscillates: sextupoles and the bends make the transverse
    actions oscillate by up to 3 percent, the bucket the longitudinal one by 70.
    """
    orbit = closed_orbit(line, dim=dim).start
    rows = eigenvectors(np.asarray(one_turn_map(line, 1).jacobian())[:dim, :dim])
    random = np.random.default_rng(1)
    size = np.array([6e-3, 1e-3, 6e-3, 1e-3, 1e-2, 1e-4])[:dim]
    z = np.tile(orbit, (PARTICLES, 1))
    z[:, :dim] += random.uniform(0.5, 1.0, (PARTICLES, dim)) * random.choice([-1, 1], (PARTICLES, dim)) * size
    weights = np.hanning(WINDOW + 2)[1:-1] ** 3
    found = []
    for k in range(WINDOWS):
        monitor = ParticleMonitor()
        z = track(line, z, WINDOW, monitors=[monitor]).coordinates
        modes = np.einsum("mi,tpi->tmp", rows, monitor.data[:, 0, :, :dim] - orbit[:dim])
        found.append(np.average(np.abs(modes) ** 2 / 2, axis=0, weights=weights))
        if k < WINDOWS - 1:
            z = track(line, z, BETWEEN).coordinates
    spread = (np.abs(modes) ** 2).std(axis=0) / (np.abs(modes) ** 2).mean(axis=0)
    assert spread.max(axis=1).min() > 0.005
    return np.array(found), np.arange(WINDOWS) * (WINDOW + BETWEEN)


def growth(actions, times):
    """(modes, particles) slopes of straight lines through the actions, relative to them [1/turn]."""
    relative = actions / actions[0] - 1.0
    slope = np.polyfit(times, relative.reshape(len(times), -1), 1)[0].reshape(actions.shape[1:])
    return slope, np.abs(relative).max()


@pytest.mark.parametrize("cavity", [False, True])
@pytest.mark.parametrize("model", ["exact", "expanded"])
def test_actions_stay(model, cavity):
    """What rounding does: a random walk of coordinates, and rounded coefficients of bends, whose determinants miss 1.

    The latter is the only trend: less than half a unit in the last place for each of the line's 190 rows.
    """
    actions, times = mean_actions(ring(model, [CAVITY] * cavity), 6 if cavity else 4)
    assert times[-1] + WINDOW > 100_000
    slope, largest = growth(actions, times)
    assert largest < 5e-9
    assert np.abs(slope).max() < 5e-14
    assert np.abs(slope.mean(axis=1)).max() < 5e-15


def test_a_tiny_growth_would_be_seen():
    """A matrix that misses symplecticity by 2e-13 in each plane makes all actions grow at that rate."""
    growing = ("g", Matrix(matrix=tuple((np.eye(6) * (1.0 + np.array([1, 1, 1, 1, 0, 0]) * 1e-13)).ravel().tolist())))
    slope, _ = growth(*mean_actions(ring("exact", [growing]), 4))
    assert slope.mean(axis=1) == pytest.approx(2e-13, rel=0.05)


@pytest.mark.parametrize("model", ["exact", "expanded"])
def test_energy_without_cavities_is_constant_to_the_bit(model):
    start = np.zeros((PARTICLES, 6))
    start[:, 0] = np.linspace(-2e-3, 2e-3, PARTICLES)
    start[:, 5] = np.linspace(-1e-3, 1e-3, PARTICLES)
    found = track(ring(model), start, 1000)
    assert found.alive.all() and np.array_equal(found.coordinates[:, 5], start[:, 5])
