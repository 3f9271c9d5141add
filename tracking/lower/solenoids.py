"""Rows of solenoids."""

from __future__ import annotations

from tracking.elements import Solenoid
from tracking.integrators import composition
from tracking.lower.base import Context, Lowered, Row, lower
from tracking.lower.magnets import is_zero, kick_rows, multipole_strengths, straight_body
from tracking.ops import Op


@lower.register
def _(element: Solenoid, context: Context) -> Lowered:
    strengths = multipole_strengths(element, {})
    if is_zero(element.length):
        return _thin(element, kick_rows(strengths))
    if is_zero(element.ks):
        return straight_body(element, strengths, context)
    settings = context.settings
    op = Op.SOLENOID if settings.model == "exact" else Op.SOLENOID_EXPANDED
    if not strengths:
        return Lowered(body=[(op, (element.ks, element.length))], count=1)
    drifts, kicks = composition(settings.integrator)
    body: list[Row] = []
    for d, k in zip(drifts, (*kicks, 0.0), strict=True):
        body.append((op, (element.ks, element.length * (d / settings.slices))))
        w = k / settings.slices
        body += kick_rows([(a * w, b * w) for a, b in strengths])
    return Lowered(body=body, count=settings.slices)


def _thin(element: Solenoid, kicks: list[Row]) -> Lowered:
    """Multipole kick, then the thin solenoid, in PTC's order."""
    if is_zero(element.ksi):
        return Lowered(entry=kicks)
    return Lowered(entry=[*kicks, (Op.THIN_SOLENOID, (element.ksi, 0.25 * element.ks * element.ksi))])
