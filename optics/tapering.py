"""Magnets that follow the energy of the closed orbit with radiation, and cavities in phase with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light

from optics.closed_orbit import ClosedOrbit, closed_orbit
from optics.errors import NoClosedOrbitError
from tracking.elements import RFCavity
from tracking.errors import InputError
from tracking.expressions import Expression
from tracking.line import Line
from tracking.tapering import tapered

MOST_STEPS = 20


def taper(line: Line, tolerance: float = 1e-12) -> Line:
    """The line with the field of every magnet scaled to the mean momentum that the closed orbit has in it.

    The scales are relative to their mean along the line, so that the mean momentum stays the reference one. Reference
    orbit and knobs stay: a field that is an expression becomes the expression times a number. Takes some closed orbits,
    each as long as that of `closed_orbit`.

    Parameters
    ----------
    line : Line
        A ring with radiation and a powered cavity.
    tolerance : float
        Largest change of a magnet's relative momentum in the last step.

    Raises
    ------
    InputError
        For a line without radiation.
    NoClosedOrbitError
        Also if the momenta do not settle.
    """
    if line.settings.radiation == "none":
        raise InputError('taper: the line does not radiate; use line.with_settings(radiation="mean")')
    momenta, scaled = np.ones(len(line)), line
    for _ in range(MOST_STEPS):
        found = _mean_momenta(closed_orbit(scaled, dim=6), line.reference.beta0)
        found /= np.average(found, weights=np.diff(line.s))  # all fields alike would only move the energy with them
        scaled = line.with_elements({i: tapered(line.elements[i], p) for i, p in enumerate(found.tolist())})
        if np.abs(found - momenta).max() <= tolerance:
            return scaled
        momenta = found
    raise NoClosedOrbitError("the momenta of the tapered magnets do not settle", MOST_STEPS, np.zeros(6))


def _mean_momenta(orbit: ClosedOrbit, beta0: float) -> NDArray[np.float64]:
    """(elements,) P/p0 halfway between the entrance and the exit of every element."""
    pzeta = 0.5 * (orbit.orbit[1:, 5] + orbit.orbit[:-1, 5])
    return np.sqrt(1.0 + 2.0 * pzeta + (beta0 * pzeta) ** 2)


def phase_cavities(line: Line) -> Line:
    """The line with lags such that its closed orbit with radiation passes the start at zeta = 0.

    Every phase moves by the same time, so that nothing else changes: the cavities then make good the loss of a particle
    that comes on time.

    Parameters
    ----------
    line : Line
        A ring with a powered cavity.

    Raises
    ------
    NoClosedOrbitError
    """
    zeta = closed_orbit(line, dim=6).start[4]
    turn = zeta / (line.reference.beta0 * speed_of_light)  # s
    resolved = line.resolve()
    cavities = line.find(RFCavity)
    return line.with_elements({i: _shifted(line.elements[i], resolved[i], turn, line) for i in cavities})


def _shifted(element: RFCavity, resolved: RFCavity, time: float, line: Line) -> RFCavity:
    """A cavity whose phases are those of `time` [s] earlier."""
    frequency = resolved.freq or (resolved.harmon or 0.0) * line.revolution_frequency
    shift = -frequency * time
    phases = {name: tuple(_plus(p, shift) for p in getattr(element, name, ())) for name in ("pnl", "psl")}
    return replace(element, lag=_plus(element.lag, shift), **{n: p for n, p in phases.items() if p})


def _plus(value: float | Expression, number: float) -> float | Expression:
    return Expression.apply("+", value, number) if isinstance(value, Expression) else value + number
