"""Rows of orbit correctors: a dipole field on a straight reference orbit."""

from __future__ import annotations

from tracking.elements import Kicker
from tracking.lower.base import Context, Lowered, lower
from tracking.lower.magnets import is_zero, straight_body


@lower.register
def _(element: Kicker, context: Context) -> Lowered:
    kicked = not (is_zero(element.hkick) and is_zero(element.vkick))
    return straight_body(element, [(-1.0 * element.hkick, element.vkick)] if kicked else [], context)
