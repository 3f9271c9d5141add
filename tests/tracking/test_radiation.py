"""Mean synchrotron radiation: an integration of the equations of motion, analytic losses, moments of the spectrum."""

import numpy as np
import pytest
from scipy import constants
from scipy.integrate import quad, solve_ivp
from scipy.special import kv

from tests.cases import CASES
from tests.tracking.rows import REFERENCE, TINY
from tracking import Context, Drift, Multipole, Quadrupole, ReferenceParticle, SectorBend, Settings, Solenoid, lower
from tracking.elements import DipoleEdge, Element
from tracking.lower.curved import curved_potential, potential_gradient
from tracking.lower.radiation import photon_constants
from tracking.maps.radiation import (
    MEAN,
    MEAN_SQUARE,
    combined_source,
    curved_source,
    excitation,
    motion,
    multipole_source,
    photons,
)
from tracking.ops import Op
from tracking.step import step

FAST = ReferenceParticle.of("electron", total_energy=27e9)  # a bend of 1 rad on 3 m takes a tenth of its energy
Z = (3e-3, -2e-3, 4e-3, 1e-3, 0.0, -1e-2)


def through(element: Element, z, reference=FAST, **settings):
    choice = {"radiation": "mean", "fringe": "none"} | settings
    for op, parameters in lower(element, Context(reference, Settings(**choice), None, "one")).rows:
        z = step(op, z, parameters, reference.beta0)
    return np.array(z)


def integrated(element: Element, z, h=0.0, ks=0.0, reference=FAST):
    """Coordinates after an element by an adaptive integration of the Lorentz force and the loss, in kinetic momenta."""
    beta0, gamma0 = reference.beta0, reference.gamma0
    normal = [h, getattr(element, "k1", 0.0), getattr(element, "k2", 0.0) / 2.0]
    rate = 2.0 / 3.0 * reference.classical_radius * (beta0 * gamma0) ** 3

    def slope(s, state):
        x, kx, y, ky, _, p = state
        longitudinal = np.sqrt(p * p - kx * kx - ky * ky)
        field = sum(k * (x + 1j * y) ** n for n, k in enumerate(normal))
        b = np.array([field.imag, field.real, ks])
        path = (1.0 + h * x) * p / longitudinal
        direction = np.array([kx, ky, longitudinal]) / p
        force = np.cross(direction, b) * path
        loss = rate * (p * p + 1.0 / (beta0 * gamma0) ** 2) * (b @ b - (b @ direction) ** 2) * path
        energy = np.sqrt(beta0**2 * p * p + 1.0 / gamma0**2)
        return [
            path * direction[0], h * longitudinal + force[0] - loss * direction[0],
            path * direction[1], force[1] - loss * direction[1], 1.0 - path * energy / p, -loss,
        ]  # fmt: skip

    x, px, y, py, zeta, pzeta = z
    p = np.sqrt(1.0 + 2.0 * pzeta + beta0**2 * pzeta**2)
    start = [x, px + 0.5 * ks * y, y, py - 0.5 * ks * x, zeta, p]
    x, kx, y, ky, zeta, p = solve_ivp(slope, (0, element.length), start, "DOP853", rtol=1e-13, atol=1e-16).y[:, -1]
    energy = np.sqrt(beta0**2 * p * p + 1.0 / gamma0**2)
    change = (energy**2 - 1.0) / (beta0**2 * (energy + 1.0))
    return np.array([x, kx - 0.5 * ks * y, y, ky + 0.5 * ks * x, zeta, change])


THICK = {
    "quadrupole": (Quadrupole(length=1.0, k1=3.0), {}),
    "bend": (SectorBend(length=3.0, angle=1.0), {"h": 1.0 / 3.0}),
    "straight combined": (SectorBend(length=1.0, k0=0.0, k1=2.0, k2=50.0), {}),
    "solenoid": (Solenoid(length=1.0, ks=5.0), {"ks": 5.0}),
}


