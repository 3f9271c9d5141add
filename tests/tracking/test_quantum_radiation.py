"""Quantum radiation in particle tracking: random numbers, the photons' spectrum, moments, equilibrium, same bits."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import kv

from tracking import InputError, Line, Quadrupole, ReferenceParticle, SectorBend, Solenoid, track
from tracking.backtrack import inverse_line
from tracking.lower.radiation import photon_constants
from tracking.maps.radiation import MEAN, MEAN_SQUARE
from tracking.quantum import MOST_PHOTONS, photon_energy
from tracking.random_numbers import threefry, uniform_pair

ELECTRON = ReferenceParticle.of("electron", total_energy=3e9)
BEND = Line((SectorBend(length=0.1, angle=0.02),), ("bend",), ELECTRON).with_settings(slices=1)
CELL = Line(
    (SectorBend(length=1.0, angle=0.1, k1=-0.2, e1=0.05), Quadrupole(length=0.5, k1=1.0), SectorBend(length=0.5)),
    ("b", "q", "d"),
    ELECTRON,
).with_settings(slices=2)
KINDS = pytest.mark.parametrize("kind", ["gaussian", "photons"])


@pytest.mark.parametrize(
    ("word", "expected"),
    [(0, (0xC2B6E3A8C2C69865, 0x6F81ED42F350084D)), (2**64 - 1, (0xE02CB7C4D95D277A, 0xD06633D0893B8B68))],
)
def test_threefry_gives_the_known_answers(word, expected):
    """Source: the known-answer vectors of Random123, threefry2x64 with 20 rounds."""
    assert tuple(int(x) for x in threefry(*[np.uint64(word)] * 4)) == expected


def test_uniform_numbers_are_uniform_and_independent():
    pairs = np.array([uniform_pair(3.0, t, p, d) for t in range(20) for p in range(20) for d in range(20)])
    assert np.abs(pairs.mean(axis=0) - 0.5).max() < 4.0 / np.sqrt(12 * len(pairs))
    counts = np.histogram2d(*pairs.T, bins=8, range=[[0, 1], [0, 1]])[0]
    expected = len(pairs) / counts.size
    assert ((counts - expected) ** 2).sum() / expected < 63 + 5 * np.sqrt(2 * 63)


@pytest.mark.parametrize("w", [1e-6, 1e-3, 0.1, 0.7, 2.0, 5.0, 15.0, 30.0])
def test_photon_energies_follow_the_spectrum(w):
    """Share of photons above u: the integral over v > u of (v - u) K_5/3(v), of 5 pi/3 in all."""
    u = photon_energy(w)
    if w < 0.5:  # the share below, for accuracy
        rising = quad(lambda s: np.exp(2 * s) * kv(5 / 3, np.exp(s)), -200, np.log(u), epsrel=1e-10)[0]
        flat = u * quad(lambda s: np.exp(s) * kv(5 / 3, np.exp(s)), np.log(u), 5, epsrel=1e-10)[0]
        assert (rising + flat) / (5 * np.pi / 3) == pytest.approx(-np.expm1(-w), rel=1e-6)
    else:
        above = quad(lambda t: (t * kv(5 / 3, u + t)), 0, np.inf, epsrel=1e-10, epsabs=0.0)[0]
        assert above / (5 * np.pi / 3) == pytest.approx(np.exp(-w), rel=1e-6)


@KINDS
def test_moments_of_the_loss_in_a_bend(kind):
    n = 400_000
    loss = -track(BEND.with_settings(radiation=kind), np.zeros((n, 6)), seed=5).coordinates[:, 5]
    density, critical, _ = photon_constants(ELECTRON)
    number, critical = density * 0.02, critical * 0.2
    mean, variance = MEAN * number * critical, MEAN_SQUARE * number * critical**2
    third = quad(lambda u: u**4 * kv(5 / 3, u) / 4, 0, np.inf)[0] / (5 * np.pi / 3) * number * critical**3
    assert loss.mean() == pytest.approx(mean, abs=4 * np.sqrt(variance / n))
    assert loss.var() == pytest.approx(variance, rel=0.02)
    skewness = ((loss - loss.mean()) ** 3).mean() / variance**1.5
    assert skewness == pytest.approx(third / variance**1.5 if kind == "photons" else 0.0, abs=0.05)
    if kind == "photons":
        assert (loss == 0.0).mean() == pytest.approx(np.exp(-number), rel=0.01)


@KINDS
def test_same_bits_however_it_is_run(kind, tmp_path):
    line = CELL.with_settings(radiation=kind)
    particles = np.random.default_rng(2).uniform(-1e-3, 1e-3, (700, 6))
    particles[::7, 2] = 0.03  # lost on the way, so that others change places in their block
    limits = {"y": 1.0}
    whole = track(line, particles, 9, seed=4, limits=limits)
    assert 0 < whole.alive.sum() < 700
    threaded = track(line, particles, 9, seed=4, limits=limits, threads=3)
    few = track(line, particles[:10], 9, seed=4, limits=limits)
    path = tmp_path / "state.npz"
    track(line, particles, 4, seed=4, limits=limits, checkpoint=path)
    resumed = track(line, particles, 9, seed=4, limits=limits, checkpoint=path)
    for other in (threaded, resumed):
        assert np.array_equal(other.coordinates, whole.coordinates)
    assert np.array_equal(few.coordinates, whole.coordinates[:10])
    part = track(line, particles[300:310], 9, seed=4, limits=limits, numbers=np.arange(300, 310))
    assert np.array_equal(part.coordinates, whole.coordinates[300:310])
    assert not np.array_equal(track(line, particles, 9, seed=5, limits=limits).coordinates, whole.coordinates)
    with pytest.raises(InputError, match="another line, other initial particles"):
        track(line, particles, 9, seed=5, limits=limits, checkpoint=path)


@pytest.mark.parametrize("numbers", [[0.0, 1.0], [0], [0, -1], [0, 2**53 + 1]])
def test_bad_numbers_of_particles_are_named(numbers):
    with pytest.raises(InputError, match="numbers"):
        track(BEND, np.zeros((2, 6)), numbers=numbers)


def test_draws_of_turns_and_particles_differ():
    line = BEND.with_settings(radiation="gaussian")
    first = track(line, np.zeros((300, 6)), 1).coordinates[:, 5]
    second = track(line, np.zeros((300, 6)), 2).coordinates[:, 5] - first
    assert np.unique(first).size == 300
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.2
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 0.2


def test_more_photons_than_make_sense_are_a_loss():
    strong = ReferenceParticle.of("electron", total_energy=3e9 * 10.0 * MOST_PHOTONS)
    result = track(BEND.with_reference(strong).with_settings(radiation="photons"), np.zeros((1, 6)))
    assert not result.alive[0]


@KINDS
def test_motion_along_the_field_emits_nothing(kind):
    """On the axis of a solenoid the field lies along the motion, to round-off."""
    particles = np.zeros((500, 6))
    particles[:, 5] = np.linspace(-1e-2, 1e-2, 500)
    line = Line((Solenoid(length=1.0, ks=0.5),), ("s",), ELECTRON).with_settings(radiation=kind)
    after = track(line, particles, seed=1).coordinates
    assert np.array_equal(after[:, [0, 1, 2, 3, 5]], particles[:, [0, 1, 2, 3, 5]])


@KINDS
def test_inverse_line_undoes_the_mean_loss(kind):
    start = np.random.default_rng(3).uniform(-1e-3, 1e-3, (5, 6))
    after = track(CELL.with_settings(radiation="mean"), start).coordinates
    back = track(inverse_line(CELL.with_settings(radiation=kind)), after).coordinates
    assert np.abs(back - start).max() < 1e-13
