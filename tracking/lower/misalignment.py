"""Patches around the rows of a misaligned element."""

from __future__ import annotations

from tpsa.gmath import stumpff
from tracking.elements import Element, Misalignment, Multipole, SectorBend
from tracking.lower.base import Lowered
from tracking.lower.geometry import Frame, product, rotation, transpose


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
    """Frame of an element's exit in that of its entrance: the reference orbit's arc or straight line."""
    angle = 0.0
    if isinstance(element, SectorBend):
        angle = element.angle
    elif isinstance(element, Multipole):
        angle = element.angle if element.angle is not None else (*element.knl, 0.0)[0]
    u = angle * angle
    sideways, along = -1.0 * element.length * angle * stumpff(2, u), element.length * stumpff(1, u)
    plane = rotation("s", element.tilt)
    axes = product(product(plane, rotation("y", -1.0 * angle)), transpose(plane))
    return Frame((sideways * plane[0][0], sideways * plane[1][0], along), axes)
