"""Multipole kicks in the curved frame of a bend: which row, and the polynomial of the general one."""

from __future__ import annotations

from math import factorial
from typing import Any

from tracking.lower.base import Row, is_zero
from tracking.lower.strengths import Strengths, kick_rows
from tracking.ops import Op

EXTRA_ORDERS = 4  # powers of h kept beyond the straight field in the general potential

Polynomial = list[Any]  # coefficients of x^0, x^1, ...


def curved_kick_rows(strengths: Strengths, h: Any) -> list[Row]:
    """Row of the kick of integrated strengths [1/m^n] about an orbit of curvature h [1/m]; none for no strength."""
    present = {(n, k) for n, pair in enumerate(strengths) for k in (0, 1) if not is_zero(pair[k])}
    if not present or is_zero(h):
        return kick_rows(strengths)
    if present == {(1, 0)}:
        return [(Op.CURVED_QUADRUPOLE_KICK, (strengths[1][0], h))]
    if present <= {(1, 0), (2, 0)}:
        return [(Op.CURVED_SEXTUPOLE_KICK, (strengths[1][0], strengths[2][0], h))]
    return [(Op.CURVED_MULTIPOLE_KICK, tuple(potential_gradient(curved_potential(strengths, h))))]


def curved_potential(strengths: Strengths, h: Any) -> list[Polynomial]:
    """Coefficients v[j][i] of V = sum y^j x^i, to a total degree of the highest straight term plus `EXTRA_ORDERS`.

    dV/dx is (1 + h x) By and -dV/dy is (1 + h x) Bx. Given on the midplane, V follows from
    (1 + h x)(d^2V/dx^2 + d^2V/dy^2) = h dV/dx, Maxwell's equations for V = -(1 + h x) A_s.
    """
    degree = len(strengths) + EXTRA_ORDERS
    v: list[Polynomial] = [[0.0] * (degree + 1 - j) for j in range(degree + 1)]
    for n, (normal, skew) in enumerate(strengths):
        a, b = normal * (1.0 / factorial(n)), skew * (1.0 / factorial(n))
        v[0][n + 1] = v[0][n + 1] + a * (1.0 / (n + 1))
        v[0][n + 2] = v[0][n + 2] + a * h * (1.0 / (n + 2))
        v[1][n] = v[1][n] - b
        v[1][n + 1] = v[1][n + 1] - b * h
    for j in range(2, degree + 1):
        below: Any = 0.0  # coefficient of x^(i - 1)
        for i in range(degree + 1 - j):
            # coefficient of x^i in (1 + h x) (V_yy + V_xx) = h V_x
            flat = (i + 2) * (i + 1) * v[j - 2][i + 2]
            bent = h * ((i + 1) * (i - 1) * v[j - 2][i + 1])
            below = (flat + bent) * (-1.0 / (j * (j - 1))) - h * below
            v[j][i] = below
    return v


def potential_gradient(v: list[Polynomial]) -> list[Any]:
    """Coefficients of dV/dx and dV/dy in the order of the map `curved_multipole_kick`."""
    degree = len(v) - 2
    along_x, along_y = [], []
    for j in range(degree, -1, -1):
        for i in range(degree - j, -1, -1):
            along_x.append((i + 1) * v[j][i + 1])
            along_y.append((j + 1) * v[j + 1][i])
    return along_x + along_y
