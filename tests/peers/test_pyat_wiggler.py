"""Wiggler beside pyAT's, which has the same Hamiltonian and the same fourth-order splitting."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tracking import Line, ReferenceParticle, Wiggler, track

at = pytest.importorskip("at")

REFERENCE = ReferenceParticle.of("electron", total_energy=3e9)
PERIOD, PEAK, SLICES = 0.2, 0.2, 12
Z = np.array([5e-3, 1e-4, 3e-3, -2e-4, 0.0, 3e-4])


def test_vertical_and_horizontal_harmonics_agree():
    """By in columns of harmonic, strength, kx/kw, ky/kw, kz/kw and phase; Bx likewise, with the other sign.

    pyAT takes sin(x)/x from a short series.
    """
    kw = 2.0 * np.pi / PERIOD
    element = Wiggler(
        length=1.0, period=PERIOD, k0=(PEAK, 0.2 * PEAK), harmonic=(1.0, 3.0), kx=(0.3 * kw,), k0s=(-0.5 * PEAK,),
        ky=(0.1 * kw,), phase_s=(0.0,),
    )  # fmt: skip
    vertical = np.array([[1.0, 1.0, 0.3, np.hypot(1.0, 0.3), 1.0, 0.0], [3.0, 0.2, 0.0, 3.0, 3.0, 0.0]]).T
    horizontal = np.array([[1.0, 0.5, np.hypot(1.0, 0.1), 0.1, 1.0, 0.0]]).T
    settings = {"model": "expanded", "integrator": 4, "slices": SLICES}
    ours = track(Line((element,), ("w",), REFERENCE).with_settings(**settings), Z).coordinates[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", at.AtWarning)
        field = {"By": vertical, "Bx": horizontal, "Nstep": SLICES, "Nmeth": 4}
        wiggler = at.Wiggler("w", 1.0, PERIOD, PEAK * REFERENCE.rigidity, REFERENCE.total_energy, **field)
        ring = at.Lattice([wiggler], energy=REFERENCE.total_energy, particle="electron")
        theirs = np.asfortranarray(Z[[0, 1, 2, 3, 5, 4], None])
        at.lattice_pass(ring, theirs, 1)
    assert np.abs(ours - Z).max() > 1e-5
    np.testing.assert_allclose(ours[:4], theirs[:4, 0], rtol=0.0, atol=1e-12)
    assert ours[4] == pytest.approx(-theirs[5, 0], abs=2e-11)  # pyAT has beta = 1
