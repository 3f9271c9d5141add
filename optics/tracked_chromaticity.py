"""Chromaticity from tracking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optics.frequency import FEWEST_TURNS
from optics.mode_signals import WINDOW, ModeFrame
from optics.rays import LIMITS, finite_values, require_integer
from optics.settled_fits import chebyshev, fitted, has_converged, settled
from optics.starts import Starts
from tracking.errors import InputError
from tracking.line import Line

RANGES, RATIO = 6, 0.5  # of delta
POINTS = 11  # on a range
DEGREE = 7
ORDER = 3  # that is reported
POWERS = np.arange(DEGREE + 1)[:, None]
SMALL = 1e-14  # action of particles whose tunes belong to the orbit [m]
THIS = "tracked chromaticity"


@dataclass(frozen=True, eq=False)
class TrackedChromaticity:
    """Tunes of small amplitudes as a polynomial of delta.

    Attributes
    ----------
    tunes : (2,) array
        At delta = 0, with integer part.
    coefficients : (2, 3) array
        Taylor coefficients of the tunes in delta, delta^2, delta^3, as in `TwissResult.chromaticity`.
    change : (2, 3) array
        Changes from a range of twice the size: estimates of the errors.
    converged : bool
        Whether the first coefficients change by less than a hundredth of the larger one.
    deltas : (ranges, n) array
        Momentum deviations of the particles that were tracked.
    measured : (ranges, n, 2) array
        Their tunes.
    """

    tunes: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    change: NDArray[np.float64]
    converged: bool
    deltas: NDArray[np.float64]
    measured: NDArray[np.float64]

    def __call__(self, delta: ArrayLike) -> NDArray[np.float64]:
        """Tunes (..., 2) of the third-order polynomial."""
        powers = np.asarray(delta, dtype=float)[..., None] ** np.arange(1, ORDER + 1)
        return self.tunes + powers @ self.coefficients.T


def tracked_chromaticity(
    line: Line, *, largest: float = 4e-3, turns: int = 1024, threads: int = 1
) -> TrackedChromaticity:
    """Chromaticity to third order, from tracking about closed orbits of momentum deviations, cavities off.

    Parameters
    ----------
    line : Line
    largest : float
        Deviation P/p0 - 1 at the end of the largest range; the others are 2, 4, ... 32 times smaller.
    turns : int
        At least 32.
    threads : int

    Returns
    -------
    TrackedChromaticity
        Each order from the range on which it changes least.

    Raises
    ------
    NoClosedOrbitError, UnstableMotionError
        If there is no closed orbit for one of the deviations, or motion about it is unstable.
    InputError
        For a bad argument.

    Notes
    -----
    On every range, one particle of 1e-14 m of both actions at each of 11 Chebyshev points, and a fit of degree 7.
    `optics.twiss` has the exact coefficients: this is to see them in tracking.
    """
    require_integer("turns", turns, 2 * FEWEST_TURNS, THIS)
    if finite_values("largest", largest, THIS).size != 1 or not 0 < largest < 1:
        raise InputError(f"{THIS}: largest = {largest!r}; expected one deviation between 0 and 1")
    scales = largest * RATIO ** np.arange(RANGES)
    deltas = np.outer(scales, chebyshev(POINTS))
    frame = ModeFrame.of(Starts.find(line, deltas.ravel(), dim=4))
    about = np.arange(deltas.size)
    points = frame.points(np.full((deltas.size, 2), SMALL), about)
    signals, _ = frame.signals(points, about, turns, threads=threads, limits=LIMITS)
    measured = frame.tunes_of(signals, threads, WINDOW).reshape(RANGES, POINTS, 2)
    fits = np.array(
        [fitted(d[:, None], q, POWERS, scale) for d, q, scale in zip(deltas, measured, scales, strict=True)]
    )
    orders = [settled(fits[:, order], THIS, largest) for order in range(ORDER + 1)]
    coefficients, change = (np.array([order[k] for order in orders[1:]]).T for k in (0, 1))
    converged = has_converged(coefficients[:, 0], change[:, 0], scales[-1])
    return TrackedChromaticity(orders[0][0], coefficients, change, converged, deltas, measured)
