"""An element in its place: its rows between the rotations and patches of tilt and misalignment."""

from __future__ import annotations

from tpsa.gmath import cos, sin
from tracking.elements import Element
from tracking.lower.base import Context, Lowered, is_zero, lower
from tracking.lower.misalignment import misaligned
from tracking.ops import Op


def lower_in_place(element: Element, context: Context) -> Lowered:
    """Rows of an element with its tilt and misalignment."""
    return misaligned(tilted(lower(element, context), element), element)


def tilted(lowered: Lowered, element: Element) -> Lowered:
    """The rows in a frame that is rolled by the element's tilt; unchanged without one."""
    if is_zero(element.tilt):
        return lowered
    c, s = cos(element.tilt), sin(element.tilt)
    return Lowered(
        entry=[(Op.ROLL, (c, s)), *lowered.entry],
        body=lowered.body,
        count=lowered.count,
        exit=[*lowered.exit, (Op.ROLL, (c, -1.0 * s))],
    )
