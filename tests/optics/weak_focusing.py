"""A ring of nothing but field, k1 = -index h^2, and a cavity: its optics and radiation are known in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracking import Line, ReferenceParticle, RFCavity, SectorBend


@dataclass(frozen=True)
class WeakFocusing:
    """What the ring has for a small loss: dispersion, beta function, damping partition numbers, equilibrium."""

    dispersion: float
    betx: float
    jx: float
    je: float
    spread2: float
    emittance: float


def weak_focusing_ring(total_energy: float, loss: float, index: float) -> tuple[Line, WeakFocusing]:
    """Ring of electrons that lose a share `loss` of their energy in a turn."""
    reference = ReferenceParticle.of("electron", total_energy=total_energy)
    h = loss / (4.0 / 3.0 * np.pi * reference.classical_radius * reference.gamma0**3)
    bend = SectorBend(length=0.25 * np.pi / h, angle=0.25 * np.pi, k1=-index * h * h)
    cavity = RFCavity(volt=2.0 * loss * total_energy, lag=0.5, harmon=1.0)
    line = Line((*[bend] * 8, cavity), (*["bend"] * 8, "rf"), reference).with_settings(fringe="none")
    dispersion, betx = 1.0 / (h * (1.0 - index)), 1.0 / (h * np.sqrt(1.0 - index))
    d = (1.0 - 2.0 * index) / (1.0 - index)  # I4/I2
    c_q = 55.0 / (32.0 * 3**0.5) * reference.compton_length * reference.gamma0**2
    spread2 = c_q * h / (2.0 + d)
    return line, WeakFocusing(
        dispersion, betx, 1.0 - d, 2.0 + d, spread2, c_q * h * dispersion**2 / (betx * (1.0 - d))
    )
