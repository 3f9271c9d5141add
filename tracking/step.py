"""From op code to map: the one table that every engine looks into."""

from collections.abc import Callable
from typing import Any

from numba.extending import register_jitable

from tracking.maps import bend, cavity, curved, drift, fringe, linear, multipole, multipole_fringe, patch, solenoid
from tracking.maps.radiation import combined_source, curved_source, multipole_source, radiate, wiggler_source
from tracking.maps.wiggler import wiggler
from tracking.ops import Op

# The map of a row, of the phase space point z = (x, px, y, py, zeta, pzeta), the row's parameters p and beta0
MapFunction = Callable[[tuple, Any, Any], tuple]

MAPS: dict[int, MapFunction] = {
    Op.DRIFT: lambda z, p, beta0: drift.drift(z, p[0], beta0),
    Op.DRIFT_EXPANDED: lambda z, p, beta0: drift.drift_expanded(z, p[0], beta0),
    Op.DRIFT_CORRECTION: lambda z, p, beta0: drift.drift_correction(z, p[0], beta0),
    Op.QUADRUPOLE_KICK: lambda z, p, beta0: multipole.quadrupole_kick(z, p[0]),
    Op.SKEW_QUADRUPOLE_KICK: lambda z, p, beta0: multipole.skew_quadrupole_kick(z, p[0]),
    Op.SEXTUPOLE_KICK: lambda z, p, beta0: multipole.sextupole_kick(z, p[0]),
    Op.OCTUPOLE_KICK: lambda z, p, beta0: multipole.octupole_kick(z, p[0]),
    Op.MULTIPOLE_KICK: lambda z, p, beta0: multipole.multipole_kick(z, p),
    Op.CURVED_QUADRUPOLE_KICK: lambda z, p, beta0: curved.curved_quadrupole_kick(z, p[0], p[1]),
    Op.CURVED_SEXTUPOLE_KICK: lambda z, p, beta0: curved.curved_sextupole_kick(z, p[0], p[1], p[2]),
    Op.CURVED_MULTIPOLE_KICK: lambda z, p, beta0: curved.curved_multipole_kick(z, p),
    Op.SECTOR_BEND: lambda z, p, beta0: bend.sector_bend(z, p[0], p[1], p[2], p[3], p[4], p[5], beta0),
    Op.CURVATURE_KICK: lambda z, p, beta0: bend.curvature_kick(z, p[0], p[1], p[2], beta0),
    Op.QUADRUPOLE_BODY: lambda z, p, beta0: bend.quadrupole_body(z, p[0], p[1], beta0),
    Op.COMBINED_BODY: lambda z, p, beta0: bend.combined_body(z, p[0], p[1], p[2], p[3], beta0),
    Op.THIN_CURVATURE: lambda z, p, beta0: bend.thin_curvature(z, p[0], p[1], beta0),
    Op.ROTATION: lambda z, p, beta0: bend.rotation(z, p[0], p[1], beta0),
    Op.WEDGE: lambda z, p, beta0: bend.wedge(z, p[0], p[1], p[2], p[3], beta0),
    Op.DIPOLE_FRINGE: lambda z, p, beta0: fringe.dipole_fringe(z, p[0], beta0),
    Op.DIPOLE_FRINGE_EXTENDED: lambda z, p, beta0: fringe.dipole_fringe_extended(z, p[0], p[1], p[2], beta0),
    Op.POLE_FACE: lambda z, p, beta0: fringe.pole_face(z, p[0], beta0),
    Op.LINEAR_EDGE: lambda z, p, beta0: fringe.linear_edge(z, p[0], p[1], p[2]),
    Op.FACE_KICK: lambda z, p, beta0: fringe.face_kick(z, p[0], p[1]),
    Op.MULTIPOLE_FRINGE: lambda z, p, beta0: multipole_fringe.multipole_fringe(z, p, beta0),
    Op.DIPOLE_FRINGE_INVERSE: lambda z, p, beta0: fringe.dipole_fringe_inverse(z, p[0], beta0),
    Op.DIPOLE_FRINGE_EXTENDED_INVERSE: lambda z, p, beta0: fringe.dipole_fringe_extended_inverse(
        z, p[0], p[1], p[2], beta0
    ),
    Op.POLE_FACE_INVERSE: lambda z, p, beta0: fringe.pole_face_inverse(z, p[0], beta0),
    Op.MULTIPOLE_FRINGE_INVERSE: lambda z, p, beta0: multipole_fringe.multipole_fringe_inverse(z, p, beta0),
    Op.SOLENOID: lambda z, p, beta0: solenoid.solenoid(z, p[0], p[1], beta0),
    Op.SOLENOID_EXPANDED: lambda z, p, beta0: solenoid.solenoid_expanded(z, p[0], p[1], beta0),
    Op.THIN_SOLENOID: lambda z, p, beta0: solenoid.thin_solenoid(z, p[0], p[1], beta0),
    Op.CAVITY_KICK: lambda z, p, beta0: cavity.cavity_kick(z, p[0], p[1], p[2]),
    Op.CAVITY_FRINGE: lambda z, p, beta0: cavity.cavity_fringe(z, p[0], p[1], p[2]),
    Op.RF_MULTIPOLE_KICK: lambda z, p, beta0: cavity.rf_multipole_kick(z, p),
    Op.TRANSLATION: lambda z, p, beta0: patch.translation(z, p[0], p[1]),
    Op.ROLL: lambda z, p, beta0: patch.roll(z, p[0], p[1]),
    Op.PATCH: lambda z, p, beta0: patch.patch(
        z, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11], beta0
    ),
    Op.AFFINE: lambda z, p, beta0: linear.affine(z, p),
    Op.WIGGLER: lambda z, p, beta0: wiggler(z, p, beta0),
    Op.RADIATION: lambda z, p, beta0: radiate(z, multipole_source(z, p), p, beta0),
    Op.RADIATION_CURVED: lambda z, p, beta0: radiate(z, curved_source(z, p), p, beta0),
    Op.GAUSSIAN_RADIATION: lambda z, p, beta0: radiate(z, multipole_source(z, p), p, beta0),
    Op.GAUSSIAN_RADIATION_CURVED: lambda z, p, beta0: radiate(z, curved_source(z, p), p, beta0),
    Op.PHOTONS: lambda z, p, beta0: radiate(z, multipole_source(z, p), p, beta0),
    Op.PHOTONS_CURVED: lambda z, p, beta0: radiate(z, curved_source(z, p), p, beta0),
    Op.RADIATION_WIGGLER: lambda z, p, beta0: radiate(z, wiggler_source(z, p), p, beta0),
    Op.GAUSSIAN_RADIATION_WIGGLER: lambda z, p, beta0: radiate(z, wiggler_source(z, p), p, beta0),
    Op.PHOTONS_WIGGLER: lambda z, p, beta0: radiate(z, wiggler_source(z, p), p, beta0),
    Op.RADIATION_COMBINED: lambda z, p, beta0: radiate(z, combined_source(z, p), p, beta0),
    Op.GAUSSIAN_RADIATION_COMBINED: lambda z, p, beta0: radiate(z, combined_source(z, p), p, beta0),
    Op.PHOTONS_COMBINED: lambda z, p, beta0: radiate(z, combined_source(z, p), p, beta0),
}
for _function in MAPS.values():
    register_jitable(forceinline=True)(_function)  # lets loops over particles be vectorised


def step(op: int, z: tuple, p: Any, beta0: Any) -> tuple:
    """One row: the map of code `op` at the phase space point `z`, for any kind of numbers."""
    return MAPS[op](z, p, beta0)
