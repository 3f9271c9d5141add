"""Strengths of a multipole field by order, and the rows of their kicks."""

from __future__ import annotations

from math import factorial
from typing import Any

from tracking.elements import Magnet
from tracking.lower.base import Row, is_zero
from tracking.ops import Op

Strengths = list[tuple[Any, Any]]  # normal and skew, by order

PURE_KICKS = {
    (1, 0): Op.QUADRUPOLE_KICK, (1, 1): Op.SKEW_QUADRUPOLE_KICK, (2, 0): Op.SEXTUPOLE_KICK, (3, 0): Op.OCTUPOLE_KICK,
}  # fmt: skip



def multipole_strengths(element: Magnet, main: Strengths) -> Strengths:
    """(kn L, ksn L) of every order: the main field's strengths [1/m^(n+1)] times length, plus knl and ksl."""
    orders = max(len(main), len(element.knl), len(element.ksl))

    def total(n: int, kind: int, integrated: tuple[Any, ...]) -> Any:
        value = main[n][kind] * element.length if n < len(main) else 0.0
        return value + integrated[n] if n < len(integrated) else value

    return trimmed([(total(n, 0, element.knl), total(n, 1, element.ksl)) for n in range(orders)])


def trimmed(strengths: Strengths) -> Strengths:
    """Strengths without the highest orders that are 0."""
    while strengths and is_zero(strengths[-1][0]) and is_zero(strengths[-1][1]):
        strengths = strengths[:-1]
    return strengths


def without_dipole(field: Strengths) -> Strengths:
    """The field of a bend without its normal dipole, whose fringe has a map of its own."""
    return [(0.0 if n == 0 else normal, skew) for n, (normal, skew) in enumerate(field)]


def without_gradient(strengths: Strengths) -> Strengths:
    """The strengths without the normal quadrupole."""
    return trimmed([(0.0 if n == 1 else normal, skew) for n, (normal, skew) in enumerate(strengths)])


def scaled(strengths: Strengths, factor: Any) -> Strengths:
    """Every strength times a factor."""
    return [(normal * factor, skew * factor) for normal, skew in strengths]


def kick_rows(strengths: Strengths) -> list[Row]:
    """Row of a multipole kick, the special one where a single strength is present; none for no strength."""
    present = [(n, k) for n, pair in enumerate(strengths) for k in (0, 1) if not is_zero(pair[k])]
    if not present:
        return []
    if len(present) == 1 and present[0] in PURE_KICKS:
        n, k = present[0]
        return [(PURE_KICKS[n, k], (strengths[n][k],))]
    row = [strengths[n][k] * (1.0 / factorial(n)) for n in reversed(range(len(strengths))) for k in (0, 1)]
    return [(Op.MULTIPOLE_KICK, tuple(row))]
