"""Equilibrium beam matrix: closed forms, the radiation integrals, tracked particles, coupling."""

from dataclasses import replace

import numpy as np
import pytest

from optics import (
    Envelope,
    NoClosedOrbitError,
    UnstableMotionError,
    closed_orbit,
    envelope,
    plot_envelope,
    radiation_integrals,
)
from tests.optics.test_radiation_integrals import CELL
from tests.optics.weak_focusing import weak_focusing_ring
from tracking import (
    Drift,
    InputError,
    Line,
    Misalignment,
    Multipole,
    ReferenceEnergyChange,
    ReferenceParticle,
    RFCavity,
    SectorBend,
    Wiggler,
    track,
)

SETTINGS = {"model": "expanded", "slices": 2, "split": "matrix-kick", "radiation": "mean"}
SLOW = ReferenceParticle.of("electron", total_energy=0.5e9)
CAVITY = RFCavity(volt=1e4, lag=0.5, harmon=2)  # hardly any loss and synchrotron motion


def ring(cell=CELL, *others, slices=16) -> Line:
    elements = (*cell * 12, CAVITY, *others)
    line = Line(elements, [e.keyword for e in elements], SLOW)
    return line.with_settings(slices=slices, radiation="mean", integrator=4)


def test_weak_focusing_ring_has_closed_forms():
    line, ideal = weak_focusing_ring(total_energy=20e9, loss=1e-4, index=0.6)
    found = envelope(line.with_settings(**SETTINGS))
    assert found.partition_numbers == pytest.approx([ideal.jx, 1.0, ideal.je], rel=2e-5)
    assert found.energy_loss == pytest.approx(1e-4 * line.reference.total_energy, rel=1e-4)
    assert found.energy_spread[0] ** 2 == pytest.approx(ideal.spread2, rel=1e-3)
    size2 = ideal.emittance * ideal.betx + ideal.dispersion**2 * ideal.spread2
    assert found.sizes[0, 0] ** 2 == pytest.approx(size2, rel=1e-3)
    assert found.emittances[:, 1] == pytest.approx(0.0, abs=1e-20)


COUPLED = {
    "planar": ring(),
    "skew quadrupole": ring(CELL, Multipole(ksl=(0.0, 0.03))),
    "rolled": ring(tuple(replace(e, tilt=0.4) for e in CELL)),
    "shifted and rolled": ring((replace(CELL[0], misalignment=Misalignment(dy=2e-5, dpsi=0.01)), *CELL[1:])),
    "wiggler": ring(CELL, Wiggler(length=0.4, period=0.2, k0=(0.2,), phase=(0.5 * np.pi,))),
    "solved differently": ring().with_settings(split="matrix-kick", model="expanded"),
}


@pytest.mark.parametrize("case", COUPLED)
def test_slow_synchrotron_motion_gives_the_radiation_integrals(case):
    """Both sides hold with coupling and orbits off the axis; they differ by the loss and the synchrotron tune."""
    line = COUPLED[case]
    beam, integrals = envelope(line), radiation_integrals(line)
    assert beam.tunes[2] == pytest.approx(integrals.synchrotron_tune, rel=2e-4)
    assert beam.partition_numbers == pytest.approx(integrals.partition_numbers, rel=4e-4)
    assert beam.energy_loss == pytest.approx(integrals.energy_loss, rel=4e-5)
    assert beam.emittances[0, :2] == pytest.approx(integrals.emittances, rel=2e-3, abs=1e-18)
    assert beam.energy_spread[0] == pytest.approx(integrals.energy_spread, rel=2e-4)
    assert beam.bunch_length[0] == pytest.approx(integrals.bunch_length, rel=2e-4)
    if case in ("skew quadrupole", "shifted and rolled"):
        assert integrals.emittances[1] > 1e-3 * integrals.emittances[0]


def test_moments_along_the_ring_follow_the_map():
    """From the exit of an element without radiation to the next such exit, moments are mapped; a turn closes."""
    beam = envelope(COUPLED["skew quadrupole"])
    drift = np.eye(6)
    drift[0, 1] = drift[2, 3] = 0.5
    after = drift @ beam.covariance[1] @ drift.T
    assert after[:4, :4] == pytest.approx(beam.covariance[2][:4, :4], rel=1e-4)
    assert beam.covariance[-1] == pytest.approx(beam.covariance[0], rel=1e-9, abs=1e-18)
    assert np.ptp(beam.emittances, axis=0) / beam.emittances[0] == pytest.approx([0.0, 0.0, 0.0], abs=1e-4)
    rolled = envelope(COUPLED["rolled"])
    assert rolled.tilt == pytest.approx(0.4, abs=1e-3)


