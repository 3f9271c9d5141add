"""Tunes and chromaticity beside xtrack with exact bends and drifts; acceleration."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.ours import TaylorBeam
from benchmarks.peers import connect
from tracking import Drift, Line, Multipole, ReferenceParticle, RFCavity, Settings, accelerated, track

xtrack = pytest.importorskip("xtrack")


def test_tunes_and_chromaticity_agree(load):
    """Without gradients in bends: there xtrack's edge map differs from PTC's and MAD-NG's."""
    line, machine = load("plain")
    ours = TaylorBeam(line, integrator=6, slices=24).optics()
    with connect("xtrack", machine) as xtrack:
        theirs = xtrack.optics()
    assert ours.tune_error(theirs) < 1e-8
    assert ours.chromaticity_error(theirs) < 1e-4  # a finite difference


def test_acceleration_agrees():
    """The reference momentum follows a gap that gives a slow positron more than its own energy."""
    volt, frequency, phase, energy = 4e6, 1.3e9, math.radians(70.0), 3e6
    reference = ReferenceParticle.of("positron", kinetic_energy=energy)
    elements = {
        "d1": Drift(length=0.3), "q1": Multipole(knl=(0.0, 0.5)),
        "gap": RFCavity(volt=volt, freq=frequency, lag=phase / (2.0 * math.pi)),
        "d2": Drift(length=0.4), "q2": Multipole(knl=(0.0, -0.4)), "d3": Drift(length=0.2),
    }  # fmt: skip
    line = accelerated(Line(elements.values(), elements, reference, settings=Settings(model="expanded")))
    after = line.references[-1]
    theirs = xtrack.Line([
        xtrack.Drift(length=0.3), xtrack.Multipole(knl=[0.0, 0.5]),
        xtrack.Cavity(voltage=volt, frequency=frequency, phase=phase),
        xtrack.ReferenceEnergyIncrease(Delta_p0c=after.p0c - reference.p0c),
        xtrack.Drift(length=0.4), xtrack.Multipole(knl=[0.0, -0.4]), xtrack.Drift(length=0.2),
    ])  # fmt: skip
    theirs.particle_ref = xtrack.Particles(mass0=reference.mass, q0=1, kinetic_energy0=energy)
    z = 1e-3 * np.random.default_rng(3).standard_normal((5, 6))
    names = ("x", "px", "y", "py", "zeta", "pzeta")
    particles = theirs.build_particles(**dict(zip(names, z.T, strict=True)))
    theirs.track(particles)
    found = np.array([getattr(particles, name) for name in names]).T
    np.testing.assert_allclose(track(line, z).coordinates, found, rtol=0, atol=1e-15)
    np.testing.assert_allclose(particles.p0c, after.p0c, rtol=1e-14)
