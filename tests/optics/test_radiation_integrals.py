"""Radiation integrals: closed forms, the textbook's integrals by quadrature, invariance under rolls, equilibrium."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.constants import c as speed_of_light
from scipy.linalg import expm

from optics import radiation_integrals, twiss
from optics.bucket import NoBucketError
from tests.optics.weak_focusing import weak_focusing_ring
from tracking import Drift, InputError, Line, Quadrupole, ReferenceParticle, RFCavity, SectorBend, Wiggler

ELECTRON = ReferenceParticle.of("electron", total_energy=2e9)
BEND = SectorBend(length=1.2, angle=np.pi / 6, k1=-0.1, e1=0.1, e2=0.17)
CELL = (Quadrupole(length=0.4, k1=1.2), Drift(length=0.5), BEND, Drift(length=0.6), Quadrupole(length=0.3, k1=-0.7))


def ring(cell=CELL, *others, **settings) -> Line:
    elements = (*cell * 12, *others)
    return Line(elements, [e.keyword for e in elements], ELECTRON).with_settings(slices=4, **settings)


def textbook(line: Line) -> np.ndarray:
    """I1 to I5 of bends and I6 of all magnets, from closed optics functions and adaptive quadrature."""
    optics, total = twiss(line, method="4d", order=0), np.zeros(6)
    for i, element in enumerate(line.elements):
        if isinstance(element, Drift):
            continue
        bend = isinstance(element, SectorBend)
        h, k1 = element.angle / element.length if bend else 0.0, element.k1
        d, dp, beta, alpha = (float(optics.columns[name][i]) for name in ("dx", "dpx", "betx", "alfx"))
        sides = (h * np.tan(element.e1), h * np.tan(element.e2)) if bend else (0.0, 0.0)
        dp, alpha = dp + sides[0] * d, alpha - sides[0] * beta
        ellipse = np.array([[beta, -alpha], [-alpha, (1 + alpha**2) / beta]])
        generator = np.array([[0.0, 1.0, 0.0], [-h * h - k1, 0.0, h], [0.0, 0.0, 0.0]])

        def integrand(s, h=h, k1=k1, d=d, dp=dp, ellipse=ellipse, generator=generator):
            moved = expm(generator * s)
            x, slope, _ = moved @ [d, dp, 1.0]
            b = moved[:2, :2] @ ellipse @ moved[:2, :2].T
            curly = b[1, 1] * x * x - 2 * b[0, 1] * x * slope + b[0, 0] * slope * slope
            return [x * h, h * h, abs(h) ** 3, x * h * (h * h + 2 * k1), curly * abs(h) ** 3, (k1 * x) ** 2]

        nodes, weights = np.polynomial.legendre.leggauss(20)
        places = 0.5 * element.length * (nodes + 1.0)
        total += 0.5 * element.length * weights @ np.array([integrand(s) for s in places])
        end = expm(generator * element.length) @ [d, dp, 1.0]
        total[3] -= h * h * (d * np.tan(element.e1) + end[0] * np.tan(element.e2)) if bend else 0.0
    return total


@pytest.mark.parametrize("model", ["exact", "expanded"])
def test_combined_bends_with_turned_faces(model):
    line = ring(model=model)
    found = radiation_integrals(line, 1e-11)
    expected = textbook(line.with_settings(slices=64))
    values = [found.i1, found.i2, found.i3, found.i4, found.i5, found.i6]
    assert found.error < 1e-11
    assert values == pytest.approx(expected, rel=1e-8)
    assert found.i4_modes[1] == pytest.approx(0.0, abs=1e-14) and found.i5_modes[1] == pytest.approx(0.0, abs=1e-20)


def test_weak_focusing_ring_has_closed_forms():
    line, ideal = weak_focusing_ring(total_energy=20e9, loss=1e-4, index=0.6)
    found = radiation_integrals(line.with_settings(slices=2, model="expanded"))
    h, reference = 2 * np.pi / line.length, line.reference
    assert found.i2 == pytest.approx(2 * np.pi * h, rel=1e-12)
    assert found.i3 == pytest.approx(2 * np.pi * h**2, rel=1e-12)
    assert found.partition_numbers == pytest.approx([ideal.jx, 1.0, ideal.je], rel=1e-9)
    assert found.partition_numbers.sum() == pytest.approx(4.0, rel=1e-14)
    assert found.energy_loss == pytest.approx(1e-4 * reference.total_energy, rel=1e-8)
    assert found.emittances == pytest.approx([ideal.emittance, 0.0], rel=1e-8)
    assert found.energy_spread**2 == pytest.approx(ideal.spread2, rel=1e-8)
    turn = line.length / (reference.beta0 * speed_of_light)
    assert found.damping_times == pytest.approx(2 * turn / 1e-4 / np.array([ideal.jx, 1.0, ideal.je]), rel=1e-8)


@pytest.mark.parametrize("angle", [0.5 * np.pi, 0.7])
def test_a_rolled_ring_is_the_same(angle):
    """All magnets rolled alike: what was the radial mode lies across the axes, its integrals stay."""
    upright = radiation_integrals(ring())
    rolled = radiation_integrals(ring(tuple(replace(e, tilt=angle) for e in CELL)))
    radial = 0 if np.cos(angle) ** 2 > 0.5 else 1
    assert (rolled.i1, rolled.i2, rolled.i3, rolled.i6) == pytest.approx(
        (upright.i1, upright.i2, upright.i3, upright.i6), rel=1e-9
    )
    for name in ("i4_modes", "i5_modes"):
        before, after = getattr(upright, name), getattr(rolled, name)
        assert after[[radial, 1 - radial]] == pytest.approx(before, rel=1e-8, abs=1e-12)


def test_a_wiggler_adds_its_field_and_the_dispersion_it_makes():
    """Sinusoidal field of peak h: I2 = L h^2/2, I3 = 4/(3 pi) L h^3 exactly; k = 2 pi/period."""
    peak, period = 0.05, 0.2
    device = Wiggler(length=0.4, period=period, k0=(peak,), phase=(0.5 * np.pi,))
    bare, with_device = radiation_integrals(ring()), radiation_integrals(ring(CELL, device), 1e-8)
    assert with_device.i2 - bare.i2 == pytest.approx(0.4 * peak**2 / 2.0, rel=1e-5)
    assert with_device.i3 - bare.i3 == pytest.approx(0.4 * peak**3 * 4.0 / (3.0 * np.pi), rel=1e-5)


def test_longitudinal_motion():
    cavity = RFCavity(volt=1.5e6, lag=0.5, harmon=40)
    line = ring(CELL, cavity)
    found = radiation_integrals(line)
    voltage, loss = 1.5e6, found.energy_loss
    slip = found.momentum_compaction - 1 / ELECTRON.gamma0**2
    k = 2 * np.pi * 40 / line.length
    kick = np.sqrt(voltage**2 - loss**2) * k / (ELECTRON.beta0**2 * ELECTRON.total_energy)
    assert 0.05 < loss / voltage < 0.5
    tune = np.sqrt(kick * slip * line.length) / (2 * np.pi)
    assert found.synchrotron_tune == pytest.approx(tune, rel=1e-9)
    assert found.bunch_length == pytest.approx(found.energy_spread * np.sqrt(slip * line.length / kick), rel=1e-7)
    coasting = radiation_integrals(ring())
    assert coasting.bunch_length is None and coasting.synchrotron_tune is None
    with pytest.raises(NoBucketError, match="do not vanish"):
        _ = radiation_integrals(ring(CELL, replace(cavity, volt=0.9 * loss))).bunch_length


def test_modes_that_grow_have_no_equilibrium():
    """Alternating gradients in the bends, as in the first strong-focusing synchrotrons."""
    focusing, defocusing = (SectorBend(length=2.0, angle=np.pi / 12, k1=k1) for k1 in (0.1, -0.1))
    found = radiation_integrals(ring((focusing, Drift(length=0.5), defocusing, Drift(length=0.5))))
    assert found.partition_numbers[0] < 0.0 and found.damping_times[0] < 0.0
    assert np.isnan(found.emittances[0]) and found.energy_spread > 0.0


def test_errors():
    with pytest.raises(InputError, match="tolerance = 0.0"):
        radiation_integrals(ring(), 0.0)
    with pytest.raises(InputError, match="nothing in this line radiates"):
        radiation_integrals(Line((Drift(length=1.0),), ("d",), ELECTRON))
