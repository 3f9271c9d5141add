"""Radiation integrals and equilibrium beam beside pyAT, expanded model.

pyAT has beta = 1, radiates before every kick (errors of all powers of 1/slices), carries fluctuations to the end of
their element by the map without radiation, and takes matrices by finite differences. Its magnets are therefore cut into
pieces of one slice each, results extrapolated to thin pieces and small steps; ours go as 1/slices^2. Its beam matrix is
compared, and the emittances of it: what pyAT calls mode emittances is another projection, 0.5% off in this ring.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light

from benchmarks.peers import connect
from optics import envelope, radiation_integrals
from tests.peers.test_pyat_radiation import CELL, CELLS, HARMONIC, REFERENCE, SETTINGS, VOLT, theirs
from tracking import Drift, Element, Line, Multipole, RFCavity, SectorBend
from tracking.beams.statistics import eigen_emittances

at = pytest.importorskip("at")
from at.lattice import DConstant  # noqa: E402

SKEW = 0.02  # 1/m, integrated
BEND = replace(CELL[2], e1=0.06, e2=0.03)
FACED = (*CELL[:2], BEND, *CELL[3:])


def our_line(cell: tuple[Element, ...], skew: float, **settings) -> Line:
    elements = (*cell * CELLS, Multipole(ksl=(0.0, skew)), RFCavity(volt=VOLT, lag=0.5, harmon=HARMONIC))
    return Line(elements, [e.keyword for e in elements], REFERENCE).with_settings(**(SETTINGS | settings))


def their_ring(elements: list[at.Element], skew: float) -> at.Lattice:
    energy, length = REFERENCE.total_energy, sum(element.Length for element in elements)
    frequency = HARMONIC * REFERENCE.beta0 * speed_of_light / length
    cavity = at.RFCavity("rf", 0.0, VOLT, frequency, HARMONIC, energy)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", at.AtWarning)
        magnets = [*elements, at.ThinMultipole("skew", [0.0, skew], [0.0, 0.0]), cavity]
        return at.Lattice(magnets, energy=energy, periodicity=1, particle="electron")


def pieces(element: Element, count: int) -> list[at.Element]:
    if isinstance(element, Drift):
        return [theirs(element, 1)]
    part = {"length": element.length / count}
    if isinstance(element, SectorBend):
        part["angle"] = element.angle / count
    return [theirs(replace(element, **part), 1)] * count


def numbers(covariance: NDArray, damping: NDArray) -> NDArray:
    chosen = covariance[[0, 2, 0, 4, 5, 0], [0, 2, 2, 4, 5, 5]]
    return np.array([*eigen_emittances(covariance), *chosen, *damping])


def our_numbers(slices: int) -> NDArray:
    found = envelope(our_line(CELL, SKEW, slices=slices))
    return numbers(found.covariance[0], found.damping_rates)


def their_numbers(count: int, step: float, monkeypatch: pytest.MonkeyPatch) -> NDArray:
    for name, value in (("XYStep", step), ("DPStep", step), ("OrbConvergence", 1e-15)):
        monkeypatch.setattr(DConstant, name, value)
    ring = their_ring([part for element in CELL * CELLS for part in pieces(element, count)], SKEW)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", at.AtWarning)
        ring.enable_6d()
        start, modes, _ = at.ohmi_envelope(ring)
    sign = np.array([1.0, 1.0, 1.0, 1.0, -1.0, 1.0])  # c t to zeta
    covariance = start.r66[np.ix_([0, 1, 2, 3, 5, 4], [0, 1, 2, 3, 5, 4])] * np.outer(sign, sign)
    return numbers(covariance, modes.damping_rates)


def test_equilibrium_of_a_coupled_ring_agrees(monkeypatch):
    ours = (4.0 * our_numbers(40) - our_numbers(20)) / 3.0
    column = []
    for count in (10, 20, 40, 80):
        fine, coarse = (their_numbers(count, step, monkeypatch) for step in (2e-6, 4e-6))
        column.append((4.0 * fine - coarse) / 3.0)
    for power in (1, 2, 3):
        pairs = zip(column, column[1:], strict=False)
        column = [(2**power * after - before) / (2**power - 1.0) for before, after in pairs]
    np.testing.assert_allclose(ours, column[0], rtol=1e-6)


def test_radiation_integrals_agree():
    """To the error of pyAT's optics by finite differences; its quantities also have 1/gamma^2 = 3e-8 less in them."""
    ours = radiation_integrals(our_line(FACED, 0.0, fringe="dipole"), 1e-11)
    parts = [theirs(element, 40) for element in FACED]
    parts[2] = at.Dipole("b", BEND.length, BEND.angle, BEND.k1, NumIntSteps=40,
                         EntranceAngle=BEND.e1, ExitAngle=BEND.e2)  # fmt: skip
    ring = their_ring(parts * CELLS, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", at.AtWarning)
        ring.disable_6d()
        integrals, found = at.get_radiation_integrals(ring), ring.radiation_parameters()
    np.testing.assert_allclose([ours.i1, ours.i2, ours.i3, ours.i4, ours.i5], integrals, rtol=3e-8)
    np.testing.assert_allclose(
        [ours.energy_loss, *ours.partition_numbers, *ours.damping_times, ours.emittances[0], ours.energy_spread,
         ours.bunch_length, ours.synchrotron_tune],
        [found.U0, *found.J, *found.Tau, found.emittances[0], found.sigma_e,
         found.sigma_l, found.f_s * ours.length / (REFERENCE.beta0 * speed_of_light)], rtol=2e-7,
    )  # fmt: skip


def test_radiation_integrals_of_combined_bends_agree(load):
    """Rectangular and sector bends with gradients of both signs, whose edges are turned."""
    line, machine = load("hard_edged")
    ours = radiation_integrals(line.with_settings(model="expanded"), 1e-11)
    with connect("pyat", machine, slices=40) as pyat, warnings.catch_warnings():
        warnings.simplefilter("ignore", at.AtWarning)
        theirs = at.get_radiation_integrals(pyat.ring)
    np.testing.assert_allclose([ours.i1, ours.i2, ours.i3, ours.i4, ours.i5], theirs, rtol=2e-7)
