"""Amplitude detuning from tracking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optics.frequency import FEWEST_TURNS
from optics.mode_signals import WINDOW, ModeFrame, torus_actions
from optics.rays import LIMITS, finite_values, require_integer
from optics.settled_fits import chebyshev, fitted, has_converged, settled
from optics.starts import Starts
from tracking.errors import InputError
from tracking.line import Line

RANGES, RATIO = 6, 0.25  # of the actions
POINTS = 6  # of each action on a range
DEGREE = 4
POWERS = np.array([(i, total - i) for total in range(DEGREE + 1) for i in range(total, -1, -1)])
FIRST, SECOND = slice(1, 3), slice(3, 6)  # their rows of order 1 and 2
SAME = 1e-9  # of an amplitude: how well mirror images agree
THIS = "amplitude detuning"


@dataclass(frozen=True, eq=False)
class AmplitudeDetuning:
    """Tunes as a polynomial of the actions J1, J2 of the modes.

    Attributes
    ----------
    tunes : (2,) array
        Of vanishing amplitude, with integer part.
    first : (2, 2) array
        dQ_k/dJ_l [1/m].
    second : (2, 2, 2) array
        d2Q_k/dJ_l dJ_m [1/m^2].
    first_change, second_change : arrays of the same shapes
        Changes from a four times larger range of actions: estimates of the errors. `second_change` is infinite where a
        resonance is so close that the actions cannot be told to second order.
    converged : bool
        Whether `first` changes by less than a hundredth of its largest entry.
    actions : (ranges, n, 2) array
        Of the particles that were tracked [m].
    measured : (ranges, n, 2) array
        Their tunes; NaN for lost particles.
    """

    tunes: NDArray[np.float64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    first_change: NDArray[np.float64]
    second_change: NDArray[np.float64]
    converged: bool
    actions: NDArray[np.float64]
    measured: NDArray[np.float64]

    def __call__(self, actions: ArrayLike) -> NDArray[np.float64]:
        """Tunes (..., 2) of the second-order polynomial at actions (..., 2) [m]."""
        actions = np.asarray(actions, dtype=float)
        linear = np.einsum("kl,...l->...k", self.first, actions)
        return self.tunes + linear + 0.5 * np.einsum("klm,...l,...m->...k", self.second, actions, actions)


def amplitude_detuning(
    line: Line, *, largest: float = 1e-6, turns: int = 1024, threads: int = 1
) -> AmplitudeDetuning:
    """Detuning with amplitude to second order in the actions, from tracking with cavities and radiation off.

    Parameters
    ----------
    line : Line
    largest : float
        Action of either mode at the end of the largest range [m]; the others are 4, 16, ... 1024 times smaller.
    turns : int
        At least 32.
    threads : int

    Returns
    -------
    AmplitudeDetuning
        Each order from the range on which it changes least.

    Raises
    ------
    NoClosedOrbitError, UnstableMotionError
    InputError
        For a bad argument, or if particles are lost on all but the smallest range.

    Notes
    -----
    On every range, 36 particles at products of Chebyshev points in (J1, J2), and a fit of degree 4. The actions are
    those of the particles' invariant tori, as the linear ones would spoil the second order.
    """
    require_integer("turns", turns, 2 * FEWEST_TURNS, THIS)
    if finite_values("largest", largest, THIS).size != 1 or not largest > 0:
        raise InputError(f"{THIS}: largest = {largest!r}; expected one action above 0 [m]")
    scales = largest * RATIO ** np.arange(RANGES)
    nodes = 0.5 * (1.0 + chebyshev(POINTS))
    pairs = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    starts = (scales[:, None, None] * pairs).reshape(-1, 2)
    frame = ModeFrame.of(Starts.find(line, 0.0, dim=4))
    signals, midplane = _signals(frame, starts, turns, threads)
    measured = frame.tunes_of(signals, threads, WINDOW)
    actions, sure = torus_actions(signals, measured, midplane)
    actions, measured = actions.reshape(RANGES, -1, 2), measured.reshape(RANGES, -1, 2)
    fits = np.array([fitted(*one, POWERS, scale) for *one, scale in zip(actions, measured, scales, strict=True)])
    tunes, _ = settled(fits[:, 0], THIS, largest)
    first, first_change = (part.T for part in settled(fits[:, FIRST], THIS, largest))
    second, second_change = map(_hessian, settled(fits[:, SECOND], THIS, largest))
    if not sure:
        second_change = np.full_like(second_change, np.inf)
    converged = has_converged(first, first_change, scales[-1])
    return AmplitudeDetuning(tunes, first, second, first_change, second_change, converged, actions, measured)


def _signals(
    frame: ModeFrame, starts: NDArray[np.float64], turns: int, threads: int
) -> tuple[NDArray[np.complex128], bool]:
    """Signals of particles of linear actions (n, 2), and whether the ring is symmetric about y = 0.

    It is if the mirror image of a particle, one of the second range, stays its mirror image.
    """
    original = 2 * POINTS * POINTS - 1
    about = np.zeros(len(starts) + 1, dtype=np.int64)
    points = frame.points(starts[[*range(len(starts)), original]], about)
    mirror = np.array([1.0, 1.0, -1.0, -1.0, 1.0, 1.0])
    points[-1] *= mirror
    signals, _ = frame.signals(points, about, turns, threads=threads, limits=LIMITS)
    image, expected = signals[-1], signals[original] * [[1.0], [-1.0]]
    size = np.nanmax(np.abs(expected), initial=0.0)
    return signals[:-1], np.allclose(image, expected, rtol=0.0, atol=SAME * size, equal_nan=True)


def _hessian(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """Second derivatives (2, 2, 2) of tunes with coefficients (3, 2) of J1^2, J1 J2, J2^2."""
    a, b, c = coefficients
    return np.stack([2.0 * a, b, b, 2.0 * c], axis=-1).reshape(2, 2, 2)
