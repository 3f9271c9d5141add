"""Rows of orbit correctors: a dipole field on a straight reference orbit."""

from __future__ import annotations

from dataclasses import replace

from tracking.elements import Kicker
from tracking.lower.base import Context, Lowered, is_zero, lower
from tracking.lower.magnets import straight_body
from tracking.lower.strengths import trimmed
from tracking.ops import Op


@lower.register
def _(element: Kicker, context: Context) -> Lowered:
    strengths = trimmed([(-1.0 * element.hkick, element.vkick)])
    body = straight_body(element, strengths, context)
    if context.settings.fringe != "all" or not strengths or is_zero(element.length):
        return body
    edge = tuple(integrated * (-0.125 / element.length) for integrated in strengths[0])
    return replace(
        body, entry=[(Op.MULTIPOLE_FRINGE, edge)], exit=[(Op.MULTIPOLE_FRINGE, tuple(-1.0 * k for k in edge))]
    )