@pytest.mark.parametrize("split", ["drift-kick", "matrix-kick"])
@pytest.mark.parametrize("case", THICK)
def test_converges_to_the_equations_of_motion(case, split):
    element, field = THICK[case]
    z = tuple(np.array(Z) * [5, 5, 5, 5, 1, 1]) if case != "bend" else Z
    expected = integrated(element, z, **field)
    assert abs(expected[5] - z[5]) > 1e-5
    coarse, fine = (np.abs(through(element, z, slices=n, split=split) - expected).max() for n in (20, 40))
    assert np.log2(coarse / fine) == pytest.approx(2.0, abs=0.1)
    assert fine < 1e-3 * abs(expected[5] - z[5])


def test_loss_in_a_bend_is_the_classical_one():
    """C_gamma E^4 angle/(2 pi rho), to the second order in the loss."""
    reference = ReferenceParticle.of("electron", total_energy=1e9)
    r0, mass = constants.physical_constants["classical electron radius"][0], reference.mass
    expected = 2.0 / 3.0 * r0 * reference.total_energy**4 / mass**3 * 0.3 / 5.0
    for model in ("exact", "expanded"):
        z = through(SectorBend(length=1.5, angle=0.3), (0.0,) * 6, reference, model=model, slices=400)
        lost = -z[5] * reference.beta0**2 * reference.total_energy
        assert lost == pytest.approx(expected, rel=1e-5 if model == "exact" else 1e-4)


def test_loss_does_not_depend_on_the_sign_of_the_charge():
    bend = SectorBend(length=1.5, angle=0.3)
    losses = [through(bend, Z, ReferenceParticle.of(s, p0c=1e10)) for s in ("electron", "positron")]
    assert np.array_equal(*losses)


def test_loss_falls_with_the_fourth_power_of_the_mass():
    """At one momentum; the proton is slow, where beta^3 gamma^4 (b/P)^2 r0 m c^2 is the law."""
    bend = SectorBend(length=1.5, angle=0.3)
    lost = {}
    for species in ("positron", "proton"):
        reference = ReferenceParticle.of(species, p0c=1e9)
        lost[species] = -through(bend, (0.0,) * 6, reference)[5] * reference.beta0**2 * reference.total_energy
    slow, fast = ReferenceParticle.of("proton", p0c=1e9), ReferenceParticle.of("positron", p0c=1e9)
    expected = (slow.beta0**3 * slow.gamma0**4) / (fast.beta0**3 * fast.gamma0**4)
    assert lost["proton"] / lost["positron"] == pytest.approx(expected, rel=1e-4)


def test_turned_faces_shorten_the_field_outside():
    """Loss of an outer particle in a bend with parallel faces: the wedges take away what the arc is longer."""
    straight = SectorBend(length=1.0, angle=0.2, e1=0.1, e2=0.1)
    reference = ReferenceParticle.of("electron", total_energy=1e9)
    lost = [through(straight, (x, 0.0, 0.0, 0.0, 0.0, 0.0), reference)[5] for x in (-1e-3, 1e-3)]
    sector = [through(SectorBend(length=1.0, angle=0.2), (x, *[0.0] * 5), reference)[5] for x in (-1e-3, 1e-3)]
    assert abs(lost[1] / lost[0] - 1.0) < 0.02 * abs(sector[1] / sector[0] - 1.0)


def test_thin_multipole_with_lrad_loses_what_its_thick_form_does():
    reference = ReferenceParticle.of("electron", total_energy=1e9)
    thin = through(Multipole(knl=(1e-4,), lrad=0.3), (0.0,) * 6, reference)
    thick = through(SectorBend(length=0.3, angle=1e-4), (0.0,) * 6, reference)
    assert thin[5] == pytest.approx(thick[5], rel=1e-10)
    edge = through(DipoleEdge(h=0.5, e1=0.1), (1e-3, *[0.0] * 5), reference)
    assert edge[5] > 0.0


