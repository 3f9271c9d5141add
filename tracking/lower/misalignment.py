"""Patches around the rows of a misaligned element."""

from __future__ import annotations

from typing import Any

from tpsa.gmath import cos, sin, stumpff
from tracking.elements import Element, Misalignment, Multipole, SectorBend
from tracking.lower.base import Lowered, is_zero
from tracking.lower.geometry import Frame, product, rotation


def misaligned(lowered: Lowered, element: Element) -> Lowered:
    """The rows with exact patches into and out of the displaced body; unchanged without a misalignment."""
    if element.misalignment is None:
        return lowered
    entrance = misaligned_frame(element.misalignment)
    exit_ = body_frame(element)
    back = (entrance @ exit_).inverse() @ exit_
    return Lowered(
        entry=entrance.rows() + lowered.entry, body=lowered.body, count=lowered.count, exit=lowered.exit + back.rows()
    )


def misaligned_frame(misalignment: Misalignment) -> Frame:
    """Frame of a body's entrance where it is, in the one where it ought to be.

    Source: MAD-X User's Reference Manual, EALIGN; the order of the rotations is that of its SURVEY.
    """
    m = misalignment
    turned = product(rotation("y", m.dtheta), rotation("x", -1.0 * m.dphi))
    return Frame((m.dx, m.dy, m.ds), product(turned, rotation("s", m.dpsi)))


def body_frame(element: Element) -> Frame:
    """Frame of an element's exit in that of its entrance: the reference orbit's arc or straight line.

    Source: Rodrigues' formula for the rotation vector (wx, wy, 0).
    """
    wx, wy = _rotation_vector(element)
    xx, xy, yy = wx * wx, wx * wy, wy * wy
    c1, c2 = stumpff(1, xx + yy), stumpff(2, xx + yy)
    across = element.length * c2
    axes = (
        (1.0 - c2 * yy, c2 * xy, c1 * wy),
        (c2 * xy, 1.0 - c2 * xx, -1.0 * c1 * wx),
        (-1.0 * c1 * wy, c1 * wx, 1.0 - c2 * (xx + yy)),
    )
    return Frame((across * wy, -1.0 * across * wx, element.length * c1), axes)


def _rotation_vector(element: Element) -> tuple[Any, Any]:
    """Components (wx, wy) of the rotation from entrance to exit [rad]; a bend of positive angle has wy < 0."""
    horizontal, vertical = 0.0, 0.0
    if isinstance(element, SectorBend):
        horizontal = element.angle
    elif isinstance(element, Multipole):
        horizontal = (*element.knl, 0.0)[0] if element.angle is None else element.angle
        vertical = (*element.ksl, 0.0)[0]
    if is_zero(element.tilt):
        return -1.0 * vertical, -1.0 * horizontal
    c, s = cos(element.tilt), sin(element.tilt)
    return s * horizontal - c * vertical, -1.0 * (c * horizontal + s * vertical)
