"""Rigid frames in space: an origin and three axes, computed generically, and the rows that change to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tpsa.gmath import cos, sin
from tracking.lower.base import Row, is_zero
from tracking.ops import Op

Vector = tuple[Any, Any, Any]
Matrix = tuple[Vector, Vector, Vector]

IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def rotation(axis: str, angle: Any) -> Matrix:
    """Rotation about "x", "y" or "s" by angle [rad]; right-handed, its columns are the turned axes."""
    if is_zero(angle):
        return IDENTITY
    c, s = cos(angle), sin(angle)
    if axis == "x":
        return (1.0, 0.0, 0.0), (0.0, c, -s), (0.0, s, c)
    if axis == "y":
        return (c, 0.0, s), (0.0, 1.0, 0.0), (-s, 0.0, c)
    return (c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0)


def _dot(a: Vector, b: Vector) -> Any:
    """Scalar product; terms with a plain 0 are left out, so that plain zeros survive beside series."""
    total: Any = 0.0
    for p, q in zip(a, b, strict=True):
        if is_zero(p) or is_zero(q):
            continue
        total = p * q if is_zero(total) else total + p * q
    return total


def transpose(m: Matrix) -> Matrix:
    return tuple(zip(*m, strict=True))


def apply(m: Matrix, v: Vector) -> Vector:
    return tuple(_dot(row, v) for row in m)


def product(a: Matrix, b: Matrix) -> Matrix:
    return tuple(tuple(_dot(row, column) for column in transpose(b)) for row in a)


@dataclass(frozen=True)
class Frame:
    """Position of a frame in another: origin [m] and axes; a point r of this one is origin + axes r in the other."""

    origin: Vector = (0.0, 0.0, 0.0)
    axes: Matrix = IDENTITY

    def __matmul__(self, inner: Frame) -> Frame:
        """Position of `inner`, given in this frame, in the outer one."""
        moved = apply(self.axes, inner.origin)
        return Frame(tuple(a + b for a, b in zip(self.origin, moved, strict=True)), product(self.axes, inner.axes))

    def inverse(self) -> Frame:
        """Position of the outer frame in this one."""
        back = transpose(self.axes)
        return Frame(tuple(-1.0 * a for a in apply(back, self.origin)), back)

    def rows(self) -> list[Row]:
        """Rows that take coordinates of the outer frame to this one: the cheapest maps that do it exactly."""
        dx, dy, ds = self.origin
        x, y, s = transpose(self.axes)
        if not all(is_zero(a) for a in (ds, x[2], y[2], s[0], s[1], s[2] - 1.0)):
            return [(Op.PATCH, (dx, dy, ds, *x, *y, *s))]
        rows: list[Row] = []
        if not (is_zero(dx) and is_zero(dy)):
            rows.append((Op.TRANSLATION, (dx, dy)))
        if not is_zero(x[0] - 1.0):
            rows.append((Op.ROLL, (x[0], x[1])))
        return rows
