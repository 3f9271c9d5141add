"""Apertures of MAD-X elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tracking import apertures as ap
from tracking.io.report import ReportBuilder

if TYPE_CHECKING:
    from tracking.io.madx.definitions import Definition

# shape: (class, names of its parameters in the order of the aperture array)
SHAPES: dict[str, tuple[type, tuple[str, ...]]] = {
    "circle": (ap.Circle, ("radius",)),
    "ellipse": (ap.Ellipse, ("a", "b")),
    "rectangle": (ap.Rectangle, ("half_width", "half_height")),
    "rectellipse": (ap.RectEllipse, ("half_width", "half_height", "a", "b")),
    "racetrack": (ap.Racetrack, ("half_width", "half_height", "a", "b")),
    "octagon": (ap.Octagon, ("half_width", "half_height", "angle1", "angle2")),
}


def aperture(definition: Definition, number: Callable[[Any], float], report: ReportBuilder) -> ap.Aperture | None:
    """Aperture of a definition; None for none, or for a shape that is not known, which is reported."""
    given = definition.attributes
    offset = [*map(number, given.get("aper_offset", ())), 0.0, 0.0][:2]
    at = {"dx": offset[0], "dy": offset[1]}
    if "aper_vx" in given and "aper_vy" in given and len(given["aper_vx"]) > 2:
        return ap.Polygon(x=tuple(map(number, given["aper_vx"])), y=tuple(map(number, given["aper_vy"])), **at)
    sizes = [number(value) for value in _items(given.get("aperture", ()))]
    if not any(sizes):
        return None
    shape = given.get("apertype", "circle")
    if shape in ("lhcscreen", "rectcircle"):  # a rectangle and a circle
        shape, sizes = "rectellipse", [*sizes[:3], sizes[-1]]
    if shape not in SHAPES or len(sizes) < len(SHAPES[shape][1]):
        report.add("ignored", definition.place, f"aperture {shape!r} with {len(sizes)} numbers of {definition.name}")
        return None
    cls, names = SHAPES[shape]
    return cls(**dict(zip(names, sizes, strict=False)), **at)


def _items(value: Any) -> tuple:
    return value if isinstance(value, tuple) else (value,)
