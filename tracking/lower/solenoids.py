"""Rows of solenoids."""

from __future__ import annotations

from dataclasses import replace

from tracking.elements import Solenoid
from tracking.lower.base import Context, Lowered, Row, is_zero, lower, split
from tracking.lower.edges import multipole_fringe_rows
from tracking.lower.magnets import straight_body
from tracking.lower.radiation import pieces, radiating
from tracking.lower.strengths import kick_rows, multipole_strengths, scaled
from tracking.ops import Op


@lower.register
def _(element: Solenoid, context: Context) -> Lowered:
    strengths = multipole_strengths(element, [])
    if is_zero(element.length):
        return _thin(element, kick_rows(strengths))
    if is_zero(element.ks):
        return straight_body(element, strengths, context)
    op = Op.SOLENOID if context.settings.model == "exact" else Op.SOLENOID_EXPANDED
    body = split(
        element.length,
        lambda ds: [(op, (element.ks, ds))],
        lambda part: kick_rows(scaled(strengths, part)),
        context.settings,
        pieces(context),
    )
    field = scaled(strengths, 1.0 / element.length)
    body = radiating(body, element.length, field, context, ks=element.ks)
    if context.settings.fringe != "all":
        return body
    return replace(body, entry=multipole_fringe_rows(field, 1.0), exit=multipole_fringe_rows(field, -1.0))


def _thin(element: Solenoid, kicks: list[Row]) -> Lowered:
    """Multipole kick, then the thin solenoid, in PTC's order."""
    if is_zero(element.ksi):
        return Lowered(entry=kicks)
    return Lowered(entry=[*kicks, (Op.THIN_SOLENOID, (element.ksi, 0.25 * element.ks * element.ksi))])
