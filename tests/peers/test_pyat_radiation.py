"""Mean radiation beside pyAT: energy loss and damping rates of a ring in the expanded model.

pyAT radiates before every kick of its splitting, an order that converges as 1/slices; ours as 1/slices^2. Both are
extrapolated to their limits. The rest is pyAT's beta = 1: 1/gamma^2 in the energy loss, and its own electron mass.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light

from optics import closed_orbit
from tracking import Drift, Element, Line, Quadrupole, ReferenceParticle, RFCavity, SectorBend, Sextupole, track

at = pytest.importorskip("at")

REFERENCE = ReferenceParticle.of("electron", total_energy=3e9)
VOLT, HARMONIC, CELLS = 3e6, 300, 24
CELL = (
    Quadrupole(length=0.4, k1=1.5), Drift(length=0.5), SectorBend(length=1.2, angle=2 * np.pi / CELLS, k1=-0.1),
    Drift(length=0.5), Sextupole(length=0.2, k2=5.0), Drift(length=0.3), Quadrupole(length=0.4, k1=-1.2),
)  # fmt: skip
SETTINGS = {"model": "expanded", "fringe": "none", "integrator": 4, "radiation": "mean"}


def theirs(element: Element, slices: int) -> at.Element:
    if isinstance(element, SectorBend):
        return at.Dipole("b", element.length, element.angle, element.k1, NumIntSteps=slices)
    if isinstance(element, Quadrupole):
        return at.Quadrupole("q", element.length, element.k1, NumIntSteps=slices)
    if isinstance(element, Sextupole):
        return at.Sextupole("s", element.length, 0.5 * element.k2, NumIntSteps=slices)
    return at.Drift("d", element.length)


def damping_rates(matrix: NDArray) -> list[float]:
    return np.sort(-np.log(np.abs(np.linalg.eigvals(matrix))))[::2].tolist()


def our_numbers(slices: int) -> NDArray:
    """Energy loss [eV] of a particle on the reference orbit, without cavity, and three damping rates."""
    elements = (*CELL * CELLS, RFCavity(volt=VOLT, lag=0.5, harmon=HARMONIC))
    line = Line(elements, [e.keyword for e in elements], REFERENCE).with_settings(slices=slices, **SETTINGS)
    lost = -track(line.with_settings(rf=False), np.zeros(6)).coordinates[0, 5]
    return np.array([lost * REFERENCE.beta0**2 * REFERENCE.total_energy, *damping_rates(closed_orbit(line).matrix)])


def their_numbers(slices: int) -> NDArray:
    energy = REFERENCE.total_energy
    length = CELLS * sum(element.length for element in CELL)
    frequency = HARMONIC * REFERENCE.beta0 * speed_of_light / length
    cavity = at.RFCavity("rf", 0.0, VOLT, frequency, HARMONIC, energy)
    magnets = [theirs(element, slices) for _ in range(CELLS) for element in CELL]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", at.AtWarning)
        ring = at.Lattice([*magnets, cavity], energy=energy, periodicity=1, particle="electron")
        ring.enable_6d()
        lost = np.asfortranarray(np.zeros((6, 1)))
        at.lattice_pass(ring[:-1], lost, 1, energy=energy, particle=ring.particle)
        orbit, _ = at.find_orbit6(ring, convergence=1e-15)
        fine, coarse = (at.find_m66(ring, orbit=orbit, XYStep=h, DPStep=h)[0] for h in (4e-6, 8e-6))
    return np.array([-lost[4, 0] * energy, *damping_rates((4.0 * fine - coarse) / 3.0)])


def test_energy_loss_and_damping_rates_agree():
    ours = (4.0 * our_numbers(40) - our_numbers(20)) / 3.0
    linear = [2.0 * their_numbers(2 * n) - their_numbers(n) for n in (20, 40)]
    np.testing.assert_allclose(ours, (4.0 * linear[1] - linear[0]) / 3.0, rtol=2e-7)