def test_loss_in_a_turn_is_made_good_by_the_cavity():
    """Synchronous phase on the closed orbit: the gain of the cavity is the analytic loss, to its second order."""
    loss = 1e-4
    ring, _ = weak_focusing_ring(total_energy=20e9, loss=loss, index=0.6)
    orbit = closed_orbit(ring.with_settings(**SETTINGS)).orbit
    assert (orbit[-1, 5] - orbit[-2, 5]) == pytest.approx(loss, rel=1e-4)
    found = envelope(ring.with_settings(**SETTINGS))
    gain = (orbit[-1, 5] - orbit[-2, 5]) * ring.reference.beta0**2 * ring.reference.total_energy
    assert found.energy_loss == pytest.approx(gain, rel=1e-11)


def test_tracked_particles_come_to_the_equilibrium():
    """A coupled ring in which amplitudes fall to 1/e within 300 turns."""
    plain, _ = weak_focusing_ring(total_energy=20e9, loss=6e-3, index=0.6)
    skew = Multipole(ksl=(0.0, 0.3 * 2.0 * np.pi / plain.length))
    line = Line((*plain.elements, skew), (*plain.names, "skew"), plain.reference)
    line = line.with_settings(fringe="none", **SETTINGS)
    expected = envelope(line)
    assert expected.sizes[0, 2] > 0.2 * expected.sizes[0, 0]
    assert_tracked_moments(line, expected, 1024, 2500, 0.06)


@pytest.mark.slow
def test_tracked_particles_of_a_strong_focusing_ring():
    """Combined bends with turned faces, coupled by a skew quadrupole; 2300 turns to 1/e of the horizontal amplitude."""
    fast = ReferenceParticle.of("electron", total_energy=2.5e9)
    elements = (*CELL * 12, Multipole(ksl=(0.0, 0.05)), RFCavity(volt=5.6e6, lag=0.5, harmon=20))
    line = Line(elements, [e.keyword for e in elements], fast).with_settings(slices=2, integrator=4, radiation="mean")
    expected = envelope(line)
    assert expected.emittances[0, 1] > 0.1 * expected.emittances[0, 0]
    assert_tracked_moments(line, expected, 512, 5000, 0.15)


def assert_tracked_moments(line: Line, expected: Envelope, particles: int, turns: int, tolerance: float) -> None:
    """Variances (relative) and correlations of tracked particles, averaged over the last four fifths of the turns."""
    size = expected.sizes[0]
    root = np.linalg.cholesky(expected.covariance[0])
    start = expected.orbit[0] + np.random.default_rng(1).normal(size=(particles, 6)) @ root.T
    measured = []
    result = track(
        line.with_settings(radiation="gaussian"), start, turns, seed=1, callback_every=turns // 50,
        callback=lambda turn, result: measured.append(np.cov(result.coordinates.T) / np.outer(size, size)),
    )  # fmt: skip
    assert result.alive.all()
    found = np.mean(measured[10:], axis=0)
    assert found == pytest.approx(expected.covariance[0] / np.outer(size, size), abs=tolerance)


def test_elements_that_only_damp_do_not_excite():
    element = replace(CELL[2], settings={"radiation": "mean"})
    quiet = envelope(ring((*CELL[:2], element, *CELL[3:])))
    beam = envelope(ring())
    assert quiet.damping_rates == pytest.approx(beam.damping_rates, rel=1e-12)
    assert quiet.energy_spread[0] < 1e-3 * beam.energy_spread[0]
    silent = envelope(ring(tuple(replace(e, settings={"radiation": "mean"}) for e in CELL)))
    assert not silent.covariance.any() and not silent.emittances.any()


def test_plot(tmp_path):
    figure = plot_envelope(envelope(COUPLED["skew quadrupole"]), tmp_path / "envelope.png")
    assert (tmp_path / "envelope.png").read_bytes().startswith(b"\x89PNG")
    largest = [1e6 * envelope(COUPLED["skew quadrupole"]).sizes[:, k].max() for k in (0, 2)]
    drawn = [line.get_ydata().max() for line in figure.axes[0].lines]
    assert drawn == pytest.approx(largest, rel=0.05)
    with pytest.raises(InputError, match="expected an ending"):
        plot_envelope(envelope(COUPLED["planar"]), tmp_path / "envelope.nothing")


def test_errors():
    there_and_back = (*CELL * 12, ReferenceEnergyChange(gain=1e6), ReferenceEnergyChange(gain=-1e6))
    changing = Line(there_and_back, [e.keyword for e in there_and_back], SLOW).with_settings(radiation="mean")
    for function in (envelope, radiation_integrals):
        with pytest.raises(InputError, match="the reference energy changes"):
            function(changing)
    with pytest.raises(InputError, match="nothing in this line radiates"):
        envelope(ring().with_settings(radiation="none"))
    with pytest.raises(NoClosedOrbitError):
        envelope(ring().with_settings(rf=False))
    with pytest.raises(UnstableMotionError):
        focusing, defocusing = (SectorBend(length=2.0, angle=np.pi / 12, k1=k1) for k1 in (0.1, -0.1))
        envelope(ring((focusing, Drift(length=0.5), defocusing, Drift(length=0.5))))
