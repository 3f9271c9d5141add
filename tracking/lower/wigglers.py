"""Rows of wigglers."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, pi
from typing import Any

from tpsa.gmath import cos, sin, value
from tracking.elements import Wiggler
from tracking.errors import ElementError
from tracking.integrators import composition
from tracking.lower.base import Context, Lowered, Row, is_zero, lower
from tracking.lower.radiation import WIGGLER, photon_constants, radiates
from tracking.ops import Op

MOST_SLICES = 100_000


@dataclass(frozen=True)
class Harmonic:
    """One term of the field: k [1/m], phase [rad], qx and qy [1/m^2], vertical and horizontal strength [1/m]."""

    k: Any
    phase: Any
    qx: Any
    qy: Any
    vertical: Any
    horizontal: Any

    def potential(self, s: Any) -> tuple[Any, ...]:
        """Numbers of the map at s [m] from the entrance."""
        swing = sin(self.k * s + self.phase) * (1.0 / self.k)
        return self.qx, self.qy, self.vertical * swing, self.horizontal * swing

    def field(self, s: Any) -> tuple[Any, ...]:
        """Numbers of the radiation at s [m]."""
        swing = cos(self.k * s + self.phase)
        return *self.potential(s), self.vertical * swing, self.horizontal * swing, self.k * self.k


@lower.register
def _(element: Wiggler, context: Context) -> Lowered:
    """Slices of the chosen order, each step with the field of its middle; one body, since all slices differ."""
    for name in ("length", "period"):
        if not _number(getattr(element, name)) > 0.0:
            raise ElementError(context.name, name, getattr(element, name), "a number above 0")
    harmonics = _harmonics(element, context)
    count = context.settings.slices * _number(element.length) / _number(element.period)
    if not count <= MOST_SLICES:
        raise ElementError(context.name, "period", element.period, f"one that makes at most {MOST_SLICES} slices")
    slices = ceil(count - 1e-9)
    ds = element.length * (1.0 / slices)
    steps = composition(context.settings.integrator)[1]
    body: list[Row] = []
    for n in range(slices):
        body += _radiation(harmonics, n, 0.5 if n == 0 else 1.0, ds, context)
        done = 0.0  # of the slice
        for step in steps:
            place = (n + done + 0.5 * step) * ds
            body.append((Op.WIGGLER, (step * ds, *(number for h in harmonics for number in h.potential(place)))))
            done += step
    return Lowered(body=body + _radiation(harmonics, slices, 0.5, ds, context), count=1)


def _radiation(harmonics: list[Harmonic], place: int, part: float, ds: Any, context: Context) -> list[Row]:
    """Row of the radiation of a part of a slice in the field after `place` slices; none without."""
    if not harmonics or not radiates(context):
        return []
    numbers = [number for h in harmonics for number in h.field(place * ds)]
    return [(WIGGLER[context.settings.radiation], (*photon_constants(context.reference), part * ds, *numbers))]


def _harmonics(element: Wiggler, context: Context) -> list[Harmonic]:
    """Terms of both fields, those of strength 0 left out."""
    found = []
    fields = ((element.k0, element.harmonic, element.kx, element.phase),
              (element.k0s, element.harmonic_s, element.ky, element.phase_s))  # fmt: skip
    for plane, (strengths, orders, transverse, phases) in enumerate(fields):
        for i, strength in enumerate(strengths):
            order, across, phase = (_item(v, i, d) for v, d in ((orders, 1.0), (transverse, 0.0), (phases, 0.0)))
            if is_zero(order):
                raise ElementError(context.name, "harmonic", orders, "numbers other than 0")
            k = order * (2.0 * pi) * (1.0 / element.period)
            square = across * across
            across_field, along_field = square, -1.0 * (square + k * k)
            if not is_zero(strength):
                curvatures = (across_field, along_field) if plane == 0 else (along_field, across_field)
                both = (strength, 0.0) if plane == 0 else (0.0, strength)
                found.append(Harmonic(k, phase, *curvatures, *both))
    return found


def _item(values: tuple[Any, ...], i: int, default: float) -> Any:
    return values[i] if i < len(values) else default


def _number(length: Any) -> float:
    """The number that slices are counted with; nan for a traced value, which has none."""
    try:
        return float(value(length))
    except TypeError:
        return float("nan")
