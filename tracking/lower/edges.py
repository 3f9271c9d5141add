"""Rows of the edges of magnets."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

from tpsa.gmath import cos, sin, tan
from tracking.lower.base import Row, is_zero
from tracking.lower.strengths import Strengths, without_dipole
from tracking.ops import Op

HIGHEST_FRINGE = 1  # order of the highest multipole with a hard-edge fringe: the quadrupole, as PTC and MAD-NG have it


def multipole_fringe_rows(field: Strengths, sign: float) -> list[Row]:
    """Hard-edge fringe of straight multipoles kn, ksn [1/m^(n+1)]; sign 1 at the entrance, -1 at the exit."""
    row: list[Any] = []
    for n, (normal, skew) in enumerate(field[: HIGHEST_FRINGE + 1]):
        factor = -sign / (4.0 * (n + 2.0) * factorial(n))
        row += [factor * normal, factor * skew]
    if all(is_zero(value) for value in row):
        return []
    return [(Op.MULTIPOLE_FRINGE, tuple(row))]


def linear_edge_rows(kx: Any, ky: Any, cubic: Any) -> list[Row]:
    """px + kx x, py - ky y - cubic y^3; none where all vanish."""
    if is_zero(kx) and is_zero(ky) and is_zero(cubic):
        return []
    return [(Op.LINEAR_EDGE, (kx, ky, cubic))]


def edge_focusing(b: Any, angle: Any, fint: Any, hgap: Any) -> tuple[Any, Any]:
    """Linear focusing (kx, ky) [1/m] of the edge of a dipole of field b [1/m]; K. Brown, SLAC-75."""
    c, s = cos(angle), sin(angle)
    correction = (2.0 * b * fint * hgap) * (1.0 + s * s) * (1.0 / c)
    return b * tan(angle), b * tan(angle - correction)


def dipole_fringe_rows(b: Any, fint: Any, hgap: Any) -> list[Row]:
    """Hard-edge dipole fringe of the exact model; b = k0 at the entrance, -k0 at the exit."""
    if is_zero(b):
        return []
    extent = fint * hgap
    if is_zero(extent):
        return [(Op.DIPOLE_FRINGE, (b,))]
    return [(Op.DIPOLE_FRINGE_EXTENDED, (b, 2.0 * b * extent, b * b * (1.0 / (72.0 * extent))))]


@dataclass(frozen=True)
class Edge:
    """Edge of a bend: pole-face rotation `angle` [rad] and curvature [1/m], field integral, half gap [m].

    sign : 1.0 at the entrance, -1.0 at the exit
    fringe : "none", "dipole" or "all"
    killed : whether this end has no fringe after all; the wedge of its face stays
    """

    angle: Any
    curvature: Any
    fint: Any
    hgap: Any
    sign: float
    fringe: str
    killed: bool

    @property
    def fringes(self) -> str:
        """Fringes that this end has."""
        return "none" if self.killed else self.fringe


def exact_edge(edge: Edge, field: Strengths) -> list[Row]:
    """Edge of a bend of field kn, ksn [1/m^(n+1)] in the exact model."""
    k0 = field[0][0]
    rows: list[Row] = []
    if not (is_zero(edge.curvature) or is_zero(k0)):
        rows.append((Op.POLE_FACE, (k0 * edge.curvature,)))
    if edge.fringes != "none":
        rows += dipole_fringe_rows(edge.sign * k0, edge.fint, edge.hgap)
    if edge.fringes == "all":
        rows += multipole_fringe_rows(without_dipole(field), edge.sign)
    if not is_zero(edge.angle):
        c, s, half = cos(edge.angle), sin(edge.angle), sin(0.5 * edge.angle)
        rows = [(Op.ROTATION, (c, s)), *rows, *_gradient_wedge(edge, field)]
        rows.append((Op.WEDGE, (k0, c, -1.0 * s, 2.0 * half * half)))
    return rows if edge.sign > 0 else rows[::-1]


def _gradient_wedge(edge: Edge, field: Strengths) -> list[Row]:
    """Second-order edge term of a combined-function bend (PTC's mad8_wedge, and its form beside multipole fringes)."""
    if len(field) < 2 or is_zero(field[1][0]):
        return []
    k1e = edge.angle * field[1][0]
    return [(Op.FACE_KICK, (1.25 * k1e, 0.75 * k1e) if edge.fringe == "all" else (k1e, k1e))]


def expanded_edge(edge: Edge, field: Strengths) -> list[Row]:
    """Edge of a bend of field kn, ksn [1/m^(n+1)] in the expanded model; none at all without a fringe, as in MAD-X."""
    if edge.fringes == "none":
        return []
    k0, extent = field[0][0], edge.fint * edge.hgap
    kx, ky = edge_focusing(k0, edge.angle, edge.fint, edge.hgap)
    cubic = 0.0 if is_zero(extent) else k0 * k0 * (1.0 / (18.0 * extent))
    rows = linear_edge_rows(kx, ky, cubic)
    if not (is_zero(edge.curvature) or is_zero(k0)):
        c, half = cos(edge.angle), 0.5 * k0 * edge.curvature
        rows.append((Op.FACE_KICK, (half, half * (1.0 / (c * c * c)))))
    if edge.fringes == "all":
        rows += multipole_fringe_rows(without_dipole(field), edge.sign)
    return rows if edge.sign > 0 else rows[::-1]
