"""From op code to map: the only chain of branches, taken by every engine."""

from numba.extending import register_jitable

from tracking.maps import drift, multipole
from tracking.ops import Op


@register_jitable
def step(op, z, p, beta0):
    """One row: the map of code `op` with parameters `p` at the phase space point `z` = (x, px, y, py, zeta, pzeta)."""
    if op == Op.DRIFT:
        return drift.drift(z, p[0], beta0)
    if op == Op.DRIFT_EXPANDED:
        return drift.drift_expanded(z, p[0], beta0)
    if op == Op.DRIFT_CORRECTION:
        return drift.drift_correction(z, p[0], beta0)
    if op == Op.QUADRUPOLE_KICK:
        return multipole.quadrupole_kick(z, p[0])
    if op == Op.SKEW_QUADRUPOLE_KICK:
        return multipole.skew_quadrupole_kick(z, p[0])
    if op == Op.SEXTUPOLE_KICK:
        return multipole.sextupole_kick(z, p[0])
    if op == Op.OCTUPOLE_KICK:
        return multipole.octupole_kick(z, p[0])
    if op == Op.MULTIPOLE_KICK:
        return multipole.multipole_kick(z, p)
    raise ValueError("step: unknown op code")
