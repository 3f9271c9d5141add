"""An element of your own: a map function, a record, a lowering. It tracks, gives Taylor maps and is traced by JAX.

The element is a thin McMillan electron lens: a round kick k r/(1 + (r/a)^2), whose bounded strength makes rings with it
nearly integrable. Run: python docs/examples/user_element.py
"""

from dataclasses import dataclass

import numpy as np

import optics
import tracking
from tracking.knobs import Value


def mcmillan_lens(z, p, beta0):
    """Round lens of strength p[0] [1/m] and inverse squared radius p[1] [1/m^2]."""
    x, px, y, py, zeta, pzeta = z
    kick = p[0] / (1.0 + p[1] * (x * x + y * y))
    return x, px - kick * x, y, py - kick * y, zeta, pzeta


MCMILLAN_LENS = tracking.register_map(mcmillan_lens)


@dataclass(frozen=True, kw_only=True)
class McMillanLens(tracking.Element):
    """Thin round lens of integrated strength k [1/m] and radius a [m]."""

    KEYWORD = "mcmillanlens"

    k: Value = 0.0
    a: Value = 1.0


@tracking.lower.register
def _(element: McMillanLens, context: tracking.Context) -> tracking.Lowered:
    return tracking.Lowered(entry=[(MCMILLAN_LENS, (element.k, 1.0 / (element.a * element.a)))])


def ring() -> tracking.Line:
    """Six FODO cells and one lens."""
    cell = {
        "qf": tracking.Quadrupole(length=0.3, k1=1.2),
        "d1": tracking.Drift(length=1.2),
        "qd": tracking.Quadrupole(length=0.3, k1=-1.2),
        "d2": tracking.Drift(length=1.2),
    }
    elements = [McMillanLens(k=0.02, a=4e-3), *list(cell.values()) * 6]
    names = ["lens", *list(cell) * 6]
    reference = tracking.ReferenceParticle.of("proton", kinetic_energy=150e6)
    return tracking.Line(elements, names, reference)


def main() -> None:
    line = ring()
    particles = np.array([[1e-3, 0.0, 0.0, 0.0, 0.0, 0.0], [3e-3, 0.0, 1e-3, 0.0, 0.0, 0.0]])
    tracked = tracking.track(line, particles, turns=100).coordinates
    print("after 100 turns x [mm]:", tracked[:, 0] * 1e3)

    taylor = optics.one_turn_map(line, order=3)
    print("largest third-order term of x:", np.abs(taylor.coefficients[0, taylor.descriptor.degree_starts[3] :]).max())

    from tracking.engine_jax import track_jax

    difference = np.abs(np.asarray(track_jax(line, particles, turns=100)) - tracked).max()
    print("JAX and compiled tracking differ by", difference)


if __name__ == "__main__":
    main()
