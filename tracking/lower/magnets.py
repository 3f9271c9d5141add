"""Rows of drifts and straight magnets."""

from __future__ import annotations

from typing import Any

from tpsa.gmath import tan
from tracking.elements import DipoleEdge, Drift, Magnet, Marker, Multipole, Octupole, Quadrupole, Sextupole
from tracking.lower.base import Context, Lowered, Row, is_zero, lower, split
from tracking.lower.edges import edge_focusing, linear_edge_rows, multipole_fringe_rows
from tracking.lower.radiation import STRAIGHT, pieces, radiates, radiating, straight_radiation
from tracking.lower.strengths import Strengths, kick_rows, multipole_strengths, scaled, without_gradient
from tracking.ops import Op


def drift_op(context: Context) -> Op:
    """Drift of the chosen model."""
    return Op.DRIFT if context.settings.model == "exact" else Op.DRIFT_EXPANDED


def straight_body(element: Magnet, strengths: Strengths, context: Context) -> Lowered:
    """Rows of a straight magnet of integrated strengths [1/m^n], with its fringes."""
    settings, length = context.settings, element.length
    if is_zero(length):
        return Lowered(entry=kick_rows(strengths))
    if settings.split == "matrix-kick" and len(strengths) > 1 and not is_zero(strengths[1][0]):
        body = _matrix_kick(length, strengths, context)
    else:
        drift = drift_op(context)
        body = split(length, lambda ds: [(drift, (ds,))], lambda part: kick_rows(scaled(strengths, part)), settings)
    field = scaled(strengths, 1.0 / length)
    body = radiating(body, length, field, context)
    if settings.fringe != "all" or len(strengths) < 2:  # correctors have no fringe, as in PTC
        return body
    entry, exit_ = multipole_fringe_rows(field, 1.0), multipole_fringe_rows(field, -1.0)
    return Lowered(entry=entry, body=body.body, count=body.count, exit=exit_)


def _matrix_kick(length: Any, strengths: Strengths, context: Context) -> Lowered:
    """Split of the expanded quadrupole body, solved exactly, and kicks of the rest of the Hamiltonian."""
    k1 = strengths[1][0] * (1.0 / length)
    rest = without_gradient(strengths)

    def kick(part: float) -> list[Row]:
        kicks = kick_rows(scaled(rest, part))
        if context.settings.model == "expanded":
            return kicks
        if not kicks:
            return [(Op.DRIFT_CORRECTION, (part * length,))]
        correction: Row = (Op.DRIFT_CORRECTION, (0.5 * part * length,))
        return [correction, *kicks, correction]

    return split(length, lambda ds: [(Op.QUADRUPOLE_BODY, (ds, k1))], kick, context.settings, pieces(context))


@lower.register
def _(element: Marker, context: Context) -> Lowered:
    return Lowered()


@lower.register
def _(element: Drift, context: Context) -> Lowered:
    if is_zero(element.length):
        return Lowered()
    return Lowered(body=[(drift_op(context), (element.length,))], count=1)


@lower.register
def _(element: Quadrupole, context: Context) -> Lowered:
    return straight_body(element, multipole_strengths(element, [(0.0, 0.0), (element.k1, element.k1s)]), context)


@lower.register
def _(element: Sextupole, context: Context) -> Lowered:
    main = [(0.0, 0.0), (0.0, 0.0), (element.k2, element.k2s)]
    return straight_body(element, multipole_strengths(element, main), context)


@lower.register
def _(element: Octupole, context: Context) -> Lowered:
    main = [(0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (element.k3, element.k3s)]
    return straight_body(element, multipole_strengths(element, main), context)


@lower.register
def _(element: Multipole, context: Context) -> Lowered:
    """knl[0] and ksl[0] bend the reference orbit, unless `angle` says otherwise; lrad gives their weak focusing.

    With lrad, the multipole radiates in its middle.
    """
    strengths = multipole_strengths(element, [])
    if is_zero(element.lrad) or not radiates(context):
        return Lowered(entry=_thin_multipole(element, strengths, 1.0))
    half = _thin_multipole(element, strengths, 0.5)
    field = scaled(strengths, 1.0 / element.lrad)
    bend = strengths[0][0] if strengths else 0.0
    angle = bend if element.angle is None else element.angle
    middle = straight_radiation(STRAIGHT[context.settings.radiation], element.lrad, angle, field, context)
    return Lowered(entry=[*half, *middle, *half])


def _thin_multipole(element: Multipole, strengths: Strengths, part: float) -> list[Row]:
    """Rows of a part of a thin multipole of integrated strengths [1/m^n]; they commute."""
    bend, skew_bend = strengths[0] if strengths else (0.0, 0.0)
    angle = bend if element.angle is None else element.angle
    rows = kick_rows(scaled(strengths, part))
    if is_zero(angle) and is_zero(skew_bend):
        return rows
    rows.append((Op.THIN_CURVATURE, (part * angle, part * skew_bend)))
    if not is_zero(element.lrad):
        per_length = part / element.lrad
        rows += linear_edge_rows(-1.0 * angle * bend * per_length, skew_bend * skew_bend * per_length, 0.0)
    return rows


@lower.register
def _(element: DipoleEdge, context: Context) -> Lowered:
    edge = linear_edge_rows(*edge_focusing(element.h, element.e1, element.fint, element.hgap), 0.0)
    if radiates(context):
        edge += straight_radiation(Op.RADIATION, 0.0, -1.0 * tan(element.e1), [(element.h, 0.0)], context)
    return Lowered(entry=edge)
