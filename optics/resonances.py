"""Resonances m q1 + n q2 = p in a part of the tune diagram."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, gcd

import numpy as np

from optics.rays import finite_values, require_integer
from tracking.errors import InputError

Window = tuple[float, float]


@dataclass(frozen=True)
class Resonance:
    """Resonance m q1 + n q2 = p.

    Attributes
    ----------
    m, n, p : int
        m > 0, or m = 0 and n > 0.
    ends : ((float, float), (float, float))
        Points (q1, q2) where the line enters and leaves the window.
    """

    m: int
    n: int
    p: int
    ends: tuple[tuple[float, float], tuple[float, float]]

    @property
    def order(self) -> int:
        """|m| + |n|."""
        return abs(self.m) + abs(self.n)

    @property
    def skew(self) -> bool:
        """Whether only skew fields drive it in first order of their strengths: n is odd."""
        return self.n % 2 == 1

    @property
    def label(self) -> str:
        """Text such as ``2 Q1 - Q2 = 5``."""
        terms = [(self.m, "Q1"), (self.n, "Q2")]
        parts = [f"{'-' if k < 0 else '+'} {'' if abs(k) == 1 else f'{abs(k)} '}{name}" for k, name in terms if k]
        return " ".join(parts).removeprefix("+ ") + f" = {self.p}"


def resonances(q1: Window, q2: Window, order: int, superperiod: int = 1) -> list[Resonance]:
    """Resonance lines that cross a window of tunes.

    Parameters
    ----------
    q1, q2 : (float, float)
        Lower and upper ends of the window, with the integer parts of the tunes.
    order : int
        Largest |m| + |n|.
    superperiod : int
        Number of equal periods of the ring: only resonances that such a ring drives are listed, those whose p is a
        multiple of it.

    Returns
    -------
    list of Resonance
        By order; a line on which several resonances lie is listed once, with the lowest of their orders.

    Raises
    ------
    InputError
        For windows whose ends are not in ascending order, or numbers below 1.
    """
    require_integer("order", order, 1, "resonances")
    require_integer("superperiod", superperiod, 1, "resonances")
    for name, window in (("q1", q1), ("q2", q2)):
        ends = finite_values(name, window, "resonances")
        if ends.size != 2 or not ends[0] < ends[1]:
            raise InputError(f"resonances: {name} = {window!r}; expected a lower and an upper end")
    found: dict[tuple[int, int, int], Resonance] = {}
    for total in range(1, order + 1):
        for m in range(total + 1):
            for n in sorted({m - total, total - m}) if m else [total]:
                corners = [m * a + n * b for a in q1 for b in q2]
                first, last = ceil(min(corners) / superperiod), floor(max(corners) / superperiod)
                for p in range(first * superperiod, last * superperiod + 1, superperiod):
                    common = gcd(m, n, p)
                    line = m // common, n // common, p // common
                    ends = _ends(m, n, p, q1, q2)
                    if line not in found and ends is not None:
                        found[line] = Resonance(m, n, p, ends)
    return list(found.values())


def _ends(m: int, n: int, p: int, q1: Window, q2: Window) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Where a line enters and leaves a window; None where it only touches a corner."""
    points = []
    if n:
        points += [(a, (p - m * a) / n) for a in q1 if q2[0] <= (p - m * a) / n <= q2[1]]
    if m:
        points += [((p - n * b) / m, b) for b in q2 if q1[0] <= (p - n * b) / m <= q1[1]]
    points.sort()
    if not points or np.allclose(points[0], points[-1], rtol=0.0, atol=1e-12):
        return None
    return points[0], points[-1]
