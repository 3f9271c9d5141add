"""Rows of synchrotron radiation: beside the slices of a body, and in the wedges of a bend's edges."""

from __future__ import annotations

from math import factorial, sqrt
from typing import Any

from scipy import constants

from tpsa.gmath import tan
from tracking.lower.base import Context, Lowered, Row, is_zero
from tracking.lower.curved import curved_potential, potential_gradient
from tracking.lower.edges import Edge
from tracking.lower.strengths import Strengths, trimmed, without_dipole
from tracking.ops import Op
from tracking.reference import ReferenceParticle

STRAIGHT = {"mean": Op.RADIATION, "gaussian": Op.GAUSSIAN_RADIATION, "photons": Op.PHOTONS}
WIGGLER = {
    "mean": Op.RADIATION_WIGGLER, "gaussian": Op.GAUSSIAN_RADIATION_WIGGLER, "photons": Op.PHOTONS_WIGGLER,
}  # fmt: skip
COMBINED = {
    "mean": Op.RADIATION_COMBINED, "gaussian": Op.GAUSSIAN_RADIATION_COMBINED, "photons": Op.PHOTONS_COMBINED,
}  # fmt: skip
CURVED = {"mean": Op.RADIATION_CURVED, "gaussian": Op.GAUSSIAN_RADIATION_CURVED, "photons": Op.PHOTONS_CURVED}


def photon_constants(reference: ReferenceParticle) -> tuple[float, float, float]:
    """What every radiation row begins with; see `tracking.maps.radiation`."""
    momentum = reference.p0c / reference.mass  # beta0 gamma0
    number = 5.0 / (2.0 * sqrt(3.0)) * constants.fine_structure * reference.charge**2 * momentum
    return number, 1.5 * reference.compton_length * momentum**2, momentum**-2


def radiates(context: Context) -> bool:
    """Whether magnets have rows of radiation."""
    return context.settings.radiation != "none"


def pieces(context: Context) -> int:
    """Parts in which a body that one map solves is gone through."""
    return context.settings.slices if radiates(context) else 1


def radiating(body: Lowered, length: Any, field: Strengths, context: Context, h: Any = 0.0, ks: Any = 0.0) -> Lowered:
    """A sliced body with half of a slice's radiation at each end of every slice, so that it converges as slices^-2.

    Parameters
    ----------
    field : kn, ksn [1/m^(n+1)] by order; h : curvature of the reference orbit [1/m]; ks : longitudinal field [1/m]
    """
    rows = radiation_rows(length * (0.5 / max(body.count, 1)), field, context, h, ks) if radiates(context) else []
    return Lowered(body.entry, [*rows, *body.body, *rows], body.count, body.exit)


def radiation_rows(length: Any, field: Strengths, context: Context, h: Any = 0.0, ks: Any = 0.0) -> list[Row]:
    """Row of the radiation along a length [m] of field kn, ksn [1/m^(n+1)]; none without a field.

    In the exact model, multipoles beside a bend's dipole are those of the curved frame.
    """
    rest = trimmed(without_dipole(field))
    if context.settings.model == "exact" and rest and not is_zero(h):
        kind, bend = context.settings.radiation, (*photon_constants(context.reference), length, h, field[0][0])
        if len(rest) <= 3 and all(is_zero(skew) for _, skew in rest):
            k1, k2 = rest[1][0], rest[2][0] if len(rest) > 2 else 0.0
            return [(COMBINED[kind], (*bend, k1, k2))]
        return [(CURVED[kind], (*bend, *potential_gradient(curved_potential(rest, h))))]
    return straight_radiation(STRAIGHT[context.settings.radiation], length, length * h, field, context, ks)


def wedge_radiation(edge: Edge, field: Strengths, context: Context) -> list[Row]:
    """Radiation in the wedge between a turned pole face and the plane across the orbit.

    The wedge is - x tan(angle) long: less field for x > 0 at a positive angle, to first order in x. It changes the mean
    loss only, as a negative length has no photons. The expanded model has a wedge only where it has an edge.
    """
    missing = context.settings.model == "expanded" and edge.fringes == "none"
    if is_zero(edge.angle) or missing or not radiates(context):
        return []
    return straight_radiation(Op.RADIATION, 0.0, -1.0 * tan(edge.angle), field, context)


def straight_radiation(
    op: Op, length: Any, slope: Any, field: Strengths, context: Context, ks: Any = 0.0
) -> list[Row]:
    """Row of the radiation along length + slope x [m] of straight multipoles kn, ksn [1/m^(n+1)]; none without."""
    field = trimmed(field)
    if not field and is_zero(ks):
        return []
    field = field or [(0.0, 0.0)]
    strengths = [field[n][k] * (1.0 / factorial(n)) for n in reversed(range(len(field))) for k in (0, 1)]
    return [(op, (*photon_constants(context.reference), length, slope, ks, *strengths))]
