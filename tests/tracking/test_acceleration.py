"""Changes of the reference energy: the same physics in other units, in every engine; errors."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.constants import c as speed_of_light

from optics import closed_orbit, one_turn_map, twiss
from optics.initial import InitialOptics
from tpsa import Descriptor
from tracking import (
    CrabCavity,
    Drift,
    ElementError,
    Expression,
    InputError,
    Knobs,
    Line,
    Quadrupole,
    ReferenceEnergyChange,
    ReferenceParticle,
    RFCavity,
    SectorBend,
    accelerated,
    pack,
    track,
)
from tracking.backtrack import inverse_line
from tracking.engine_jax import track_jax
from tracking.engine_taylor import propagate

ELECTRON = ReferenceParticle.of("electron", kinetic_energy=3e6)
CAVITY = RFCavity(length=0.11, volt=2.5e6, freq=1.3e9, lag=0.21)
CELL = {
    "qf": Quadrupole(length=0.1, k1=6.0), "bend": SectorBend(length=0.2, angle=0.05, k0=0.25), "cav": CAVITY,
    "d": Drift(length=0.2), "qd": Quadrupole(length=0.1, k1=-6.0),
}  # fmt: skip
LINAC = Line([*CELL.values()] * 3, [*CELL] * 3, ELECTRON)
Z = 1e-4 * np.random.default_rng(2).standard_normal((7, 6))


def physical(z, reference, zeta=0.0):
    """x, y [m]; transverse momenta and energy [eV]; time after the reference particle's [m/c]."""
    x, px, y, py, position, pzeta = z.T
    energy = reference.total_energy + pzeta * reference.beta0 * reference.p0c
    return np.array([x, px * reference.p0c, y, py * reference.p0c, (position - zeta) / reference.beta0, energy])


def test_particles_are_the_same_as_in_one_reference():
    """Fields relative to the first momentum, phases to the first particle's clock: no change of reference at all."""
    line = accelerated(LINAC)
    elements = []
    for element, reference in zip(line.elements, line.references[:-1], strict=True):
        stiffer = reference.p0c / ELECTRON.p0c
        if isinstance(element, Quadrupole):
            elements.append(replace(element, k1=element.k1 * stiffer))
        elif isinstance(element, SectorBend):
            elements.append(replace(element, k0=element.k0 * stiffer))
        elif isinstance(element, RFCavity):
            late = track(Line(elements, map(str, range(len(elements))), ELECTRON), np.zeros(6)).coordinates[0, 4]
            half = 0.5 * element.length * (1.0 / ELECTRON.beta0 - 1.0 / reference.beta0)  # less time to the middle
            wait = (late / ELECTRON.beta0 + half) / speed_of_light
            elements.append(replace(element, lag=element.lag + element.freq * wait))
        elif not isinstance(element, ReferenceEnergyChange):
            elements.append(element)
    plain = Line(elements, map(str, range(len(elements))), ELECTRON)
    found = physical(track(line, Z).coordinates, line.references[-1])
    zeta = track(plain, np.zeros(6)).coordinates[0, 4]
    expected = physical(track(plain, Z).coordinates, ELECTRON, zeta)
    assert line.references[-1].kinetic_energy > 2.0 * ELECTRON.kinetic_energy
    largest = np.abs(expected).max(axis=1, keepdims=True)
    np.testing.assert_allclose(found / largest, expected / largest, rtol=0, atol=1e-11)


def test_reference_particle_stays_at_the_origin():
    assert np.abs(track(accelerated(LINAC), np.zeros(6)).coordinates).max() < 1e-15


def test_phase_space_shrinks_with_the_momentum():
    line = accelerated(LINAC)
    matrix = propagate(pack(line), Descriptor(6, 1), np.zeros(6))[:, 1:7]
    form = np.kron(np.eye(3), [[0.0, 1.0], [-1.0, 0.0]])
    ratio = ELECTRON.p0c / line.references[-1].p0c
    np.testing.assert_allclose(matrix.T @ form @ matrix, ratio * form, atol=1e-14)


def test_engines_agree():
    line = accelerated(LINAC)
    found = track(line, Z).coordinates
    np.testing.assert_allclose(track_jax(line, Z), found, rtol=0, atol=1e-15)
    series = propagate(pack(line), Descriptor(6, 1), Z[0])
    np.testing.assert_allclose(series[:, 0], found[0], rtol=0, atol=1e-15)


