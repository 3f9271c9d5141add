"""Rows of drifts and straight magnets."""

from __future__ import annotations

from math import factorial
from typing import Any

from tracking.elements import Drift, Magnet, Marker, Octupole, Quadrupole, Sextupole
from tracking.integrators import composition
from tracking.lower.base import Context, Lowered, Row, lower
from tracking.ops import Op


def is_zero(value: Any) -> bool:
    """Whether a field is the plain number 0 (a series or traced value may become anything)."""
    return isinstance(value, (int, float)) and value == 0


def drift_op(context: Context) -> Op:
    """Drift of the chosen model."""
    return Op.DRIFT if context.settings.model == "exact" else Op.DRIFT_EXPANDED


def multipole_strengths(element: Magnet, main: dict[int, tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """(kn L, ksn L) of every order: the main field's strengths `main` [1/m^(n+1)] times length, plus knl and ksl."""
    orders = max([len(element.knl), len(element.ksl), *(n + 1 for n in main)])
    strengths = []
    for n in range(orders):
        normal, skew = main.get(n, (0.0, 0.0))
        normal, skew = normal * element.length, skew * element.length
        if n < len(element.knl):
            normal = normal + element.knl[n]
        if n < len(element.ksl):
            skew = skew + element.ksl[n]
        strengths.append((normal, skew))
    while strengths and is_zero(strengths[-1][0]) and is_zero(strengths[-1][1]):
        strengths.pop()
    return strengths


PURE_KICKS = {
    (1, 0): Op.QUADRUPOLE_KICK, (1, 1): Op.SKEW_QUADRUPOLE_KICK, (2, 0): Op.SEXTUPOLE_KICK, (3, 0): Op.OCTUPOLE_KICK,
}  # fmt: skip


def kick_rows(strengths: list[tuple[Any, Any]]) -> list[Row]:
    """Row of a multipole kick, the special one where a single strength is present; none for no strength."""
    present = [(n, k) for n, pair in enumerate(strengths) for k in (0, 1) if not is_zero(pair[k])]
    if not present:
        return []
    if len(present) == 1 and present[0] in PURE_KICKS:
        n, k = present[0]
        return [(PURE_KICKS[n, k], (strengths[n][k],))]
    row = [strengths[n][k] * (1.0 / factorial(n)) for n in reversed(range(len(strengths))) for k in (0, 1)]
    return [(Op.MULTIPOLE_KICK, tuple(row))]


def straight_body(element: Magnet, strengths: list[tuple[Any, Any]], context: Context) -> Lowered:
    """Drift-kick split of a straight magnet."""
    settings, drift = context.settings, drift_op(context)
    if is_zero(element.length):
        return Lowered(entry=kick_rows(strengths))
    if not strengths:
        return Lowered(body=[(drift, (element.length * (1.0 / settings.slices),))], count=settings.slices)
    drifts, kicks = composition(settings.integrator)
    body: list[Row] = []
    for d, k in zip(drifts, (*kicks, 0.0), strict=True):
        body.append((drift, (element.length * (d / settings.slices),)))
        w = k / settings.slices
        body += kick_rows([(a * w, b * w) for a, b in strengths])
    return Lowered(body=body, count=settings.slices)


@lower.register
def _(element: Marker, context: Context) -> Lowered:
    return Lowered()


@lower.register
def _(element: Drift, context: Context) -> Lowered:
    if is_zero(element.length):
        return Lowered()
    return Lowered(body=[(drift_op(context), (element.length,))], count=1)


@lower.register
def _(element: Quadrupole, context: Context) -> Lowered:
    return straight_body(element, multipole_strengths(element, {1: (element.k1, element.k1s)}), context)


@lower.register
def _(element: Sextupole, context: Context) -> Lowered:
    return straight_body(element, multipole_strengths(element, {2: (element.k2, element.k2s)}), context)


@lower.register
def _(element: Octupole, context: Context) -> Lowered:
    return straight_body(element, multipole_strengths(element, {3: (element.k3, element.k3s)}), context)
