"""Aperture shapes: what part of the transverse plane a particle may pass through.

Every shape reduces to one of four kinds with a few numbers, which `inside` tests: in plain Python, on numpy arrays and
in compiled code. The border belongs to the aperture; a coordinate that is not a number lies outside.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numba.extending import register_jitable
from numpy.typing import ArrayLike, NDArray

from tracking.errors import InputError


class Kind(IntEnum):
    """Test of a shape, with the numbers it takes after the offset dx, dy."""

    RECTELLIPSE = 0  # half width, half height, 1/a, 1/b
    RACETRACK = 1  # half width, half height, the same of the inner rectangle, 1/a, 1/b
    OCTAGON = 2  # half width, half height, then the cut: nx |x| + ny |y| <= n
    POLYGON = 3  # of each edge: x, y of its start, y of its end, dx/dy


@register_jitable
def inside(kind, p, x, y):
    """Whether (x, y) [m] lies in the aperture of `Kind` `kind` with the numbers `p`, offset first."""
    x = x - p[0]
    y = y - p[1]
    if kind == Kind.POLYGON:
        odd = x < x  # False of the right shape
        for i in range(2, len(p), 4):
            odd = odd ^ (((p[i + 1] > y) != (p[i + 2] > y)) & (x < p[i] + (y - p[i + 1]) * p[i + 3]))
        return odd
    u = abs(x)
    v = abs(y)
    in_box = (u <= p[2]) & (v <= p[3])
    if kind == Kind.RACETRACK:
        a = (u - p[4]) * p[6]
        b = (v - p[5]) * p[7]
        return in_box & ((u <= p[4]) | (v <= p[5]) | (a * a + b * b <= 1.0))
    if kind == Kind.OCTAGON:
        return in_box & (u * p[4] + v * p[5] <= p[6])
    a = u * p[4]
    b = v * p[5]
    return in_box & (a * a + b * b <= 1.0)


@dataclass(frozen=True, kw_only=True)
class Aperture(ABC):
    """What every shape has: the offset (dx, dy) [m] of its centre from the reference orbit."""

    dx: float = 0.0
    dy: float = 0.0

    def __post_init__(self) -> None:
        for name in ("dx", "dy"):
            if not math.isfinite(getattr(self, name)):
                raise self._error(name, "a finite number [m]")

    def kind(self) -> Kind:
        """The test that `inside` applies."""
        return Kind.RECTELLIPSE

    @abstractmethod
    def numbers(self) -> tuple[float, ...]:
        """The numbers that `inside` takes, offset first."""

    def contains(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
        """Whether each point (x, y) [m] lies inside.

        Parameters
        ----------
        x, y : arrays of one shape

        Returns
        -------
        array of bool, of the same shape
        """
        return inside(self.kind(), self.numbers(), np.asarray(x, dtype=float), np.asarray(y, dtype=float))

    def _require_positive(self, *names: str) -> None:
        for name in names:
            if not getattr(self, name) > 0:
                raise self._error(name, "a length above 0 [m]")

    def _error(self, name: str, expected: str) -> InputError:
        return InputError(f"{type(self).__name__} aperture: {name} = {getattr(self, name)!r}; expected {expected}")


@dataclass(frozen=True, kw_only=True)
class Circle(Aperture):
    """Circle of a radius [m]."""

    radius: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_positive("radius")

    def numbers(self) -> tuple[float, ...]:
        return self.dx, self.dy, math.inf, math.inf, 1.0 / self.radius, 1.0 / self.radius


@dataclass(frozen=True, kw_only=True)
class Ellipse(Aperture):
    """Ellipse of half axes a (horizontal) and b (vertical) [m]."""

    a: float
    b: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_positive("a", "b")

    def numbers(self) -> tuple[float, ...]:
        return self.dx, self.dy, math.inf, math.inf, 1.0 / self.a, 1.0 / self.b


@dataclass(frozen=True, kw_only=True)
class BoxedAperture(Aperture):
    """Shapes within a rectangle of half sizes half_width and half_height [m]."""

    half_width: float
    half_height: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_positive("half_width", "half_height")


@dataclass(frozen=True, kw_only=True)
class Rectangle(BoxedAperture):
    """Rectangle of half sizes [m]."""

    def numbers(self) -> tuple[float, ...]:
        return self.dx, self.dy, self.half_width, self.half_height, 0.0, 0.0


@dataclass(frozen=True, kw_only=True)
class RectEllipse(BoxedAperture):
    """Intersection of a rectangle (half_width, half_height) and an ellipse (a, b) [m]."""

    a: float
    b: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_positive("a", "b")

    def numbers(self) -> tuple[float, ...]:
        return self.dx, self.dy, self.half_width, self.half_height, 1.0 / self.a, 1.0 / self.b


@dataclass(frozen=True, kw_only=True)
class Racetrack(BoxedAperture):
    """Rectangle (half_width, half_height) whose corners are quarters of an ellipse of half axes (a, b) [m]."""

    a: float
    b: float

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, limit in (("a", self.half_width), ("b", self.half_height)):
            if not 0 < getattr(self, name) <= limit:
                raise self._error(name, f"a length above 0, at most the rectangle's half size {limit} [m]")

    def kind(self) -> Kind:
        return Kind.RACETRACK

    def numbers(self) -> tuple[float, ...]:
        width, height, a, b = self.half_width, self.half_height, self.a, self.b
        return self.dx, self.dy, width, height, width - a, height - b, 1.0 / a, 1.0 / b


@dataclass(frozen=True, kw_only=True)
class Octagon(BoxedAperture):
    """Rectangle whose corners are cut by straight lines.

    half_width, half_height [m]; angle1, angle2 [rad], from the x axis to the lower and the upper end of the cut in the
    first quadrant (MAD-X OCTAGON).
    """

    angle1: float
    angle2: float

    def __post_init__(self) -> None:
        super().__post_init__()
        diagonal = math.atan2(self.half_height, self.half_width)
        if not 0 <= self.angle1 <= diagonal:
            raise self._error("angle1", f"an angle from 0 to the diagonal's {diagonal:.6g} rad")
        if not diagonal <= self.angle2 <= math.pi / 2:
            raise self._error("angle2", f"an angle from the diagonal's {diagonal:.6g} to pi/2 rad")

    def kind(self) -> Kind:
        return Kind.OCTAGON

    def numbers(self) -> tuple[float, ...]:
        width, height = self.half_width, self.half_height
        low, left = width * math.tan(self.angle1), height / math.tan(self.angle2)
        nx, ny = max(height - low, 0.0), max(width - left, 0.0)  # rounding must not turn an empty cut around
        return self.dx, self.dy, width, height, nx, ny, nx * width + ny * low


@dataclass(frozen=True, kw_only=True)
class Polygon(Aperture):
    """Closed polygon through the points (x[i], y[i]) [m]; edges may not cross."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.x) != len(self.y) or len(self.x) < 3:
            raise InputError(
                f"Polygon aperture: {len(self.x)} values of x and {len(self.y)} of y; expected as many, at least 3"
            )
        if not all(math.isfinite(v) for v in (*self.x, *self.y)):
            raise InputError(f"Polygon aperture: x = {self.x!r}, y = {self.y!r}; expected finite numbers [m]")
        if _area(self.x, self.y) == 0:
            raise InputError(f"Polygon aperture: x = {self.x!r}, y = {self.y!r} enclose no area")

    def kind(self) -> Kind:
        return Kind.POLYGON

    def numbers(self) -> tuple[float, ...]:
        numbers = [self.dx, self.dy]
        for i in range(len(self.x)):
            x0, y0, x1, y1 = self.x[i - 1], self.y[i - 1], self.x[i], self.y[i]
            numbers += [x0, y0, y1, (x1 - x0) / (y1 - y0) if y1 != y0 else 0.0]
        return tuple(numbers)


def _area(x: Sequence[float], y: Sequence[float]) -> float:
    """Signed area of a closed polygon (shoelace formula)."""
    return 0.5 * sum(x[i - 1] * y[i] - x[i] * y[i - 1] for i in range(len(x)))
