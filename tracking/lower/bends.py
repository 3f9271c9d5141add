"""Rows of bending magnets."""

from __future__ import annotations

from typing import Any

from tpsa.gmath import stumpff, value
from tracking.elements import RectangularBend, SectorBend
from tracking.errors import ElementError
from tracking.lower.base import Context, Lowered, Row, is_zero, lower, split
from tracking.lower.curved import curved_kick_rows
from tracking.lower.edges import Edge, exact_edge, expanded_edge
from tracking.lower.magnets import drift_op
from tracking.lower.radiation import pieces, radiating, wedge_radiation
from tracking.lower.strengths import (
    Strengths,
    kick_rows,
    multipole_strengths,
    scaled,
    trimmed,
    without_dipole,
    without_gradient,
)
from tracking.ops import Op

LARGEST_ARC = 1.0  # rad
LARGEST_ANGLE = 1000.0  # rad; of a whole bend


@lower.register
def _(element: SectorBend, context: Context) -> Lowered:
    """Edge, body, edge; a rectangular bend is a sector bend whose faces turn by half its angle more."""
    length = element.length
    if is_zero(length):
        raise ElementError(context.name, "length", length, "a length above 0; use a thin multipole for a thin bend")
    per_length = 1.0 / length
    h = element.angle * per_length
    k0 = h if element.k0 is None else element.k0
    main = [(k0, element.k0s), (element.k1, element.k1s), (element.k2, 0.0)]
    field = scaled(multipole_strengths(element, main), per_length) or [(0.0, 0.0)]
    exact = context.settings.model == "exact"
    edge_rows = exact_edge if exact else expanded_edge
    face = 0.5 * element.angle if isinstance(element, RectangularBend) else 0.0
    fintx = element.fint if element.fintx is None else element.fintx
    fringe = context.settings.fringe
    entry = Edge(element.e1 + face, element.h1, element.fint, element.hgap, 1.0, fringe, element.kill_entrance_fringe)
    exit_ = Edge(element.e2 + face, element.h2, fintx, element.hgap, -1.0, fringe, element.kill_exit_fringe)
    body = _exact_body(length, h, field, context) if exact else _expanded_body(length, h, field, context)
    body = radiating(body, length, field, context, h)
    first, last = (wedge_radiation(edge, field, context) for edge in (entry, exit_))
    return Lowered(edge_rows(entry, field) + first, body.body, body.count, last + edge_rows(exit_, field))


def sector_row(ds: Any, h: Any, k0: Any) -> Row:
    """Exact motion over ds [m] in a field k0 [1/m] about an orbit of curvature h [1/m]."""
    if is_zero(h) and is_zero(k0):
        return Op.DRIFT, (ds,)
    u = h * h * ds * ds
    return Op.SECTOR_BEND, (ds, h, k0, stumpff(0, u), ds * stumpff(1, u), ds * ds * stumpff(2, u))


def _exact_body(length: Any, h: Any, field: Strengths, context: Context) -> Lowered:
    """Split of the exact body of field k0 and kicks of the multipoles in the curved frame."""
    k0, rest = field[0][0], trimmed(without_dipole(field))
    if context.settings.split == "matrix-kick" and len(rest) > 1 and not is_zero(rest[1][0]):
        return _exact_matrix_kick(length, h, k0, rest, context)
    return split(
        length,
        lambda ds: [sector_row(ds, h, k0)],
        lambda part: curved_kick_rows(scaled(rest, part * length), h),
        context.settings,
        pieces=max(arc_pieces(h * length, context), arc_pieces(k0 * length, context), pieces(context)),
    )


def arc_pieces(angle: Any, context: Context) -> int:
    """Parts in which an arc is gone through, since the map of one part needs an angle well below pi."""
    try:
        size = abs(float(value(angle)))
    except TypeError:  # a traced value
        return context.settings.slices
    if not size <= LARGEST_ANGLE:
        raise ElementError(context.name, "angle, or k0 times length", size, f"at most {LARGEST_ANGLE:g} rad")
    return 1 + int(size / LARGEST_ARC)


def _exact_matrix_kick(length: Any, h: Any, k0: Any, rest: Strengths, context: Context) -> Lowered:
    """Split of the expanded body with its gradient, solved exactly, and of what the exact Hamiltonian has beyond it.

    The difference of the exact and the expanded body without gradient is the exact one between two half ones backwards;
    both are solved exactly, so that the map is symplectic and, to first order, the same for any number of slices.
    """
    k1 = rest[1][0]

    def kick(part: float) -> list[Row]:
        ds = part * length
        back: Row = (Op.COMBINED_BODY, (-0.5 * ds, h, k0, 0.0))
        kicks = curved_kick_rows(scaled(rest, 0.5 * ds), h) + kick_rows([(0.0, 0.0), (-0.5 * k1 * ds, 0.0)])
        return [*kicks, back, sector_row(ds, h, k0), back, *kicks]

    return split(length, lambda ds: [(Op.COMBINED_BODY, (ds, h, k0, k1))], kick, context.settings)


def _expanded_body(length: Any, h: Any, field: Strengths, context: Context) -> Lowered:
    """Split of the expanded body; its multipoles act as in a straight frame (as in PTC and AT)."""
    k0, rest = field[0][0], trimmed(without_dipole(field))
    if context.settings.split == "matrix-kick":
        k1, others = rest[1][0] if len(rest) > 1 else 0.0, without_gradient(rest)
        return split(
            length,
            lambda ds: [(Op.COMBINED_BODY, (ds, h, k0, k1))],
            lambda part: kick_rows(scaled(others, part * length)),
            context.settings,
            pieces(context),
        )
    drift = drift_op(context)

    def kick(part: float) -> list[Row]:
        ds = part * length
        curvature: list[Row] = []
        if not (is_zero(h) and is_zero(k0)):
            curvature = [(Op.CURVATURE_KICK, (h * ds, k0 * ds, h * k0 * ds))]
        return curvature + kick_rows(scaled(rest, ds))

    return split(length, lambda ds: [(drift, (ds,))], kick, context.settings)
