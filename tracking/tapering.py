"""Magnets for another momentum: the field that a particle of local momentum P p0 needs for the same curvature."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import Any

from tracking import elements as el
from tracking.expressions import Expression


def _times(value: Any, factor: float) -> Any:
    return Expression.apply("*", value, factor) if isinstance(value, Expression) else factor * value


def _scaled(element: el.Element, factor: float, *names: str) -> dict[str, Any]:
    """The named fields times a factor; tuples item by item."""
    values = {name: getattr(element, name) for name in names}
    return {
        name: tuple(_times(item, factor) for item in value) if isinstance(value, tuple) else _times(value, factor)
        for name, value in values.items()
    }


@singledispatch
def tapered(element: el.Element, momentum: float) -> el.Element:
    """Element with its field times `momentum` = P/p0, and the same reference orbit; others are returned as they are."""
    return element


@tapered.register
def _(element: el.Quadrupole, momentum: float) -> el.Element:
    return replace(element, **_scaled(element, momentum, "k1", "k1s", "knl", "ksl"))


@tapered.register
def _(element: el.Sextupole, momentum: float) -> el.Element:
    return replace(element, **_scaled(element, momentum, "k2", "k2s", "knl", "ksl"))


@tapered.register
def _(element: el.Octupole, momentum: float) -> el.Element:
    return replace(element, **_scaled(element, momentum, "k3", "k3s", "knl", "ksl"))


@tapered.register
def _(element: el.SectorBend, momentum: float) -> el.Element:
    k0 = element.k0
    if k0 is None:
        angle, length = element.angle, element.length
        generic = isinstance(angle, Expression) or isinstance(length, Expression)
        k0 = Expression.apply("/", angle, length) if generic else angle / length
    fields = _scaled(element, momentum, "k0s", "k1", "k1s", "k2", "knl", "ksl")
    return replace(element, k0=_times(k0, momentum), **fields)


@tapered.register
def _(element: el.Multipole, momentum: float) -> el.Element:
    angle = (*element.knl, 0.0)[0] if element.angle is None else element.angle
    return replace(element, angle=angle, **_scaled(element, momentum, "knl", "ksl"))


@tapered.register
def _(element: el.Solenoid, momentum: float) -> el.Element:
    return replace(element, **_scaled(element, momentum, "ks", "ksi", "knl", "ksl"))


@tapered.register
def _(element: el.DipoleEdge, momentum: float) -> el.Element:
    return replace(element, **_scaled(element, momentum, "h"))


@tapered.register
def _(element: el.Wiggler, momentum: float) -> el.Element:
    return replace(element, **_scaled(element, momentum, "k0", "k0s"))


@tapered.register
def _(element: el.Kicker, momentum: float) -> el.Element:
    return replace(element, **_scaled(element, momentum, "hkick", "vkick"))
