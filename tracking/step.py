"""From op code to map: the only chain of branches, taken by every engine."""

from numba.extending import register_jitable

from tracking.maps import bend, cavity, curved, drift, fringe, linear, multipole, multipole_fringe, patch, solenoid
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
    if op == Op.CURVED_QUADRUPOLE_KICK:
        return curved.curved_quadrupole_kick(z, p[0], p[1])
    if op == Op.CURVED_SEXTUPOLE_KICK:
        return curved.curved_sextupole_kick(z, p[0], p[1], p[2])
    if op == Op.CURVED_MULTIPOLE_KICK:
        return curved.curved_multipole_kick(z, p)
    if op == Op.SECTOR_BEND:
        return bend.sector_bend(z, p[0], p[1], p[2], p[3], p[4], p[5], beta0)
    if op == Op.CURVATURE_KICK:
        return bend.curvature_kick(z, p[0], p[1], p[2], beta0)
    if op == Op.QUADRUPOLE_BODY:
        return bend.quadrupole_body(z, p[0], p[1], beta0)
    if op == Op.COMBINED_BODY:
        return bend.combined_body(z, p[0], p[1], p[2], p[3], beta0)
    if op == Op.THIN_CURVATURE:
        return bend.thin_curvature(z, p[0], p[1], beta0)
    if op == Op.ROTATION:
        return bend.rotation(z, p[0], p[1], beta0)
    if op == Op.WEDGE:
        return bend.wedge(z, p[0], p[1], p[2], p[3], beta0)
    if op == Op.DIPOLE_FRINGE:
        return fringe.dipole_fringe(z, p[0], beta0)
    if op == Op.DIPOLE_FRINGE_EXTENDED:
        return fringe.dipole_fringe_extended(z, p[0], p[1], p[2], beta0)
    if op == Op.POLE_FACE:
        return fringe.pole_face(z, p[0], beta0)
    if op == Op.LINEAR_EDGE:
        return fringe.linear_edge(z, p[0], p[1], p[2])
    if op == Op.FACE_KICK:
        return fringe.face_kick(z, p[0], p[1])
    if op == Op.MULTIPOLE_FRINGE:
        return multipole_fringe.multipole_fringe(z, p, beta0)
    if op == Op.DIPOLE_FRINGE_INVERSE:
        return fringe.dipole_fringe_inverse(z, p[0], beta0)
    if op == Op.DIPOLE_FRINGE_EXTENDED_INVERSE:
        return fringe.dipole_fringe_extended_inverse(z, p[0], p[1], p[2], beta0)
    if op == Op.POLE_FACE_INVERSE:
        return fringe.pole_face_inverse(z, p[0], beta0)
    if op == Op.MULTIPOLE_FRINGE_INVERSE:
        return multipole_fringe.multipole_fringe_inverse(z, p, beta0)
    if op == Op.SOLENOID:
        return solenoid.solenoid(z, p[0], p[1], beta0)
    if op == Op.SOLENOID_EXPANDED:
        return solenoid.solenoid_expanded(z, p[0], p[1], beta0)
    if op == Op.THIN_SOLENOID:
        return solenoid.thin_solenoid(z, p[0], p[1], beta0)
    if op == Op.CAVITY_KICK:
        return cavity.cavity_kick(z, p[0], p[1], p[2])
    if op == Op.CAVITY_FRINGE:
        return cavity.cavity_fringe(z, p[0], p[1], p[2])
    if op == Op.RF_MULTIPOLE_KICK:
        return cavity.rf_multipole_kick(z, p)
    if op == Op.TRANSLATION:
        return patch.translation(z, p[0], p[1])
    if op == Op.ROLL:
        return patch.roll(z, p[0], p[1])
    if op == Op.PATCH:
        return patch.patch(z, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11], beta0)
    if op == Op.AFFINE:
        return linear.affine(z, p)
    raise ValueError("step: unknown op code")
