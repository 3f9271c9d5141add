"""Wigglers: the integrator's order beside the equations of motion, focusing, radiation, errors."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tests.tracking.rows import REFERENCE, TINY, jacobian, symplectic_error, through
from tracking import Context, ElementError, InputError, ReferenceParticle, Settings, Wiggler, lower
from tracking.mirror import mirrored
from tracking.step import step

KW = 2.0 * np.pi / 0.2
PLANAR = Wiggler(length=0.4, period=0.2, k0=(2.0, 0.5), harmonic=(1.0, 3.0), kx=(4.0, 0.0), phase=(0.0, 0.3))
BOTH = Wiggler(length=0.5, period=0.2, k0=(2.0,), phase=(0.1,), k0s=(1.5, 0.3), ky=(3.0,), phase_s=(0.9, -0.4))
Z = (3e-3, -2e-3, 4e-3, 1e-3, 1e-3, 2e-3)
EXPANDED = {"model": "expanded"}


def terms(element):
    """(k, phase, strength, transverse k) of the vertical and of the horizontal field."""
    def filled(values, n, default):
        return [*values, *[default] * (n - len(values))]

    nv, nh = len(element.k0), len(element.k0s)
    vertical = zip(
        element.k0, filled(element.harmonic, nv, 1.0), filled(element.kx, nv, 0.0), filled(element.phase, nv, 0.0),
        strict=True,
    )  # fmt: skip
    horizontal = zip(
        element.k0s, filled(element.harmonic_s, nh, 1.0), filled(element.ky, nh, 0.0),
        filled(element.phase_s, nh, 0.0), strict=True,
    )  # fmt: skip
    return list(vertical), list(horizontal)


def vector_potential(element, x, y, s):
    """ax, ay of Halbach's expansion, in the trigonometric functions of the papers."""
    ax = ay = 0.0
    vertical, horizontal = terms(element)
    for b, n, kx, phase in vertical:
        kz = n * KW
        ky = np.hypot(kx, kz)
        ax += b / kz * np.cos(kx * x) * np.cosh(ky * y) * np.sin(kz * s + phase)
        ay += b * kx / (ky * kz) * np.sin(kx * x) * np.sinh(ky * y) * np.sin(kz * s + phase)
    for b, n, ky, phase in horizontal:
        kz = n * KW
        kx = np.hypot(ky, kz)
        ay -= b / kz * np.cosh(kx * x) * np.cos(ky * y) * np.sin(kz * s + phase)
        ax -= b * ky / (kx * kz) * np.sinh(kx * x) * np.sin(ky * y) * np.sin(kz * s + phase)
    return ax, ay


def integrated(element, z, beta0=REFERENCE.beta0):
    """Coordinates from Hamilton's equations, the gradient of H by complex steps."""
    form = np.kron(np.eye(3), [[0.0, 1.0], [-1.0, 0.0]])

    def hamiltonian(z, s):
        x, px, y, py, _, pzeta = z
        ax, ay = vector_potential(element, x, y, s)
        p = np.sqrt(1.0 + 2.0 * pzeta + beta0**2 * pzeta**2)
        return pzeta - p + ((px - ax) ** 2 + (py - ay) ** 2) / (2.0 * p)

    def slope(s, z):
        return form @ [np.imag(hamiltonian(z + 1j * TINY * unit, s)) / TINY for unit in np.eye(6)]

    return solve_ivp(slope, (0.0, element.length), z, "DOP853", rtol=1e-12, atol=1e-14).y[:, -1]


@pytest.mark.parametrize("order", [2, 4, 6])
@pytest.mark.parametrize("element", [PLANAR, BOTH], ids=["planar", "both fields"])
def test_integrator_has_its_order(element, order):
    expected = integrated(element, Z)
    coarse, fine = (
        np.abs(through(element, Z, integrator=order, slices=n, **EXPANDED) - expected).max() for n in (16, 32)
    )
    assert fine < 1e-11 or np.log2(coarse / fine) == pytest.approx(order, abs=0.4)
    assert fine < 1e-5


@pytest.mark.parametrize("element", [PLANAR, BOTH], ids=["planar", "both fields"])
def test_wiggler_is_symplectic(element):
    assert symplectic_error(jacobian(element, Z, slices=4, integrator=4)) < 1e-13


def test_planar_wiggler_focuses_vertically():
    """On the average with k0^2/2 and not at all in x; K. Halbach."""
    weak = Wiggler(length=2.0, period=0.2, k0=(0.3,))
    matrix = jacobian(weak, np.zeros(6), integrator=4, **EXPANDED)
    k = 0.3 / np.sqrt(2.0)
    turn = np.array([[np.cos(2 * k), np.sin(2 * k) / k], [-k * np.sin(2 * k), np.cos(2 * k)]])
    assert matrix[2:4, 2:4] == pytest.approx(turn, rel=3e-4)
    assert matrix[:2, :2] == pytest.approx(np.array([[1.0, 2.0], [0.0, 1.0]]), abs=1e-12)
    assert matrix[1, 5] == pytest.approx(0.0, abs=1e-12)


def test_loss_is_the_mean_square_field():
    """2/3 r0 beta0^3 gamma0^3 times the integral of k0^2 cos^2(kz s); as many slices in every period as it takes."""
    reference = ReferenceParticle.of("electron", total_energy=3e9)
    element = Wiggler(length=2.0, period=0.2, k0=(0.3,))
    rows = lower(element, Context(reference, Settings(radiation="mean", integrator=4), None, "w")).rows
    z = (0.0,) * 6
    for op, parameters in rows:
        z = step(op, z, parameters, reference.beta0)
    expected = 2.0 / 3.0 * reference.classical_radius * reference.gamma0**3 * 0.3**2 * 0.5 * 2.0
    assert -z[5] == pytest.approx(expected, rel=2e-4)  # the orbit's slope, 0.3/31, and the loss itself


def test_misused_wigglers_are_refused():
    context = Context(REFERENCE, Settings(), None, "w")
    with pytest.raises(ElementError, match="period"):
        lower(Wiggler(length=1.0, k0=(1.0,)), context)
    with pytest.raises(ElementError, match="slices"):
        lower(Wiggler(length=1.0, period=1e-6, k0=(1.0,)), context)
    with pytest.raises(ElementError, match="harmonic"):
        lower(Wiggler(length=1.0, period=0.1, k0=(1.0,), harmonic=(0.0,)), context)
    with pytest.raises(InputError, match="cannot be reversed"):
        mirrored(PLANAR, "w")
