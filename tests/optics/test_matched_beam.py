"""Matched beams: moments of the optics, and moments that tracking does not change."""

import numpy as np
import pytest

import tracking
from optics import twiss
from optics.bucket import Bucket, NoBucketError
from optics.matched_beam import BeamParameters, matched_beam
from tracking import InputError, MomentMonitor, track
from tracking.beams import moments


def ring(volt=4e4, skew=0.0, **cavity) -> tracking.Line:
    """Eight cells of a proton ring above its bucket's needs, with a cavity, coupled by `skew` [1/m^2]."""
    reference = tracking.ReferenceParticle.of("proton", kinetic_energy=160e6)
    cell = [
        ("qf", tracking.Quadrupole(length=0.5, k1=0.6, k1s=skew)),
        ("d1", tracking.Drift(length=0.6)),
        ("mb", tracking.SectorBend(length=2.0, angle=np.pi / 4)),
        ("d2", tracking.Drift(length=0.6)),
        ("qd", tracking.Quadrupole(length=0.5, k1=-0.75)),
        ("d3", tracking.Drift(length=1.5)),
    ]
    elements = [(f"{name}:{i}", element) for i in range(8) for name, element in cell]
    gap = tracking.RFCavity(volt=volt, harmon=1, **({"lag": 0.0} | cavity))
    names, parts = zip(*elements, ("rf", gap), strict=True)
    return tracking.Line(list(parts), list(names), reference).with_settings(slices=2)


def sizes(line, beam, turns):
    monitor = MomentMonitor()
    result = track(line, beam, turns, monitors=[monitor])
    assert result.alive.all()
    return np.sqrt(np.diagonal(monitor.covariance[:, 0], axis1=1, axis2=2))


def swing(values):
    return np.ptp(values, axis=0) / values.mean(axis=0)


@pytest.mark.parametrize("kind", ["gaussian", "kv", "waterbag"])
def test_coupled_beam_stays_matched(kind):
    line = ring(volt=0.0, skew=0.05)
    parameters = BeamParameters(kind=kind, ex=1e-8, ey=4e-9, quiet=True, exact=True)
    beam = matched_beam(line, 2048, parameters)
    assert moments(beam).eigen_emittance[:2] == pytest.approx([1e-8, 4e-9], rel=1e-6)
    assert swing(sizes(line, beam, 40)[:, :4]).max() < 2e-3  # what the drifts' own nonlinearity does
    beam[:, 2] *= 1.3
    assert swing(sizes(line, beam, 40)[:, :4]).max() > 0.1


def test_linear_bucket_is_matched_at_small_amplitude():
    line = ring()
    beam = matched_beam(line, 2048, BeamParameters(bucket="linear", sigz=0.05, ex=0.0, ey=0.0, exact=True))
    assert swing(sizes(line, beam, 600)[:, 4:]).max() < 2e-3
    ez = moments(beam).eigen_emittance[2]
    assert moments(matched_beam(line, 500, BeamParameters(bucket="linear", ez=ez, exact=True))).eigen_emittance[
        2
    ] == pytest.approx(ez, rel=1e-6)


@pytest.mark.parametrize("cavity", [{}, {"lag": 0.05}])
def test_nonlinear_bucket_is_stationary(cavity):
    """A bunch that fills much of the bucket: the linear match oscillates, the nonlinear one does not."""
    line = ring() if not cavity else with_second_harmonic()
    shape = {"longitudinal": "parabolic", "ex": 0.0, "ey": 0.0, "quiet": True}
    ez = 0.12 * Bucket.of(line).largest_action
    linear, stationary = (
        matched_beam(line, 4096, BeamParameters(bucket=bucket, ez=ez, **shape)) for bucket in ("linear", "nonlinear")
    )
    turns = int(3 / twiss(line, method="6d", order=0).qs)
    moving, still = (swing(sizes(line, beam, turns)[:, 4:]).max() for beam in (linear, stationary))
    assert still < 0.03 and still < moving / 3


def with_second_harmonic():
    base = ring()
    second = tracking.RFCavity(volt=1.2e4, harmon=2, lag=0.5)
    return tracking.Line([*base.resolve(), second], [*base.names, "rf2"], base.reference).with_settings(slices=2)


def test_bucket_of_one_cavity():
    """The stationary bucket of a linear slip: ends half a wave away, area 16 beta_z/k^2 per 2 pi of action."""
    amplitude, k, length, beta0, compaction = 1e-5, 0.5, 100.0, 0.5, 0.1
    slip = length * (1 - beta0**2 - compaction)
    bucket = Bucket(((amplitude, k, 0.0),), np.array([compaction]), length, beta0)
    assert bucket.fixed_point == 0.0 and bucket.beta == pytest.approx(np.sqrt(slip / (amplitude * k)))
    assert bucket.ends == pytest.approx((-np.pi / k, np.pi / k))
    assert bucket.height == pytest.approx(2 / k / bucket.beta, rel=1e-3)  # H is quadratic in pzeta to 1e-3 here
    small = bucket.points(np.array([[1e-6, 0.0], [0.0, 2e-6]]))
    assert np.linalg.norm(small, axis=1) == pytest.approx([1e-6, 2e-6], rel=1e-6)
    assert bucket.largest_action < 16 / (2 * np.pi * k**2 * bucket.beta) * 1.01
    energy = [hamiltonian(bucket, z) for z in bucket.points(0.5 * circle(np.sqrt(bucket.largest_action)))]
    assert np.ptp(energy) < 1e-6 * abs(np.mean(energy) + bucket.potential(0.0))


def circle(radius):
    angle = np.linspace(0, 2 * np.pi, 37)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def hamiltonian(bucket, z):
    return bucket._slip_integral(z[1] / np.sqrt(bucket.beta)) - bucket.potential(z[0] * np.sqrt(bucket.beta))


def test_no_bucket():
    with pytest.raises(NoBucketError, match="no cavity"):
        _ = Bucket.of(ring(volt=0.0)).fixed_point
    with pytest.raises(NoBucketError, match="unstable"):
        _ = Bucket.of(ring(lag=0.5)).fixed_point
    with pytest.raises(NoBucketError, match="of 500 particles have an action above"):
        matched_beam(ring(), 500, BeamParameters(bucket="nonlinear", sigz=40.0))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kind": "round"}, "kind = 'round'"),
        ({"ex": -1.0}, "ex = -1.0"),
        ({"ez": 1e-6}, "without a bucket"),
        ({"bucket": "linear"}, "sigz or ez"),
        ({"bucket": "linear", "sigz": 0.1, "sigp": 1e-3}, "sigz or ez"),
        ({"q": 1.2}, "q-gaussian"),
        ({"longitudinal": "joint", "kind": "kv", "cut": 2.0}, "gaussian"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(InputError, match=message):
        BeamParameters(**parameters)