@pytest.mark.parametrize("element", [Drift(length=2.0), Quadrupole(length=1.0), Multipole(knl=(0.0, 0.1))])
def test_nothing_without_field_or_length_radiates(element):
    contexts = [Context(FAST, Settings(radiation=kind), None, "one") for kind in ("none", "mean")]
    assert lower(element, contexts[0]).rows == lower(element, contexts[1]).rows


MEAN_ROWS = (Op.RADIATION, Op.RADIATION_COMBINED, Op.RADIATION_CURVED, Op.RADIATION_WIGGLER)
RADIATING = [(op, p) for op in MEAN_ROWS for p in CASES[op] if p[3] != 0.0]


def test_closed_field_of_a_combined_bend_is_the_general_one():
    bend, rest = (*CASES[Op.RADIATION][0][:3], 0.4, 0.09, 0.9), [(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)]
    general = (*bend, *potential_gradient(curved_potential(rest, 0.09)))
    closed = combined_source(Z, (*bend, 1.0, 3.0))
    assert np.array(closed) == pytest.approx(np.array(curved_source(Z, general)), rel=1e-12)


@pytest.mark.parametrize(("op", "p"), RADIATING)
def test_determinant_is_that_of_momenta_shrunk_along_themselves(op, p):
    z = np.array(Z)
    beta0 = REFERENCE.beta0
    columns = [np.imag(step(op, tuple((z + 1j * TINY * unit).tolist()), p, beta0)) / TINY for unit in np.eye(6)]
    pzeta = np.array([z[5], step(op, tuple(z), p, beta0)[5]])
    energy, momentum = 1.0 + beta0**2 * pzeta, np.sqrt(1.0 + 2.0 * pzeta + beta0**2 * pzeta**2)
    t = (momentum[0] - momentum[1]) / (momentum[0] * momentum[1] + p[2])
    slope = (1.0 + p[2] * t * t) / (1.0 + momentum[0] * t) ** 2  # of the new momentum by the old one
    expected = (momentum[1] / momentum[0]) ** 3 * energy[0] / energy[1] * slope
    assert np.linalg.det(np.array(columns)) == pytest.approx(expected, rel=1e-12)


def test_moments_are_those_of_the_spectrum():
    """Photon spectrum: the integral of K_5/3 from the photon's energy on, in units of the critical one."""
    number, first, second = (quad(lambda u, n=n: u**n * kv(5 / 3, u) / n, 0, np.inf)[0] for n in (1, 2, 3))
    assert pytest.approx(MEAN, rel=1e-8) == first / number
    assert pytest.approx(MEAN_SQUARE, rel=1e-8) == second / number


def test_photons_and_fluctuation_are_those_of_sands():
    reference = ReferenceParticle.of("electron", total_energy=3e9)
    h, length, gamma = 0.1, 0.5, reference.gamma0
    p = (*photon_constants(reference), length, h * length, 0.0, h, 0.0)
    z = (0.0,) * 6
    e, squared, q, field, path = motion(multipole_source(z, p), 0.0, reference.beta0)
    count, critical = photons(squared, field, path, p)
    assert count == pytest.approx(5.0 / (2.0 * 3**0.5) * constants.fine_structure * gamma * h * length, rel=1e-6)
    hbar_c = constants.hbar * constants.c / constants.e
    assert critical * reference.p0c == pytest.approx(1.5 * hbar_c * gamma**3 * h, rel=1e-6)
    kick = excitation(z, multipole_source(z, p), p, reference.beta0)
    expected = 55.0 / (24.0 * 3**0.5) * reference.classical_radius * reference.compton_length * gamma**5 * h**3 * length
    assert kick[5] ** 2 == pytest.approx(expected, rel=1e-6)
    same = (*p[:4], 0.0, h, *[0.0] * 12)
    assert excitation(z, curved_source(z, same), same, reference.beta0) == pytest.approx(kick, rel=1e-14)
