"""Apertures of MAD-X elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tracking import apertures as ap
from tracking.errors import InputError
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
    """Aperture of a definition; None for none, or for one that makes no shape, which is reported."""

    def numbers(name: str) -> tuple[float, ...]:
        value = definition.attributes.get(name, ())
        return tuple(map(number, value if isinstance(value, tuple) else (value,)))

    corners = numbers("aper_vx"), numbers("aper_vy")
    sizes = numbers("aperture")
    if len(corners[0]) < 3 and not any(sizes):
        return None
    dx, dy = (*numbers("aper_offset"), 0.0, 0.0)[:2]
    try:
        if len(corners[0]) >= 3:
            return ap.Polygon(x=corners[0], y=corners[1], dx=dx, dy=dy)
        return _shape(definition.attributes.get("apertype", "circle"), sizes, dx=dx, dy=dy)
    except InputError as error:
        report.add("ignored", definition.place, f"aperture of {definition.name}: {error}")
        return None


def _shape(shape: str, sizes: tuple[float, ...], **offset: float) -> ap.Aperture:
    if shape in ("lhcscreen", "rectcircle"):  # a rectangle and a circle
        shape, sizes = "rectellipse", (*sizes[:3], sizes[-1])
    if shape not in SHAPES or len(sizes) < len(SHAPES[shape][1]):
        raise InputError(f"apertype {shape!r} with {len(sizes)} numbers; expected one of {sorted(SHAPES)}")
    cls, names = SHAPES[shape]
    return cls(**dict(zip(names, sizes, strict=False)), **offset)
