"""Rows of radio-frequency elements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import factorial, pi
from typing import Any

from scipy.constants import c as speed_of_light

from tpsa.gmath import cos, sin
from tracking.elements import CrabCavity, RFCavity, RFMultipole
from tracking.errors import ElementError
from tracking.integrators import composition
from tracking.lower.base import Context, Lowered, Row, is_zero, lower
from tracking.lower.magnets import drift_op
from tracking.ops import Op

KickRow = Callable[[float, Any], Row]  # of a part of the voltage and a shift of the phase [rad]


@lower.register
def _(element: RFCavity, context: Context) -> Lowered:
    if is_zero(element.volt) or not context.settings.rf:
        return _switched_off(element, context)
    k = wave_number(element, context)
    reference = context.reference
    amplitude = element.volt * (1.0 / (reference.beta0 * reference.p0c))
    phase = 2.0 * pi * element.lag
    body = _around(element, lambda part, shift: (Op.CAVITY_KICK, (amplitude * part, k, phase + shift)), k, context)
    if context.settings.fringe != "all" or is_zero(element.length):
        return body
    strength = element.volt * (1.0 / (reference.p0c * element.length))
    half = 0.5 * k * element.length if element.transit_time else 0.0
    return replace(
        body,
        entry=[(Op.CAVITY_FRINGE, (-1.0 * strength, k, phase - half))],
        exit=[(Op.CAVITY_FRINGE, (strength, k, phase + half))],
    )


@lower.register
def _(element: CrabCavity, context: Context) -> Lowered:
    strength = element.volt * (1.0 / context.reference.p0c)
    return _oscillating(element, [(strength, element.lag + 0.25, 0.0, 0.0)], 0.0, context)


@lower.register
def _(element: RFMultipole, context: Context) -> Lowered:
    lists = (element.knl, element.pnl, element.ksl, element.psl)
    orders = range(max(len(element.knl), len(element.ksl)))
    strengths = [tuple(values[n] if n < len(values) else 0.0 for values in lists) for n in orders]
    return _oscillating(element, strengths, element.volt, context)


def wave_number(element: RFCavity, context: Context) -> Any:
    """k = 2 pi f/(beta0 c) [1/m], from freq or else from harmon and the line's revolution frequency.

    Raises
    ------
    ElementError
        If the element has neither.
    """
    frequency = element.freq
    if frequency is None or is_zero(frequency):
        if element.harmon is None or is_zero(element.harmon):
            raise ElementError(context.name, "freq", frequency, "freq [Hz] or harmon, since its voltage is not 0")
        if context.revolution_frequency is None:
            raise ElementError(context.name, "freq", frequency, "freq [Hz], since the line is no ring of one energy")
        frequency = element.harmon * context.revolution_frequency
    return frequency * (2.0 * pi / (context.reference.beta0 * speed_of_light))


def _oscillating(
    element: RFCavity, strengths: list[tuple[Any, Any, Any, Any]], volt: Any, context: Context
) -> Lowered:
    """Multipoles of strengths (knl, pnl, ksl, psl) per order, oscillating beside an accelerating gap."""
    without_field = is_zero(volt) and all(is_zero(knl) and is_zero(ksl) for knl, _, ksl, _ in strengths)
    if without_field or not context.settings.rf:
        return _switched_off(element, context)
    k = wave_number(element, context)
    reference = context.reference
    amplitude = volt * (1.0 / (reference.beta0 * reference.p0c))

    def kick(part: float, shift: Any) -> Row:
        phase = 2.0 * pi * element.lag + shift
        row = [k, part * amplitude * sin(phase), part * amplitude * cos(phase)]
        for n, (knl, pnl, ksl, psl) in enumerate(strengths):
            normal, skew = 2.0 * pi * pnl + shift, 2.0 * pi * psl + shift
            weight = part / factorial(n)
            row += [weight * knl * cos(normal), weight * ksl * cos(skew)]
            row += [weight * knl * sin(normal), weight * ksl * sin(skew)]
        return Op.RF_MULTIPOLE_KICK, tuple(row)

    return _around(element, kick, k, context)


def _switched_off(element: RFCavity, context: Context) -> Lowered:
    """The drift that is left of an element without voltage."""
    return Lowered() if is_zero(element.length) else Lowered(body=[(drift_op(context), (element.length,))], count=1)


def _around(element: RFCavity, kick: KickRow, k: Any, context: Context) -> Lowered:
    """Drifts of the element's length with its kicks between them.

    With transit time, the phase runs on while the reference particle crosses the element, and is the given one in the
    middle (PTC). The rows form one slice, since each kick has its own phase.
    """
    settings, drift, length = context.settings, drift_op(context), element.length
    if is_zero(length):
        return Lowered(entry=[kick(1.0, 0.0)])
    drifts, kicks, slices = (0.5, 0.5), (1.0,), 1
    if element.transit_time:
        drifts, kicks = composition(settings.integrator)
        slices = settings.slices
    body: list[Row] = []
    place = -0.5 * slices  # from the middle, in slices
    for _ in range(slices):
        for d, part in zip(drifts, kicks, strict=False):
            place += d
            body += [(drift, (length * (d / slices),)), kick(part / slices, k * length * (place / slices))]
        place += drifts[-1]
        body.append((drift, (length * (drifts[-1] / slices),)))
    return Lowered(body=body, count=1)
