"""Aperture shapes: frozen records of what part of the transverse plane a particle may pass through."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Aperture:
    """What every shape has: the offset (dx, dy) [m] of its centre from the reference orbit."""

    dx: float = 0.0
    dy: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Circle(Aperture):
    """Circle of a radius [m]."""

    radius: float


@dataclass(frozen=True, kw_only=True)
class Ellipse(Aperture):
    """Ellipse of half axes a (horizontal) and b (vertical) [m]."""

    a: float
    b: float


@dataclass(frozen=True, kw_only=True)
class Rectangle(Aperture):
    """Rectangle of half sizes [m]."""

    half_width: float
    half_height: float


@dataclass(frozen=True, kw_only=True)
class RectEllipse(Aperture):
    """Intersection of a rectangle (half_width, half_height) and an ellipse (a, b) [m]."""

    half_width: float
    half_height: float
    a: float
    b: float


@dataclass(frozen=True, kw_only=True)
class Racetrack(Aperture):
    """Rectangle (half_width, half_height) whose corners are quarters of an ellipse of half axes (a, b) [m]."""

    half_width: float
    half_height: float
    a: float
    b: float


@dataclass(frozen=True, kw_only=True)
class Octagon(Aperture):
    """Rectangle whose corners are cut by straight lines.

    half_width, half_height [m]; angle1, angle2 [rad], from the x axis to the lower and the upper end of the cut in the
    first quadrant (MAD-X OCTAGON).
    """

    half_width: float
    half_height: float
    angle1: float
    angle2: float


@dataclass(frozen=True, kw_only=True)
class Polygon(Aperture):
    """Closed polygon through the points (x[i], y[i]) [m]."""

    x: tuple[float, ...]
    y: tuple[float, ...]