def test_backtracking():
    line = accelerated(LINAC)
    back = track(inverse_line(line), track(line, Z).coordinates).coordinates
    np.testing.assert_allclose(back, Z, rtol=0, atol=2e-15)


def test_parts_know_their_reference():
    line = accelerated(LINAC)
    middle = line.index("cav:2") + 1
    first, second = line[:middle], line[middle:]
    assert second.reference == line.references[middle] != line.reference
    whole = track(line, Z).coordinates
    assert np.array_equal(track(second, track(first, Z).coordinates).coordinates, whole)
    assert np.array_equal(track(pack(line).section(middle), track(first, Z).coordinates).coordinates, whole)


def test_energy_given_back_makes_a_ring():
    cell = {"qf": Quadrupole(length=0.1, k1=6.0), "d": Drift(length=0.2), "qd": Quadrupole(length=0.1, k1=-6.0)}
    plain = Line(cell.values(), cell, ELECTRON)
    up, down = ReferenceEnergyChange(gain=1e6), ReferenceEnergyChange(gain=-1e6)
    there_and_back = plain.insert(1, up, "up").insert(2, down, "down")
    z = track(plain, Z, 50).coordinates
    np.testing.assert_allclose(track(there_and_back, Z, 50).coordinates, z, rtol=0, atol=1e-15)
    assert one_turn_map(there_and_back, order=1).symplectic_error().series < 1e-14


def test_beta_functions():
    """Behind a gain in no length the beam is as wide, its angles are smaller: beta grows with p0."""
    gap = RFCavity(volt=4e6, freq=1e6, lag=0.25)
    line = accelerated(Line([gap, Drift(length=1.0)], ["gap", "d"], ELECTRON))
    result = twiss(line, initial=InitialOptics(betx=2.0, alfx=0.4, bety=3.0, dx=0.1, dpx=0.05))
    ratio = line.references[-1].p0c / ELECTRON.p0c
    betx, alfx = 2.0 * ratio, 0.4
    np.testing.assert_allclose(result.columns["betx"][[0, 2]], [2.0, betx], rtol=1e-14)
    np.testing.assert_allclose(result.columns["betx"][3], betx - 2.0 * alfx + (1.0 + alfx**2) / betx, rtol=1e-13)
    # dispersion per local delta: the same dx and d(px p0) for the same dE, of which delta is dE/(beta p c)
    growth = ratio * line.references[-1].beta0 / ELECTRON.beta0
    np.testing.assert_allclose(result.columns["dx"][2], 0.1 * growth, rtol=1e-14)
    np.testing.assert_allclose(result.columns["dpx"][2], 0.05 * growth / ratio, rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: track(accelerated(LINAC), Z, 2), "turns = 2; the reference particle enters"),
        (lambda: closed_orbit(accelerated(LINAC)), "expected a line that gives its energy back"),
        (lambda: twiss(accelerated(LINAC), initial=InitialOptics(), chromatic=True), "order 0 only"),
        (lambda: accelerated(accelerated(LINAC)), "changes its reference energy already"),
        (lambda: accelerated(LINAC.with_settings(rf=False)), "rf is False"),
        (lambda: pack(Line([ReferenceEnergyChange(gain=-4e6)], ["stop"], ELECTRON)), "some to be left"),
        (lambda: pack(Line([ReferenceEnergyChange(gain=1e6), replace(CAVITY, freq=None, harmon=3)], "ab", ELECTRON)),
         "no ring of one energy"),
        (lambda: accelerated(Line([CrabCavity(length=0.1, volt=1e5, freq=4e8)], ["crab"], ELECTRON)), "'crab' takes"),
    ],
)  # fmt: skip
def test_errors(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_gain_must_be_a_number():
    line = Line([ReferenceEnergyChange(gain=Expression.parse("g"))], ["up"], ELECTRON, Knobs({"g": 1e6}))
    assert track(line, np.zeros(6)).coordinates[0, 5] < 0.0
    with pytest.raises(ElementError, match="plain number"):
        pack(line, {"g": Descriptor(1, 1).variable(0)})
